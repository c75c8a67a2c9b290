import type { Language } from "./dates";

const KEY = "vunglam-language";

/** The language of the page: Vietnamese unless the person chose English before, or the address says `?lang=en`. */
class Choice {
  current = $state<Language>("vi");
}

export const language = new Choice();

/** Returns the language to start with. */
export function preferredLanguage(search: string): Language {
  const asked = new URLSearchParams(search).get("lang");
  if (asked === "vi" || asked === "en") return asked;
  try {
    return localStorage.getItem(KEY) === "en" ? "en" : "vi";
  } catch {
    return "vi";
  }
}

/** Switches the page and remembers it. */
export function applyLanguage(next: Language, remember: boolean): void {
  language.current = next;
  document.documentElement.lang = next;
  if (!remember) return;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // A browser that keeps nothing still shows the language now.
  }
}
