import { DemoClock, type Clock, systemClock } from "../kit/clock";
import { utcDay } from "../kit/dates";
import { asOnlyOwner } from "../kit/owner";
import { type DemoPhone, demoBase, exchangeAir, readDemoPhone } from "./core/demo";
import type { CoreRequest, RadioPlan, ReadCode } from "./core/device";
import { type Glance, Phone } from "./core/phone";
import { type AppState, RecordStore } from "./core/store";
import { send } from "./core/sync";
import { loadCore } from "./core/wasm";
import { Places } from "./places.svelte";
import { OwnRecord, keyOfLink } from "./record.svelte";

export type Phase = "opening" | "insecure" | "elsewhere" | "welcome" | "ready" | "failed";

const HOUR = 3_600;
const DEMO_SYNC_SECONDS = 3;
const AIR_EVERY_MS = 1_000;

/** The app's one session: opens the phone, keeps it going, and holds what screens show. */
class Session {
  phase = $state<Phase>("opening");
  failure = $state<{ offline: boolean; details: string } | null>(null);
  glance = $state.raw<Glance | null>(null);
  /** Whether the phone is a simulated one, and whose. */
  demo = $state<{ slug: string; name: string; heardToday: number; lost: boolean } | null>(null);
  online = $state(navigator.onLine);
  syncing = $state(false);
  consentedAt = $state<number | null>(null);
  /** A notice that appeared while somebody was looking. */
  ringing = $state(false);
  /** Who looked at this person, as far as the authority has a record. */
  readonly record = new OwnRecord();
  /** Where the person checked in. */
  readonly places = new Places();
  /** Now and then, so that dates on screens move. */
  now = $state(0);

  #phone: Phone | null = null;
  #store: RecordStore | null = null;
  #clock: Clock = systemClock;
  #readCode: ReadCode | null = null;
  #demoPhone: DemoPhone | null = null;
  #base = demoBase(location);
  #plan: RadioPlan | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  get phone(): Phone {
    if (!this.#phone) throw new Error("the phone is not open");
    return this.#phone;
  }

