import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { concatenated, fromBase64 } from "./bytes";
import type { Changes } from "./device";

/** What the app itself remembers: nothing that says who anybody is. */
export interface AppState {
  /** When the person agreed. */
  consentedAt?: number;
  /** The region's trust document, pinned at the first start. */
  trust?: string;
  /** Which run of a demo the records belong to. */
  runId?: string;
  /** Opens the list of who looked at this person, at the authority. */
  recordKey?: string;
  /** Registers check-ins, where the person chose that. */
  credential?: string;
}

interface Schema extends DBSchema {
  records: { key: string; value: { iv: Uint8Array<ArrayBuffer>; sealed: ArrayBuffer } };
  keys: { key: "records"; value: CryptoKey };
  app: { key: keyof AppState; value: string | number };
}

const STRICT = { durability: "strict" } as const;
const associated = (id: string) => new TextEncoder().encode(`records/${id}`);

/**
 * The phone's records in IndexedDB, each sealed with AES-GCM under a key that cannot be exported. The record's name is
 * authenticated, so records cannot be swapped. Whoever holds the unlocked phone holds the key as well: this guards
 * copies of the profile, not a seized phone.
 */
export class RecordStore {
  readonly #db: IDBPDatabase<Schema>;
  readonly #key: CryptoKey;

  private constructor(db: IDBPDatabase<Schema>, key: CryptoKey) {
    this.#db = db;
    this.#key = key;
  }

  /** Opens the store of this name, and makes it when it is not there. */
  static async open(name: string): Promise<RecordStore> {
    const db = await openDB<Schema>(name, 1, {
      upgrade(made) {
        made.createObjectStore("records");
        made.createObjectStore("keys");
        made.createObjectStore("app");
      },
    });
    const key = (await db.get("keys", "records")) ?? (await RecordStore.#newKey(db));
    return new RecordStore(db, key);
  }

  static async #newKey(db: IDBPDatabase<Schema>): Promise<CryptoKey> {
    const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    const write = db.transaction("keys", "readwrite", STRICT);
    await write.store.put(key, "records");
    await write.done;
    return key;
  }

  /** Returns all records, opened and joined as the core takes them. */
  async readAll(): Promise<Uint8Array<ArrayBuffer>> {
    const read = this.#db.transaction("records");
    const [ids, values] = await Promise.all([read.store.getAllKeys(), read.store.getAll()]);
    const opened = values.map((value, at) =>
      crypto.subtle.decrypt({ name: "AES-GCM", iv: value.iv, additionalData: associated(ids[at] ?? "") }, this.#key, value.sealed),
    );
    return concatenated((await Promise.all(opened)).map((bytes) => new Uint8Array(bytes)));
  }

  /** Returns whether there is no record. */
  async isEmpty(): Promise<boolean> {
    return (await this.#db.count("records")) === 0;
  }

  /** Writes changes in one transaction; resolves when they are on the disk. */
  async apply(changes: Changes): Promise<void> {
    // Sealed before the transaction: IndexedDB ends one that waits for anything else.
    const sealed = await Promise.all(changes.put.map(([id, base64]) => this.#seal(id, fromBase64(base64))));
    const write = this.#db.transaction("records", "readwrite", STRICT);
    const done: Promise<unknown>[] = [write.done];
    try {
      if (changes.clear) done.push(write.store.clear());
      changes.put.forEach(([id], at) => {
        const value = sealed[at];
        if (value) done.push(write.store.put(value, id));
      });
      for (const id of changes.remove) done.push(write.store.delete(id));
    } catch (error) {
      // A call that throws ends no transaction: what it had been given so far would be kept.
      write.abort();
      await Promise.allSettled(done);
      throw error;
    }
    await Promise.all(done);
  }

  async #seal(id: string, bytes: Uint8Array<ArrayBuffer>) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: associated(id) }, this.#key, bytes);
    return { iv, sealed };
  }

  async appState(): Promise<AppState> {
    const read = this.#db.transaction("app");
    const [keys, values] = await Promise.all([read.store.getAllKeys(), read.store.getAll()]);
    return Object.fromEntries(keys.map((key, at) => [key, values[at]])) as AppState;
  }

  async remember(state: AppState): Promise<void> {
    const write = this.#db.transaction("app", "readwrite", STRICT);
    const done = Object.entries(state).map(([key, value]) => write.store.put(value as string | number, key as keyof AppState));
    await Promise.all([...done, write.done]);
  }

  /** Forgets everything: records, the key that sealed them, and what the app remembered. */
  async eraseAll(): Promise<void> {
    const write = this.#db.transaction(["records", "keys", "app"], "readwrite", STRICT);
    await Promise.all([
      write.objectStore("records").clear(),
      write.objectStore("keys").clear(),
      write.objectStore("app").clear(),
      write.done,
    ]);
  }

  close(): void {
    this.#db.close();
  }
}
