import { describe, expect, it, vi } from "vitest";
import { parseRoute, watchRoute } from "../../kit/router";

const read = (hash: string) => {
  const { path, query } = parseRoute(hash);
  return { path, query: Object.fromEntries(query) };
};

describe("the address fragment", () => {
  it("names a screen and what it is given", () => {
    expect(read("#/notice/18821")).toEqual({ path: ["notice", "18821"], query: {} });
    expect(read("#/share?code=7K2M-4PQX")).toEqual({ path: ["share"], query: { code: "7K2M-4PQX" } });
    expect(read("#/a%20b?x=1%2F2")).toEqual({ path: ["a b"], query: { x: "1/2" } });
  });

  it("may be the link that the desk sends", () => {
    expect(read("#code=7K2M4PQXABCDEFGH")).toEqual({ path: ["share"], query: { code: "7K2M4PQXABCDEFGH" } });
  });

  it("is home when it is empty or unreadable", () => {
    for (const hash of ["", "#", "#/", "#//"]) expect(read(hash)).toEqual({ path: [], query: {} });
    expect(read("#/%E0%A4%A")).toEqual({ path: [""], query: {} });
  });

  it("is watched, the present one first, until told to stop", () => {
    const window = Object.assign(new EventTarget(), { location: { hash: "#/stored" } });
    const show = vi.fn();
    const stop = watchRoute(window as unknown as Window, show);
    window.location.hash = "#/about";
    window.dispatchEvent(new Event("hashchange"));
    stop();
    window.location.hash = "#/share";
    window.dispatchEvent(new Event("hashchange"));
    expect(show.mock.calls.map(([route]) => (route as { path: string[] }).path)).toEqual([["stored"], ["about"]]);
  });
});
