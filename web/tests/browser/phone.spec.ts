// The citizen's app by itself: offline, by keyboard alone, and what it keeps.
import { readFileSync } from "node:fs";
import type { Locator, Page } from "@playwright/test";
import { expect, test } from "./stage";

const MOST_TABS = 60;

test("the app opens without a network after its first load", async ({ phone, context, t }) => {
  const { page } = phone;
  await phone.openOrdinary();
  await page.evaluate(() => navigator.serviceWorker.ready);
  await phone.agree();
  await context.setOffline(true);
  await page.reload();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(t("home-clear"));
  await expect(page.getByText(t("home-offline"))).toBeVisible();
  for (const [screen, heading] of [["share", "share-title"], ["stored", "stored-title"], ["about", "about-title"]] as const) {
    await phone.goto(`#/${screen}`);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(t(heading));
  }
  await context.setOffline(false);
  await phone.goto("#/");
  await page.getByRole("button", { name: t("home-check-now") }).click();
  await expect(page.getByText(t("home-offline"))).toBeHidden();
});

test("nothing is recorded before the person agrees", async ({ phone, t }) => {
  const { page } = phone;
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await phone.openOrdinary();
  await page.getByRole("button", { name: t("welcome-start") }).click();
  await expect(page.getByRole("alert")).toHaveText(t("welcome-needs-consent"));
  expect(asked.filter((path) => path.startsWith("/v1/"))).toEqual([]);
  await phone.agree();
  await expect.poll(() => asked).toContain("/v1/trust");
});

test("the link that the desk sends fills the code in", async ({ phone, t }) => {
  await phone.openOrdinary("#code=7K2M4PQ");
  await phone.agree();
  await expect(phone.page.getByRole("textbox")).toHaveValue("7K2M-4PQ");
  await expect(phone.page.getByText(t("share-code-from-link"))).toBeVisible();
  expect(phone.page.url()).not.toContain("7K2M");
});

/** Presses Tab until this has the focus. */
async function tabTo(page: Page, target: Locator) {
  await expect(target).toBeVisible();
  for (let presses = 0; presses < MOST_TABS; presses += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`the keyboard does not reach ${target.toString()}`);
}

test("the keyboard alone suffices to share", async ({ phone, province, t }) => {
  const { page } = phone;
  const code = await province.unusedCode();
  await phone.open("hung");
  const press = async (target: Locator, key: string) => {
    await tabTo(page, target);
    await page.keyboard.press(key);
  };
  await press(page.getByRole("link", { name: t("nav-code"), exact: true }), "Enter");
  await tabTo(page, page.getByLabel(t("share-code-label")));
  const wrong = code.slice(0, -1) + (code.endsWith("2") ? "3" : "2");
  await page.keyboard.type(wrong.toLowerCase());
  await expect(page.getByText(t("share-hint-check"))).toBeVisible();
  await expect(page.getByLabel(t("share-code-label"))).toHaveAttribute("aria-invalid", "true");
  await page.keyboard.press("Backspace");
  await page.keyboard.type(code.slice(-1));
  await expect(page.getByText(t("share-hint-good"))).toBeVisible();
  await press(page.getByRole("button", { name: t("share-next") }), "Enter");
  const today = page.getByRole("checkbox").first();
  await press(today, "Space");
  await expect(today).not.toBeChecked();
  await press(page.getByRole("button", { name: t("share-next") }), "Enter");
  await expect(page.getByRole("heading", { name: t("share-confirm-title") })).toBeVisible();
  await press(page.getByRole("button", { name: t("share-send"), exact: true }), "Enter");
  await expect(page.getByRole("heading", { name: t("share-done-title") })).toBeVisible();
  await press(page.getByRole("link", { name: t("share-finish") }), "Enter");
  await expect(page.getByText(t("home-upload-done"))).toBeVisible();
});

