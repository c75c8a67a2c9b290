/** Dates and numbers as people here write them. `dateStyle: "short"` would give 5/11/26: the parts are always named. */
export type Language = "vi" | "en";

const ZONE = "Asia/Ho_Chi_Minh";
const SECONDS_PER_DAY = 86_400;
const tag = (language: Language) => (language === "vi" ? "vi-VN" : "en-GB");

/** Day, month and year: `en-GB` alone would write 05/11/2026, so the parts are put together here. */
function parts(milliseconds: number, timeZone: string): { day: string; month: string; year: string } {
  const format = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "numeric", year: "numeric", timeZone });
  const found = Object.fromEntries(format.formatToParts(milliseconds).map((part) => [part.type, part.value]));
  const bare = (text: string | undefined) => String(Number(text));
  return { day: bare(found["day"]), month: bare(found["month"]), year: bare(found["year"]) };
}

function written(milliseconds: number, timeZone: string): string {
  const { day, month, year } = parts(milliseconds, timeZone);
  return `${day}/${month}/${year}`;
}

/** `5/11/2026` of a moment, in every language. */
export function dateOf(seconds: number): string {
  return written(seconds * 1000, ZONE);
}

/** `Thứ Năm, 5/11/2026` of a moment. */
export function longDateOf(seconds: number, language: Language): string {
  const weekday = new Intl.DateTimeFormat(tag(language), { weekday: "long", timeZone: ZONE }).format(seconds * 1000);
  return `${weekday}, ${dateOf(seconds)}`;
}

/** `14:04` of a moment. */
export function timeOf(seconds: number, language: Language): string {
  return new Intl.DateTimeFormat(tag(language), { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: ZONE }).format(seconds * 1000);
}

/** `5/11/2026` of a UTC day number. */
export function dayOf(day: number): string {
  return written(day * SECONDS_PER_DAY * 1000, "UTC");
}

/** `Thứ Năm, 5/11` of a UTC day number. */
export function shortDayOf(day: number, language: Language): string {
  const at = day * SECONDS_PER_DAY * 1000;
  const weekday = new Intl.DateTimeFormat(tag(language), { weekday: "long", timeZone: "UTC" }).format(at);
  const { day: ofMonth, month } = parts(at, "UTC");
  return `${weekday}, ${ofMonth}/${month}`;
}

/** `1.234,5` or `1,234.5`. */
export function numberOf(value: number, language: Language, digits = 0): string {
  return new Intl.NumberFormat(tag(language), { maximumFractionDigits: digits }).format(value);
}

/** `16,2 %` or `16.2%`. */
export function percentOf(share: number, language: Language, digits = 1): string {
  return new Intl.NumberFormat(tag(language), { style: "percent", maximumFractionDigits: digits }).format(share);
}

/** The UTC day a moment lies in. */
export const utcDay = (seconds: number): number => Math.floor(seconds / SECONDS_PER_DAY);

/** The UTC day number of a typed `d/m/yyyy`, or `null`. */
export function readDay(text: string): number | null {
  const match = /^\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\s*$/.exec(text);
  if (!match) return null;
  const [day, month, year] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const at = new Date(Date.UTC(year, month - 1, day));
  const same = at.getUTCFullYear() === year && at.getUTCMonth() === month - 1 && at.getUTCDate() === day;
  return same ? at.getTime() / 1000 / SECONDS_PER_DAY : null;
}
