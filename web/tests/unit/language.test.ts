import { afterEach, describe, expect, it, vi } from "vitest";
import { compile } from "../../build/fluent.mjs";
import { applyLanguage, language, preferredLanguage } from "../../kit/language.svelte";

const kept = new Map<string, string>();
const storage = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) };

afterEach(() => {
  vi.unstubAllGlobals();
  kept.clear();
});

describe("the language", () => {
  it("is Vietnamese unless English was asked for or chosen before", () => {
    vi.stubGlobal("localStorage", storage);
    vi.stubGlobal("document", { documentElement: { lang: "" } });
    expect(preferredLanguage("")).toBe("vi");
    expect(preferredLanguage("?lang=en")).toBe("en");
    expect(preferredLanguage("?lang=fr")).toBe("vi");
    applyLanguage("en", true);
    expect(preferredLanguage("")).toBe("en");
    expect(preferredLanguage("?lang=vi")).toBe("vi");
    expect([language.current, document.documentElement.lang]).toEqual(["en", "en"]);
  });

  it("is not remembered when only the address asked for it", () => {
    vi.stubGlobal("localStorage", storage);
    vi.stubGlobal("document", { documentElement: { lang: "" } });
    applyLanguage("en", false);
    expect(preferredLanguage("")).toBe("vi");
  });

  it("is shown although the browser keeps nothing", () => {
    const refuse = () => {
      throw new DOMException("denied", "SecurityError");
    };
    vi.stubGlobal("localStorage", { getItem: refuse, setItem: refuse });
    vi.stubGlobal("document", { documentElement: { lang: "" } });
    expect(preferredLanguage("")).toBe("vi");
    applyLanguage("en", true);
    expect(language.current).toBe("en");
  });
});

/** Runs a compiled file of texts. */
async function texts(source: string, locale: string): Promise<Record<string, string | ((args: object) => string)>> {
  const address = `data:text/javascript;base64,${Buffer.from(compile(source, "test.ftl", locale)).toString("base64")}`;
  return ((await import(/* @vite-ignore */ address)) as { default: Record<string, string> }).default;
}

describe("a compiled text", () => {
  it("is a string, or a function of its variables", async () => {
    const read = await texts("plain = Một\nfilled = { $a } và { $b }\n", "vi");
    expect(read["plain"]).toBe("Một");
    expect((read["filled"] as (args: object) => string)({ a: 1, b: "hai" })).toBe("1 và hai");
  });

  it("chooses by the language's plural rules, exact numbers first", async () => {
    const source = "n = { $count ->\n    [0] none\n    [one] { $count } phone\n   *[other] { $count } phones\n}\n";
    const [en, vi] = [await texts(source, "en"), await texts(source, "vi")];
    const say = (read: typeof en, count: number) => (read["n"] as (args: object) => string)({ count });
    expect([0, 1, 2].map((count) => say(en, count))).toEqual(["none", "1 phone", "2 phones"]);
    expect(say(vi, 1)).toBe("1 phones");
  });

  it("is refused when it uses what would need Fluent in the browser", () => {
    for (const source of ["-term = x\n", "a = { NUMBER($n) }\n", "a = { b }\n", "a = x\n    .attr = y\n", "a = x\na = y\n"]) {
      expect(() => compile(source, "test.ftl", "vi"), source).toThrow("test.ftl");
    }
  });
});
