import type { GateCore } from "../../core/pkg/web_core";

export type Core = GateCore;

/** What the core says of bytes that are signed. */
export interface Words {
  request(gate: string, sentAt: number, known: number | null, last: string): Uint8Array<ArrayBuffer>;
  enrolment(secret: string, point: string): Uint8Array<ArrayBuffer>;
}

/** Loads the core: it judges and seals. */
export async function loadCore(): Promise<{ open: (gate: string, authority: string) => Core; words: Words }> {
  const [module, { default: address }] = await Promise.all([
    import("../../core/pkg/web_core.js"),
    import("../../core/pkg/web_core_bg.wasm?url"),
  ]);
  await module.default({ module_or_path: address });
  return {
    open: (gate, authority) => new module.GateCore(gate, authority, crypto.getRandomValues(new Uint8Array(32))),
    words: {
      request: (gate, sentAt, known, last) => new Uint8Array(module.GateCore.requestWords(gate, sentAt, known, last)),
      enrolment: (secret, point) => new Uint8Array(module.GateCore.enrolmentWords(secret, point)),
    },
  };
}
