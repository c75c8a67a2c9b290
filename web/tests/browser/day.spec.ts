// A tracer's day by keyboard alone: twenty calls, fifty contacts pasted with six mistakes, one conversion, one code, the follow-up sheet.
import type { Page } from "@playwright/test";
import { expect, test } from "./stage";
import type { Texts } from "./texts";

const CALLS = 20;
const ROWS = 50;
/** The column and the correction of the rows that are wrong. */
const MISTAKES: Record<number, { column: number; wrong: string; right: string }> = {
  3: { column: 1, wrong: "19x1", right: "1981" },
  11: { column: 3, wrong: "0912", right: "0912000011" },
  19: { column: 2, wrong: "?", right: "nam" },
  27: { column: 3, wrong: "abc", right: "0912000027" },
  35: { column: 4, wrong: "32/7", right: "12/7" },
  43: { column: 1, wrong: "2190", right: "1990" },
};

function pasted(): string {
  const family = ["Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Võ", "Đặng"];
  const given = ["An", "Bình", "Cúc", "Dũng", "Em", "Giang", "Hoa", "Khanh", "Lộc", "Mận", "Nga"];
  const rows = Array.from({ length: ROWS }, (_, at) => {
    const cells = [`${family[at % 7]} Thị ${given[at % 11]}`, `${1950 + at}`, at % 2 ? "nam" : "nữ", `09120${String(10_000 + at * 37)}`, "12/7"];
    const mistake = MISTAKES[at];
    if (mistake) cells[mistake.column] = mistake.wrong;
    return cells.join("\t");
  });
  return rows.join("\n");
}

/** Tabs until the element that matches has the focus. */
async function tabTo(page: Page, selector: string) {
  for (let tabs = 0; tabs < 80; tabs++) {
    if (await page.evaluate((it) => document.activeElement?.matches(it) ?? false, selector)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`${selector} cannot be reached by Tab`);
}

/** The seconds spent on pasted lists, as the page of measures sums them. */
async function summed(page: Page, t: Texts, language: "vi" | "en"): Promise<number> {
  await page.keyboard.type("gk");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(t("console-nav-kpi"));
  const told = (await page.locator(".figs dd").filter({ hasText: t.like("cases-kpi-seconds") }).last().textContent()) ?? "";
  return Number(told.replace(language === "vi" ? /\./g : /,/g, "").match(/\d+/)?.[0]);
}

test.use({ permissions: ["clipboard-read", "clipboard-write"] });

test("a tracer's whole day by keyboard alone", async ({ desk, page, province, t, language }, info) => {
  test.skip(!info.project.name.startsWith("desktop"), "there is no keyboard on a phone");
  test.setTimeout(240_000);
  const { rate } = (await (await fetch(`${province.url}/demo/v1/story`)).json()) as { rate: number };
  const keys = page.keyboard;
  const heading = page.getByRole("heading", { level: 1 });
  await desk.enter("tracer");

  await test.step("twenty calls, one key each", async () => {
    await keys.press("n");
    for (let call = 0; call < CALLS; call++) {
      await expect(page.getByRole("heading", { name: t("cases-script") })).toBeVisible();
      const here = page.url();
      await keys.press(call % 5 === 4 ? "2" : "1");
      await expect(page).not.toHaveURL(here);
    }
  });

  await test.step("fifty contacts pasted, six mistakes mended, one save", async () => {
    const before = await summed(page, t, language);
    await keys.type("gc");
    await expect(heading).toHaveText(t("console-nav-cases"));
    await keys.press("j");
    await keys.press("Enter");
    await expect(page.getByRole("heading", { name: t("cases-timeline") })).toBeVisible();
    await page.waitForLoadState();
    const began = Date.now();
    await keys.press("i");
    await expect(page.getByRole("textbox", { name: t("cases-grid-paste") })).toBeVisible();
    await page.evaluate((text) => navigator.clipboard.writeText(text), pasted());
    await tabTo(page, "textarea[name=paste]");
    await keys.press("Control+v");
    await expect(page.locator("table.paste tbody tr")).toHaveCount(ROWS);
    await expect(page.locator("table.paste tbody tr.bad")).toHaveCount(6);
    for (const { right } of Object.values(MISTAKES)) {
      await expect(page.locator(":focus")).toHaveAttribute("aria-invalid", "true");
      await keys.press("Control+a");
      await keys.type(right, { delay: 150 });
      await keys.press("Enter");
    }
    let posts = 0;
    page.on("request", (request) => (posts += request.method() === "POST" ? 1 : 0));
    const taken = (Date.now() - began) / 1_000;
    await keys.press("Control+Enter");
    await expect(page.getByText(t("cases-entered", { count: ROWS }))).toBeVisible();
    expect(posts, "one call to the server for one save").toBe(1);
    const after = await summed(page, t, language);
    const [shown, real] = [(after - before) / ROWS, (taken * rate) / ROWS];
    console.log(`demo seconds per contact: measured ${shown.toFixed(2)}, by this test's clock ${real.toFixed(2)}; the test took ${taken.toFixed(1)} s`);
    // The desk's clock ticks in seconds, and its page was drawn a moment before this test saw it.
    expect(Math.abs(shown - real)).toBeLessThanOrEqual(0.05 * real + 3 / ROWS);
  });

  await test.step("a contact becomes a case, and a code is issued", async () => {
    await keys.type("gl");
    await expect(heading).toHaveText(t("console-nav-contacts"));
    await keys.press("j");
    await keys.press("Enter");
    await expect(page.getByRole("heading", { name: t("cases-next-steps") })).toBeVisible();
    await tabTo(page, "form[action$='/convert'] button");
    await keys.press("Enter");
    await expect(page.getByRole("heading", { name: t("cases-timeline") })).toBeVisible();
    await page.waitForLoadState();
    await keys.press("m");
    await expect(page.getByRole("heading", { name: t("desk-issues") })).toBeVisible();
    await keys.press("c");
    await expect(page.locator(".groups b")).toHaveCount(8);
  });

  await test.step("the follow-up sheet, one key a person", async () => {
    await keys.type("gt");
    await expect(heading).toHaveText(t("console-nav-follow-up"));
    const rows = page.locator("tbody select");
    const count = Math.min(40, await rows.count());
    expect(count).toBeGreaterThanOrEqual(10);
    const open = await rows.evaluateAll((all) => (all as HTMLSelectElement[]).filter((row) => !row.value).length);
    for (let at = 0; at < Math.min(count, open); at++) await keys.press(at % 7 === 6 ? "s" : "k");
    const saved = page.waitForResponse((answer) => answer.request().method() === "POST");
    await keys.press("Enter");
    expect((await saved).status()).toBe(303);
    const well = () => rows.evaluateAll((all) => (all as HTMLSelectElement[]).filter((row) => row.value === "well").length);
    const wanted = Math.min(count, open) - Math.ceil(count / 7);
    await expect(async () => expect(await well()).toBeGreaterThanOrEqual(wanted)).toPass();
  });
});
