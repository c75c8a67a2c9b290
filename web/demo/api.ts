/** What the demo process answers (web/demo/README.md). */
export interface Text {
  vi: string;
  en: string;
}

export interface Story {
  run_id: string;
  now: number;
  rate: number;
  desk: { url: string; user: string; password: string };
  phones: { slug: string; name: string; role: Text }[];
  case: {
    state: "none" | "confirming" | "code" | "failed";
    code: { short: string; link: string; shortUntil: number; linkUntil: number } | null;
    problem: Text | null;
  };
  steps: { id: "confirmed" | "shared" | "exported"; at: number | null }[];
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
  side: "keys" | "authority";
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
  control: { phone: string; needles: Needle[]; tables: Searched[] };
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
export const confirmCase = () => call<unknown>("POST", "case");
export const searchFor = (slug: string) => call<Knowledge>("GET", `knowledge/${slug}`);
export const runAdoption = (percent: number) => call<AdoptionJob>("GET", `adoption/${percent}`);

/** Waits, then goes on. */
export const pause = (milliseconds: number) => new Promise<void>((resume) => setTimeout(resume, milliseconds));
