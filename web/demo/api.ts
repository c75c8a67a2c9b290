/** What the demo process answers (web/demo/README.md). */
export interface Text {
  vi: string;
  en: string;
}

export interface Story {
  run_id: string;
  now: number;
  rate: number;
  desk: { url: string; password: string; roles: DeskRole[] };
  phones: { slug: string; name: string; role: Text }[];
  case: {
    state: "none" | "confirming" | "code" | "failed";
    code: { short: string; link: string; shortUntil: number; linkUntil: number } | null;
    problem: Text | null;
    /** Address of Nam's case at the desk. */
    path: string | null;
  };
  steps: { id: "confirmed" | "shared" | "exported"; at: number | null }[];
}

export const ROLES = ["administrator", "tracer", "team-lead", "epidemiologist", "auditor", "commune", "team-lead-2", "leadership"] as const;

/** An account of the desk. */
export interface DeskRole {
  slug: (typeof ROLES)[number];
  login: string;
  name: string;
  /** The one-time code of now. */
  code: string | null;
}

export interface Part {
  what: Text;
  value: number | null;
}

export interface Metric {
  id: string;
  clause: string;
  name: Text;
  kind: "share" | "count" | "minutes";
  numerator: Part;
  denominator: Part | null;
  definition: Text;
  source: Text;
  at: number;
  suppressed?: Text;
}

export interface Needle {
  what: Text;
  count: number;
}

export interface Searched {
  side: "keys" | "authority" | "keyring";
  table: string;
  query: string;
  rows: number;
  found: number;
}

export interface Knowledge {
  searchedAt: number;
  phone: string;
  needles: Needle[];
  tables: Searched[];
  vault: { sealedBytes: number; contacts: number; cases: number } | null;
  control: { phone: string; needles: Needle[]; tables: Searched[] };
}

/** Check-ins: places with typed codes, and messages to simulated telephones. */
export interface Doors {
  register: string;
  places: { name: string; code: string; address: string }[];
  messages: { id: string; to: string; text: string }[];
}

export interface Measured {
  found: number;
  of: number;
  share: number;
  low: number;
  high: number;
}

export interface AdoptionPoint {
  percent: number;
  givenIndex: Measured;
  allPairs: Measured;
}

/** What is replayed. */
export interface Recording {
  name: Text;
  people: number;
  seeds: number;
}

export interface AdoptionJob {
  state: "running" | "done" | "failed";
  done: number;
  total: number;
  recording: Recording | null;
  point: AdoptionPoint | null;
  problem?: Text;
}

/** What a phone's frame tells the page around it. */
export interface FrameWord {
  vunglam: "state";
  slug: string;
  noticeDays: number[];
  shared: boolean;
}

async function call<T>(method: "GET" | "POST", path: string): Promise<T> {
  const answer = await fetch(`/demo/v1/${path}`, { method, cache: "no-store" });
  const body = (await answer.json().catch(() => ({}))) as T & { detail?: string };
  if (!answer.ok) throw new Error(body.detail ?? String(answer.status));
  return body;
}

export const readStory = () => call<Story>("GET", "story");
export const readMetrics = () => call<{ metrics: Metric[] }>("GET", "metrics");
export const readDoors = () => call<Doors>("GET", "doors");
export const confirmCase = () => call<unknown>("POST", "case");
export const searchFor = (slug: string) => call<Knowledge>("GET", `knowledge/${slug}`);
export const runAdoption = (percent: number) => call<AdoptionJob>("GET", `adoption/${percent}`);

/** Opens the desk, signed in as a role. */
export const enterAddress = (slug: DeskRole["slug"], language: string, then?: string) => `./enter/${slug}?${new URLSearchParams({ ...(then ? { then } : {}), lang: language })}`;

/** Waits, then goes on. */
export const pause = (milliseconds: number) => new Promise<void>((resume) => setTimeout(resume, milliseconds));
