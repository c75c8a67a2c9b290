import { describe, expect, it } from "vitest";
import { dateOf, dayOf, longDateOf, numberOf, percentOf, readDay, shortDayOf, timeOf, utcDay } from "../../kit/dates";

/** 14/7/2021 23:30 in Vietnam; in UTC it is the same day, 16:30. */
const EVENING = Date.UTC(2021, 6, 14, 16, 30) / 1000;
const DAY = Date.UTC(2021, 6, 14) / 86_400_000;

describe("dates", () => {
  it("are d/m/yyyy without a zero in front", () => {
    expect(dateOf(EVENING)).toBe("14/7/2021");
    expect(dayOf(Date.UTC(2021, 0, 5) / 86_400_000)).toBe("5/1/2021");
  });

  it("are those of Vietnam, whatever the machine's zone", () => {
    const lateInUtc = Date.UTC(2021, 6, 14, 17, 30) / 1000;
    expect([dateOf(lateInUtc), timeOf(lateInUtc, "vi")]).toEqual(["15/7/2021", "00:30"]);
    expect(utcDay(lateInUtc)).toBe(DAY);
  });

  it("name the day of the week", () => {
    expect(longDateOf(EVENING, "vi")).toBe("Thứ Tư, 14/7/2021");
    expect(longDateOf(EVENING, "en")).toBe("Wednesday, 14/7/2021");
    expect(shortDayOf(DAY, "vi")).toBe("Thứ Tư, 14/7");
    expect(shortDayOf(DAY, "en")).toBe("Wednesday, 14/7");
  });

  it("are read as they are written", () => {
    for (const day of [DAY, 0, Date.UTC(2024, 1, 29) / 86_400_000]) expect(readDay(dayOf(day))).toBe(day);
    expect(readDay(" 05-01-2021 ")).toBe(Date.UTC(2021, 0, 5) / 86_400_000);
  });

  it("that do not exist are not read", () => {
    for (const text of ["", "hôm qua", "29/2/2021", "31/4/2021", "0/1/2021", "1/13/2021", "1/1/21", "2021-07-14", "1/1/2021 x"]) {
      expect(readDay(text), text).toBeNull();
    }
  });
});

describe("numbers", () => {
  it("are written as each language writes them", () => {
    expect([numberOf(1234.5, "vi", 1), numberOf(1234.5, "en", 1)]).toEqual(["1.234,5", "1,234.5"]);
    expect(numberOf(0.4, "vi")).toBe("0");
    expect([percentOf(0.162, "vi"), percentOf(0.162, "en")].map((text) => text.replace(/\s/g, ""))).toEqual(["16,2%", "16.2%"]);
  });
});
