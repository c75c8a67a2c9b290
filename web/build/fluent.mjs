// Compiles a Fluent file to a module of strings and functions: nothing of Fluent runs in the browser.
// Allowed: messages, variables, selectors. No terms, attributes or functions: numbers and dates are formatted by our own helpers.
import { parse } from "@fluent/syntax";

/** @typedef {{ id: string, args: string[], plural: Set<string>, code: string }} Message */

/**
 * Reads a Fluent file.
 * @param {string} source
 * @param {string} file named in errors
 * @param {string} locale for plural rules
 * @returns {Message[]}
 */
export function read(source, file, locale) {
  const messages = [];
  const seen = new Set();
  for (const entry of parse(source, {}).body) {
    if (entry.type.endsWith("Comment")) continue;
    if (entry.type !== "Message" || !entry.value || entry.attributes.length > 0) {
      const sample = source.slice(entry.span?.start ?? 0, (entry.span?.start ?? 0) + 60);
      throw new Error(`${file}: only plain messages are allowed, not ${entry.type}: ${sample}`);
    }
    const id = entry.id.name;
    if (seen.has(id)) throw new Error(`${file}: ${id} is there twice`);
    seen.add(id);
    const found = { args: new Set(), plural: new Set() };
    const body = pattern(entry.value, found, locale, `${file}: ${id}`);
    const code = found.args.size > 0 ? `(a) => ${body}` : body;
    messages.push({ id, args: [...found.args].sort(), plural: found.plural, code });
  }
  return messages;
}

function pattern(value, found, locale, where) {
  const parts = value.elements.map((element) =>
    element.type === "TextElement" ? JSON.stringify(element.value) : expression(element.expression, found, locale, where),
  );
  return parts.length === 0 ? '""' : parts.join(" + ");
}

function expression(node, found, locale, where) {
  if (node.type === "StringLiteral") return JSON.stringify(node.parse().value);
  if (node.type === "VariableReference") {
    found.args.add(node.id.name);
    return `a[${JSON.stringify(node.id.name)}]`;
  }
  if (node.type !== "SelectExpression" || node.selector.type !== "VariableReference") {
    throw new Error(`${where}: ${node.type} is not allowed`);
  }
  const name = node.selector.id.name;
  found.args.add(name);
  const keys = node.variants.map((variant) => variant.key.name ?? variant.key.value);
  const plural = keys.every((key) => ["zero", "one", "two", "few", "many", "other"].includes(key) || /^\d+$/.test(key));
  if (plural) found.plural.add(name);
  const cases = node.variants.map((variant, at) => `${JSON.stringify(keys[at])}: ${pattern(variant.value, found, locale, where)}`);
  const fallback = keys[node.variants.findIndex((variant) => variant.default)];
  const helper = plural ? "plural" : "select";
  return `${helper}(a[${JSON.stringify(name)}], {${cases.join(", ")}}, ${JSON.stringify(fallback)})`;
}

/** Makes the JavaScript module of a file. */
export function compile(source, file, locale) {
  const messages = read(source, file, locale);
  const lines = messages.map((message) => `  ${JSON.stringify(message.id)}: ${message.code},`);
  const helpers = [];
  if (lines.some((line) => line.includes("plural("))) {
    helpers.push(
      `const rules = new Intl.PluralRules(${JSON.stringify(locale)});`,
      "const plural = (n, c, f) => c[n] ?? c[rules.select(n)] ?? c[f];",
    );
  }
  if (lines.some((line) => line.includes("select("))) helpers.push("const select = (k, c, f) => c[k] ?? c[f];");
  return `${helpers.join("\n")}\nexport default {\n${lines.join("\n")}\n};\n`;
}

/** Makes the type of a file's messages: which there are, and what each must be given. */
export function declare(source, file, locale) {
  const of = (message) => message.args.map((arg) => `${JSON.stringify(arg)}: ${message.plural.has(arg) ? "number" : "string | number"}`).join("; ");
  return read(source, file, locale).map((message) => `    ${JSON.stringify(message.id)}: { ${of(message)} };`).join("\n");
}

/** The Vite plugin: `import texts from "…/vi/citizen.ftl"`. */
export function fluent() {
  return {
    name: "vunglam-fluent",
    transform(code, id) {
      const match = /\/texts\/(vi|en)\/[a-z]+\.ftl$/.exec(id);
      return match ? { code: compile(code, id, match[1]), map: null, moduleType: "js" } : null;
    },
  };
}
