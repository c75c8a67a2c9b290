// Drafts: sealed on the disk, opened by their own session only, put back into the form as they were.
import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, describe, expect, it } from "vitest";
import { fill, read } from "../../../crates/server/assets/console/draft.js";
import { openVault, wipe } from "../../../crates/server/assets/console/vault.js";

const SECRET = "Nguyễn Thị Mẫu 0912345678";

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

/** Everything that stands in a store of the browser. */
async function dump(store: string): Promise<unknown[]> {
  const db = await new Promise<IDBDatabase>((ok, no) => {
    const request = indexedDB.open("vunglam-drafts");
    request.onsuccess = () => ok(request.result);
    request.onerror = () => no(request.error);
  });
  const rows = await new Promise<unknown[]>((ok) => {
    const request = db.transaction(store).objectStore(store).getAll();
    request.onsuccess = () => ok(request.result);
  });
  db.close();
  return rows;
}

describe("the vault", () => {
  it("gives back what it was given, after it was closed", async () => {
    const vault = await openVault("a");
    await vault.put("case", { name: [SECRET] });
    vault.close();
    const again = await openVault("a");
    expect(await again.get("case")).toEqual({ name: [SECRET] });
    expect(await again.get("other")).toBeNull();
    again.close();
  });

  it("keeps nothing readable, and a key that cannot be taken out", async () => {
    const vault = await openVault("a");
    await vault.put("case", { name: [SECRET] });
    vault.close();
    const [row] = (await dump("drafts")) as { iv: Uint8Array; sealed: ArrayBuffer }[];
    const text = new TextDecoder("utf-8").decode(row?.sealed);
    expect(text).not.toContain("Mẫu");
    expect(row?.sealed.byteLength).toBeGreaterThan(SECRET.length);
    const [key] = (await dump("keys")) as CryptoKey[];
    expect(key?.extractable).toBe(false);
    await expect(crypto.subtle.exportKey("raw", key as CryptoKey)).rejects.toThrow();
  });

  it("never seals twice alike", async () => {
    const vault = await openVault("a");
    await vault.put("one", SECRET);
    await vault.put("two", SECRET);
    vault.close();
    const rows = (await dump("drafts")) as { iv: Uint8Array }[];
    expect(new Set(rows.map((row) => row.iv.join())).size).toBe(2);
  });

  it("wipes the drafts of another session", async () => {
    const vault = await openVault("a");
    await vault.put("case", SECRET);
    vault.close();
    const other = await openVault("b");
    expect(await other.get("case")).toBeNull();
    other.close();
    expect(await dump("drafts")).toEqual([]);
    const back = await openVault("a");
    expect(await back.get("case")).toBeNull();
    back.close();
  });

  it("has one key for two windows that open at once", async () => {
    const [one, two] = await Promise.all([openVault("a"), openVault("a")]);
    await one.put("case", SECRET);
    expect(await two.get("case")).toBe(SECRET);
    one.close();
    two.close();
  });

  it("does not open a draft under another name", async () => {
    const vault = await openVault("a");
    await vault.put("case", SECRET);
    vault.close();
    const db = await new Promise<IDBDatabase>((ok) => {
      const request = indexedDB.open("vunglam-drafts");
      request.onsuccess = () => ok(request.result);
    });
    const [row] = await dump("drafts");
    await new Promise((ok) => {
      const tx = db.transaction("drafts", "readwrite");
      tx.objectStore("drafts").put(row, "moved");
      tx.oncomplete = ok;
    });
    db.close();
    const again = await openVault("a");
    expect(await again.get("case")).toBe(SECRET);
    expect(await again.get("moved")).toBeNull();
    again.close();
  });

  it("forgets one draft, or all with their key", async () => {
    const vault = await openVault("a");
    await vault.put("one", 1);
    await vault.put("two", 2);
    await vault.drop("one");
    expect(await vault.get("one")).toBeNull();
    expect(await vault.get("two")).toBe(2);
    vault.close();
    await wipe();
    expect(await dump("keys")).toEqual([]);
    expect(await dump("drafts")).toEqual([]);
  });
});

describe("a form", () => {
  const field = (name: string, value: string, type = "text", checked = false) => ({ name, value, type, checked }) as unknown as HTMLInputElement;

  it("is read and filled in again, boxes and names that stand twice included", () => {
    const typed = [field("name", "Lan"), field("phone", "091"), field("phone", "092"), field("sex", "m", "radio"), field("sex", "f", "radio", true), field("fever", "yes", "checkbox", true)];
    const values = read(typed);
    expect(values).toEqual({ name: ["Lan"], phone: ["091", "092"], sex: ["f"], fever: ["yes"] });
    const empty = [field("name", ""), field("phone", ""), field("phone", ""), field("sex", "m", "radio", true), field("sex", "f", "radio"), field("fever", "yes", "checkbox")];
    expect(fill(empty, values)).toBe(true);
    expect(read(empty)).toEqual(values);
    expect(fill(empty, values)).toBe(false);
  });

  it("clears a box that was unticked, and leaves fields that the draft does not know", () => {
    const form = [field("fever", "yes", "checkbox", true), field("new", "stays")];
    expect(fill(form, { fever: [] })).toBe(true);
    expect(read(form)).toEqual({ fever: [], new: ["stays"] });
  });
});
