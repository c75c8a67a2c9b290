import { IDBFactory } from "fake-indexeddb";
import "fake-indexeddb/auto";
import { createPublicKey, verify } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { GateClock } from "../../gate/core/clock";
import { drawKey, fromHex, isPin, sign, toHex } from "../../gate/core/keys";
import { readLines } from "../../gate/core/lines";
import { readLink } from "../../gate/core/link";
import { Sender } from "../../gate/core/sender";
import { listenToScanner } from "../../gate/core/senses";
import { GateStore, type State, type Waiting } from "../../gate/core/store";

const hex = (byte: number, length: number) => byte.toString(16).padStart(2, "0").repeat(length);
const SHIFT = { guard: "", since: 1, in: 1, out: 0, typed: 0, refused: 0 };

function waiting(counter: number): Waiting {
  return { counter, before: hex(counter, 32), point: hex(2, 33), number: counter, sealed: "00", link: hex(counter + 1, 32), signature: hex(9, 64) };
}

describe("the two clocks of a gate", () => {
  it("counts on from the service's answer when somebody sets the clock on the wall", () => {
    let [wall, elapsed] = [1_000, 0];
    const clock = new GateClock({ now: () => wall }, 1, () => elapsed);
    expect([clock.known(), clock.now()]).toEqual([null, 1_000]);
    clock.tell(5_000);
    [wall, elapsed] = [1_000 - 3 * 3_600, 90_500];
    expect([clock.wall(), clock.known(), clock.now()]).toEqual([-9_800, 5_090, 5_090]);
  });
});

describe("keys", () => {
  it("knows a PIN by the vector of RFC 7914 for PBKDF2-HMAC-SHA-256", async () => {
    // passwd, salt, one round: the first 32 of the 64 bytes that stand there.
    const guard = { salt: toHex(new TextEncoder().encode("salt")), hash: "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc", rounds: 1 };
    expect(await isPin("passwd", guard)).toBe(true);
    expect(await isPin("passwe", guard)).toBe(false);
  });

  it("signs so that another implementation agrees, with a key that cannot be taken out", async () => {
    const { key, point } = await drawKey();
    const words = new Uint8Array([1, 2, 3]);
    const signature = Buffer.from(await sign(key, words), "hex");
    const spki = Buffer.concat([Buffer.from("3039301306072a8648ce3d020106082a8648ce3d030107032200", "hex"), Buffer.from(point, "hex")]);
    const other = createPublicKey({ key: spki, format: "der", type: "spki" });
    expect(verify("sha256", words, { key: other, dsaEncoding: "ieee-p1363" }, signature)).toBe(true);
    await expect(crypto.subtle.exportKey("pkcs8", key)).rejects.toThrow();
    expect(toHex(fromHex("00ff10"))).toBe("00ff10");
  });
});

describe("an opening code", () => {
  it("is an address with the service and a secret behind the #", () => {
    expect(readLink("https://gate.example/?lang=vi#at=https%3A%2F%2Fa.example%2F&enrol=abc")).toEqual({ service: "https://a.example", secret: "abc" });
    for (const wrong of ["", "abc", "https://gate.example/", "https://g.example/#at=javascript:alert(1)&enrol=a", "https://g.example/#at=https://a.example/?x&enrol=a", "https://g.example/#at=https://a.example"])
      expect(readLink(wrong), wrong).toBeNull();
  });
});

describe("a pasted list", () => {
  it("finds names and telephone numbers however they stand", () => {
    const text = "1\tNguyễn Thị Bảy\t0912 345 678\n0987.654.321 - Trần Văn Út\r\n\n  Lê Ánh; +84 912345679 ; ghế 12\nKhông số\n0912345670\n=HYPERLINK(1), 0912345671";
    expect(readLines(text).map(({ name, phone, isGood }) => [name, phone, isGood])).toEqual([
      ["Nguyễn Thị Bảy", "0912345678", true],
      ["Trần Văn Út", "0987654321", true],
      ["Lê Ánh ghế", "+84912345679", true],
      ["Không số", "", false],
      ["", "0912345670", false],
      ["HYPERLINK", "0912345671", true],
    ]);
  });
});

