import { describe, expect, it } from "vitest";
import { grouped, hint } from "../../citizen/core/code";
import { readCode } from "./core";

const SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

/** The codes that begin with these signs and whose check character is right. */
const completed = (begun: string) => [...SIGNS].map((last) => begun + last).filter((code) => hint(code, readCode).state === "complete");

const SHORT = completed("7K2M4PQ")[0] ?? "";
const LINK = completed("7K2M4PQXABCDEFG")[0] ?? "";

describe("a typed code", () => {
  it("has exactly one right check character", () => {
    for (const begun of ["7K2M4PQ", "2222222", "ZZZZZZ9", "7K2M4PQXABCDEFG"]) expect(completed(begun), begun).toHaveLength(1);
  });

  it("is put into groups of four, whatever was typed between", () => {
    expect(grouped("7k2m4p")).toBe("7K2M-4P");
    expect(grouped(" 7k2m – 4".replace("–", "-"))).toBe("7K2M-4");
    expect(grouped("7K2M-4PQX-ABCD-EFGH")).toBe("7K2M-4PQX-ABCD-EFGH");
    expect(grouped("")).toBe("");
  });

  it("is the same code in small letters, with spaces and with hyphens", () => {
    const expected = { state: "complete", kind: "short", grouped: grouped(SHORT) };
    const spaced = ` ${SHORT.slice(0, 2)} ${SHORT.slice(2)}\n`;
    for (const typed of [SHORT, SHORT.toLowerCase(), grouped(SHORT), spaced]) expect(hint(typed, readCode)).toEqual(expected);
  });

  it("may come from a link", () => {
    expect(hint(LINK, readCode)).toEqual({ state: "complete", kind: "link", grouped: grouped(LINK) });
  });

  it("says nothing while it is being typed", () => {
    expect(hint("", readCode)).toEqual({ state: "empty" });
    expect(hint(" - ", readCode)).toEqual({ state: "empty" });
    for (let length = 1; length < 8; length += 1) expect(hint(SHORT.slice(0, length), readCode)).toEqual({ state: "partial" });
    for (let length = 9; length < 16; length += 1) expect(hint(LINK.slice(0, length), readCode)).toEqual({ state: "partial" });
  });

  it("names a sign that no code has at once", () => {
    for (const sign of ["0", "O", "1", "I", "L", "Đ", "!"]) expect(hint(`7K${sign}`, readCode)).toEqual({ state: "sign", sign });
    expect(hint("7ko", readCode)).toEqual({ state: "sign", sign: "O" });
  });

  it("shows every single mistyped sign", () => {
    for (let at = 0; at < SHORT.length; at += 1) {
      for (const other of SIGNS.replace(SHORT.charAt(at), "")) {
        expect(hint(SHORT.slice(0, at) + other + SHORT.slice(at + 1), readCode)).toEqual({ state: "check" });
      }
    }
  });

  it("shows two signs that changed places", () => {
    const swapped = SHORT.charAt(1) + SHORT.charAt(0) + SHORT.slice(2);
    expect(hint(swapped, readCode)).toEqual({ state: "check" });
  });

  it("is too long after sixteen signs", () => {
    expect(hint(`${LINK}2`, readCode)).toEqual({ state: "long" });
  });
});
