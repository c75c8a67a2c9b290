// Takes pictures of the pages as they are.
import { mkdirSync, writeFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { expect, test } from "../tests/browser/stage";

const IMAGES = new URL("../../docs/images/", import.meta.url);
const REVIEW = process.env["REVIEW"];

/** Writes the window as WebP, which Playwright itself does not. */
async function webp(page: Page, name: string) {
  await page.evaluate(() => document.fonts.ready);
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: 80 });
  mkdirSync(IMAGES, { recursive: true });
  writeFileSync(new URL(`${name}.webp`, IMAGES), Buffer.from(data, "base64"));
}

test("README", async ({ start, phone, page, t }) => {
  await start.play();
  await expect(start.article("mai")).toContainText(t.like("phone-rang"), { timeout: 60_000 });
  await expect(start.article("nam")).toContainText(t("phone-shared"));
  // The frames flash for a moment when they ring.
  await expect(page.frameLocator("iframe").nth(2).locator(".ringing")).toHaveCount(0);
  await page.setViewportSize({ width: 1440, height: 1200 });
  await page.evaluate(() => scrollTo(0, 0));
  await webp(page, "start");
  await page.setViewportSize({ width: 390, height: 844 });
  await phone.open("lan");
  await phone.openNotice();
  await webp(page, "notice");
  await page.getByRole("link", { name: t("notice-why") }).click();
  await expect(page.getByText(t.like("why-total"))).toBeVisible();
  await webp(page, "why");
});

test("review", async ({ start, phone, desk, page, province, t }, info) => {
  test.setTimeout(300_000);
  const folder = `${REVIEW}/${info.project.name.replace(", ", "-")}`;
  let number = 0;
  const shot = async (name: string, fullPage = true) => {
    number += 1;
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: `${folder}/${String(number).padStart(2, "0")}-${name}.png`, fullPage });
  };
  await province.fresh();
  await start.open();
  await expect(start.article("hung")).toContainText(t("phone-quiet"));
  await shot("start", false);
  await shot("start-whole");
  await page.locator("button[popovertarget]:not(.btn)").first().click();
  await shot("number", false);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: t("case-press") }).click();
  await page.getByRole("button", { name: t("case-to-phone") }).click();
  await expect(page.frameLocator("iframe").first().getByText(t("share-hint-good"))).toBeVisible();
  await shot("code", false);
  await page.getByRole("button", { name: t("case-do") }).click();
  await expect(start.article("lan")).toContainText(t.like("phone-rang"), { timeout: 60_000 });
  await expect(start.article("mai")).toContainText(t.like("phone-rang"), { timeout: 60_000 });
  province.played = true;
  await page.evaluate(() => scrollTo(0, 0));
  await shot("rang", false);
  await page.getByRole("button", { name: t("knowledge-search"), exact: true }).click();
  await expect(page.getByRole("heading", { name: t("knowledge-nothing", { name: "Lan" }) })).toBeVisible();
  await page.getByRole("slider").fill("20");
  await page.getByRole("button", { name: t("adoption-run", { percent: 20 }) }).click();
  await expect(page.locator("g.given circle")).toHaveCount(1, { timeout: 120_000 });
  await shot("all-whole");
  await phone.open("lan");
  await expect(page.getByRole("link", { name: t("home-open-notice") })).toBeVisible({ timeout: 60_000 });
  await shot("home-notice", false);
  await phone.openNotice();
  await shot("notice");
  await page.getByRole("link", { name: t("notice-why") }).click();
  await page.locator("summary").first().click();
  await shot("why");
  await phone.goto("#/stored");
  await page.locator("summary").first().click();
  await shot("stored");
  await page.getByRole("button", { name: t("stored-delete") }).click();
  await shot("delete", false);
  await phone.open("hung", "#/share");
  await page.getByRole("textbox").fill("7K2M4PQ7");
  await shot("share-wrong", false);
  await page.getByRole("textbox").fill(await province.unusedCode());
  await page.getByRole("button", { name: t("share-next") }).click();
  await shot("share-days", false);
  await page.getByRole("button", { name: t("share-next") }).click();
  await shot("share-confirm", false);
  await page.getByRole("button", { name: t("share-send"), exact: true }).click();
  await expect(page.getByRole("heading", { name: t("share-done-title") })).toBeVisible();
  await shot("share-done", false);
  await phone.openOrdinary();
  await shot("welcome");
  await phone.agree();
  await shot("home", false);
  await phone.goto("#/about");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(t("about-title"));
  await shot("about");
  await desk.openSignIn();
  await shot("desk-sign-in", false);
  for (const role of ["administrator", "tracer", "team-lead", "epidemiologist", "auditor"] as const) {
    await desk.enter(role);
    await shot(`desk-${role}`, false);
  }
  await desk.enter("tracer", "/desk/cases");
  await shot("desk-cases", false);
  await page.locator("a[data-row]").first().click();
  await expect(page.getByRole("heading", { name: t("cases-timeline") })).toBeVisible();
  await shot("desk-case");
  const path = new URL(page.url()).pathname;
  await desk.goto(`${path}/contacts/new`);
  await page.getByRole("textbox", { name: t("cases-grid-paste") }).fill("Lê Thị Bưởi\t1988\tnữ\t0912 345 678\t12/7\nTrần Văn Cam\t1979\tnam\t12\t12/7");
  await page.getByRole("button", { name: t("cases-grid-check") }).click();
  await shot("desk-grid");
  await desk.goto(`${path}/codes`);
  await page.locator("main form button").first().click();
  await expect(page.locator(".groups b").first()).toBeVisible();
  await shot("desk-code");
  await desk.goto("/desk/style");
  await shot("desk-style");
});
