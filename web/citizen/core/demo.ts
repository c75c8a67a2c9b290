import { fromBase64 } from "./bytes";

/** A phone of the demo, as its process describes it (web/demo/README.md). */
export interface DemoPhone {
  runId: string;
  slug: string;
  name: string;
  now: number;
  rate: number;
  snapshot: Uint8Array<ArrayBuffer>;
  trust: string;
  /** The link that an officer would have sent by text message, already opened. */
  recordKey: string | null;
}

export interface Heard {
  at: number;
  packets: { payload: string; rssi: number }[];
}

/** Returns the base address when the page is a demo phone. Only the page's own origin can make it one. */
export function demoBase(location: { search: string; href: string; origin: string }): string | null {
  const asked = new URLSearchParams(location.search).get("demo");
  if (!asked) return null;
  try {
    const base = new URL(asked, location.href);
    return base.origin === location.origin ? base.href.replace(/\/$/, "") : null;
  } catch {
    return null;
  }
}

async function json(answer: Response): Promise<unknown> {
  if (!answer.ok) throw new Error(`the demo answered ${answer.status}`);
  return await answer.json();
}

/** Asks the demo who this phone is. */
export async function readDemoPhone(base: string): Promise<DemoPhone> {
  const state = (await json(await fetch(`${base}/state`, { cache: "no-store" }))) as {
    run_id: string;
    phone: string;
    name: string;
    now: number;
    clock: { rate: number };
    snapshot_b64: string;
    trust: unknown;
    record_key: string | null;
  };
  return {
    runId: state.run_id,
    slug: state.phone,
    name: state.name,
    now: state.now,
    rate: state.clock.rate,
    snapshot: fromBase64(state.snapshot_b64),
    trust: JSON.stringify(state.trust),
    recordKey: state.record_key,
  };
}

/** Tells the simulated air what this phone sends, and hears what its scans heard. */
export async function exchangeAir(base: string, payload: string | null): Promise<{ now: number; scans: Heard[] }> {
  const answer = (await json(
    await fetch(`${base}/air`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ advertisement_hex: payload }),
      cache: "no-store",
    }),
  )) as { now: number; scans: { at: number; heard: { payload_hex: string; rssi_dbm: number }[] }[] };
  return {
    now: answer.now,
    scans: answer.scans.map((scan) => ({
      at: scan.at,
      packets: scan.heard.map((packet) => ({ payload: packet.payload_hex, rssi: packet.rssi_dbm })),
    })),
  };
}
