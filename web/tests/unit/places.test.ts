// The person's own code: when the authority is asked for passes, and what becomes of passes that are not its own.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Phone } from "../../citizen/core/phone";
import type { RecordStore } from "../../citizen/core/store";
import { Places } from "../../citizen/places.svelte";

const AUTHORITY = "https://authority.example/";

/** A phone that keeps what it is given, unless it is forged. */
function phone() {
  const kept: string[] = [];
  const parts = {
    visits: () => [],
    untold: () => [],
    ownCode: () => (kept.length > 0 ? { text: "CODE", until: 60, days: kept.length } : null),
    wantedPasses: () => Promise.resolve(kept.length > 0 ? [] : [{ day: 1, point: "02" }]),
    keepPasses(passes: readonly string[]) {
      if (passes.includes("forged")) return Promise.reject(new Error("passes: not signed by the health authority"));
      kept.push(...passes);
      return Promise.resolve();
    },
    forgetPasses: () => Promise.resolve(void kept.splice(0)),
  };
  return parts as unknown as Phone;
}

const store = { remember: () => Promise.resolve() } as unknown as RecordStore;
const asked = vi.fn<typeof fetch>();

function begin(credential = "secret"): Places {
  const places = new Places();
  places.start(phone(), store, AUTHORITY, credential);
  return places;
}

beforeEach(() => {
  vi.useFakeTimers();
  asked.mockReset();
  vi.stubGlobal("fetch", asked);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the person's own code", () => {
  it("is shown every second without asking anybody, and asked for now and then while there is none", async () => {
    asked.mockRejectedValue(new TypeError("no network"));
    const places = begin();
    await places.askOwn();
    expect([places.own, asked.mock.calls.length]).toEqual([null, 1]);
    for (let second = 0; second < 60; second += 1) {
      places.showOwn();
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(asked.mock.calls.length).toBeLessThanOrEqual(5);
    asked.mockImplementation(() => Promise.resolve(Response.json({ passes: ["pass"] })));
    await vi.advanceTimersByTimeAsync(15_000);
    expect(places.own?.text).toBe("CODE");
    const calls = asked.mock.calls.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked.mock.calls.length).toBe(calls);
    places.stop();
  });

  it("is not asked for by somebody who is not registered", async () => {
    const places = begin("");
    await places.askOwn();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([places.own, asked.mock.calls.length]).toEqual([null, 0]);
    places.stop();
  });

  it("is not made of passes that are not the authority's, and the person is told", async () => {
    asked.mockImplementation(() => Promise.resolve(Response.json({ passes: ["forged"] })));
    const places = begin();
    await places.askOwn();
    expect([places.own, places.ownIsForged]).toEqual([null, true]);
    asked.mockImplementation(() => Promise.resolve(Response.json({ passes: ["pass"] })));
    await places.askOwn();
    expect([places.own?.text, places.ownIsForged]).toEqual(["CODE", false]);
    places.stop();
  });

  it("goes with the registration", async () => {
    asked.mockImplementation(() => Promise.resolve(Response.json({ passes: ["pass"] })));
    const places = begin();
    await places.askOwn();
    asked.mockImplementation(() => Promise.resolve(new Response("", { status: 401 })));
    await places.unregister();
    places.showOwn();
    expect([places.own, places.isRegistered]).toEqual([null, false]);
    places.stop();
  });
});
