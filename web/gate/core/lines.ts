/** A line of a list of people. */
export interface Line {
  name: string;
  phone: string;
  isGood: boolean;
}

/** Most people in a list. */
export const MOST_LINES = 500;

/** Reads a pasted list: a name and a telephone number in each line, in either order, with whatever stands between. */
export function readLines(text: string): Line[] {
  const lines = text.split(/\r?\n/).map((line) => line.replace(/\s+/g, " ").trim());
  return lines.filter(Boolean).slice(0, MOST_LINES).map(readLine);
}

function readLine(line: string): Line {
  // A number in front may be the row's: the telephone number is the longest run of digits.
  const runs = line.match(/\+?\d[\d .-]*\d/g) ?? [];
  const phone = runs.map((run) => run.replace(/[^\d+]/g, "")).reduce((best, run) => (run.length > best.length ? run : best), "");
  const name = line
    .replace(/\+?\d[\d .-]*\d|\d/g, " ")
    .replace(/[^\p{L}\p{M}' .-]+/gu, " ")
    .replace(/\s+/g, " ")
    .replace(/^[ .-]+|[ .-]+$/g, "");
  const digits = phone.replace(/\D/g, "").length;
  return { name, phone, isGood: /\p{L}/u.test(name) && digits >= 9 && digits <= 12 };
}
