// Codes for many cases: a list is sent in parts, what is wrong stays to be mended, and a cut is gone on with.
import { expect, test } from "./stage";

test("a list of cases gets its codes, and a wrong line stays in the field", async ({ desk, page, t }) => {
  await desk.enter("tracer", "/desk/cases");
  await desk.goto("/desk/cases?state=confirmed");
  const labels = (await page.locator("a[data-row]").allInnerTexts()).slice(0, 3).map((label) => label.trim());
  const menu = page.locator("details.menu summary");
  if (await menu.isVisible()) await menu.click();
  await page.getByRole("link", { name: t("console-nav-codes") }).first().click();
  const list = page.getByRole("textbox", { name: t("desk-bulk-lines") });
  const send = page.getByRole("button", { name: t("desk-bulk-do") });
  const status = page.locator("[data-bulk-status]");
  const numbers = async () => ((await status.innerText()).match(/\d+/g) ?? []).slice(0, 2).map(Number);
  await list.fill(["Mã ca;SĐT", ...labels.map((label) => `${label};0950350999`), "KHONG-CO"].join("\n"));
  await send.click();
  await expect(status).toBeVisible({ timeout: 15_000 });
  const [issued = 0, served = 0] = await numbers();
  expect(issued + served).toBe(labels.length);
  await expect(page.locator("[data-bulk-wrong] tbody tr")).toHaveCount(1);
  await expect(page.locator("[data-bulk-wrong]")).toContainText(t("desk-bulk-fault-no-case"));
  await expect(page.locator("[data-bulk-wrong] tbody th")).toHaveText("5");
  await expect(list).toHaveValue("KHONG-CO");
  // The same list again: nobody gets a second message.
  await list.fill(labels.join("\n"));
  await send.click();
  await expect.poll(numbers).toEqual([0, labels.length]);
});

test("a list that is cut off goes on at its line", async ({ desk, page, t }) => {
  await desk.enter("tracer", "/desk/codes");
  const list = page.getByRole("textbox", { name: t("desk-bulk-lines") });
  const send = page.getByRole("button", { name: t("desk-bulk-do") });
  const status = page.locator("[data-bulk-status]");
  let parts = 0;
  await page.route("**/desk/codes", (route) => (route.request().method() === "POST" && ++parts === 2 ? route.abort() : route.continue()));
  await list.fill(Array.from({ length: 450 }, (_, at) => `X-${at + 1}`).join("\n"));
  await send.click();
  await expect(status).toContainText("201", { timeout: 15_000 });
  await expect(page.locator("[data-bulk-wrong] tbody tr")).toHaveCount(200);
  await send.click();
  await expect(page.locator("[data-bulk-wrong] tbody tr")).toHaveCount(450, { timeout: 15_000 });
  await expect(page.locator("[data-bulk-wrong] tbody th").last()).toHaveText("450");
  expect(parts).toBe(4);
});
