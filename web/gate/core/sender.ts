import type { GateClock } from "./clock";
import { sign } from "./keys";
import { sync } from "./service";
import type { GateStore, State } from "./store";
import type { Words } from "./wasm";

/** Records in a request. */
const BATCH = 100;
const NOTHING_SENT = "0".repeat(64);

/** What became of a request. */
export type Sent =
  | { is: "offline" }
  /** The service does not take this device any more, or not what it sends. */
  | { is: "strange" }
  | { is: "sent"; wrong: number; present: number | null; rules: string | null; isWiped: boolean; isFull: boolean };

/** Sends the oldest records that wait, and forgets them when the service has them. */
export class Sender {
  readonly #store: GateStore;
  readonly #words: Words;
  readonly #clock: GateClock;
  readonly #fetch: typeof fetch;

  constructor(store: GateStore, words: Words, clock: GateClock, fetcher: typeof fetch) {
    [this.#store, this.#words, this.#clock, this.#fetch] = [store, words, clock, fetcher];
  }

  async send(state: State, rulesFrom: number): Promise<Sent> {
    const records = await this.#store.oldest(BATCH);
    const last = records.at(-1);
    const [sentAt, known] = [this.#clock.wall(), this.#clock.known()];
    const signature = await sign(state.key, this.#words.request(state.gate, sentAt, known, last?.link ?? NOTHING_SENT));
    const envelope = { gate: state.gate, run: state.run, sent_at: sentAt, known, rules_from: rulesFrom, asks_present: records.length < BATCH, signature };
    const told = await sync(state.service, envelope, records, this.#fetch);
    if (!told) return { is: "offline" };
    if ("status" in told) return { is: told.status >= 500 || told.status === 429 ? "offline" : "strange" };
    const { now, wrong, present, rules, wiped } = told.told;
    this.#clock.tell(now);
    // Only now: until here the service may not have had them.
    if (last) await this.#store.forget(last.counter);
    return { is: "sent", wrong: wrong.length, present: present ?? null, rules: rules ?? null, isWiped: wiped, isFull: records.length === BATCH };
  }
}
