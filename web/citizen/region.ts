import type { Language } from "../kit/dates";

/** What a region's operator sets for the notice: `region.json` beside the page. */
export interface Region {
  hotlines: { name: Record<Language, string>; number: string }[];
  /** Error of the shipped scan rhythm as `cargo xtask bench` measured it; `null` until measured. */
  accuracy: { recording: Record<Language, string>; precision: number; recall: number } | null;
}

let loading: Promise<Region> | undefined;

/** Reads the region's settings once. */
export function region(): Promise<Region> {
  loading ??= fetch("./region.json").then((answer) => answer.json() as Promise<Region>);
  return loading;
}
