// @ts-check
// Letters that do things: gathered from `data-key`, listed under `?`, off while a field has the focus, and off for good by choice.

const OFF = "vunglam-keys-off";
const PATIENCE_MS = 1200;

/** Whether typing goes into the element. @param {Element | null} element */
export function takesText(element) {
  if (!element) return false;
  const kind = element.tagName;
  if (kind === "INPUT") return !["checkbox", "radio", "button", "submit"].includes(element.getAttribute("type") ?? "text");
  return kind === "TEXTAREA" || kind === "SELECT" || element.closest("[contenteditable]") !== null;
}

/**
 * Follows letters typed one after the other: the keys `n` and `g q`.
 * @param {string} typed what was typed before @param {string} letter @param {string[]} known
 * @returns {{ hit: string | null, typed: string }}
 */
export function follow(typed, letter, known) {
  for (const next of [typed ? `${typed} ${letter}` : letter, letter]) {
    if (known.includes(next)) return { hit: next, typed: "" };
    if (known.some((key) => key.startsWith(`${next} `))) return { hit: null, typed: next };
  }
  return { hit: null, typed: "" };
}

/** Whether the officer has switched letters off. */
export function isOff() {
  try {
    return localStorage.getItem(OFF) === "1";
  } catch {
    return false;
  }
}

/** Whether a key press is a letter meant for the page. @param {KeyboardEvent} event */
export const isForPage = (event) =>
  !event.defaultPrevented && !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing && !takesText(document.activeElement) && !document.querySelector("dialog[open]") && !isOff();

export function keys() {
  const help = /** @type {HTMLDialogElement | null} */ (document.getElementById("keys"));
  const list = help?.querySelector("[data-keys-list]");
  const on = /** @type {HTMLInputElement | null} */ (help?.querySelector("[data-keys-on]"));
  const actions = () => /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-key]")]).filter((it) => it.checkVisibility?.() !== false);
  const show = () => {
    if (!help || !list || !on) return;
    const named = new Map(actions().map((it) => [it.dataset["key"], it]));
    list.replaceChildren(...[...named.values()].map(line));
    on.checked = !isOff();
    help.showModal();
  };
  on?.addEventListener("change", () => {
    try {
      if (on.checked) localStorage.removeItem(OFF);
      else localStorage.setItem(OFF, "1");
    } catch {
      // Nothing is remembered where nothing may be stored.
    }
  });
  for (const button of document.querySelectorAll("[data-keys-help]")) {
    /** @type {HTMLElement} */ (button).hidden = false;
    button.addEventListener("click", show);
  }
  let typed = "";
  let last = 0;
  addEventListener("keydown", (event) => {
    if (!isForPage(event)) return;
    if (event.key === "?") return event.preventDefault(), show();
    if (event.key === "/") {
      const field = /** @type {HTMLElement | null} */ (document.querySelector("[data-filter]"));
      if (field) event.preventDefault();
      return field?.focus();
    }
    if (event.key.length !== 1) return;
    const all = actions();
    const now = event.timeStamp;
    const step = follow(now - last > PATIENCE_MS ? "" : typed, event.key.toLowerCase(), all.map((it) => it.dataset["key"] ?? ""));
    [typed, last] = [step.typed, now];
    if (step.hit === null) return;
    event.preventDefault();
    const meant = all.filter((it) => it.dataset["key"] === step.hit);
    // Where each entry of a list has the same key, it is the entry that has the focus.
    const here = meant.find((it) => it.closest("li, tr")?.contains(document.activeElement));
    (here ?? meant[0])?.click();
  });
}

/** A line of the help. @param {HTMLElement} action */
function line(action) {
  const [row, term, text] = [document.createElement("div"), document.createElement("dt"), document.createElement("dd")];
  for (const key of action.dataset["key"]?.split(" ") ?? []) {
    const sign = document.createElement("kbd");
    sign.textContent = key.toUpperCase();
    term.append(sign, " ");
  }
  text.textContent = action.querySelector("span")?.textContent ?? action.textContent;
  row.append(term, text);
  return row;
}
