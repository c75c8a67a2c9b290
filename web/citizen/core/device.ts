/** What the app asks of the phone core; `web/core/README.md` says what each call does. Times are Unix seconds, days UTC day numbers. */
export interface DeviceCore {
  status(now: number): string;
  notices(): string;
  explain(day: number): string;
  stored(): string;
  exportAll(): string;
  deleteAll(now: number): void;
  prune(now: number): void;
  setPaused(paused: boolean): void;
  radioPlan(now: number): string;
  observe(now: number, packets: string): string;
  nextRequest(now: number): string | undefined;
  onResponse(now: number, status: number, body: Uint8Array): string;
  nextRequestAt(now: number): number;
  requestSync(): void;
  setSyncEvery(seconds: number): void;
  shareableDays(): string;
  checkIn(now: number, scanned: string, facts: string): string;
  checkOut(now: number, key: number): string;
  visits(now: number): string;
  forgetVisit(key: number): void;
  unregisteredVisits(most: number): string;
  noteRegistered(key: number, isOut: boolean): void;
  noteAllRegistered(): void;
  wantedPasses(now: number): string;
  keepPasses(passes: string): void;
  ownCode(now: number): string;
  forgetPasses(): void;
  beginUpload(now: number, order: string): string;
  restoreSnapshot(now: number, snapshot: Uint8Array): void;
  changes(): string | undefined;
  acknowledge(number: number): void;
}

/** Opens a core from its records. */
export type OpenCore = (trust: string, records: Uint8Array, now: number, seed: Uint8Array) => DeviceCore;

/** Reads a typed code without asking anybody; throws an error whose message begins with the word of what is wrong. */
export type ReadCode = (typed: string) => { kind: "short" | "link"; grouped: string };

export interface UploadState {
  stage: "verifying" | "certifying" | "publishing" | "done" | "refused";
  days: number[];
  keys: number;
  begunAt: number;
  symptomDate: string | null;
  accepted?: number | null;
  droppedBy?: string[];
  problem?: string;
  rule?: string | null;
}

export interface Status {
  now: number;
  clockTrusted: boolean;
  paused: boolean;
  configured: boolean;
  lastSync: number | null;
  noticeDays: number[];
  upload: UploadState | null;
}

export interface Notice {
  day: number;
  minutes: number;
  decidedAt: number;
  withdrawn: boolean;
}

export interface ExplainedScan {
  typicalAttenuationDb: number;
  minAttenuationDb: number;
  seconds: number;
  weight: number;
}

export interface ExplainedWindow {
  reportType: string;
  reportTypeWeight: number;
  infectiousness: string;
  infectiousnessWeight: number;
  minutes: number;
  scans: ExplainedScan[];
}

export interface Explanation {
  day: number;
  minutes: number;
  thresholdMinutes: number;
  windows: ExplainedWindow[];
}

export type Table = "state" | "identity" | "sightings" | "exposures" | "notices" | "imports" | "visits" | "passes";

export interface Stored {
  retentionDays: number;
  entries: { table: Table; day: number | null; count: number; bytes: number }[];
}

/** What the page knows of a venue beside its code. */
export interface VenueFacts {
  name: string;
  longestSeconds: number | null;
}

/** A visit as the person sees it. */
export interface CheckIn {
  key: number;
  kind: number;
  name: string;
  from: number;
  to: number;
  state: "open" | "closed" | "lapsed";
}

export interface RadioPlan {
  advertise: { address: string; payload: string } | null;
  rotateAt: number;
  nextScanAt: number;
  scanSeconds: number;
}

/** What the core wants written, in one transaction. */
export interface Changes {
  number: number;
  clear: boolean;
  put: [id: string, base64: string][];
  remove: string[];
}

/** A request the core wants sent. */
export interface CoreRequest {
  side: "keys" | "authority";
  method: "GET" | "POST";
  url: string;
  headers: Record<string, string>;
  body: string | null;
  maxAnswerBytes: number;
}

/** The word that begins an error of the core, e.g. `codeCheck`. */
export function errorWord(error: unknown): string {
  const message = error instanceof Error ? error.message : "";
  return /^([a-zA-Z]+):/.exec(message)?.[1] ?? "";
}
