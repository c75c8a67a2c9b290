// @ts-check
// Lists: J and K walk through rows, Enter opens, X selects; a button copies the table for a spreadsheet.
import { isForPage } from "./keys.js";

/** A spreadsheet would run what begins so; a number or a telephone number may. @param {string} text */
const guarded = (text) => (/^[=@+\t-]/.test(text) && !/^[+-]?[\d .,]+%?$/.test(text) ? `'${text}` : text);

/** Rows as text that a spreadsheet takes: tabs between cells, one line a row. @param {string[][]} rows */
export const tsv = (rows) => rows.map((row) => row.map((cell) => guarded(cell.replace(/\s+/g, " ").trim())).join("\t")).join("\n");

/** What a cell says: `data-tsv` where that differs from what is shown. @param {HTMLElement} cell */
const words = (cell) => cell.dataset["tsv"] ?? cell.innerText;

/** @param {HTMLTableElement} table */
const content = (table) =>
  [...table.rows].map((row) => /** @type {HTMLElement[]} */ ([...row.cells]).filter((cell) => !cell.classList.contains("ck")).map(words));

export function tables() {
  for (const table of /** @type {NodeListOf<HTMLTableElement>} */ (document.querySelectorAll("table[data-list]"))) list(table);
}

/** @param {HTMLTableElement} table */
function list(table) {
  const around = /** @type {HTMLElement} */ (table.closest(".tbl") ?? table.parentElement);
  const rows = () => [...(table.tBodies[0]?.rows ?? [])];
  const boxOf = (/** @type {HTMLTableRowElement} */ row) => /** @type {HTMLInputElement | null} */ (row.querySelector(".ck input"));
  const boxes = () => rows().map(boxOf).filter((box) => box !== null);
  const all = /** @type {HTMLInputElement | null} */ (table.querySelector("[data-select-all]"));
  const told = /** @type {HTMLElement | null} */ (around.querySelector("[data-picked]"));
  const mark = () => {
    for (const row of rows()) row.toggleAttribute("data-picked-row", boxOf(row)?.checked ?? false);
    const count = boxes().filter((box) => box.checked).length;
    if (all) [all.checked, all.indeterminate] = [count > 0 && count === boxes().length, count > 0 && count < boxes().length];
    if (told) [told.hidden, told.textContent] = [count === 0, (told.dataset["picked"] ?? "").replace("{n}", `${count}`)];
    for (const bar of /** @type {NodeListOf<HTMLElement>} */ (around.querySelectorAll("[data-bulk]"))) bar.hidden = count === 0;
  };
  if (all) {
    all.hidden = boxes().length === 0;
    all.addEventListener("change", () => (boxes().forEach((box) => (box.checked = all.checked)), mark()));
  }
  table.addEventListener("change", (event) => event.target !== all && mark());
  mark();

  const copy = /** @type {HTMLElement | null} */ (around.querySelector("[data-copy]"));
  if (copy && navigator.clipboard) {
    copy.hidden = false;
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(tsv(content(table)));
      say((told?.dataset["copied"] ?? "").replace("{n}", `${rows().length}`));
      copy.classList.add("done");
    });
  }

  const link = (/** @type {HTMLTableRowElement | undefined} */ row) => /** @type {HTMLAnchorElement | null} */ (row?.querySelector("a[data-row], th a, td a") ?? null);
  const step = (/** @type {number} */ by) => {
    const list = rows();
    const at = list.findIndex((row) => row.contains(document.activeElement));
    const next = list[at < 0 ? (by > 0 ? 0 : list.length - 1) : Math.min(list.length - 1, Math.max(0, at + by))];
    link(next)?.focus();
    next?.scrollIntoView({ block: "nearest" });
  };
  if (document.querySelector("table[data-list]") !== table) return;
  addEventListener("keydown", (event) => {
    if (!isForPage(event)) return;
    const key = event.key.toLowerCase();
    const row = rows().find((it) => it.contains(document.activeElement));
    if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
    else if (key === "x" && row) boxOf(row)?.click();
    else return;
    event.preventDefault();
  });
}

/** Says something to those who listen. @param {string} text */
export function say(text) {
  const place = document.getElementById("announce");
  if (place) place.textContent = text;
}
