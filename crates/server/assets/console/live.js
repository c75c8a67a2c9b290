// @ts-check
// Fragments that renew themselves: `data-live` names the page that holds the newer one under the same id.
import { say } from "./table.js";

const LEAST_S = 5;

export function live() {
  for (const part of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-live][id]"))) {
    const every = Math.max(LEAST_S, Number(part.dataset["liveEvery"]) || 15) * 1000;
    setInterval(() => document.visibilityState === "visible" && renew(part.id), every);
  }
}

/** Puts the newer fragment in place; the focus stays, and a count that changed is said. @param {string} id */
export async function renew(id) {
  const old = document.getElementById(id);
  const from = old?.dataset["live"];
  // Nobody's work is taken away: not while something in it is typed, opened or selected.
  if (!old || !from || old.querySelector("details[open], input:checked, :focus:is(input, textarea, select)")) return;
  try {
    const answer = await fetch(from, { redirect: "error", headers: { accept: "text/html" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(id);
    if (!fresh || fresh.innerHTML === old.innerHTML) return;
    const active = old.contains(document.activeElement) ? document.activeElement : null;
    const [focused, href] = [active?.id, active?.getAttribute("href")];
    old.replaceChildren(...fresh.childNodes);
    for (const name of ["liveCount", "live"]) if (fresh.dataset[name]) old.dataset[name] = fresh.dataset[name];
    const again = focused ? document.getElementById(focused) : href ? old.querySelector(`[href="${CSS.escape(href)}"]`) : null;
    /** @type {HTMLElement | null} */ (again)?.focus({ preventScroll: true });
    if (old.dataset["liveCount"]) say(old.dataset["liveCount"]);
  } catch {
    // The next time may succeed.
  }
}
