import { describe, expect, it } from "vitest";
import { grouped, keyOfLink, type Look } from "../../citizen/record.svelte";

const look = (at: number, more: Partial<Look> = {}): Look => ({ at, role: "tracer", purpose: "tracing", action: "case.read", fields: ["name_masked"], reason: null, ...more });
const dayOf = (at: number) => String(Math.floor(at / 86_400));

describe("the link to the own record", () => {
  const key = "0123456789abcdef0123456789abcdef01234567";

  it("is a key of forty digits and nothing else", () => {
    expect(keyOfLink(`#record=${key}`)).toBe(key);
    for (const other of ["", "#record=", `#record=${key}0`, `#record=${key.slice(1)}`, `#record=${key.toUpperCase()}`, `#code=${key}`, `x#record=${key}`, `#record=${key}&a=b`]) {
      expect(keyOfLink(other), other).toBeNull();
    }
  });
});

describe("looks", () => {
  it("of one day that are alike are one line, with their number, where the newest stood", () => {
    const groups = grouped([look(86_500), look(86_450), look(86_400, { reason: "call" }), look(86_399)], dayOf);
    expect(groups.map(({ at, count, reason }) => [at, count, reason])).toEqual([
      [86_500, 2, null],
      [86_400, 1, "call"],
      [86_399, 1, null],
    ]);
  });

  it("differ by role, act, and what was seen", () => {
    const others = [look(5), look(5, { role: "auditor" }), look(5, { action: "export" }), look(5, { fields: [] })];
    expect(grouped(others, dayOf)).toHaveLength(4);
  });
});
