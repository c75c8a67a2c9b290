// @ts-check
// Counts the minutes of a code down and shows when a phone redeems it. The page works without.

const ASK_MS = 3000;
/** @type {Record<string, string>} */
const FORMS = { issued: "", claimed: "half", certified: "full" };

export function readout() {
  const code = /** @type {HTMLElement | null} */ (document.querySelector("section.code"));
  const left = document.getElementById("left");
  const state = document.getElementById("state");
  if (!code || !left || !state) return;
  const print = document.getElementById("print");
  if (print) print.hidden = false;
  print?.addEventListener("click", () => window.print());
  document.getElementById("link")?.addEventListener("focus", (event) => /** @type {HTMLInputElement} */ (event.target).select());

  const end = performance.now() + Number(code.dataset["seconds"]) * 1000;
  const tick = () => {
    const seconds = Math.max(0, Math.round((end - performance.now()) / 1000));
    if (seconds === 0) {
      left.textContent = code.dataset["over"] ?? "";
      left.className = "over";
      return;
    }
    const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    left.textContent = (code.dataset["left"] ?? "").replace("{time}", text);
    setTimeout(tick, 1000);
  };
  tick();

  const ask = async () => {
    try {
      const answer = await fetch(code.dataset["state"] ?? "", { headers: { accept: "application/json" }, redirect: "error" });
      const now = await answer.json();
      if (now.issue_id === code.dataset["issue"]) {
        state.textContent = now.words;
        state.className = `st ${FORMS[now.state] ?? "stop"}`;
        if (!(now.state in FORMS) || now.state === "certified") return;
      }
    } catch {
      // The next question may succeed.
    }
    setTimeout(ask, ASK_MS);
  };
  ask();
}
