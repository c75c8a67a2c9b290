// @ts-check
// The follow-up sheet: a letter sets a row's state and goes on to the next; arrows walk, Backspace clears, Enter saves all.
import { isOff } from "./keys.js";

/** Reads `k:well s:fever …`. @param {string} text @returns {Map<string, string>} */
export const states = (text) => new Map(text.trim().split(/\s+/).map((pair) => /** @type {[string, string]} */ (pair.split(":"))));

/** @param {HTMLFormElement} form */
export function sheet(form) {
  const known = states(/** @type {HTMLElement | null} */ (form.querySelector("[data-keys]"))?.dataset["keys"] ?? "");
  const rows = /** @type {HTMLSelectElement[]} */ ([...form.querySelectorAll("tbody select")]);
  const told = /** @type {HTMLElement | null} */ (form.querySelector("[data-done]"));
  const count = () => {
    if (told) told.textContent = (told.dataset["done"] ?? "").replace("{done}", `${rows.filter((row) => row.value).length}`);
  };
  /** @param {number} to */
  const go = (to) => {
    const row = rows[Math.min(rows.length - 1, Math.max(0, to))];
    row?.focus();
    row?.closest("tr")?.scrollIntoView({ block: "nearest" });
  };
  /** @param {HTMLSelectElement} row @param {string} value */
  const set = (row, value) => {
    row.value = value;
    row.dispatchEvent(new Event("input", { bubbles: true }));
    row.dispatchEvent(new Event("change", { bubbles: true }));
  };
  form.addEventListener("change", count);
  form.addEventListener("keydown", (event) => {
    const row = /** @type {HTMLSelectElement} */ (event.target);
    const at = rows.indexOf(row);
    if (at < 0 || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const state = isOff() ? undefined : known.get(event.key.toLowerCase());
    if (state !== undefined) {
      set(row, state);
      go(at + 1);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") go(at + (event.key === "ArrowDown" ? 1 : -1));
    else if (event.key === "Backspace" || event.key === "Delete") set(row, "");
    else if (event.key === "Enter") form.requestSubmit();
    else return;
    event.preventDefault();
  });
  // The sheet is the page's work: the first row that is still open has the keys.
  if (document.activeElement === document.body && !location.hash) (rows.find((row) => !row.value) ?? rows[0])?.focus({ preventScroll: true });
}
