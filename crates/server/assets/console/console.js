// @ts-check
// Starts what a page has need of. Every page works without.
import { dialogs } from "./dialog.js";
import { keys } from "./keys.js";
import { live } from "./live.js";
import { metrics } from "./metric.js";
import { palette } from "./palette.js";
import { tables } from "./table.js";

for (const start of [dialogs, metrics, palette, keys, tables, live]) start();

// A form that was sent was taken when the server led on to a page without it. Noted at once: the page may be left any moment.
const sent = sessionStorage.getItem("vunglam-draft-sent");
const [entry] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
const isTaken = sent && document.body.dataset["draftSession"] && entry?.type === "navigate" && entry.redirectCount > 0 && !document.querySelector(`form[data-draft="${CSS.escape(sent)}"]`);
if (isTaken) sessionStorage.setItem("vunglam-draft-taken", sent);
sessionStorage.removeItem("vunglam-draft-sent");
// What few pages need is loaded there only.
if (sessionStorage.getItem("vunglam-draft-taken") || document.querySelector("form[data-draft], [data-draft-done]")) import("./draft.js").then(({ drafts }) => drafts()).catch(() => {});
document.querySelector("form[data-draft-wipe]")?.addEventListener("submit", (event) => forget(/** @type {SubmitEvent} */ (event)), { once: true });
for (const form of document.querySelectorAll("form[data-sheet]")) import("./sheet.js").then(({ sheet }) => sheet(/** @type {HTMLFormElement} */ (form)));
for (const form of document.querySelectorAll("form[data-bulk]")) import("./bulk.js").then(({ bulk }) => bulk(/** @type {HTMLFormElement} */ (form)));
for (const form of document.querySelectorAll("form[data-grid]")) import("./grid.js").then(({ grid }) => grid(/** @type {HTMLFormElement} */ (form)));
for (const place of document.querySelectorAll("[data-similar]")) import("./similar.js").then(({ similar }) => similar(/** @type {HTMLElement} */ (place)));
if (document.querySelector("section.code")) import("./readout.js").then(({ readout }) => readout());

/** Wipes the drafts before the officer signs out. @param {SubmitEvent} event */
async function forget(event) {
  event.preventDefault();
  await import("./vault.js").then(({ wipe }) => wipe()).catch(() => {});
  /** @type {HTMLFormElement} */ (event.target).submit();
}
