// Counts the code's minutes down and shows when a phone redeems it. The page works without.
const code = document.querySelector("section.code");
if (code) {
  const left = document.getElementById("left");
  const state = document.getElementById("state");
  const print = document.getElementById("print");
  print.hidden = false;
  print.addEventListener("click", () => window.print());
  document.getElementById("link").addEventListener("focus", (event) => event.target.select());

  const end = performance.now() + Number(code.dataset.seconds) * 1000;
  const tick = () => {
    const seconds = Math.max(0, Math.round((end - performance.now()) / 1000));
    if (seconds === 0) {
      left.textContent = code.dataset.over;
      left.className = "over";
      return;
    }
    const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    left.textContent = code.dataset.left.replace("{time}", text);
    setTimeout(tick, 1000);
  };
  tick();

  const marks = { issued: "", claimed: "half", certified: "full" };
  const ask = async () => {
    try {
      const answer = await fetch(code.dataset.state, { headers: { accept: "application/json" }, redirect: "error" });
      const now = await answer.json();
      if (now.issue_id === code.dataset.issue) {
        state.textContent = now.words;
        state.className = `st ${marks[now.state] ?? "stop"}`;
        if (!(now.state in marks) || now.state === "certified") return;
      }
    } catch {
      // The next question may succeed.
    }
    setTimeout(ask, 3000);
  };
  ask();
}
