import { type ReadCode, errorWord } from "./device";

/** The signs of a code: digits and letters without 0 O 1 I L (docs/spec/upload.md U20). */
const ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

/** What can be said about a code while it is being typed. */
export type CodeHint =
  | { state: "empty" | "partial" }
  | { state: "sign"; sign: string }
  | { state: "check" | "long" }
  | { state: "complete"; kind: "short" | "link"; grouped: string };

const bare = (typed: string) => typed.toUpperCase().replace(/[\s-]/g, "");

/** Puts typed signs into groups of four. */
export function grouped(typed: string): string {
  return (bare(typed).match(/.{1,4}/g) ?? []).join("-");
}

/** Says what is wrong with a code as early as it can be known; the check character is the core's to judge. */
export function hint(typed: string, readCode: ReadCode): CodeHint {
  const signs = bare(typed);
  if (signs === "") return { state: "empty" };
  const stranger = [...signs].find((sign) => !ALPHABET.includes(sign));
  if (stranger !== undefined) return { state: "sign", sign: stranger };
  try {
    return { state: "complete", ...readCode(signs) };
  } catch (error) {
    if (errorWord(error) === "codeCheck") return { state: "check" };
    return { state: signs.length > 16 ? "long" : "partial" };
  }
}
