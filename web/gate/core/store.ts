import { type DBSchema, type IDBPDatabase, openDB } from "idb";

const NAME = "vunglam-gate";
const STRICT = { durability: "strict" } as const;

/** A sealed record as it waits. Nothing of it can be read on this device. */
export interface Waiting {
  counter: number;
  before: string;
  point: string;
  number: number;
  sealed: string;
  link: string;
  signature: string;
}

/** What a shift counted: numbers only. */
export interface Shift {
  guard: string;
  since: number;
  in: number;
  out: number;
  typed: number;
  refused: number;
}

/** What the gate remembers. */
export interface State {
  /** Id of the gate, hexadecimal digits. */
  gate: string;
  /** Key that signs rules. */
  authority: string;
  /** Address of the service. */
  service: string;
  /** The rules, signed. */
  rules: string;
  key: CryptoKey;
  /** Counter of the next record and link of the one before. */
  counter: number;
  before: string;
  /** How often the gate was started. */
  run: number;
  shift: Shift;
}

interface Schema extends DBSchema {
  state: { key: keyof State; value: State[keyof State] };
  waiting: { key: number; value: Waiting };
}

/** The gate's memory in IndexedDB. */
export class GateStore {
  readonly #db: IDBPDatabase<Schema>;

  private constructor(db: IDBPDatabase<Schema>) {
    this.#db = db;
  }

  static async open(): Promise<GateStore> {
    const db = await openDB<Schema>(NAME, 1, {
      upgrade(made) {
        made.createObjectStore("state");
        made.createObjectStore("waiting", { keyPath: "counter" });
      },
    });
    return new GateStore(db);
  }

  async state(): Promise<Partial<State>> {
    const read = this.#db.transaction("state");
    const [keys, values] = await Promise.all([read.store.getAllKeys(), read.store.getAll()]);
    return Object.fromEntries(keys.map((key, at) => [key, values[at]])) as Partial<State>;
  }

  async remember(state: Partial<State>): Promise<void> {
    const write = this.#db.transaction("state", "readwrite", STRICT);
    const done = Object.entries(state).map(([key, value]) => write.store.put(value, key as keyof State));
    await Promise.all([...done, write.done]);
  }

  /** Writes a record down together with where the chain ends; resolves when both are on the disk. */
  async keep(record: Waiting, shift: Shift): Promise<void> {
    const write = this.#db.transaction(["state", "waiting"], "readwrite", STRICT);
    await Promise.all([
      write.objectStore("waiting").add(record),
      write.objectStore("state").put(record.counter + 1, "counter"),
      write.objectStore("state").put(record.link, "before"),
      write.objectStore("state").put(shift, "shift"),
      write.done,
    ]);
  }

  /** The oldest records that wait. */
  async oldest(most: number): Promise<Waiting[]> {
    return await this.#db.getAll("waiting", null, most);
  }

  async count(): Promise<number> {
    return await this.#db.count("waiting");
  }

  /** Forgets records up to a counter: the service has them. */
  async forget(through: number): Promise<void> {
    const write = this.#db.transaction("waiting", "readwrite", STRICT);
    await Promise.all([write.store.delete(IDBKeyRange.upperBound(through)), write.done]);
  }

  /** Forgets everything, the key as well. */
  async eraseAll(): Promise<void> {
    const write = this.#db.transaction(["state", "waiting"], "readwrite", STRICT);
    await Promise.all([write.objectStore("state").clear(), write.objectStore("waiting").clear(), write.done]);
  }
}
