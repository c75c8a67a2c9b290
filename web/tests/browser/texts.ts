// The sentences of the pages, for tests in both languages: read from the same files as the pages'.
import { readFileSync } from "node:fs";
import { compile } from "../../build/fluent.mjs";

export type Language = "vi" | "en";
type Text = string | ((args: Record<string, string | number>) => string);

async function load(language: Language, file: string): Promise<Record<string, Text>> {
  const source = readFileSync(new URL(`../../../texts/${language}/${file}.ftl`, import.meta.url), "utf8");
  const code = compile(source, file, language);
  const module = (await import(`data:text/javascript;base64,${Buffer.from(code).toString("base64")}`)) as { default: Record<string, Text> };
  return module.default;
}

/** Looks texts up; a text that does not exist is an error of the test. */
export interface Texts {
  (id: string, args?: Record<string, string | number>): string;
  /** The text with anything in the place of its variables. */
  like(id: string): RegExp;
}

const FILES = ["common", "citizen", "demo", "desk", "console", "auth", "cases", "exchange", "venues"];

/** Reads all texts of a language; those of the gate, which says things of the same name in its own words, alone. */
export async function texts(language: Language, files = FILES): Promise<Texts> {
  const all = Object.assign({}, ...(await Promise.all(files.map((file) => load(language, file))))) as Record<string, Text>;
  const find = (id: string): Text => {
    const text = all[id];
    if (text === undefined) throw new Error(`there is no text ${id}`);
    return text;
  };
  const say = (id: string, args: Record<string, string | number> = {}) => {
    const text = find(id);
    return typeof text === "string" ? text : text(args);
  };
  const MARK = "\u0000";
  const like = (id: string) => {
    const text = find(id);
    const filled = typeof text === "string" ? text : text(new Proxy({}, { get: () => MARK }));
    return new RegExp(filled.split(MARK).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(".+"));
  };
  return Object.assign(say, { like });
}
