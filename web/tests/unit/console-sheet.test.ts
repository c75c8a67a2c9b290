// What the follow-up sheet reads of its keys.
import { expect, it } from "vitest";
import { states } from "../../../crates/server/assets/console/sheet.js";

it("reads which letter stands for which state", () => {
  expect([...states("k:well s:fever x:not_met ")]).toEqual([["k", "well"], ["s", "fever"], ["x", "not_met"]]);
});
