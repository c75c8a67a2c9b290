// @ts-check
// The search box (Ctrl K): goes to pages by name, and asks the server from three letters on.
import { search } from "./fold.js";

/** @typedef {import("./fold.js").Destination} Destination */

const WAIT_MS = 150;
const FROM = 3;

export function palette() {
  const box = /** @type {HTMLDialogElement | null} */ (document.getElementById("palette"));
  const input = box?.querySelector("input");
  const list = box?.querySelector("ul");
  const note = /** @type {HTMLElement | null} */ (box?.querySelector(".none"));
  if (!box || !input || !list || !note) return;
  /** @type {Destination[]} */
  const own = JSON.parse(document.getElementById("palette-items")?.textContent || "[]");
  for (const action of document.querySelectorAll("main a[data-key]")) {
    const link = /** @type {HTMLAnchorElement} */ (action);
    own.push({ label: link.querySelector("span")?.textContent ?? "", href: link.href, key: link.dataset["key"] ?? "" });
  }
  /** @type {Destination[]} */
  let shown = [];
  let at = 0;
  let asked = 0;

  /** @param {Destination[]} items */
  const draw = (items) => {
    shown = items;
    list.replaceChildren(...items.map(option));
    note.textContent = items.length ? (note.dataset["some"] ?? "").replace("{n}", `${items.length}`) : (note.dataset["none"] ?? "");
    note.classList.toggle("vh", items.length > 0);
    move(0);
  };
  /** @param {Destination} item @param {number} index */
  const option = (item, index) => {
    const line = document.createElement("li");
    line.id = `palette-${index}`;
    line.role = "option";
    const label = document.createElement("span");
    label.textContent = item.label;
    const small = document.createElement("small");
    small.textContent = item.note ?? "";
    line.append(label, small);
    for (const key of item.key?.split(" ") ?? []) {
      const sign = document.createElement("kbd");
      sign.textContent = key.toUpperCase();
      line.append(sign);
    }
    line.addEventListener("click", () => go(item));
    return line;
  };
  /** @param {number} to */
  const move = (to) => {
    at = shown.length ? (to + shown.length) % shown.length : 0;
    [...list.children].forEach((line, index) => line.setAttribute("aria-selected", String(index === at)));
    const line = list.children[at];
    input.setAttribute("aria-activedescendant", line?.id ?? "");
    line?.scrollIntoView({ block: "nearest" });
  };
  /** @param {Destination | undefined} item */
  const go = (item) => {
    if (item && new URL(item.href, location.href).origin === location.origin) location.assign(item.href);
  };
  const update = async () => {
    const query = input.value;
    const mine = ++asked;
    const here = search(query, own);
    draw(here);
    const lookup = box.dataset["lookup"];
    if (!lookup || query.trim().length < FROM) return;
    await new Promise((done) => setTimeout(done, WAIT_MS));
    if (mine !== asked) return;
    try {
      const answer = await fetch(`${lookup}?q=${encodeURIComponent(query)}`, { headers: { accept: "application/json" }, redirect: "error" });
      const found = /** @type {Destination[]} */ (await answer.json());
      if (mine === asked && answer.ok) draw([...here, ...found.filter((item) => !here.some(({ href }) => href === item.href))].slice(0, 20));
    } catch {
      // What the page knows by itself stays.
    }
  };
  const open = () => {
    if (box.open) return;
    input.value = "";
    box.showModal();
    update();
  };

  input.addEventListener("input", update);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const steps = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowUp: -1 });
    const step = steps[event.key];
    if (step) move(at + step);
    else if (event.key === "Enter") go(shown[at]);
    else return;
    event.preventDefault();
  });
  box.addEventListener("click", (event) => event.target === box && box.close());
  for (const button of document.querySelectorAll("[data-palette]")) {
    /** @type {HTMLElement} */ (button).hidden = false;
    button.addEventListener("click", open);
  }
  addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    if (box.open) box.close();
    else open();
  });
}
