// Refuses a first load above its budget: the entry, what it imports at once, its styles and the page, brotli, without the WebAssembly core.
import { readFileSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";

const BUDGET_BYTES = 60_000;

export function firstLoad(app) {
  const folder = new URL(`../dist/${app}/`, import.meta.url);
  const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", folder), "utf8"));
  const files = new Set(["index.html"]);
  const visit = (key) => {
    const chunk = manifest[key];
    if (files.has(chunk.file)) return;
    files.add(chunk.file);
    for (const css of chunk.css ?? []) files.add(css);
    for (const next of chunk.imports ?? []) visit(next);
  };
  for (const [key, chunk] of Object.entries(manifest)) if (chunk.isEntry) visit(key);
  const sizes = [...files].map((file) => [file, brotliCompressSync(readFileSync(new URL(file, folder))).length]);
  return { sizes, total: sizes.reduce((sum, [, size]) => sum + size, 0) };
}

let failed = false;
for (const app of ["citizen", "gate", "demo"]) {
  const { sizes, total } = firstLoad(app);
  console.log(`${app}: first load ${(total / 1000).toFixed(1)} kB brotli in ${sizes.length} files`);
  if (total > BUDGET_BYTES) {
    failed = true;
    for (const [file, size] of sizes) console.log(`  ${(size / 1000).toFixed(1).padStart(6)} kB ${file}`);
    console.log(`  above the budget of ${BUDGET_BYTES / 1000} kB`);
  }
}
if (failed) process.exit(1);
