// Emits `sw.js`: the service worker's source with the list of built files and a hash over them put in.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import ts from "typescript";

/** The Vite plugin; `source` is the service worker's file, `publicDir` holds files copied as they are. */
export function serviceWorker(source, publicDir) {
  return {
    name: "vunglam-service-worker",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const hash = createHash("sha256");
        const files = Object.keys(bundle).filter((name) => !name.startsWith(".vite/")).sort();
        for (const name of files) hash.update(name).update(bundle[name].code ?? bundle[name].source ?? "");
        const extra = readdirSync(publicDir).sort();
        for (const name of extra) hash.update(name).update(readFileSync(`${publicDir}/${name}`));
        const { outputText } = ts.transpileModule(readFileSync(source, "utf8"), {
          compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022, removeComments: true },
        });
        const code = outputText
          .replace("export {};", "")
          .replace("__FILES__", JSON.stringify([...new Set([...files, ...extra, "index.html"])]))
          .replace("__VERSION__", JSON.stringify(hash.digest("hex").slice(0, 16)));
        this.emitFile({ type: "asset", fileName: "sw.js", source: code });
      },
    },
  };
}
