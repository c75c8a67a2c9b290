// The console's components as a person uses them, on the style page: keys, search box, drafts, and all of it without script.
import type { Page } from "@playwright/test";
import { expect, test } from "./stage";

test.use({ permissions: ["clipboard-read", "clipboard-write"] });

const picked = (page: Page) => page.locator("table[data-list] tbody input:checked");

async function openStyle(page: Page) {
  await page.goto(`${new URL(page.url()).origin}/desk/style`);
  await expect(page.locator("table[data-list] tbody tr")).toHaveCount(9);
}

test("rows are walked, ticked and copied by keys", async ({ desk, page, t }) => {
  await desk.enter("tracer");
  await openStyle(page);
  await page.keyboard.press("j");
  await expect(page.getByRole("link", { name: "7K2M-41", exact: true })).toBeFocused();
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  await expect(picked(page)).toHaveCount(1);
  await expect(page.locator("[data-picked]")).toHaveText(t("console-list-picked").replace("{n}", "1"));
  await expect(page.locator("[data-bulk]")).toBeVisible();
  await page.keyboard.press("k");
  await expect(page.getByRole("link", { name: "7K2M-41", exact: true })).toBeFocused();
  await page.getByRole("button", { name: t("console-list-copy") }).first().click();
  await expect(page.locator("#announce")).toHaveText(t("console-list-copied").replace("{n}", "9"));
  const rows = (await page.evaluate(() => navigator.clipboard.readText())).split("\n");
  expect(rows).toHaveLength(10);
  expect(rows.every((row) => row.split("\t").length === 8)).toBe(true);
  expect(rows[1]).toContain("7K2M-41 N. T. H. T***");
});

test("letters are listed, silent in fields, and can be switched off for good", async ({ desk, page, t }) => {
  await desk.enter("tracer");
  await openStyle(page);
  const filter = page.getByRole("searchbox");
  await page.keyboard.press("/");
  await expect(filter).toBeFocused();
  await page.keyboard.type("xj?");
  await expect(filter).toHaveValue("xj?");
  await filter.blur();
  await page.keyboard.press("Shift+?");
  const help = page.getByRole("dialog", { name: t("console-keys") });
  await expect(help).toContainText(t("console-sample-next"));
  await help.getByLabel(t("console-keys-on")).uncheck();
  await page.keyboard.press("Escape");
  await page.reload();
  await page.keyboard.press("j");
  await expect(page.getByRole("link", { name: "7K2M-41", exact: true })).not.toBeFocused();
  await page.keyboard.press("Shift+?");
  await expect(help).toBeHidden();
});

test("the search box goes to a page by name and to a case by code", async ({ desk, page, t, language }) => {
  await desk.enter("tracer");
  await openStyle(page);
  await page.keyboard.press("Control+k");
  const box = page.getByRole("combobox", { name: t("console-find") });
  await expect(box).toBeFocused();
  await box.fill(language === "vi" ? "diem q" : "scan p");
  const options = page.locator("#palette").getByRole("option");
  await expect(options).toHaveCount(1);
  await expect(options).toContainText(t("console-sample-points"));
  await box.fill("x4rt");
  await expect(options).toHaveText(["X4RT-17", "X4RT-18"]);
  await page.keyboard.press("ArrowDown");
  await expect(options.nth(1)).toHaveAttribute("aria-selected", "true");
  await expect(box).toHaveAttribute("aria-activedescendant", "palette-1");
  await page.keyboard.press("Escape");
  await expect(box).toBeHidden();
});

test("what was typed survives a closed window and a cut, and is gone once it was taken", async ({ desk, page, context, t }) => {
  await desk.enter("tracer");
  await openStyle(page);
  const note = (of: Page) => of.locator("#note");
  const restored = (of: Page) => of.locator("[data-note=restored]");
  await note(page).pressSequentially("ba người ở cùng nhà");
  await expect(restored(page)).toBeHidden();
  await expect(page.locator("form[data-draft-kept=yes]")).toBeVisible();
  const address = page.url();
  const second = await context.newPage();
  await page.close();
  await second.goto(address);
  await expect(note(second)).toHaveValue("ba người ở cùng nhà");
  await expect(restored(second)).toBeVisible();

  await context.setOffline(true);
  await second.getByRole("button", { name: t("console-sample-submit") }).click();
  await expect(second.locator("[data-note=offline]")).toBeVisible();
  await expect(note(second)).toHaveValue("ba người ở cùng nhà");
  await context.setOffline(false);
  await second.getByRole("button", { name: t("console-draft-retry") }).click();
  await expect(second.getByRole("heading", { level: 1 })).toHaveText(t("console-sample-ask-title"));
  await expect.poll(() => second.evaluate(() => sessionStorage.length)).toBe(0);
  await second.goto(address);
  await expect(second.getByRole("heading", { name: t("console-style-form") })).toBeVisible();
  await expect(note(second)).toHaveValue("");
  await expect(restored(second)).toBeHidden();
});

