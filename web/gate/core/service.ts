// What a gate says to the service, and what it is told.
import { type Waiting } from "./store";

const PATIENCE_MS = 30_000;

/** A guard as the rules name one. */
export interface Guard {
  id: string;
  name: string;
  salt: string;
  hash: string;
  rounds: number;
}

export type Way = "both" | "in" | "out";

/** The gate's rules. */
export interface Rules {
  name: string;
  venue: string;
  from: number;
  until: number;
  way: Way;
  takes: ("pass" | "card" | "paper" | "typed")[];
  guards: Guard[];
}

export interface Enrolled {
  gate: string;
  authority: string;
  rules: string;
  now: number;
}

export interface Synced {
  now: number;
  wrong: { counter: number; why: string }[];
  rules?: string;
  present?: number;
  wiped: boolean;
}

/** Nothing, where nobody answered; the status, where the answer was a refusal. */
export type Told<T> = { told: T } | { status: number } | null;

async function post<T>(address: string, body: object, fetcher: typeof fetch): Promise<Told<T>> {
  try {
    const answer = await fetcher(address, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      credentials: "omit",
      referrerPolicy: "no-referrer",
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return answer.ok ? { told: (await answer.json()) as T } : { status: answer.status };
  } catch {
    return null;
  }
}

export async function enrol(service: string, secret: string, point: string, signature: string, fetcher: typeof fetch = fetch): Promise<Told<Enrolled>> {
  return await post<Enrolled>(`${service}/v1/gates/enrol`, { secret, point, signature }, fetcher);
}

/** A request without its records. */
export interface Envelope {
  gate: string;
  run: number;
  sent_at: number;
  known: number | null;
  rules_from: number;
  asks_present: boolean;
  signature: string;
}

function isSynced(told: Partial<Synced> | null): boolean {
  return typeof told?.now === "number" && Array.isArray(told.wrong) && typeof told.wiped === "boolean";
}

export async function sync(service: string, envelope: Envelope, records: Waiting[], fetcher: typeof fetch = fetch): Promise<Told<Synced>> {
  const sent = records.map(({ counter, before, point, number, sealed, signature }) => ({ counter, before, point, number, sealed, signature }));
  const told = await post<Synced>(`${service}/v1/gates/sync`, { ...envelope, records: sent }, fetcher);
  // Whatever else answers on a strange network is nobody: records are forgotten only on the service's word.
  return told && "told" in told && !isSynced(told.told) ? null : told;
}
