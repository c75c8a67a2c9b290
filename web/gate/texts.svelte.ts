import commonVi from "../../texts/vi/common.ftl";
import gateVi from "../../texts/vi/gate.ftl";
import type { Language } from "../kit/dates";
import { applyLanguage, language } from "../kit/language.svelte";
import { type Catalogue, lookup } from "../kit/texts";

interface Loaded {
  common: Catalogue<"common">;
  gate: Catalogue<"gate">;
}

let loaded = $state.raw<Loaded>({ common: commonVi, gate: gateVi });

export const common = lookup<"common">(() => loaded.common);
export const t = lookup<"gate">(() => loaded.gate);

/** Switches the language; English texts load when first asked for. */
export async function speak(next: Language, remember = true): Promise<void> {
  if (next === "en") {
    const [c, g] = await Promise.all([import("../../texts/en/common.ftl"), import("../../texts/en/gate.ftl")]);
    loaded = { common: c.default, gate: g.default };
  } else {
    loaded = { common: commonVi, gate: gateVi };
  }
  applyLanguage(next, remember);
}

export { language };
