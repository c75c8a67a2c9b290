import { IDBFactory } from "fake-indexeddb";
import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it } from "vitest";
import type { Changes, CoreRequest, DeviceCore } from "../../citizen/core/device";
import { Phone } from "../../citizen/core/phone";
import { RecordStore } from "../../citizen/core/store";
import { openCore, START, TRUST } from "./core";

const seed = new Uint8Array(32).fill(7);
const clock = { now: () => START };
const quiet = () => undefined;

/** A core of which only what these tests need exists: every call leaves one change, `requests` go out in order. */
function scripted(requests: number, log: string[], refuse = false) {
  let number = 0;
  let kept = 0;
  let left = requests;
  const core: Partial<DeviceCore> = {
    status: () => JSON.stringify({ noticeDays: [] }),
    notices: () => "[]",
    nextRequest() {
      if (left === 0) return undefined;
      number += 1;
      left -= 1;
      return JSON.stringify({ url: `${requests - left}`, method: "GET" });
    },
    onResponse(_now, status) {
      number += 1;
      log.push(`answer ${status}`);
      if (refuse) throw new Error("sync: not signed");
      return "{}";
    },
    changes: () => (kept < number ? JSON.stringify({ number, clear: false, put: [], remove: [] }) : undefined),
    acknowledge(written) {
      kept = written;
    },
  };
  return core as DeviceCore;
}

const noting = (log: string[]) => ({
  apply(changes: Changes) {
    log.push(`kept ${changes.number}`);
    return Promise.resolve();
  },
});

const answering = (log: string[], status: number) => (request: CoreRequest) => {
  log.push(`sent ${request.url}`);
  return Promise.resolve({ status, body: new Uint8Array() });
};

describe("a round", () => {
  it("keeps what the core wants kept before a request leaves and after each answer", async () => {
    const log: string[] = [];
    const phone = new Phone({ core: scripted(2, log), store: noting(log), clock, sender: answering(log, 200), changed: quiet });
    await phone.sync();
    expect(log).toEqual(["kept 1", "sent 1", "answer 200", "kept 2", "kept 3", "sent 2", "answer 200", "kept 4"]);
  });

  it("hands the core that nobody answered", async () => {
    const log: string[] = [];
    const phone = new Phone({ core: scripted(1, log), store: noting(log), clock, sender: answering(log, 0), changed: quiet });
    await phone.sync();
    expect(log).toContain("answer 0");
  });

  it("goes on after an answer that the core refuses, and keeps what that changed", async () => {
    const log: string[] = [];
    const phone = new Phone({ core: scripted(2, log, true), store: noting(log), clock, sender: answering(log, 200), changed: quiet });
    await phone.sync();
    expect(log).toEqual(["kept 1", "sent 1", "answer 200", "kept 2", "kept 3", "sent 2", "answer 200", "kept 4"]);
  });

  it("sends nothing when the disk is full, and offers the change again", async () => {
    const log: string[] = [];
    let full = true;
    const store = {
      apply: (changes: Changes) => (full ? Promise.reject(new DOMException("full", "QuotaExceededError")) : noting(log).apply(changes)),
    };
    const phone = new Phone({ core: scripted(2, log), store, clock, sender: answering(log, 200), changed: quiet });
    await expect(phone.sync()).rejects.toThrow("full");
    expect(log).toEqual([]);
    full = false;
    await phone.sync();
    expect(log[0]).toBe("kept 2");
  });

  it("is joined by a second call while it runs", async () => {
    const log: string[] = [];
    const phone = new Phone({ core: scripted(1, log), store: noting(log), clock, sender: answering(log, 200), changed: quiet });
    await Promise.all([phone.sync(), phone.sync()]);
    expect(log.filter((line) => line.startsWith("sent"))).toHaveLength(1);
  });
});

describe("the real core with the real store", () => {
  beforeEach(() => {
    globalThis.indexedDB = new IDBFactory();
  });

  async function open(name = "vunglam") {
    const store = await RecordStore.open(name);
    const asked: CoreRequest[] = [];
    const sender = (request: CoreRequest) => {
      asked.push(request);
      return Promise.resolve({ status: 0, body: new Uint8Array() });
    };
    const core = openCore(TRUST, await store.readAll(), START, seed);
    const phone = new Phone({ core, store, clock, sender, changed: quiet });
    await phone.start(3_600);
    return { store, phone, asked };
  }

  const packets = [{ payload: `02011a0303${"65fd"}1716${"65fd"}${"ab".repeat(20)}`, rssi: -61 }];

  it("advertises the same identifier after it was opened again", async () => {
    const first = await open();
    const plan = await first.phone.radioPlan();
    expect(plan.advertise?.payload).toMatch(/^[0-9a-f]{62}$/);
    first.store.close();
    const again = await open();
    expect((await again.phone.radioPlan()).advertise).toEqual(plan.advertise);
  });

  it("still has what it heard after it was opened again", async () => {
    const first = await open();
    await first.phone.radioPlan();
    await first.phone.observe([{ at: START, packets }]);
    const sightings = (phone: Phone) => phone.stored().entries.filter((entry) => entry.table === "sightings").reduce((sum, entry) => sum + entry.count, 0);
    expect(sightings(first.phone)).toBe(1);
    first.store.close();
    expect(sightings((await open()).phone)).toBe(1);
  });

  it("waits when nobody answers, and does not ask again at once", async () => {
    const { phone, asked } = await open();
    await phone.sync();
    expect(asked.length).toBeGreaterThan(0);
    expect(phone.secondsToNextRequest()).toBeGreaterThan(0);
    const before = asked.length;
    await phone.sync();
    expect(asked).toHaveLength(before);
  });

  it("asks only the two services of its region", async () => {
    const { phone, asked } = await open();
    await phone.sync();
    for (const request of asked) expect(request.url).toMatch(/^https:\/\/(keys|authority)\.example\/v1\//);
  });

  it("is empty after everything was deleted, also when opened again", async () => {
    const { phone, store } = await open();
    const before = (await phone.radioPlan()).advertise;
    await phone.observe([{ at: START, packets }]);
    await phone.deleteAll();
    store.close();
    const again = await open();
    expect(again.phone.stored().entries.filter((entry) => entry.table === "sightings" || entry.table === "identity")).toEqual([]);
    expect((await again.phone.radioPlan()).advertise).not.toEqual(before);
  });

  it("exports what it holds as readable text", async () => {
    const { phone } = await open();
    await phone.radioPlan();
    expect(JSON.stringify(JSON.parse(phone.exportAll()))).toContain("identity");
  });

  it("refuses a code that is none before anything is sent", async () => {
    const { phone, asked } = await open();
    await phone.radioPlan();
    await expect(phone.beginUpload({ code: "7K2M-4PQ", days: phone.shareableDays(), symptomOnset: null })).rejects.toThrow(/^codeLength/);
    expect(asked).toEqual([]);
  });
});
