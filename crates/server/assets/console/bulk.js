// @ts-check
// A list of cases goes out in parts, so that one sees how far it is. What a cut leaves undone is gone on with at the same
// line; what was wrong stays in the field to be mended.

const PART = 200;

/** @typedef {{ issued: number, served: number, rows: string, wrong: string[] }} Answer */

/** @param {string} words @param {(string | number)[]} values */
const fill = (words, values) => words.replace(/\{(\d)\}/g, (_, at) => Number(values[at] ?? 0).toLocaleString(document.documentElement.lang));

/** @param {HTMLFormElement} form */
export function bulk(form) {
  const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (document.querySelector(`[data-bulk-${name}]`));
  const [area, bar] = [form.querySelector("textarea"), form.querySelector("progress")];
  const button = /** @type {HTMLButtonElement | null} */ (form.querySelector("button.go"));
  const [status, progress, table] = [part("status"), part("progress"), part("wrong")];
  const rows = table.querySelector("tbody");
  if (!area || !button || !bar || !rows) return;
  takeFile(part("file"), area);

  const say = (/** @type {string} */ words, /** @type {string} */ tone) => {
    [status.textContent, status.className, status.hidden] = [words, `notice ${tone}`, false];
  };
  let [from, text] = [0, ""];
  let sum = { issued: 0, served: 0, wrong: /** @type {string[]} */ ([]) };

  const run = async () => {
    if (area.value !== text) {
      [from, text, sum, rows.innerHTML, table.hidden] = [0, area.value, { issued: 0, served: 0, wrong: [] }, "", true];
    }
    const lines = text.split("\n");
    [progress.hidden, status.hidden, bar.max] = [false, true, lines.length];
    while (from < lines.length) {
      const answer = await send(form, lines.slice(from, from + PART), from + 1);
      if (!answer) return say(fill(form.dataset["cut"] ?? "", [from + 1]), "warn");
      [sum.issued, sum.served] = [sum.issued + answer.issued, sum.served + answer.served];
      sum.wrong.push(...answer.wrong);
      rows.insertAdjacentHTML("beforeend", answer.rows);
      table.hidden = sum.wrong.length === 0;
      from = Math.min(from + PART, lines.length);
      bar.value = from;
      const words = progress.querySelector(".num");
      if (words) words.textContent = fill("{0}/{1}", [from, lines.length]);
    }
    progress.hidden = true;
    say(fill(form.dataset["done"] ?? "", [sum.issued, sum.served, sum.wrong.length]), sum.wrong.length ? "warn" : "good");
    area.value = sum.wrong.join("\n");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  };
  // Before the draft's own listener, which would send the whole list at once.
  form.addEventListener(
    "submit",
    (event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (button.disabled || !area.value.trim()) return;
      button.disabled = true;
      run().finally(() => (button.disabled = false));
    },
    true,
  );
}

/** Sends a part; `null` when it did not arrive whole. @param {HTMLFormElement} form @param {string[]} lines @param {number} first @returns {Promise<Answer | null>} */
async function send(form, lines, first) {
  const body = new URLSearchParams({ form_token: String(new FormData(form).get("form_token")), lines: lines.join("\n"), first: String(first) });
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { "x-part": "1" }, redirect: "error" });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

/** A file's lines go into the field. @param {HTMLElement} place @param {HTMLTextAreaElement} area */
function takeFile(place, area) {
  const input = place.querySelector("input");
  place.hidden = false;
  input?.addEventListener("change", async () => {
    area.value = (await input.files?.[0]?.text()) ?? "";
    input.value = "";
    area.dispatchEvent(new Event("input", { bubbles: true }));
    area.focus();
  });
}
