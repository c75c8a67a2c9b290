import type { Clock } from "../../kit/clock";
import type { Changes, CheckIn, CoreRequest, DeviceCore, Explanation, Notice, RadioPlan, Status, Stored, UploadState, VenueFacts } from "./device";
import type { Heard } from "./demo";
import type { RecordStore } from "./store";
import { type Answer, send } from "./sync";
import type { OwnCode, Untold, WantedPass } from "./visits";

/** What screens show of the phone. */
export interface Glance {
  status: Status;
  notices: Notice[];
}

export interface PhoneParts {
  core: DeviceCore;
  store: Pick<RecordStore, "apply">;
  clock: Clock;
  /** Sends a request; the network unless a test says otherwise. */
  sender?: (request: CoreRequest) => Promise<Answer>;
  changed: (glance: Glance) => void;
}

export interface UploadOrder {
  code: string;
  days: number[];
  symptomOnset: number | null;
}

/**
 * The phone core with its records and its connection. Everything that changes the core goes through `#act`, one at a
 * time: what the core wants written is on the disk before anybody sees the result or a request leaves.
 */
export class Phone {
  readonly #parts: PhoneParts;
  #queue: Promise<unknown> = Promise.resolve();
  #syncing: Promise<void> | null = null;

  constructor(parts: PhoneParts) {
    this.#parts = parts;
  }

  get #core(): DeviceCore {
    return this.#parts.core;
  }

  #now(): number {
    return this.#parts.clock.now();
  }

  #act<T>(work: (core: DeviceCore, now: number) => T): Promise<T> {
    const run = this.#queue.then(async () => {
      const result = work(this.#core, this.#now());
      await this.#keep();
      return result;
    });
    this.#queue = run.catch(() => undefined);
    return run;
  }

  async #keep(): Promise<void> {
    for (let text = this.#core.changes(); text !== undefined; text = this.#core.changes()) {
      const changes = JSON.parse(text) as Changes;
      await this.#parts.store.apply(changes);
      this.#core.acknowledge(changes.number);
    }
  }

  glance(): Glance {
    return {
      status: JSON.parse(this.#core.status(this.#now())) as Status,
      notices: JSON.parse(this.#core.notices()) as Notice[],
    };
  }

  #show(): void {
    this.#parts.changed(this.glance());
  }

  async start(syncEverySeconds: number): Promise<void> {
    await this.#act((core, now) => {
      core.setSyncEvery(syncEverySeconds);
      core.prune(now);
    });
    this.#show();
  }

  async become(snapshot: Uint8Array): Promise<void> {
    await this.#act((core, now) => core.restoreSnapshot(now, snapshot));
  }

  async setPaused(paused: boolean): Promise<void> {
    await this.#act((core) => core.setPaused(paused));
    this.#show();
  }

  radioPlan(): Promise<RadioPlan> {
    return this.#act((core, now) => JSON.parse(core.radioPlan(now)) as RadioPlan);
  }

  async observe(scans: readonly Heard[]): Promise<void> {
    await this.#act((core) => {
      for (const scan of scans) core.observe(scan.at, JSON.stringify(scan.packets));
    });
  }

  async prune(): Promise<void> {
    await this.#act((core, now) => core.prune(now));
  }

  explain(day: number): Explanation | null {
    return JSON.parse(this.#core.explain(day)) as Explanation | null;
  }

  stored(): Stored {
    return JSON.parse(this.#core.stored()) as Stored;
  }

  exportAll(): string {
    return JSON.stringify(JSON.parse(this.#core.exportAll()), null, 2);
  }

  async deleteAll(): Promise<void> {
    await this.#act((core, now) => core.deleteAll(now));
    this.#show();
  }

  shareableDays(): number[] {
    return JSON.parse(this.#core.shareableDays()) as number[];
  }

  async beginUpload(order: UploadOrder): Promise<UploadState> {
    const state = await this.#act((core, now) => JSON.parse(core.beginUpload(now, JSON.stringify(order))) as UploadState);
    this.#show();
    return state;
  }

  /** Checks in; throws an error whose message begins with the word of what is wrong with the code. */
  checkIn(scanned: string, facts: VenueFacts): Promise<CheckIn> {
    return this.#act((core, now) => JSON.parse(core.checkIn(now, scanned, JSON.stringify(facts))) as CheckIn);
  }

  checkOut(key: number): Promise<CheckIn> {
    return this.#act((core, now) => JSON.parse(core.checkOut(now, key)) as CheckIn);
  }

  visits(): CheckIn[] {
    return JSON.parse(this.#core.visits(this.#now())) as CheckIn[];
  }

  forgetVisit(key: number): Promise<void> {
    return this.#act((core) => core.forgetVisit(key));
  }

  untold(most: number): Untold[] {
    return JSON.parse(this.#core.unregisteredVisits(most)) as Untold[];
  }

  noteTold(key: number, isOut: boolean): Promise<void> {
    return this.#act((core) => core.noteRegistered(key, isOut));
  }

  forgetUntold(): Promise<void> {
    return this.#act((core) => core.noteAllRegistered());
  }

  /** Days whose passes are to be asked for. */
  wantedPasses(): Promise<WantedPass[]> {
    return this.#act((core, now) => JSON.parse(core.wantedPasses(now)) as WantedPass[]);
  }

  /** Keeps passes; throws when one is not the authority's for this phone. */
  keepPasses(passes: readonly string[]): Promise<void> {
    return this.#act((core) => core.keepPasses(JSON.stringify(passes)));
  }

  ownCode(): OwnCode | null {
    return JSON.parse(this.#core.ownCode(this.#now())) as OwnCode | null;
  }

  forgetPasses(): Promise<void> {
    return this.#act((core) => core.forgetPasses());
  }

  requestSync(): void {
    this.#core.requestSync();
  }

  /** Sends what the core wants sent until it wants nothing more; a second call joins the first. */
  sync(): Promise<void> {
    this.#syncing ??= this.#round().finally(() => (this.#syncing = null));
    return this.#syncing;
  }

  async #round(): Promise<void> {
    for (;;) {
      const text = await this.#act((core, now) => core.nextRequest(now));
      if (text === undefined) break;
      const answer = await (this.#parts.sender ?? send)(JSON.parse(text) as CoreRequest);
      try {
        await this.#act((core, now) => core.onResponse(now, answer.status, answer.body));
      } catch {
        // A refused answer: the core goes on with its next request. Its change, if any, is kept below.
        await this.#act(() => undefined);
      }
      this.#show();
    }
    this.#show();
  }

  /** Seconds until the core wants to be asked again. */
  secondsToNextRequest(): number {
    return Math.max(0, this.#core.nextRequestAt(this.#now()) - this.#now());
  }
}
