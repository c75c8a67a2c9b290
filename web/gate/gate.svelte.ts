// The gate's one session: opens it, keeps what is scanned, sends it, and holds what screens show.
import { asOnlyOwner } from "../kit/owner";
import type { GateClock } from "./core/clock";
import { openClock } from "./core/clock";
import { type Link, readLink } from "./core/link";
import { drawKey, fromHex, isPin, sign } from "./core/keys";
import { type Signal, signal } from "./core/senses";
import { type Guard, type Rules, type Way, enrol } from "./core/service";
import { GateStore, type Shift, type State, type Waiting } from "./core/store";
import { Sender } from "./core/sender";
import { type Core, type Words, loadCore } from "./core/wasm";

export type Phase = "opening" | "insecure" | "elsewhere" | "blank" | "enrolling" | "locked" | "open" | "wiped" | "failed";
export type Direction = "in" | "out";
export type Kind = "pass" | "card" | "paper" | "typed";
const STOPS = ["noRules", "unknown", "venue", "forged", "stale", "revoked", "notTaken", "version", "typed"] as const;
/** Why somebody is stopped; `disk` is the device's own trouble. */
export type Stop = (typeof STOPS)[number] | "disk";
export type Outcome = { is: "taken" | "again"; direction: Direction; kind: Kind } | { is: "stop"; why: Stop };

/** A record as the core seals it; the device signs it. */
type Sealed = Omit<Waiting, "signature">;
type Judged = { taken: { direction: Direction; kind: Kind; rulesAreOld: boolean; sealed: Sealed | null } } | { refused: Exclude<Stop, "disk"> };

const SYNC_EVERY_MS = 15_000;
const TICK_MS = 1_000;
/** Wrong PINs before a pause, and the pause in seconds. */
const MISSES = 5;
const PAUSE_SECONDS = 30;
/** Difference of the clocks that a guard is told of, in seconds. */
const SKEW_SECONDS = 120;

const newShift = (guard: string, since: number): Shift => ({ guard, since, in: 0, out: 0, typed: 0, refused: 0 });

class GateSession {
  phase = $state<Phase>("opening");
  details = $state("");
  /** Why an opening code did not open the gate. */
  trouble = $state<"used" | "offline" | "waiting" | "foreign" | "forged" | null>(null);
  rules = $state.raw<Rules | null>(null);
  way = $state<Way>("both");
  shift = $state.raw<Shift>(newShift("", 0));
  outcome = $state.raw<Outcome | null>(null);
  /** Counts outcomes, so that the same one twice is shown twice. */
  shown = $state(0);
  /** Scans that the service does not have yet. */
  waiting = $state(0);
  online = $state(true);
  sending = $state(false);
  /** How many are at the venue, as the service last said. */
  present = $state<number | null>(null);
  /** Scans that the service could not use. */
  wrong = $state(0);
  isStrange = $state(false);
  /** Rules came that the authority did not sign; those of before stay. */
  isForged = $state(false);
  now = $state(0);
  skewSeconds = $state(0);
  pauseSeconds = $state(0);
  isDemo = new URLSearchParams(location.search).has("demo");
  /** In the demo: whether somebody pulled the plug. */
  isCut = $state(false);

  #store: GateStore | null = null;
  #core: Core | null = null;
  #open: ((gate: string, authority: string) => Core) | null = null;
  #words: Words | null = null;
  #clock: GateClock | null = null;
  #state: State | null = null;
  #sender: Sender | null = null;
  /** One thing after another: the chain of records has one end. */
  #turn: Promise<unknown> = Promise.resolve();
  #misses = 0;
  #pauseUntil = 0;

  get isInsideKnown(): boolean {
    return this.online && this.present !== null;
  }

  /** How many came in by this gate and did not go out. */
  get insideHere(): number {
    return this.#core?.inside(this.now) ?? 0;
  }

  takes(kind: Kind): boolean {
    return this.rules?.takes.includes(kind) ?? false;
  }

  async start(): Promise<void> {
    if (!isSecureContext || !("locks" in navigator)) {
      this.phase = "insecure";
      return;
    }
    const link = readLink(location.href);
    // A secret does not stay in the address.
    if (link) history.replaceState(null, "", location.pathname + location.search);
    const owned = await asOnlyOwner("vunglam-gate", async () => {
      await this.#begin(link).catch((error: unknown) => this.#fail(error));
      // Held as long as the page lives.
      await new Promise<never>(() => undefined);
    });
    if (!owned) this.phase = "elsewhere";
  }

