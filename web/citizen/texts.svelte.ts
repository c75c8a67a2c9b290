import citizenVi from "../../texts/vi/citizen.ftl";
import commonVi from "../../texts/vi/common.ftl";
import type { Language } from "../kit/dates";
import { applyLanguage, language } from "../kit/language.svelte";
import { type Catalogue, lookup } from "../kit/texts";

interface Loaded {
  common: Catalogue<"common">;
  citizen: Catalogue<"citizen">;
}

let loaded = $state.raw<Loaded>({ common: commonVi, citizen: citizenVi });

export const common = lookup<"common">(() => loaded.common);
export const t = lookup<"citizen">(() => loaded.citizen);

/** Switches the language; English texts load when first asked for. */
export async function speak(next: Language, remember = true): Promise<void> {
  if (next === "en") {
    const [c, p] = await Promise.all([import("../../texts/en/common.ftl"), import("../../texts/en/citizen.ftl")]);
    loaded = { common: c.default, citizen: p.default };
  } else {
    loaded = { common: commonVi, citizen: citizenVi };
  }
  applyLanguage(next, remember);
  document.title = loaded.common["app-name"];
}

export { language };
