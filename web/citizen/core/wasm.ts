import type { OpenCore, ReadCode } from "./device";

/** Loads the phone core; it is not part of the first load. */
export async function loadCore(): Promise<{ open: OpenCore; readCode: ReadCode }> {
  const [module, { default: address }] = await Promise.all([
    import("../../core/pkg/web_core.js"),
    import("../../core/pkg/web_core_bg.wasm?url"),
  ]);
  await module.default({ module_or_path: address });
  return {
    open: (trust, records, now, seed) => new module.Core(trust, records, now, seed),
    readCode: (typed) => JSON.parse(module.Core.readCode(typed)) as ReturnType<ReadCode>,
  };
}
