// Every page in both languages: no serious finding of axe-core, nothing that scrolls sideways.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import { expect, test } from "./stage";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Finding {
  id: string;
  impact: string | null;
  nodes: { html: string; failureSummary?: string }[];
}

/** Serious and critical findings of the page as it is now. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const found = (await page.evaluate("axe.run(document, { iframes: false, resultTypes: ['violations'] }).then((result) => result.violations)")) as Finding[];
  return found
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)} ${node.failureSummary ?? ""}`));
}

async function inspect(page: Page, name: string) {
  await test.step(name, async () => {
    await page.evaluate(() => document.fonts.ready);
    expect(await findings(page), name).toEqual([]);
    const { wide, room } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, room: document.documentElement.clientWidth }));
    expect(wide, `${name} is wider than the window`).toBeLessThanOrEqual(room);
  });
}

test("the start page, before and after the story", async ({ start, t }) => {
  const { page } = start;
  await start.open();
  await expect(page.locator("button[popovertarget]:not(.btn)").first()).toBeVisible();
  await inspect(page, "start");
  await page.locator("button[popovertarget]:not(.btn)").first().click();
  await inspect(page, "a number");
  await start.play();
  await expect(start.article("lan")).toContainText(t.like("phone-rang"), { timeout: 60_000 });
  await page.getByRole("button", { name: t("knowledge-search"), exact: true }).click();
  await expect(page.getByRole("heading", { name: t("knowledge-nothing", { name: "Lan" }) })).toBeVisible();
  await inspect(page, "after the story");
});

test("pages of places, and the phone's screens of them", async ({ phone, page, province, language, t }) => {
  const doors = (await (await fetch(`${province.url}/demo/v1/doors`)).json()) as { register: string; places: { code: string; address: string }[] };
  const place = doors.places[0];
  if (!place) throw new Error("the province has no place");
  const pages = { owners: doors.register, "a new place": `${doors.register}/new`, "owner's sign-in": `${doors.register}/sign-in`, "a place": place.address, "no place": `${new URL(place.address).origin}/v/hello` };
  for (const [name, address] of Object.entries(pages)) {
    await page.goto(`${address}?lang=${language}`);
    await inspect(page, name);
  }
  await page.goto(`${doors.register}/new?lang=${language}`);
  await page.getByRole("button", { name: t("proof-send") }).evaluate((button) => (button as HTMLButtonElement).form?.setAttribute("novalidate", ""));
  await page.getByRole("button", { name: t("proof-send") }).click();
  await expect(page.getByText(t("venue-wrong-kind")).first()).toBeVisible();
  await inspect(page, "a new place with mistakes");
  await phone.open("hung", "#/scan");
  await inspect(page, "scan");
  await page.getByRole("textbox", { name: t("scan-type") }).fill(place.code);
  await page.getByRole("button", { name: t("scan-enter") }).click();
  await expect(page.getByText(t("scan-in"), { exact: true })).toBeVisible();
  await inspect(page, "checked in");
  await phone.goto("#/places");
  await expect(page.getByRole("heading", { name: t("places-title") })).toBeVisible();
  await inspect(page, "where I have been");
  await phone.goto("#/register");
  await expect(page.getByRole("textbox", { name: t("register-phone") })).toBeVisible();
  await inspect(page, "registering");
});

test("every screen of the phone", async ({ start, phone, page, province, t }) => {
  await start.play();
  await phone.open("lan");
  await expect(page.getByRole("link", { name: t("home-open-notice") })).toBeVisible({ timeout: 60_000 });
  await inspect(page, "home with a notice");
  await phone.openNotice();
  await inspect(page, "notice");
  await page.getByRole("link", { name: t("notice-why") }).click();
  await page.locator("summary").first().click();
  await inspect(page, "why");
  await phone.goto("#/record");
  await expect(page.getByRole("listitem").first()).toBeVisible();
  await inspect(page, "who looked");
  await phone.goto("#/stored");
  await page.locator("summary").first().click();
  await inspect(page, "stored");
  await page.getByRole("button", { name: t("stored-delete") }).click();
  await inspect(page, "stored, delete");
  await phone.open("hung");
  await inspect(page, "home without a notice");
  await phone.goto("#/about");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(t("about-title"));
  await inspect(page, "about");
  await phone.goto("#/share");
  await page.getByRole("textbox").fill("7K0");
  await inspect(page, "share, a wrong sign");
  await page.getByRole("textbox").fill(await province.unusedCode());
  await inspect(page, "share, code");
  await page.getByRole("button", { name: t("share-next") }).click();
  await page.getByRole("textbox").fill("12/7/2021");
  await inspect(page, "share, days");
  await page.getByRole("button", { name: t("share-next") }).click();
  await inspect(page, "share, confirmation");
  await page.getByRole("button", { name: t("share-send"), exact: true }).click();
  await expect(page.getByRole("heading", { name: t("share-done-title") })).toBeVisible();
  await inspect(page, "share, done");
});

test("the welcome of an ordinary phone, and its home", async ({ phone, page, t }) => {
  await phone.openOrdinary();
  await inspect(page, "welcome");
  await phone.agree();
  await expect(page.getByText(t("radio-none"), { exact: true })).toBeVisible();
  await inspect(page, "home without radio");
});

test("a second window says that the app is open elsewhere", async ({ phone, context, t }) => {
  await phone.openOrdinary();
  const second = await context.newPage();
  await second.goto(phone.page.url());
  await expect(second.getByRole("heading", { name: t("elsewhere-title") })).toBeVisible();
  await inspect(second, "elsewhere");
});

test("the tracer's pages", async ({ desk, page, t }) => {
  await desk.openSignIn();
  await inspect(page, "sign in");
  await desk.enter("tracer");
  await inspect(page, "queue");
  await desk.goto("/desk/cases");
  await inspect(page, "cases");
  await page.locator("a[data-row]").first().click();
  await expect(page.getByRole("heading", { name: t("cases-timeline") })).toBeVisible();
  await inspect(page, "case");
  const at = new URL(page.url()).pathname;
  await desk.goto(`${at}/contacts/new`);
  await inspect(page, "grid, empty");
  await page.getByRole("textbox", { name: t("cases-grid-paste") }).fill("Lê Thị Bưởi\t1988\tnữ\t0912 345 678\t12/7\nTrần Văn Cam\t1979\tnam\t12\t12/7");
  await page.getByRole("button", { name: t("cases-grid-check") }).click();
  await expect(page.locator("table.paste tbody tr")).toHaveCount(2);
  await inspect(page, "grid");
  await desk.goto(`${at}/codes`);
  await inspect(page, "codes");
  await desk.goto("/desk/contacts");
  await inspect(page, "contacts");
  await page.locator("a[data-row]").first().click();
  await expect(page.getByRole("heading", { name: t("cases-next-steps") })).toBeVisible();
  await inspect(page, "contact");
  await desk.goto("/desk/follow-up");
  await inspect(page, "follow-up");
  await desk.goto("/desk/people");
  await page.getByLabel(t("cases-people-text")).fill("nguyen");
  await page.keyboard.press("Enter");
  await expect(page.locator("a.id").first()).toBeVisible();
  await inspect(page, "people");
  await desk.goto(`${at}/chain`);
  await inspect(page, "chain");
  await desk.goto("/desk/imports");
  await inspect(page, "imports");
  const lines = "Họ tên;SĐT;Mã ca;Ngày tiếp xúc\nLê Thị Bưởi;0912345678;BN-0000;12/7/2021\nTrần Văn Cam;0912345679;;12/7/2021\n";
  await page.getByLabel(t("exchange-file"), { exact: true }).setInputFiles({ name: "a.csv", mimeType: "text/csv", buffer: Buffer.from(lines) });
  await page.getByRole("button", { name: t("exchange-take") }).click();
  await inspect(page, "import, columns");
  await page.getByRole("button", { name: t("exchange-check") }).click();
  await expect(page.getByRole("heading", { name: t("exchange-wrong") })).toBeVisible({ timeout: 15_000 });
  await inspect(page, "import, wrong rows");
  await desk.goto("/desk/kpi");
  await page.locator("details.metric summary").first().click();
  await inspect(page, "measures");
  await desk.goto("/desk/rules");
  await inspect(page, "rules");
  await desk.goto("/desk/cases/new");
  await page.getByLabel(t("cases-field-name")).fill("Nguyễn Thị Lan");
  await page.getByLabel(t("cases-field-birth")).fill("1990");
  await page.keyboard.press("Tab");
  await expect(page.locator("#similar > *").first()).toBeVisible();
  await inspect(page, "new case");
  await page.getByRole("button", { name: t("cases-open") }).click();
  await expect(page.locator("[aria-invalid=true]").first()).toBeVisible();
  await inspect(page, "new case, mistakes");
});

test("the pages of order", async ({ desk, page }) => {
  await desk.enter("administrator");
  await inspect(page, "administrator");
  await desk.goto("/desk/officers");
  await inspect(page, "officers");
  await page.locator("a[data-row]").first().click();
  await inspect(page, "officer");
  await desk.goto("/desk/officers/keys");
  await inspect(page, "keys");
  await desk.enter("auditor");
  await inspect(page, "audit");
  await desk.goto("/desk/audit/verify");
  await inspect(page, "audit, verified");
  await desk.enter("epidemiologist");
  await inspect(page, "epidemiologist");
  await desk.enter("team-lead", "/desk/approvals");
  await inspect(page, "approvals");
  await desk.enter("leadership");
  await inspect(page, "leadership");
});

test("every component of the desk", async ({ desk, page }) => {
  await desk.enter("tracer", "/desk/style");
  await inspect(page, "style");
  await page.locator("details.metric summary").first().click();
  await inspect(page, "style, a figure");
  await page.keyboard.press("Escape");
  await page.locator("[data-dialog]").click();
  await inspect(page, "style, a dialog");
  await desk.goto("/desk/style/confirm");
  await inspect(page, "style, the dialog as a page");
});