test("what is typed before the draft is back stays, and the rest comes back", async ({ desk, page, context, t }) => {
  await desk.enter("tracer");
  await openStyle(page);
  await page.locator("#note").pressSequentially("cũ");
  await page.locator("#full_name").fill("Trần Văn Mẫu");
  await expect(page.locator("form[data-draft-kept=yes]")).toBeVisible();
  let go = () => {};
  const gate = new Promise<void>((open) => (go = open));
  await context.route("**/draft.js", async (route) => {
    await gate;
    await route.continue();
  });
  await page.reload();
  await page.locator("#note").pressSequentially("mới");
  go();
  await expect(page.locator("[data-note=restored]")).toBeVisible();
  await expect(page.locator("#note")).toHaveValue("mới");
  await expect(page.locator("#full_name")).toHaveValue("Trần Văn Mẫu");
  await expect(page.locator("form[data-draft-kept=yes]")).toBeVisible();
  await page.reload();
  await expect(page.locator("#note")).toHaveValue("mới");
  await page.getByRole("button", { name: t("console-draft-drop") }).click();
  await expect(page.locator("#note")).toHaveValue("");
  await page.reload();
  await expect(page.locator("#full_name")).toHaveValue("Nguyễn Thị Mẫu");
});

test("signing out wipes the drafts", async ({ desk, page, t }) => {
  await desk.enter("tracer");
  await openStyle(page);
  await page.locator("#note").pressSequentially("riêng tư");
  const menu = page.locator("details.menu summary");
  if (await menu.isVisible()) await menu.click();
  await page.getByRole("button", { name: t("console-sign-out") }).click();
  await expect(page.getByRole("heading", { name: t("desk-sign-in") })).toBeVisible();
  const left = await page.evaluate(
    () =>
      new Promise<number>((ok) => {
        const request = indexedDB.open("vunglam-drafts");
        request.onsuccess = () => {
          const tx = request.result.transaction(["drafts", "keys"]);
          const [drafts, keys] = [tx.objectStore("drafts").count(), tx.objectStore("keys").count()];
          tx.oncomplete = () => ok(drafts.result + keys.result);
        };
      }),
  );
  expect(left).toBe(0);
});

test("every component works without script", async ({ desk, page, browser, t, language }) => {
  await desk.enter("tracer");
  const plain = await browser.newContext({ javaScriptEnabled: false, storageState: await page.context().storageState() });
  const still = await plain.newPage();
  await still.goto(`${new URL(page.url()).origin}/desk/style?lang=${language}`);
  await still.locator("details.metric summary").first().click();
  await expect(still.getByText(t("console-sample-overdue-means"))).toBeVisible();
  await still.locator("details.metric summary").first().click();
  await still.locator("details.tokd summary").first().click();
  await still.getByRole("link", { name: "F2", exact: true }).click();
  await expect(still).toHaveURL(/gen=f2/);
  await still.getByRole("link", { name: t("console-list-after") }).click();
  await expect(still.locator("table[data-list] tbody tr")).toHaveCount(4);
  await expect(still).toHaveURL(/gen=f2.*after=/);
  await still.getByRole("link", { name: t("console-sample-grave") }).click();
  await expect(still.getByRole("heading", { level: 1 })).toHaveText(t("console-sample-ask-title"));
  await plain.close();
});

test("a dialog says what will happen and leaves things alone", async ({ desk, page, t }) => {
  await desk.enter("tracer");
  await openStyle(page);
  await page.getByRole("link", { name: t("console-sample-grave") }).click();
  const dialog = page.getByRole("dialog", { name: t("console-sample-ask-title") });
  await expect(dialog.getByRole("listitem")).toHaveCount(3);
  await dialog.getByRole("link", { name: t("console-confirm-leave") }).click();
  await expect(dialog).toBeHidden();
  await expect(page).toHaveURL(/\/desk\/style$/);
});

test("a fragment renews itself, keeps the focus and says its new count", async ({ desk, page }) => {
  await desk.enter("tracer");
  await page.clock.install();
  await openStyle(page);
  const fresh = (await page.content()).replace(/(<p class="flow" id="sample-live"[^>]*data-live-count=")[^"]*("[^>]*>)[^<]*/, '$139$2<a href="/desk/style">39</a>');
  await page.route("**/desk/style", (route) => route.fulfill({ body: fresh, contentType: "text/html; charset=utf-8" }));
  await page.clock.runFor(16_000);
  const link = page.locator("#sample-live a");
  await expect(link).toHaveText("39");
  await expect(page.locator("#announce")).toHaveText("39");
  await link.focus();
  const newer = fresh.replaceAll("39", "40");
  await page.unroute("**/desk/style");
  await page.route("**/desk/style", (route) => route.fulfill({ body: newer, contentType: "text/html; charset=utf-8" }));
  await page.clock.runFor(16_000);
  await expect(link).toHaveText("40");
  await expect(link).toBeFocused();
});
