import type { CheckIn } from "./core/device";
import type { Phone } from "./core/phone";
import type { RecordStore } from "./core/store";
import { type OwnCode, askPasses, askProof, askVenue, codeOf, endCitizen, registerCitizen, registerScans, shortCode } from "./core/visits";
import { errorWord } from "./core/device";

export type ScanResult = { visit: CheckIn } | "foreign" | "forged" | "unknown" | "offline" | "failed";

/** How often it is tried to register what is waiting, in milliseconds. */
const EVERY_MS = 15_000;
const AT_ONCE = 100;

/** Check-ins: kept on the phone, and registered with the authority where the person chose that. */
export class Places {
  visits = $state.raw<CheckIn[]>([]);
  /** Scans that wait to be registered. */
  waiting = $state(0);
  isRegistered = $state(false);
  /** The person's own code, as it is shown now. */
  own = $state.raw<OwnCode | null>(null);
  /** Passes came that are not the authority's for this phone. */
  ownIsForged = $state(false);

  #phone: Phone | null = null;
  #store: RecordStore | null = null;
  #authority = "";
  #credential = "";
  #timer: ReturnType<typeof setInterval> | undefined;
  #sending = false;
  #asking = false;

  start(phone: Phone, store: RecordStore, authority: string, credential: string | undefined): void {
    [this.#phone, this.#store, this.#authority, this.#credential] = [phone, store, authority, credential ?? ""];
    this.isRegistered = this.#credential !== "";
    this.show();
    clearInterval(this.#timer);
    this.#timer = setInterval(() => {
      this.show();
      void this.send();
      if (this.#credential && !this.#phone?.ownCode()) void this.askOwn();
    }, EVERY_MS);
    void this.send();
  }

  /** Shows the code of this minute; looked at every second, asks nobody. */
  showOwn(): void {
    this.own = this.#credential ? (this.#phone?.ownCode() ?? null) : null;
  }

  /** Gets passes for days that have none: when somebody registers or looks at the own code, and every quarter of a minute as long as there is none for today. */
  async askOwn(): Promise<void> {
    const phone = this.#phone;
    if (!phone || !this.#credential || this.#asking) return;
    this.#asking = true;
    try {
      const wanted = await phone.wantedPasses();
      const passes = wanted.length === 0 ? [] : await askPasses(this.#authority, this.#credential, wanted);
      if (passes === "ended") return await this.unregister();
      if (!passes) return;
      if (passes.length > 0) await phone.keepPasses(passes);
      this.ownIsForged = false;
    } catch (error) {
      // None of them is kept: the code of before stays in use, if there is one.
      this.ownIsForged = errorWord(error) === "passes";
      if (!this.ownIsForged) console.warn("passes", error);
    } finally {
      this.#asking = false;
      this.showOwn();
    }
  }

  stop(): void {
    clearInterval(this.#timer);
    this.own = null;
    [this.#phone, this.visits, this.waiting, this.isRegistered, this.#credential] = [null, [], 0, false, ""];
  }

  /** The visit that has not ended. */
  get open(): CheckIn | undefined {
    return this.visits.find((visit) => visit.state === "open");
  }

  show(): void {
    if (!this.#phone) return;
    this.visits = this.#phone.visits();
    this.waiting = this.isRegistered ? this.#phone.untold(AT_ONCE).length : 0;
  }

  /** Checks in with what the camera read, or with the typed code of a poster. */
  async checkIn(text: string): Promise<ScanResult> {
    const phone = this.#phone;
    if (!phone) return "failed";
    const short = shortCode(text);
    const asked = await askVenue(this.#authority, short ?? codeOf(text).slice(0, 200));
    if (typeof asked === "object") return await this.#enter(phone, asked.venue.code, asked.venue.name, asked.venue.longestSeconds);
    // A short code says nothing without the authority; a scanned one is verified here.
    if (short) return asked;
    const entered = await this.#enter(phone, text, "", null);
    return typeof entered === "object" && asked === "unknown" ? await this.#takeBack(phone, entered.visit) : entered;
  }

  async #enter(phone: Phone, code: string, name: string, longestSeconds: number | null): Promise<ScanResult> {
    try {
      const visit = await phone.checkIn(code, { name, longestSeconds });
      this.show();
      void this.send();
      return { visit };
    } catch (error) {
      const words: Record<string, ScanResult> = { venueForm: "foreign", venueVersion: "foreign", venueForged: "forged" };
      return words[errorWord(error)] ?? "failed";
    }
  }

  /** Genuine, but taken back: the authority knows it no longer. */
  async #takeBack(phone: Phone, visit: CheckIn): Promise<ScanResult> {
    await phone.forgetVisit(visit.key);
    this.show();
    return "unknown";
  }

  async checkOut(visit: CheckIn): Promise<void> {
    await this.#phone?.checkOut(visit.key).catch(() => undefined);
    this.show();
    void this.send();
  }

  async forget(visit: CheckIn): Promise<void> {
    await this.#phone?.forgetVisit(visit.key);
    this.show();
  }

  askProof(phone: string, language: string): ReturnType<typeof askProof> {
    return askProof(this.#authority, phone, language);
  }

  /** From now on check-ins are registered; those of before stay on the phone. */
  async register(proof: string, code: string, name: string): Promise<"done" | "code" | "later"> {
    const made = await registerCitizen(this.#authority, proof, code, name);
    if (typeof made === "string") return made;
    await this.#phone?.forgetUntold();
    await this.#store?.remember({ credential: made.credential });
    [this.#credential, this.isRegistered] = [made.credential, true];
    this.show();
    void this.askOwn();
    return "done";
  }

  async unregister(): Promise<void> {
    const credential = this.#credential;
    [this.#credential, this.isRegistered] = ["", false];
    await this.#store?.remember({ credential: "" });
    this.own = null;
    await this.#phone?.forgetPasses();
    await endCitizen(this.#authority, credential);
    this.show();
  }

  async send(): Promise<void> {
    const phone = this.#phone;
    if (!phone || !this.#credential || this.#sending) return;
    this.#sending = true;
    try {
      for (;;) {
        const scans = phone.untold(AT_ONCE);
        if (scans.length === 0) break;
        const settled = await registerScans(this.#authority, this.#credential, scans);
        if (settled === "ended") {
          await this.unregister();
          break;
        }
        for (const scan of settled) await phone.noteTold(scan.key, scan.isOut);
        if (settled.length === 0) break;
      }
    } catch {
      // Nobody answers: they wait.
    } finally {
      this.#sending = false;
      this.show();
    }
  }
}
