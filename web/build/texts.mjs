// Writes the types of all texts from the Vietnamese files, and refuses a language that differs from them.
import { readFileSync, writeFileSync } from "node:fs";
import { declare, read } from "./fluent.mjs";

const FILES = ["common", "citizen", "gate", "demo"];
const source = (locale, file) => readFileSync(new URL(`../../texts/${locale}/${file}.ftl`, import.meta.url), "utf8");
const shape = (locale, file) =>
  new Map(read(source(locale, file), `${locale}/${file}.ftl`, locale).map((message) => [message.id, message.args.join(" ")]));

/** Differences between the two languages of a file, as sentences. */
export function differences(file) {
  const [vi, en] = [shape("vi", file), shape("en", file)];
  const sentences = [];
  for (const id of new Set([...vi.keys(), ...en.keys()])) {
    if (!vi.has(id)) sentences.push(`vi/${file}.ftl lacks ${id}`);
    else if (!en.has(id)) sentences.push(`en/${file}.ftl lacks ${id}`);
    else if (vi.get(id) !== en.get(id)) sentences.push(`${file}.ftl: ${id} has other variables in English`);
  }
  return sentences;
}

export const files = FILES;

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const wrong = FILES.flatMap(differences);
  if (wrong.length > 0) throw new Error(wrong.join("\n"));
  const parts = FILES.map((file) => `  ${file}: {\n${declare(source("vi", file), `vi/${file}.ftl`, "vi")}\n  };`);
  const text = `// Written by build/texts.mjs.\nexport interface Messages {\n${parts.join("\n")}\n}\n`;
  writeFileSync(new URL("../kit/texts.generated.d.ts", import.meta.url), text);
}
