// The confirmation desk, reached from the start page.
import { expect, test } from "./stage";

test("an officer reaches the desk by a click, signs in, confirms a case, reads the code and sees its state", async ({ start, context, t, province }) => {
  await start.open();
  const opened = context.waitForEvent("page");
  await start.page.getByRole("link", { name: t("desk-open") }).click();
  const desk = await opened;
  await expect(desk.getByRole("heading", { name: t("desk-sign-in") })).toBeVisible();
  const told = (await start.page.locator(".desk small").textContent()) ?? "";
  const { password } = (await province.story()).desk;
  expect(told).toBe(t("desk-open-password", { password }));
  await desk.getByLabel(t("desk-password")).fill(password);
  await desk.getByRole("button", { name: t("desk-sign-in") }).click();
  await desk.getByRole("link", { name: t("desk-confirm") }).last().click();
  await desk.getByLabel(t("desk-finding-confirmed")).check();
  const label = `BROWSER-${Date.now() % 100_000_000}`.slice(0, 16);
  await desk.getByLabel(t("desk-label")).fill(label);
  await desk.getByRole("button", { name: t("desk-confirm") }).click();
  await expect(desk.getByRole("heading", { level: 1 })).toContainText(label);
  await desk.getByRole("button", { name: t("desk-issue"), exact: true }).click();
  await expect(desk.locator(".groups b")).toHaveCount(8);
  const code = (await desk.locator(".groups b").allTextContents()).join("");
  expect(code).toMatch(/^[2-9A-HJKMNP-Z]{8}$/);
  await expect(desk.locator("#state")).toHaveText(t("desk-state-issued"));
  await expect(desk.locator("#left")).toHaveText(/\d+:\d\d/);
  await expect(desk.locator("#link")).toHaveValue(/\/app\/#code=[2-9A-HJKMNP-Z-]{16,19}$/);
  await desk.goto(`${new URL(desk.url()).origin}/desk`);
  const row = desk.getByRole("row", { name: label });
  await expect(row).toContainText(t("desk-state-issued"));
  expect(await desk.content()).not.toContain(code);
});

test("the desk refuses a wrong password", async ({ desk, t }) => {
  await desk.openSignIn();
  await desk.page.getByRole("textbox").fill("not the password");
  await desk.page.getByRole("button", { name: t("desk-sign-in") }).click();
  await expect(desk.page.getByRole("alert")).toHaveText(t("desk-wrong-password"));
});

test("the desk sees that the phone was allowed to share", async ({ start, desk, t }) => {
  await start.play();
  await desk.signIn();
  await expect(desk.page.getByRole("row", { name: /BN/ }).first()).toContainText(t("desk-state-certified"));
});
