// The phone core as the app ships it, and a region for it.
import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import type { OpenCore, ReadCode } from "../../citizen/core/device";
import { Core, initSync } from "../../core/pkg/web_core.js";

initSync({ module: readFileSync(new URL("../../core/pkg/web_core_bg.wasm", import.meta.url)) });

export const openCore: OpenCore = (trust, records, now, seed) => new Core(trust, records, now, seed);
export const readCode: ReadCode = (typed) => JSON.parse(Core.readCode(typed)) as ReturnType<ReadCode>;

/** 14/7/2021, 9:30 in Vietnam. */
export const START = 1_626_229_800;

const publicKey = () =>
  generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ type: "spki", format: "pem" }).toString();

/** The trust document of a region that nobody runs. */
export const TRUST = JSON.stringify({
  region: "82",
  authority_url: "https://authority.example",
  keys_url: "https://keys.example",
  radio_service_uuid: "fd65",
  document_public_key_pem: publicKey(),
  document_key_id: "documents",
  export_public_key_pem: publicKey(),
  export_key_id: "vunglam",
  export_key_version: "1",
  health_authority_id: "vunglam.authority",
});
