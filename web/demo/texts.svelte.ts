import commonVi from "../../texts/vi/common.ftl";
import demoVi from "../../texts/vi/demo.ftl";
import type { Language } from "../kit/dates";
import { applyLanguage, language } from "../kit/language.svelte";
import { type Catalogue, lookup } from "../kit/texts";
import type { Text } from "./api";

interface Loaded {
  common: Catalogue<"common">;
  demo: Catalogue<"demo">;
}

let loaded = $state.raw<Loaded>({ common: commonVi, demo: demoVi });

export const common = lookup<"common">(() => loaded.common);
export const t = lookup<"demo">(() => loaded.demo);

/** A text that came from the demo process. */
export const told = (text: Text): string => text[language.current];

/** Switches the language; English texts load when first asked for. */
export async function speak(next: Language, remember = true): Promise<void> {
  if (next === "en") {
    const [c, p] = await Promise.all([import("../../texts/en/common.ftl"), import("../../texts/en/demo.ftl")]);
    loaded = { common: c.default, demo: p.default };
  } else {
    loaded = { common: commonVi, demo: demoVi };
  }
  applyLanguage(next, remember);
  document.title = loaded.demo["demo-title"];
}

export { language };
