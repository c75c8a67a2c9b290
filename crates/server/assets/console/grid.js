// @ts-check
// The contacts grid: a paste is looked at at once, Enter goes to the next red cell, arrows walk a column, Ctrl Enter saves all.

/** @param {HTMLFormElement} form */
export function grid(form) {
  const press = (/** @type {string} */ act) => {
    const button = /** @type {HTMLButtonElement | null} */ (form.querySelector(`button[name=act][value=${act}]`));
    if (button) form.requestSubmit(button);
  };
  form.addEventListener("paste", (event) => {
    const field = /** @type {HTMLElement} */ (event.target);
    const text = event.clipboardData?.getData("text/plain") ?? "";
    // One line may be a part of a row that is still being typed.
    if (field instanceof HTMLTextAreaElement && field.name === "paste" && text.trim().includes("\n")) setTimeout(() => press("check"));
  });
  form.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const field = /** @type {HTMLElement} */ (event.target);
    const inTable = field instanceof HTMLInputElement && field.closest("tbody");
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) press(form.querySelector("tbody tr") && !(field instanceof HTMLTextAreaElement) ? "save" : "check");
    else if (event.key === "Enter" && inTable) nextWrong(form, field)?.focus();
    else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && inTable) below(field, event.key === "ArrowDown")?.focus();
    else return;
    event.preventDefault();
  });
  // What has to be mended first has the keys.
  const first = /** @type {HTMLElement | null} */ (form.querySelector("tbody [aria-invalid=true]"));
  if (first && !document.querySelector("[data-focus]")) first.focus();
}

/** The field of the same column in the next row, or the one before. @param {HTMLInputElement} field @param {boolean} down */
function below(field, down) {
  const cell = /** @type {HTMLTableCellElement | null} */ (field.closest("td"));
  const row = /** @type {HTMLTableRowElement | null | undefined} */ (down ? cell?.parentElement?.nextElementSibling : cell?.parentElement?.previousElementSibling);
  return cell ? row?.cells[cell.cellIndex]?.querySelector("input") : null;
}

/** The red cell after a field, in reading order. @param {HTMLFormElement} form @param {HTMLElement} field */
const nextWrong = (form, field) =>
  /** @type {HTMLElement | undefined} */ ([...form.querySelectorAll("tbody [aria-invalid=true]")].find((it) => field.compareDocumentPosition(it) & Node.DOCUMENT_POSITION_FOLLOWING));