  get readCode(): ReadCode {
    if (!this.#readCode) throw new Error("the core is not loaded");
    return this.#readCode;
  }

  /** The time now, for what is looked at every second. */
  clockNow(): number {
    return this.#clock.now();
  }

  get isDemo(): boolean {
    return this.#base !== null;
  }

  async start(): Promise<void> {
    addEventListener("online", () => this.#connection(true));
    addEventListener("offline", () => this.#connection(false));
    // The connection may have gone before anybody listened.
    this.online = navigator.onLine;
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.wake());
    await this.open();
  }

  /** Opens the phone, if no other page has it. */
  async open(): Promise<void> {
    this.phase = "opening";
    if (!isSecureContext || !("locks" in navigator)) {
      this.phase = "insecure";
      return;
    }
    try {
      if (this.#base) this.#demoPhone = await readDemoPhone(this.#base);
      const name = this.#demoPhone ? `vunglam-demo-${this.#demoPhone.slug}` : "vunglam";
      const owned = await asOnlyOwner(name, async () => {
        await this.#openOwned(name);
        // The lock is held as long as the page lives.
        await new Promise<never>(() => undefined);
      });
      if (!owned) this.phase = "elsewhere";
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    const details = error instanceof Error ? error.message : String(error);
    this.failure = { offline: error instanceof TypeError || !navigator.onLine, details };
    this.phase = "failed";
  }

  async #openOwned(name: string): Promise<void> {
    this.#store = await RecordStore.open(name);
    const app = await this.#store.appState();
    if (this.#demoPhone) return await this.#openDemo(this.#demoPhone, app);
    this.now = this.#clock.now();
    if (app.consentedAt === undefined) {
      this.phase = "welcome";
      return;
    }
    this.consentedAt = app.consentedAt;
    await this.#openPhone(app);
  }

  async #openDemo(demo: DemoPhone, app: AppState): Promise<void> {
    this.#clock = new DemoClock(demo.now, demo.rate);
    this.now = demo.now;
    this.demo = { slug: demo.slug, name: demo.name, heardToday: 0, lost: false };
    await this.#openPhone({ ...app, trust: demo.trust }, app.runId === demo.runId ? null : demo);
    void this.#air();
  }

  /** The person agreed: from here on the phone keeps records. */
  async consent(): Promise<void> {
    const consentedAt = this.#clock.now();
    try {
      await this.#openPhone({ consentedAt });
      await this.#store?.remember({ consentedAt });
      this.consentedAt = consentedAt;
    } catch (error) {
      this.#fail(error);
    }
  }

  async #openPhone(app: AppState, replaceBy: DemoPhone | null = null): Promise<void> {
    const store = this.#store;
    if (!store) throw new Error("the store is not open");
    const { open, readCode } = await loadCore();
    this.#readCode = readCode;
    const trust = app.trust ?? (await this.#pinTrust(store));
    const seed = crypto.getRandomValues(new Uint8Array(32));
    const records = replaceBy ? new Uint8Array() : await store.readAll();
    const core = open(trust, records, this.#clock.now(), seed);
    // Browsers call a phone behind a dead router online: whether somebody answered says more.
    const sender = async (request: CoreRequest) => {
      const answer = await send(request);
      this.online = answer.status !== 0;
      return answer;
    };
    const phone = new Phone({ core, store, clock: this.#clock, sender, changed: (glance) => this.#changed(glance) });
    if (replaceBy) {
      await phone.become(replaceBy.snapshot);
      await store.remember({ runId: replaceBy.runId });
    }
    this.#phone = phone;
    // In the demo the rhythm is of real seconds: virtual time runs ahead of them.
    await phone.start(this.#demoPhone ? DEMO_SYNC_SECONDS * this.#demoPhone.rate : HOUR);
    await this.#openRecord(store, trust, app);
    this.phase = "ready";
    void this.sync();
  }

  /** A link that was just opened counts more than the one of before, and the key does not stay in the address. */
  async #openRecord(store: RecordStore, trust: string, { recordKey: before, credential }: AppState): Promise<void> {
    const told = keyOfLink(location.hash);
    if (told) {
      await store.remember({ recordKey: told });
      history.replaceState(null, "", "#/record");
    }
    const key = told ?? this.#demoPhone?.recordKey ?? before;
    const authority = (JSON.parse(trust) as { authority_url?: string }).authority_url;
    if (key && authority) this.record.start(authority, key, this.isDemo);
    if (authority && this.#phone) this.places.start(this.#phone, store, authority, credential);
  }

  async #pinTrust(store: RecordStore): Promise<string> {
    const answer = await fetch("/v1/trust", { cache: "no-store" });
    if (!answer.ok) throw new Error(`the trust document cannot be had: status ${answer.status}`);
    const trust = await answer.text();
    await store.remember({ trust });
    return trust;
  }

  #changed(glance: Glance): void {
    const before = new Set(this.glance?.status.noticeDays ?? glance.status.noticeDays);
    if (this.isDemo && glance.status.noticeDays.some((day) => !before.has(day))) this.#ring();
    this.glance = glance;
    this.now = this.#clock.now();
  }

  #ring(): void {
    this.ringing = true;
    navigator.vibrate?.([200, 100, 200]);
    setTimeout(() => (this.ringing = false), 6_000);
  }

  #connection(online: boolean): void {
    this.online = online;
    if (online) this.wake();
  }

  /** Looks after the phone now: somebody came back, or the network did. */
  wake(): void {
    if (this.phase === "ready") void this.sync();
  }

  async checkNow(): Promise<void> {
    this.phone.requestSync();
    await this.sync();
  }

  async sync(): Promise<void> {
    clearTimeout(this.#timer);
    this.syncing = true;
    try {
      await this.phone.sync();
    } catch (error) {
      console.warn("sync", error);
    } finally {
      this.syncing = false;
      this.#later();
    }
  }

  #later(): void {
    clearTimeout(this.#timer);
    const rate = this.#demoPhone?.rate ?? 1;
    const seconds = Math.min(Math.max(this.phone.secondsToNextRequest() / rate, 1), HOUR);
    this.#timer = setTimeout(() => void this.#turn(), seconds * 1_000);
  }

  async #turn(): Promise<void> {
    if (this.#clock.now() - this.now > HOUR) await this.phone.prune();
    await this.sync();
  }

  async #air(): Promise<void> {
    for (;;) {
      if (this.#phone && this.#base && this.demo) {
        try {
          await this.#exchange(this.#phone, this.#base);
          this.demo.lost = false;
        } catch {
          this.demo.lost = true;
        }
      }
      await new Promise((resume) => setTimeout(resume, AIR_EVERY_MS));
    }
  }

  async #exchange(phone: Phone, base: string): Promise<void> {
    const now = this.#clock.now();
    if (!this.#plan || now >= this.#plan.rotateAt || now >= this.#plan.nextScanAt) this.#plan = await phone.radioPlan();
    const paused = this.glance?.status.paused ?? false;
    const { now: told, scans } = await exchangeAir(base, paused ? null : (this.#plan.advertise?.payload ?? null));
    if (this.#clock instanceof DemoClock) this.#clock.tell(told);
    this.now = this.#clock.now();
    if (scans.length > 0 && !paused) await phone.observe(scans);
    if (this.demo) this.demo.heardToday = heardOn(phone, utcDay(this.now));
  }

  async setPaused(paused: boolean): Promise<void> {
    await this.phone.setPaused(paused);
    this.#plan = null;
  }

  /** Deletes everything. Outside the demo the consent goes too, and the app begins with its welcome. */
  async deleteAll(): Promise<void> {
    await this.phone.deleteAll();
    this.#plan = null;
    this.places.show();
    if (this.isDemo) return;
    clearTimeout(this.#timer);
    this.record.stop();
    this.places.stop();
    await this.#store?.eraseAll();
    location.replace(location.pathname);
  }
}

function heardOn(phone: Phone, day: number): number {
  const entries = phone.stored().entries.filter((entry) => entry.table === "sightings" && entry.day === day);
  return entries.reduce((sum, entry) => sum + entry.count, 0);
}

export const session = new Session();
