// The service worker: the app's own files from the cache, everything else from the network, /v1/ and the demo never kept.
// It never takes over by itself: a page asks it to, after the person agreed.
declare const __FILES__: string[];
declare const __VERSION__: string;

interface Worker extends EventTarget {
  readonly registration: { readonly scope: string };
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
}
interface Lasting extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Fetching extends Lasting {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

const worker = self as unknown as Worker;
const scope = worker.registration.scope;
// Apps of one origin do not clear away each other's files.
const PREFIX = `vunglam ${new URL(scope).pathname} `;
const CACHE = PREFIX + __VERSION__;
const files = new Set(__FILES__.map((file) => new URL(file, scope).href));
const page = new URL("index.html", scope).href;

worker.addEventListener("install", (event) => (event as Lasting).waitUntil(fill()));
worker.addEventListener("activate", (event) => (event as Lasting).waitUntil(clean()));
worker.addEventListener("message", (event) => {
  if ((event as MessageEvent).data === "take over") void worker.skipWaiting();
});
worker.addEventListener("fetch", (event) => {
  const { request } = event as Fetching;
  const address = new URL(request.url);
  if (request.method !== "GET" || !address.href.startsWith(scope)) return;
  const key = request.mode === "navigate" && address.pathname === new URL(scope).pathname ? page : address.origin + address.pathname;
  if (files.has(key)) (event as Fetching).respondWith(fromCache(key, request));
});

async function fill(): Promise<void> {
  const cache = await caches.open(CACHE);
  await Promise.all(
    [...files].map(async (file) => {
      // Hashed files never change: taken from the old cache instead of the network.
      const kept = file.includes("/assets/") ? await caches.match(file) : undefined;
      const answer = kept ?? (await fetch(file, { cache: "reload" }));
      if (!answer.ok) throw new Error(`${file}: ${answer.status}`);
      await cache.put(file, answer);
    }),
  );
}

async function clean(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)));
  await worker.clients.claim();
}

async function fromCache(key: string, request: Request): Promise<Response> {
  const kept = await (await caches.open(CACHE)).match(key);
  return kept ?? (await fetch(request));
}

export {};
