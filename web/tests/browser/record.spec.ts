// A person's own list of who looked: a tracer reveals Lan's name at the desk, and Lan's phone tells Lan.
import { expect, test } from "./stage";

/** Of the made-up province's Lan. */
const LANS_NUMBER = "0950350001";

test("who looked at Lan shows on Lan's phone", async ({ desk, phone, page, province, t }) => {
  const story = (await (await fetch(`${province.url}/demo/v1/phones/lan/state`)).json()) as { record_key: string };
  expect(story.record_key).toMatch(/^[0-9a-f]{40}$/);

  // Before: nobody gave a reason to see who Lan is.
  await phone.open("lan", "#/record");
  await expect(page.getByRole("heading", { name: t("looks-title") })).toBeVisible();
  const reveals = page.getByRole("listitem").filter({ hasText: t("looks-action-reveal") }).filter({ hasText: t("looks-reason-identify") });
  await expect(reveals).toHaveCount(0);

  // Lan is somebody's contact at the tracer's own desk; the person who rings has her number.
  await desk.enter("tracer", "/desk/people");
  await page.getByLabel(t("cases-people-text")).fill(LANS_NUMBER);
  await page.keyboard.press("Enter");
  await page.locator("a.id").first().click();
  await expect(page.getByRole("heading", { name: t("cases-next-steps") })).toBeVisible();
  await page.locator("details.reveal summary").click();
  await page.getByLabel(t("cases-reason")).selectOption("identify");
  await page.getByRole("button", { name: t("console-reveal-do") }).click();
  await expect(page.getByText("Nguyễn Thị Lan").first()).toBeVisible();

  await phone.open("lan");
  const row = page.locator('a[href="#/record"]');
  await expect(row).toContainText(t("looks-action-reveal"), { timeout: 10_000 });
  await row.click();
  await expect(reveals).toHaveCount(1);
  await expect(reveals).toContainText(t("looks-role-tracer"));
  await expect(reveals).toContainText(t("looks-field-name"));
});

test("a link opens the list, and a wrong one says so", async ({ phone, page, province, t }) => {
  await phone.openOrdinary();
  await phone.agree();
  await phone.goto("#/record");
  await expect(page.getByText(t("looks-none"))).toBeVisible();
  const { record_key } = (await (await fetch(`${province.url}/demo/v1/phones/lan/state`)).json()) as { record_key: string };
  const app = `${province.url}/app/?lang=${await page.locator("html").getAttribute("lang")}`;
  await page.goto(`${app}#record=${record_key}`);
  await page.reload();
  await expect(page.getByText(t("looks-action-issue"))).toBeVisible();
  // The key opens the list from now on, and is not left in the address.
  expect(page.url()).not.toContain(record_key);
  await page.reload();
  await expect(page.getByText(t("looks-action-issue"))).toBeVisible();
  await page.goto(`${app}#record=${"0".repeat(40)}`);
  await page.reload();
  await expect(page.getByText(t("looks-expired"))).toBeVisible();
});
