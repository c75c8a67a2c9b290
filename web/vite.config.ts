import { svelte } from "@sveltejs/vite-plugin-svelte";
import { resolve } from "node:path";
import { defineConfig } from "vite";
import { fluent } from "./build/fluent.mjs";
import { serviceWorker } from "./build/service-worker.mjs";

const app = process.env["APP"] ?? "citizen";
const root = resolve(import.meta.dirname, app);

export default defineConfig({
  root,
  base: "./",
  publicDir: resolve(root, "public"),
  plugins: [
    fluent(),
    svelte({ configFile: resolve(import.meta.dirname, "svelte.config.js") }),
    ...(app === "demo" ? [] : [serviceWorker(resolve(import.meta.dirname, "kit/sw.ts"), resolve(root, "public"))]),
  ],
  server: { fs: { allow: [resolve(import.meta.dirname, "..")] } },
  build: {
    outDir: resolve(import.meta.dirname, "dist", app),
    emptyOutDir: true,
    manifest: true,
    target: ["chrome95", "safari15.4"],
    modulePreload: { polyfill: false },
    // Nothing inlined: the content security policy allows neither data: scripts nor styles.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
});
