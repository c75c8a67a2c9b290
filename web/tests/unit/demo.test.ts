import { afterEach, describe, expect, it, vi } from "vitest";
import { demoBase, exchangeAir, readDemoPhone } from "../../citizen/core/demo";
import { DemoClock } from "../../kit/clock";

const HERE = "https://demo.example/app/";
const at = (search: string) => ({ search, href: HERE + search, origin: "https://demo.example" });

afterEach(() => vi.unstubAllGlobals());

describe("the demo's phone", () => {
  it("is one only when its own origin says so", () => {
    expect(demoBase(at("?demo=/demo/v1/phones/lan"))).toBe("https://demo.example/demo/v1/phones/lan");
    expect(demoBase(at("?demo=/demo/v1/phones/lan/"))).toBe("https://demo.example/demo/v1/phones/lan");
    for (const search of ["", "?demo=", "?demo=https://evil.example/x", "?demo=//evil.example/x", "?demo=javascript:1", "?demo=http://%"]) {
      expect(demoBase(at(search)), search).toBeNull();
    }
  });

  it("reads who it is", async () => {
    const answer = { run_id: "1-2", phone: "lan", name: "Lan", now: 5, clock: { rate: 10 }, snapshot_b64: "AQID", trust: { region: "82" } };
    vi.stubGlobal("fetch", () => Promise.resolve(Response.json(answer)));
    const phone = await readDemoPhone("/demo/v1/phones/lan");
    expect(phone).toEqual({ runId: "1-2", slug: "lan", name: "Lan", now: 5, rate: 10, snapshot: new Uint8Array([1, 2, 3]), trust: '{"region":"82"}' });
  });

  it("tells the air what it sends, null while its radio is off", async () => {
    const bodies: unknown[] = [];
    const scans = [{ at: 4, seconds_since_last: 60, heard: [{ payload_hex: "ab", rssi_dbm: -61 }] }, { at: 5, seconds_since_last: 1, heard: [] }];
    vi.stubGlobal("fetch", (_url: string, options: RequestInit) => {
      bodies.push(JSON.parse(options.body as string));
      return Promise.resolve(Response.json({ now: 6, scans }));
    });
    const heard = await exchangeAir("/base", null);
    await exchangeAir("/base", "ff");
    expect(bodies).toEqual([{ advertisement_hex: null }, { advertisement_hex: "ff" }]);
    // A scan that heard nobody is a scan.
    expect(heard).toEqual({ now: 6, scans: [{ at: 4, packets: [{ payload: "ab", rssi: -61 }] }, { at: 5, packets: [] }] });
  });

  it("says which status the demo answered", async () => {
    vi.stubGlobal("fetch", () => Promise.resolve(new Response("", { status: 503 })));
    await expect(readDemoPhone("/base")).rejects.toThrow("503");
  });
});

describe("the demo's clock", () => {
  it("runs at its rate between two answers and never goes back", () => {
    let elapsed = 0;
    const clock = new DemoClock(1_000, 10, () => elapsed);
    elapsed = 2_500;
    expect(clock.now()).toBe(1_025);
    clock.tell(1_010);
    expect(clock.now()).toBe(1_025);
    clock.tell(2_000);
    elapsed = 3_500;
    expect(clock.now()).toBe(2_010);
  });
});
