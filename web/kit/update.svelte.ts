/** A new version that waits for the person's word. */
class Update {
  waiting = $state.raw<ServiceWorker | null>(null);

  /** Lets the new version take over; the page starts again under it. */
  apply(): void {
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    this.waiting?.postMessage("take over");
  }
}

export const update = new Update();

/** Registers the service worker: from then on the app opens without a network. */
export function keepOffline(): void {
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker
    .register("./sw.js")
    .then((registration) => {
      if (registration.waiting && navigator.serviceWorker.controller) update.waiting = registration.waiting;
      registration.addEventListener("updatefound", () => watch(registration.installing));
    })
    .catch((error: unknown) => console.warn("service worker", error));
}

function watch(worker: ServiceWorker | null): void {
  worker?.addEventListener("statechange", () => {
    // The first version ever has nobody to replace.
    if (worker.state === "installed" && navigator.serviceWorker.controller) update.waiting = worker;
  });
}
