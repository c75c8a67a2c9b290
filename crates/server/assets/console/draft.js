// @ts-check
// Forms with `data-draft="name"` keep every keystroke: it comes back after a crash or a cut, with a notice, until the form
// has been taken by the server. Passwords, hidden fields and `data-draft-skip` are never kept.
import { openVault } from "./vault.js";

const SENT = "vunglam-draft-sent";
const TAKEN = "vunglam-draft-taken";

/** @typedef {Record<string, string[]>} Values */
/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Control */

/** @param {HTMLFormElement} form @returns {Control[]} */
const controls = (form) =>
  /** @type {Control[]} */ ([...form.elements]).filter((it) => it.name && "value" in it && !["hidden", "password", "submit", "button", "file", "fieldset"].includes(it.type) && !it.closest("[data-draft-skip]"));

/** @param {Control} it */
const isTick = (it) => it.type === "checkbox" || it.type === "radio";

/** What stands in the form. @param {Control[]} fields @returns {Values} */
export function read(fields) {
  /** @type {Values} */
  const values = {};
  for (const it of fields) {
    values[it.name] ??= [];
    if (!isTick(it) || /** @type {HTMLInputElement} */ (it).checked) values[it.name]?.push(it.value);
  }
  return values;
}

/** Puts values back; tells whether any differed. @param {Control[]} fields @param {Values} values */
export function fill(fields, values) {
  let changed = false;
  /** @type {Record<string, number>} */
  const used = {};
  for (const it of fields) {
    const kept = values[it.name];
    if (!kept) continue;
    if (isTick(it)) {
      const tick = /** @type {HTMLInputElement} */ (it);
      changed ||= tick.checked !== kept.includes(it.value);
      tick.checked = kept.includes(it.value);
    } else {
      const value = kept[(used[it.name] = (used[it.name] ?? -1) + 1)];
      if (value === undefined) continue;
      changed ||= it.value !== value;
      it.value = value;
    }
  }
  return changed;
}

/** Whether the server can be reached now. */
async function isReachable() {
  if (!navigator.onLine) return false;
  try {
    return (await fetch("/livez", { cache: "no-store", signal: AbortSignal.timeout(5000) })).ok;
  } catch {
    return false;
  }
}

export async function drafts() {
  const session = document.body.dataset["draftSession"];
  if (!session) return;
  const forms = /** @type {HTMLFormElement[]} */ ([...document.querySelectorAll("form[data-draft]")]);
  const vault = await openVault(session);
  const done = document.querySelector("[data-draft-done]")?.getAttribute("data-draft-done");
  for (const taken of [sessionStorage.getItem(TAKEN), done]) if (taken) await vault.drop(taken);
  sessionStorage.removeItem(TAKEN);
  for (const form of forms) await keep(form, vault);
}

/** @param {HTMLFormElement} form @param {Awaited<ReturnType<typeof openVault>>} vault */
async function keep(form, vault) {
  const name = form.dataset["draft"] ?? "";
  const original = read(controls(form));
  const notes = /** @type {HTMLElement | null} */ (form.querySelector("[data-draft-notes]"));
  /** @param {string | null} which */
  const tell = (which) => {
    for (const note of /** @type {HTMLElement[]} */ ([...(notes?.children ?? [])])) note.hidden = note.dataset["note"] !== which;
  };
  const old = await vault.get(name);
  if (old && fill(controls(form), old)) tell("restored");

  let [busy, again, gone] = [false, false, false];
  const store = async () => {
    if (busy) return void (again = true);
    busy = true;
    form.dataset["draftKept"] = "no";
    do {
      again = false;
      if (!gone) await vault.put(name, read(controls(form))).catch(() => {});
    } while (again);
    busy = false;
    form.dataset["draftKept"] = "yes";
  };
  form.addEventListener("input", store);
  form.addEventListener("change", store);
  form.querySelector("[data-draft-drop]")?.addEventListener("click", async () => {
    await vault.drop(name);
    fill(controls(form), original);
    tell(null);
  });

  const send = async (/** @type {HTMLElement | null} */ by) => {
    await vault.put(name, read(controls(form))).catch(() => {});
    if (!(await isReachable())) return tell("offline");
    gone = true;
    sessionStorage.setItem(SENT, name);
    form.requestSubmit(by);
  };
  /** @type {HTMLElement | null} */
  let by = null;
  form.addEventListener("submit", (event) => {
    if (gone) return;
    event.preventDefault();
    by = /** @type {SubmitEvent} */ (event).submitter;
    send(by);
  });
  form.querySelector("[data-draft-retry]")?.addEventListener("click", () => send(by));
  // The browser's own way back shows the form again: it may be sent anew.
  addEventListener("pageshow", (event) => event.persisted && (gone = false));
}
