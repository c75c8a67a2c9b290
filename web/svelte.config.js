// Accessibility warnings, like all others, stop the build.
import { vitePreprocess } from "@sveltejs/vite-plugin-svelte";

export default {
  preprocess: vitePreprocess({ script: false }),
  compilerOptions: { runes: true },
  onwarn(warning) {
    throw new Error(`${warning.filename}:${warning.start?.line}: ${warning.code}: ${warning.message}`);
  },
};
