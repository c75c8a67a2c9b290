/** A look at the person, as the authority tells it: the role, never who. */
export interface Look {
  at: number;
  role: string;
  purpose: string;
  action: string;
  fields: string[];
  reason: string | null;
}

/** Looks of one day that are alike. */
export interface Group extends Look {
  count: number;
}

export type RecordState = "none" | "loading" | "ready" | "offline" | "expired";

/** How often the list is asked for while somebody may be looking, in real milliseconds. */
const EVERY_MS = 240_000;
const DEMO_EVERY_MS = 3_000;

/** What the authority recorded of who looked at this person, behind a key that it sent by text message. */
export class OwnRecord {
  state = $state<RecordState>("none");
  looks = $state.raw<Look[]>([]);
  until = $state(0);

  #url = "";
  #key = "";
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Begins to ask. */
  start(authority: string, key: string, isDemo: boolean): void {
    this.stop();
    this.#url = `${authority.replace(/\/$/, "")}/v1/record/looks`;
    this.#key = key;
    this.state = "loading";
    void this.load();
    this.#timer = setInterval(() => document.visibilityState === "visible" && void this.load(), isDemo ? DEMO_EVERY_MS : EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.state = "none";
    this.looks = [];
  }

  async load(): Promise<void> {
    try {
      const answer = await fetch(this.#url, { headers: { authorization: `Bearer ${this.#key}` }, cache: "no-store" });
      if (answer.status === 401) {
        this.state = "expired";
        clearInterval(this.#timer);
        return;
      }
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const told = (await answer.json()) as { looks: Look[]; until: number };
      this.looks = told.looks;
      this.until = told.until;
      this.state = "ready";
    } catch {
      // What was told before still holds.
      if (this.state !== "ready") this.state = "offline";
    }
  }
}

/** Returns the key of a link `#record=…`, if that is one. */
export function keyOfLink(hash: string): string | null {
  return /^#record=([0-9a-f]{40})$/.exec(hash)?.[1] ?? null;
}

/** Puts looks of one day together that are alike, the newest first: a list that is opened ten times is one line. */
export function grouped(looks: readonly Look[], dayOf: (at: number) => string): Group[] {
  const groups = new Map<string, Group>();
  for (const look of looks) {
    const kind = [dayOf(look.at), look.role, look.action, look.reason ?? "", look.fields.join()].join("/");
    const known = groups.get(kind);
    if (known) known.count += 1;
    else groups.set(kind, { ...look, count: 1 });
  }
  return [...groups.values()];
}