test("a code that was used is refused, with what to do next", async ({ phone, province, t }) => {
  const { page } = phone;
  const code = await province.unusedCode();
  for (const [slug, end] of [["mai", "share-done-title"], ["hung", "share-refused-title"]] as const) {
    await phone.open(slug, `#/share?code=${code}`);
    for (const button of ["share-next", "share-next", "share-send"]) await page.getByRole("button", { name: t(button), exact: true }).click();
    await expect(page.getByRole("heading", { name: t(end) })).toBeVisible();
  }
  await expect(page.getByRole("alert")).toHaveText(t("share-refused-code"));
  await page.getByRole("button", { name: t("share-again") }).click();
  await expect(page.getByRole("textbox")).toHaveValue("");
});

test("what the phone stores is listed, can be downloaded and deleted", async ({ phone, t }) => {
  const { page } = phone;
  await phone.open("lan", "#/stored");
  const row = (table: string) => page.locator("summary", { has: page.getByText(t(`stored-${table}`), { exact: true }) });
  for (const table of ["sightings", "identity", "exposures", "notices", "imports", "state"]) await expect(row(table)).toBeVisible();
  await expect(row("sightings").locator(".sum")).toHaveText(/^\d+([.,]\d{3})*$/);
  await row("sightings").click();
  await expect(page.locator("details[open] tbody tr").first()).toContainText(/\d{1,2}\/7\/2021/);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: t("stored-export") }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^vunglam-2021-07-\d\d\.json$/);
  const exported = JSON.parse(readFileSync(await file.path(), "utf8")) as Record<string, unknown>;
  expect(JSON.stringify(exported).length).toBeGreaterThan(10_000);
  await page.getByRole("button", { name: t("stored-delete") }).click();
  await page.getByRole("dialog").getByRole("button", { name: t("cancel") }).click();
  await expect(row("sightings").locator(".sum")).toHaveText(/\d/);
  await page.getByRole("button", { name: t("stored-delete") }).click();
  await page.getByRole("dialog").getByRole("button", { name: t("stored-dialog-confirm") }).click();
  await expect(page.getByText(t("stored-deleted"))).toBeVisible();
  await expect(row("notices").locator(".sum")).toHaveText(t("stored-nothing"));
  await expect(row("exposures").locator(".sum")).toHaveText(t("stored-nothing"));
  const kept = await row("sightings").locator(".sum").textContent();
  // The simulated air goes on: at most the scans of these seconds are there again.
  expect(kept === t("stored-nothing") || Number(kept) < 200).toBe(true);
  await page.reload();
  await expect(row("notices").locator(".sum")).toHaveText(t("stored-nothing"));
});

test("why: the day, the minutes and every scan behind them", async ({ start, phone, page, t }) => {
  await start.play();
  await phone.open("lan");
  await phone.openNotice();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(t("notice-day", { day: "13/7/2021" }));
  const told = Number(/\d+/.exec((await page.locator(".big").textContent()) ?? "")?.[0]);
  expect(told).toBeGreaterThanOrEqual(15);
  expect(told).toBeLessThanOrEqual(60);
  await page.getByRole("link", { name: t("notice-why") }).click();
  await expect(page.getByText(t("why-lead", { day: "13/7/2021" }))).toBeVisible();
  await expect(page.getByText(t.like("why-total"))).toContainText(String(told));
  await expect(page.getByText(t.like("why-rule"))).toBeVisible();
  await page.locator("summary").first().click();
  const rows = page.locator("details[open] tbody tr");
  expect(await rows.count()).toBeGreaterThan(3);
  await expect(rows.first()).toContainText("dB");
  // The minutes are the sum of what the tables show.
  for (const summary of (await page.locator("details:not([open]) > summary").all()).reverse()) await summary.click();
  const cells = await page.locator("details[open] tbody td:last-child").allTextContents();
  const sum = cells.reduce((total, cell) => total + Number(cell.replace(",", ".")), 0);
  expect(Math.abs(sum - told)).toBeLessThan(1.5);
});
