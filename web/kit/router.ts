/** Hash routes: `#/share?code=…` → `{ path: ["share"], query }`. The fragment never reaches a server. */
export interface Route {
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

/** Reads an address fragment; anything unreadable is the home route. Links from elsewhere carry `#code=…`, `#record=…` or, on posters, `#venue=…` and nothing else. */
export function parseRoute(hash: string): Route {
  const text = hash.replace(/^#\/?/, "").replace(/^(?=code=)/, "share?").replace(/^(?=record=)/, "record?").replace(/^(?=venue=)/, "scan?");
  const cut = text.indexOf("?");
  const path = cut < 0 ? text : text.slice(0, cut);
  const query = new URLSearchParams(cut < 0 ? "" : text.slice(cut + 1));
  return { path: path.split("/").filter(Boolean).map(decode), query };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}

/** Calls back with every route, the present one first; returns how to stop. */
export function watchRoute(window: Window, show: (route: Route) => void): () => void {
  const changed = () => show(parseRoute(window.location.hash));
  window.addEventListener("hashchange", changed);
  changed();
  return () => window.removeEventListener("hashchange", changed);
}
