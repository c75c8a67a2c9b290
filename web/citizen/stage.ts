import type { Glance } from "./core/phone";
import { session } from "./session.svelte";

/** The word by which the demo's start page asks a demo phone to share (web/demo/README.md). */
const WORD = "share";

/** Obeys the demo's start page: only in demo mode, only the page's own origin, only the window around this one. */
export function listenToStage(): () => void {
  const hear = (event: MessageEvent) => {
    const asked = event.data as { vunglam?: unknown; code?: unknown } | null;
    if (!session.isDemo || event.origin !== location.origin || event.source !== parent) return;
    if (asked?.vunglam !== WORD || typeof asked.code !== "string" || session.phase !== "ready") return;
    void shareAll(asked.code);
  };
  addEventListener("message", hear);
  return () => removeEventListener("message", hear);
}

/** Tells the demo's start page what this phone shows. */
export function tellStage(slug: string, glance: Glance): void {
  if (parent === window) return;
  const standing = glance.notices.filter((notice) => !notice.withdrawn).map((notice) => notice.day);
  parent.postMessage(
    { vunglam: "state", slug, noticeDays: standing.reverse(), shared: glance.status.upload?.stage === "done" },
    location.origin,
  );
}

async function shareAll(code: string): Promise<void> {
  const days = session.phone.shareableDays();
  await session.phone.beginUpload({ code, days, symptomOnset: null });
  location.hash = "#/share";
  await session.sync();
}
