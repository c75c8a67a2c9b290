// @ts-check
// Opens in place what is otherwise a page of its own: a link with `data-dialog="id"`.

export function dialogs() {
  addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const opener = event.target.closest("[data-dialog]");
    const dialog = opener && document.getElementById(opener.getAttribute("data-dialog") ?? "");
    if (dialog instanceof HTMLDialogElement) return event.preventDefault(), dialog.showModal();
    const around = event.target.closest("dialog");
    if (around && (event.target === around || event.target.closest("[data-close]"))) event.preventDefault(), around.close();
  });
  // What went wrong is read first.
  /** @type {HTMLElement | null} */ (document.querySelector("[data-focus]"))?.focus();
}
