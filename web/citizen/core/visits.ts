import type { VenueFacts } from "./device";

/** Words of venues' kinds by number (docs/spec/venues.md V2). */
export const KINDS = ["other", "office", "school", "plant", "shop", "market", "lodging", "restaurant", "station", "vehicle", "worship", "health", "event", "checkpoint"] as const;
export type Kind = (typeof KINDS)[number];

/** Returns the word of a kind; a number of a later version is any kind. */
export const kindOf = (number: number): Kind => KINDS[number] ?? "other";

const SHORT = /^[2-9A-HJ-KM-NP-Z]{7}$/;

/** Reads a typed code: seven signs, however they are grouped; null when it cannot be one. */
export function shortCode(typed: string): string | null {
  const signs = typed.replace(/[\s-]/g, "").toUpperCase();
  return SHORT.test(signs) ? signs : null;
}

export interface Venue extends VenueFacts {
  code: string;
}

/** What the authority says of a code: the venue, that it has none, or nothing because there is no way to ask. */
export type Asked = { venue: Venue } | "unknown" | "offline";

/** Asks the authority which place a code is of. Only whoever stands in front of a poster can ask. */
export async function askVenue(authority: string, code: string): Promise<Asked> {
  try {
    const answer = await fetch(`${authority.replace(/\/$/, "")}/v1/venues/${encodeURIComponent(code)}`, { cache: "no-store" });
    if (answer.status === 404 || answer.status === 400) return "unknown";
    if (!answer.ok) return "offline";
    const told = (await answer.json()) as { code: string; name: string; longest_stay: number };
    return { venue: { code: told.code, name: told.name, longestSeconds: told.longest_stay } };
  } catch {
    return "offline";
  }
}

/** Returns the part of a scanned text that names a venue: what follows the last slash. */
export const codeOf = (scanned: string): string => scanned.trim().split("/").pop() ?? "";

interface Told {
  event_id: string;
  stored: boolean;
  wrong?: string;
}

/** A scan that the authority does not have. */
export interface Untold {
  key: number;
  eventId: string;
  venue: string;
  isOut: boolean;
  at: number;
}

/** Registers scans; returns which are settled, stored or refused for good. Throws when nobody answers, `"ended"` when the credential does not work. */
export async function registerScans(authority: string, credential: string, scans: readonly Untold[]): Promise<Untold[] | "ended"> {
  const visits = scans.map((scan) => ({ event_id: scan.eventId, venue: scan.venue, direction: scan.isOut ? "out" : "in", at: scan.at }));
  const answer = await fetch(`${authority.replace(/\/$/, "")}/v1/visits`, {
    method: "POST",
    headers: { authorization: `Bearer ${credential}`, "content-type": "application/json" },
    body: JSON.stringify({ visits }),
  });
  if (answer.status === 401) return "ended";
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const { results } = (await answer.json()) as { results: Told[] };
  const settled = new Set(results.map((one) => one.event_id));
  return scans.filter((scan) => settled.has(scan.eventId));
}

/** A day whose pass is to be asked for, with the phone's key of that day. */
export interface WantedPass {
  day: number;
  point: string;
}

/** The person's own code of now. */
export interface OwnCode {
  text: string;
  until: number;
  /** Days to come that have a pass. */
  days: number;
}

/** Asks for the passes behind the person's own code; nothing when nobody answers. */
export async function askPasses(authority: string, credential: string, wanted: readonly WantedPass[]): Promise<string[] | "ended" | null> {
  const answer = await fetch(`${authority.replace(/\/$/, "")}/v1/passes`, {
    method: "POST",
    headers: { authorization: `Bearer ${credential}`, "content-type": "application/json" },
    body: JSON.stringify({ holders: wanted.map(({ day, point }) => ({ day, point })) }),
  }).catch(() => null);
  if (answer?.status === 401) return "ended";
  if (!answer?.ok) return null;
  return ((await answer.json()) as { passes: string[] }).passes;
}

/** Sends six digits to a telephone; returns the id of the proof, or the word of what is wrong. */
export async function askProof(authority: string, phone: string, language: string): Promise<{ proof: string } | "phone" | "later"> {
  const answer = await post(authority, "/v1/proofs", { phone, language });
  if (answer?.status === 400) return "phone";
  if (!answer?.ok) return "later";
  return { proof: ((await answer.json()) as { proof_id: string }).proof_id };
}

/** Returns the credential for digits that arrived, or the word of what is wrong. */
export async function registerCitizen(authority: string, proof: string, code: string, name: string): Promise<{ credential: string } | "code" | "later"> {
  const answer = await post(authority, "/v1/citizens", { proof_id: proof, code, name });
  if (answer?.status === 400) return "code";
  if (!answer?.ok) return "later";
  return { credential: ((await answer.json()) as { credential: string }).credential };
}

/** Ends a credential; whether the authority heard it or not, the phone forgets it. */
export async function endCitizen(authority: string, credential: string): Promise<void> {
  await fetch(`${authority.replace(/\/$/, "")}/v1/citizens/end`, { method: "POST", headers: { authorization: `Bearer ${credential}` } }).catch(() => undefined);
}

async function post(authority: string, path: string, body: unknown): Promise<Response | null> {
  const url = `${authority.replace(/\/$/, "")}${path}`;
  return await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }).catch(() => null);
}
