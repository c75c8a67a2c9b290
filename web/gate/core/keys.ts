// The device's key: made here, never to be taken out, used to sign what is sent.

const CURVE = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNING = { name: "ECDSA", hash: "SHA-256" } as const;

/** Hexadecimal digits of bytes. */
export function toHex(bytes: ArrayBuffer | Uint8Array): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Bytes of hexadecimal digits. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** Draws a key that cannot be exported, and its public half as a compressed point. */
export async function drawKey(): Promise<{ key: CryptoKey; point: string }> {
  const pair = await crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  // 04, x, y: whether y is odd is all that is needed of it.
  const sign = (raw[64] ?? 0) % 2 === 0 ? 2 : 3;
  return { key: pair.privateKey, point: toHex(Uint8Array.of(sign, ...raw.slice(1, 33))) };
}

/** Signs bytes; 128 hexadecimal digits. */
export async function sign(key: CryptoKey, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(await crypto.subtle.sign(SIGNING, key, bytes));
}

/** Whether a PIN is a guard's. */
export async function isPin(pin: string, guard: { salt: string; hash: string; rounds: number }): Promise<boolean> {
  const typed = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: fromHex(guard.salt), iterations: guard.rounds };
  return toHex(await crypto.subtle.deriveBits(how, typed, 256)) === guard.hash;
}