describe("a scanner on a cable", () => {
  it("is told from fingers by its haste", () => {
    const heard: string[] = [];
    let listener: ((event: Event) => void) | null = null;
    const on = { addEventListener: (_: string, added: (event: Event) => void) => (listener = added), removeEventListener: () => (listener = null) };
    const stop = listenToScanner((text) => heard.push(text), on as unknown as EventTarget);
    let now = 0;
    const type = (text: string, pauseMs: number, more: object = {}) => {
      for (const key of [...text, "Enter"]) {
        now += pauseMs;
        listener?.({ key, timeStamp: now, target: null, preventDefault: () => undefined, ...more } as unknown as Event);
      }
    };
    type("VG-PASS1-ABC", 5);
    now += 5_000;
    type("by hand 123", 180);
    type("short", 5);
    now += 5_000;
    type("VG-PASS1-DEF", 5, { ctrlKey: true });
    now += 5_000;
    type("VG-PASS1-GHI", 5, { target: { tagName: "INPUT", type: "text" } });
    now += 5_000;
    type("VG-PASS1-JKL", 5, { target: { tagName: "INPUT", type: "radio" } });
    expect(heard).toEqual(["VG-PASS1-ABC", "VG-PASS1-JKL"]);
    stop();
    expect(listener).toBeNull();
  });
});

describe("the gate's memory", () => {
  beforeEach(() => {
    globalThis.indexedDB = new IDBFactory();
  });

  async function filled(count: number): Promise<{ store: GateStore; state: State }> {
    const store = await GateStore.open();
    const { key } = await drawKey();
    const state: State = { gate: hex(7, 16), authority: hex(2, 33), service: "https://a.example", rules: "", key, counter: 0, before: hex(0, 32), run: 1, shift: SHIFT };
    await store.remember(state);
    for (let counter = 0; counter < count; counter += 1) await store.keep(waiting(counter), SHIFT);
    return { store, state };
  }
  const words = { request: () => new Uint8Array([1]), enrolment: () => new Uint8Array([2]) };
  const clock = () => new GateClock({ now: () => 1_000 }, 1, () => 0);
  const answering = (status: number, body: object, seen: { records: unknown[] }[] = []) =>
    ((_: string, init: RequestInit) => {
      seen.push(JSON.parse(String(init.body)) as { records: unknown[] });
      return Promise.resolve(new Response(JSON.stringify(body), { status }));
    }) as typeof fetch;

  it("writes a record down together with where the chain ends", async () => {
    const { store } = await filled(3);
    const state = await store.state();
    expect([state.counter, state.before, await store.count()]).toEqual([3, hex(3, 32), 3]);
    await expect(store.keep(waiting(2), SHIFT)).rejects.toThrow();
    expect((await store.state()).counter).toBe(3);
  });

  it("forgets what the service has, in order, and nothing before it answers", async () => {
    const { store, state } = await filled(130);
    const cut = (() => Promise.reject(new TypeError("cut"))) as typeof fetch;
    expect(await new Sender(store, words, clock(), cut).send(state, 0)).toEqual({ is: "offline" });
    for (const status of [500, 503, 429]) expect((await new Sender(store, words, clock(), answering(status, {})).send(state, 0)).is).toBe("offline");
    // A strange network that answers to everything.
    for (const body of [{}, [], { now: 1 }, { now: "1", wrong: [], wiped: false }]) expect((await new Sender(store, words, clock(), answering(200, body)).send(state, 0)).is).toBe("offline");
    for (const status of [400, 401]) expect((await new Sender(store, words, clock(), answering(status, {})).send(state, 0)).is).toBe("strange");
    expect(await store.count()).toBe(130);
    const seen: { records: unknown[] }[] = [];
    const sender = new Sender(store, words, clock(), answering(200, { now: 5_000, wrong: [{ counter: 3, why: "over" }], wiped: false }, seen));
    expect(await sender.send(state, 0)).toMatchObject({ is: "sent", wrong: 1, isFull: true });
    expect([seen[0]?.records.length, await store.count(), (await store.oldest(1))[0]?.counter]).toEqual([100, 30, 100]);
    expect(await sender.send(state, 0)).toMatchObject({ is: "sent", isFull: false });
    expect(await store.count()).toBe(0);
    // What leaves the device has no link in it: the service computes it.
    expect(Object.keys(seen[0]?.records[0] as object).sort()).toEqual(["before", "counter", "number", "point", "sealed", "signature"]);
  });

  it("forgets everything, the key as well", async () => {
    const { store } = await filled(2);
    await store.eraseAll();
    expect([await store.state(), await store.count()]).toEqual([{}, 0]);
  });
});
