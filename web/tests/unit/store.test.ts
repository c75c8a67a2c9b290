import { IDBFactory } from "fake-indexeddb";
import "fake-indexeddb/auto";
import { openDB } from "idb";
import { beforeEach, describe, expect, it } from "vitest";
import type { Changes } from "../../citizen/core/device";
import { RecordStore } from "../../citizen/core/store";

const NAME = "vunglam";
const base64 = (text: string) => Buffer.from(text).toString("base64");
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

function changes(put: Record<string, string>, more: Partial<Changes> = {}): Changes {
  return { number: 1, clear: false, put: Object.entries(put).map(([id, value]) => [id, base64(value)]), remove: [], ...more };
}

/** The object stores as somebody sees them who copied the profile. */
async function raw() {
  const db = await openDB(NAME);
  const [ids, records, keys] = await Promise.all([db.getAllKeys("records"), db.getAll("records"), db.getAll("keys")]);
  return { db, ids, records: records as { iv: Uint8Array; sealed: ArrayBuffer }[], keys: keys as CryptoKey[] };
}

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

describe("the store of records", () => {
  it("gives back what was written, also after it was opened again", async () => {
    const store = await RecordStore.open(NAME);
    expect(await store.isEmpty()).toBe(true);
    await store.apply(changes({ "state/1": "one", "state/2": "two" }));
    store.close();
    const again = await RecordStore.open(NAME);
    expect(text(await again.readAll())).toBe("onetwo");
    expect(await again.isEmpty()).toBe(false);
  });

  it("seals every record under a key that cannot be taken out", async () => {
    const store = await RecordStore.open(NAME);
    await store.apply(changes({ a: "a secret of this phone", b: "a secret of this phone" }));
    const { records, keys } = await raw();
    for (const { sealed } of records) expect(text(new Uint8Array(sealed))).not.toContain("secret");
    expect(text(new Uint8Array(records[0]!.sealed))).not.toBe(text(new Uint8Array(records[1]!.sealed)));
    expect(keys).toHaveLength(1);
    expect(keys[0]!.extractable).toBe(false);
    await expect(crypto.subtle.exportKey("raw", keys[0]!)).rejects.toThrow();
  });

  it("uses a new nonce for every writing", async () => {
    const store = await RecordStore.open(NAME);
    const seen = new Set<string>();
    for (let turn = 0; turn < 20; turn += 1) {
      await store.apply(changes({ a: "the same" }));
      seen.add(Buffer.from((await raw()).records[0]!.iv).toString("hex"));
    }
    expect(seen.size).toBe(20);
  });

  it("refuses a record that was put under another's name", async () => {
    const store = await RecordStore.open(NAME);
    await store.apply(changes({ a: "of a", b: "of b" }));
    const { db, records } = await raw();
    await db.put("records", records[1]!, "a");
    await expect(store.readAll()).rejects.toThrow();
  });

  it("refuses a record in which one bit was changed", async () => {
    const store = await RecordStore.open(NAME);
    await store.apply(changes({ a: "of a" }));
    const { db, records } = await raw();
    new Uint8Array(records[0]!.sealed)[0]! ^= 1;
    await db.put("records", records[0]!, "a");
    await expect(store.readAll()).rejects.toThrow();
  });

  it("clears, writes and removes in this order", async () => {
    const store = await RecordStore.open(NAME);
    await store.apply(changes({ old: "old", kept: "before" }));
    await store.apply(changes({ kept: "after", gone: "gone" }, { clear: true, remove: ["gone", "never there"] }));
    const { ids } = await raw();
    expect(ids).toEqual(["kept"]);
    expect(text(await store.readAll())).toBe("after");
  });

  it("writes all of a change or nothing of it", async () => {
    const store = await RecordStore.open(NAME);
    await store.apply(changes({ a: "before" }));
    const impossible = { clear: true, remove: [{} as unknown as string] };
    await expect(store.apply(changes({ a: "after", b: "new" }, impossible))).rejects.toThrow();
    expect(text(await store.readAll())).toBe("before");
    expect((await raw()).ids).toEqual(["a"]);
  });

  it("writes nothing of a change that cannot be read", async () => {
    const store = await RecordStore.open(NAME);
    await expect(store.apply({ ...changes({ a: "x" }), put: [["a", "not base64!"]] })).rejects.toThrow();
    expect(await store.isEmpty()).toBe(true);
  });

  it("remembers what the app knows of itself, one value at a time", async () => {
    const store = await RecordStore.open(NAME);
    expect(await store.appState()).toEqual({});
    await store.remember({ consentedAt: 5 });
    await store.remember({ trust: "{}" });
    store.close();
    expect(await (await RecordStore.open(NAME)).appState()).toEqual({ consentedAt: 5, trust: "{}" });
  });

  it("leaves nothing when everything is erased, and begins with another key", async () => {
    const store = await RecordStore.open(NAME);
    await store.apply(changes({ a: "x" }));
    await store.remember({ consentedAt: 5 });
    const before = (await raw()).keys[0]!;
    await store.eraseAll();
    store.close();
    const { db, ids, keys } = await raw();
    expect([ids, keys, await db.getAllKeys("app")]).toEqual([[], [], []]);
    db.close();
    const again = await RecordStore.open(NAME);
    await again.apply(changes({ a: "y" }));
    const { records } = await raw();
    const opened = crypto.subtle.decrypt(
      { name: "AES-GCM", iv: new Uint8Array(records[0]!.iv), additionalData: Buffer.from("records/a") },
      before,
      records[0]!.sealed,
    );
    await expect(opened).rejects.toThrow();
  });

  it("keeps the records of two names apart", async () => {
    const lan = await RecordStore.open("vunglam-demo-lan");
    const mai = await RecordStore.open("vunglam-demo-mai");
    await lan.apply(changes({ a: "of Lan" }));
    expect(await mai.isEmpty()).toBe(true);
    await mai.eraseAll();
    expect(text(await lan.readAll())).toBe("of Lan");
  });
});
