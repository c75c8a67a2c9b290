import type { CoreRequest } from "./device";

export interface Answer {
  /** 0 when nobody answered. */
  status: number;
  body: Uint8Array<ArrayBuffer>;
}

const NOBODY: Answer = { status: 0, body: new Uint8Array() };
const PATIENCE_MS = 30_000;

/** Sends a request of the core. An answer larger than the core allows counts as none. */
export async function send(request: CoreRequest, fetcher: typeof fetch = fetch): Promise<Answer> {
  try {
    const answer = await fetcher(request.url, {
      method: request.method,
      headers: request.headers,
      body: request.body,
      credentials: "omit",
      referrerPolicy: "no-referrer",
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const body = await limitedBody(answer, request.maxAnswerBytes);
    return body ? { status: answer.status, body } : NOBODY;
  } catch {
    return NOBODY;
  }
}

async function limitedBody(answer: Response, limit: number): Promise<Uint8Array<ArrayBuffer> | null> {
  if (!answer.body) return new Uint8Array();
  const reader = answer.body.getReader();
  const parts: Uint8Array[] = [];
  let total = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    total += part.value.length;
    if (total > limit) {
      await reader.cancel();
      return null;
    }
    parts.push(part.value);
  }
  const body = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    body.set(part, at);
    at += part.length;
  }
  return body;
}