  #fail(error: unknown): void {
    this.details = error instanceof Error ? error.message : String(error);
    this.phase = "failed";
  }

  async #begin(link: Link | null): Promise<void> {
    this.#store = await GateStore.open();
    this.#clock = await openClock(location);
    const core = await loadCore();
    [this.#open, this.#words] = [core.open, core.words];
    this.now = this.#clock.now();
    setInterval(() => this.#tick(), TICK_MS);
    setInterval(() => void this.sync(), SYNC_EVERY_MS);
    addEventListener("online", () => void this.sync());
    addEventListener("offline", () => (this.online = false));
    const kept = await this.#store.state();
    if (kept.gate) await this.#take(kept as State);
    if (link) await this.openBy(link);
    else this.phase = this.#state ? "locked" : "blank";
  }

  /** Becomes the gate that is remembered. */
  async #take(state: State): Promise<void> {
    if (!this.#open || !this.#store || !this.#clock || !this.#words) return;
    this.#core = this.#open(state.gate, state.authority);
    this.#state = { ...state, run: state.run + 1 };
    await this.#store.remember({ run: this.#state.run });
    this.#obey(state.rules);
    this.way = this.rules?.way ?? "both";
    this.shift = state.shift;
    this.waiting = await this.#store.count();
    this.#sender = new Sender(this.#store, this.#words, this.#clock, (...asked) => (this.isCut ? Promise.reject(new TypeError("cut")) : fetch(...asked)));
    this.#tick();
    void this.sync();
  }

  /** Takes rules; whether the authority signed them for this gate. */
  #obey(document: string): boolean {
    try {
      if (this.#core) this.rules = JSON.parse(this.#core.takeRules(document)) as Rules;
      return true;
    } catch {
      return false;
    }
  }

  /** Asks the service to be the gate of an opening code. */
  async openBy(link: Link | null): Promise<void> {
    const [store, words, clock] = [this.#store, this.#words, this.#clock];
    if (!link || !store || !words || !clock) {
      this.trouble = "foreign";
      return;
    }
    this.phase = "enrolling";
    this.trouble = null;
    if (this.#state) await this.sync();
    if ((await store.count()) > 0) return this.#notOpened("waiting");
    const { key, point } = await drawKey();
    const told = await enrol(link.service, link.secret, point, await sign(key, words.enrolment(link.secret, point)));
    if (!told) return this.#notOpened("offline");
    if ("status" in told) return this.#notOpened(told.status >= 500 ? "offline" : "used");
    const { gate, authority, rules, now } = told.told;
    if (!this.#isSigned(gate, authority, rules)) return this.#notOpened("forged");
    clock.tell(now);
    const shift = newShift("", now);
    const state: State = { gate, authority, service: link.service, rules, key, counter: 0, before: "0".repeat(64), run: 0, shift };
    await store.eraseAll();
    await store.remember(state);
    // A gate that keeps a day of scans asks that they are not cleared away.
    await navigator.storage?.persist?.();
    this.isStrange = false;
    await this.#take(state);
    this.phase = "locked";
  }

  /** Whether rules are the authority's for this gate, before anything of the gate of before is given up. */
  #isSigned(gate: string, authority: string, rules: string): boolean {
    try {
      this.#open?.(gate, authority).takeRules(rules);
      return true;
    } catch {
      return false;
    }
  }

  #notOpened(why: "used" | "offline" | "waiting" | "forged"): void {
    this.trouble = why;
    this.phase = this.#state ? "locked" : "blank";
  }

  /** Begins a shift; without a guard where none is registered. */
  async unlock(guard: Guard | null, pin: string): Promise<boolean> {
    if (!this.#clock || !this.#store || this.pauseSeconds > 0) return false;
    if (guard && !(await isPin(pin, guard))) {
      this.#misses += 1;
      if (this.#misses % MISSES === 0) this.#pauseUntil = performance.now() + PAUSE_SECONDS * 1_000;
      this.#tick();
      return false;
    }
    this.#misses = 0;
    const id = guard?.id ?? "";
    // The same guard after a break goes on with the same shift.
    if (this.shift.guard !== id || this.shift.since === 0) this.shift = newShift(id, this.#clock.now());
    await this.#store.remember({ shift: this.shift });
    this.outcome = null;
    this.phase = "open";
    return true;
  }

  /** Locks the gate at the end of a shift. */
  async handOver(): Promise<void> {
    this.shift = newShift("", 0);
    await this.#store?.remember({ shift: this.shift });
    this.outcome = null;
    this.phase = "locked";
    void this.sync();
  }

  scan(text: string): Promise<Outcome | null> {
    return this.#inTurn((core, moment) => core.scan(moment, text));
  }

  typed(name: string, phone: string): Promise<Outcome | null> {
    return this.#inTurn((core, moment) => core.typed(moment, name, phone));
  }

  #inTurn(judge: (core: Core, moment: string) => string): Promise<Outcome | null> {
    const mine = this.#turn.then(() => this.#judge(judge)).catch((error: unknown) => {
      // Whatever went wrong, nothing was kept, and the guard must see that.
      this.details = String(error);
      return this.#show({ is: "stop", why: "disk" });
    });
    this.#turn = mine;
    return mine;
  }

  /** Judges, and keeps before it tells: what a guard sees is on the disk. */
  async #judge(judge: (core: Core, moment: string) => string): Promise<Outcome | null> {
    const [core, state, store, clock] = [this.#core, this.#state, this.#store, this.#clock];
    if (!core || !state || !store || !clock || this.phase !== "open") return null;
    const moment = { at: clock.wall(), known: clock.known(), run: state.run, guard: this.shift.guard, way: this.way, counter: state.counter, before: state.before };
    const judged = JSON.parse(judge(core, JSON.stringify(moment))) as Judged;
    if ("refused" in judged) {
      this.shift = { ...this.shift, refused: this.shift.refused + 1 };
      return this.#show({ is: "stop", why: judged.refused });
    }
    const { direction, kind, sealed } = judged.taken;
    if (!sealed) return this.#show({ is: "again", direction, kind });
    const shift = { ...this.shift, [direction]: this.shift[direction] + 1, typed: this.shift.typed + (kind === "typed" ? 1 : 0) };
    await store.keep({ ...sealed, signature: await sign(state.key, fromHex(sealed.link)) }, shift);
    [state.counter, state.before] = [sealed.counter + 1, sealed.link];
    this.shift = shift;
    this.waiting += 1;
    void this.sync();
    return this.#show({ is: "taken", direction, kind });
  }

  #show(outcome: Outcome): Outcome {
    const sound: Record<Outcome["is"], Signal> = { taken: "go", again: "again", stop: "stop" };
    signal(sound[outcome.is]);
    this.outcome = outcome;
    this.shown += 1;
    return outcome;
  }

  /** Pulls the plug or puts it back; only the demo has the switch. */
  cut(isCut: boolean): void {
    this.isCut = isCut;
    if (isCut) this.online = false;
    else void this.sync();
  }

  /** Sends what waits and takes what is new. */
  async sync(): Promise<void> {
    if (!this.#state || !this.#sender || !this.rules || this.sending) return;
    this.sending = true;
    try {
      let more = true;
      while (more && this.#state) more = await this.#syncOnce(this.#sender, this.#state, this.rules);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.sending = false;
    }
  }

  async #syncOnce(sender: Sender, state: State, rules: Rules): Promise<boolean> {
    const sent = await sender.send(state, rules.from);
    this.online = sent.is !== "offline";
    if (sent.is === "strange") this.isStrange = true;
    if (sent.is !== "sent") return false;
    this.isStrange = false;
    this.wrong += sent.wrong;
    this.present = sent.present ?? this.present;
    this.waiting = (await this.#store?.count()) ?? 0;
    if (sent.isWiped) {
      await this.#forgetAll();
      return false;
    }
    if (sent.rules) {
      this.isForged = !this.#obey(sent.rules);
      if (!this.isForged) await this.#store?.remember({ rules: sent.rules });
    }
    this.#tick();
    return sent.isFull || this.waiting > 0;
  }

  async #forgetAll(): Promise<void> {
    await this.#store?.eraseAll();
    this.#core?.free();
    [this.#state, this.#core, this.#sender, this.rules] = [null, null, null, null];
    this.phase = "wiped";
  }

  #tick(): void {
    if (!this.#clock) return;
    const known = this.#clock.known();
    this.now = this.#clock.now();
    const skew = known === null ? 0 : this.#clock.wall() - known;
    this.skewSeconds = Math.abs(skew) >= SKEW_SECONDS ? skew : 0;
    this.pauseSeconds = Math.max(0, Math.ceil((this.#pauseUntil - performance.now()) / 1_000));
  }
}

export const gate = new GateSession();
