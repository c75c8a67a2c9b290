// What is copied from a list, and which letters a page hears.
import { describe, expect, it } from "vitest";
import { follow } from "../../../crates/server/assets/console/keys.js";
import { tsv } from "../../../crates/server/assets/console/table.js";

describe("copying a table", () => {
  it("puts tabs between cells and each row on a line of its own", () => {
    expect(tsv([["Mã", "Tuổi"], ["7K2M-41", "34"]])).toBe("Mã\tTuổi\n7K2M-41\t34");
  });

  it("keeps a cell in one cell whatever stands in it", () => {
    expect(tsv([["a\tb\nc\r\n d", "e"]])).toBe("a b c d\te");
  });

  it("lets no spreadsheet run a cell", () => {
    for (const formula of ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0"]) expect(tsv([[formula]])).toBe(`'${formula}`);
    for (const plain of ["-5", "+84 912 345 678", "-1.204,5", "12,5%", "F1", "–"]) expect(tsv([[plain]])).toBe(plain);
  });
});

describe("letters", () => {
  const known = ["n", "g q", "g c"];

  it("are followed one after the other", () => {
    expect(follow("", "n", known)).toEqual({ hit: "n", typed: "" });
    expect(follow("", "g", known)).toEqual({ hit: null, typed: "g" });
    expect(follow("g", "c", known)).toEqual({ hit: "g c", typed: "" });
  });

  it("begin anew after a wrong one", () => {
    expect(follow("g", "n", known)).toEqual({ hit: "n", typed: "" });
    expect(follow("g", "g", known)).toEqual({ hit: null, typed: "g" });
    expect(follow("g", "z", known)).toEqual({ hit: null, typed: "" });
  });
});
