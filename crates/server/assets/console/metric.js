// @ts-check
// Menus and figures that open below themselves close by Escape and by a click elsewhere.

const POPS = "details.metric[open], details.tokd[open], details.reveal[open], details.menu[open]";

export function metrics() {
  const open = () => /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll(POPS));
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
    for (const pop of open()) {
      pop.open = false;
      pop.querySelector("summary")?.focus();
    }
  });
  addEventListener("click", (event) => {
    for (const pop of open()) {
      const drawer = pop.classList.contains("menu") ? pop.nextElementSibling : null;
      const inside = [pop, drawer].some((it) => event.target instanceof Node && it?.contains(event.target));
      if (!inside) pop.open = false;
    }
  });
  // A panel that would leave the window on the right hangs from the right edge of its figure instead.
  document.addEventListener("toggle", (event) => {
    const pop = /** @type {HTMLElement} */ (event.target);
    const panel = pop.querySelector?.(":scope > .behind, :scope > .pop, :scope > form");
    if (!panel) return;
    pop.classList.remove("end");
    pop.classList.toggle("end", panel.getBoundingClientRect().right > document.documentElement.clientWidth - 8);
  }, true);
}
