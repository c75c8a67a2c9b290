// The desk, reached from the start page: by a click on a role, and by hand as an officer does it.
import { expect, test } from "./stage";

test("a click on a role leads to its work", async ({ start, context, t }) => {
  await start.open();
  const bar = start.page.getByRole("region", { name: t("roles-heading") });
  const lands = { tracer: "console-nav-queue", auditor: "console-nav-audit", administrator: "console-nav-officers", leadership: "console-nav-kpi" } as const;
  for (const [role, heading] of Object.entries(lands)) {
    const opened = context.waitForEvent("page");
    await bar.getByRole("link", { name: t(`role-${role}`), exact: true }).click();
    const desk = await opened;
    await expect(desk.getByRole("heading", { level: 1 })).toHaveText(t(heading));
    await desk.close();
  }
});

test("an officer signs in by hand; a wrong password and a used code are refused", async ({ desk, province, t, page }) => {
  await desk.openSignIn();
  const account = async () => {
    const { password, roles } = (await province.story()).desk;
    return { password, ...roles.find((role) => role.slug === "epidemiologist") };
  };
  const { password, login = "", code = "" } = await account();
  const fill = async (secret: string) => {
    await page.getByLabel(t("auth-login")).fill(login);
    await page.getByLabel(t("desk-password")).fill(secret);
    await page.getByLabel(t("auth-code")).fill(code);
    await page.getByRole("button", { name: t("desk-sign-in") }).click();
  };
  await fill("not the password");
  await expect(page.getByText(t("auth-wrong"))).toBeVisible();
  await fill(password);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(t("console-nav-cases"));
  await page.context().clearCookies();
  await desk.openSignIn();
  await fill(password);
  await expect(page.getByText(t("auth-wrong"))).toBeVisible();
});

test("a case is opened from the phone call, a code is issued and its state is seen", async ({ desk, page, t }) => {
  await desk.enter("tracer", "/desk/cases/new");
  await page.getByLabel(t("cases-field-name")).fill("Võ Thị Thử");
  await page.getByLabel(t("cases-field-phone")).fill("0912000111");
  const unit = page.getByLabel(t("cases-field-unit"));
  await unit.selectOption({ index: 1 });
  await page.getByLabel(t("cases-field-test")).fill("12/7");
  await page.getByRole("button", { name: t("cases-open") }).click();
  await expect(page.getByRole("heading", { name: t("cases-timeline") })).toBeVisible();
  const label = /BN-\S+/.exec((await page.getByRole("heading", { level: 1 }).textContent()) ?? "")?.[0] ?? "";
  expect(label).not.toBe("");
  expect(await page.content()).not.toContain("Võ Thị Thử");
  await page.keyboard.press("m");
  await page.getByRole("button", { name: t("desk-issue"), exact: true }).click();
  await expect(page.locator(".groups b")).toHaveCount(8);
  const code = (await page.locator(".groups b").allTextContents()).join("");
  expect(code).toMatch(/^[2-9A-HJKMNP-Z]{8}$/);
  await expect(page.locator("#state")).toHaveText(t("desk-state-issued"));
  await expect(page.locator("#left")).toHaveText(/\d+:\d\d/);
  await expect(page.locator("#link")).toHaveValue(/\/app\/#code=[2-9A-HJKMNP-Z-]{16,19}$/);
  await desk.goto("/desk/cases");
  await expect(page.getByRole("row", { name: label })).toBeVisible();
  expect(await page.content()).not.toContain(code);
});

test("from Nam's positive test one goes to his case, and sees that his phone was allowed to share", async ({ start, context, t }) => {
  await start.play();
  const opened = context.waitForEvent("page");
  await start.page.getByRole("link", { name: t("case-open") }).click();
  const nam = await opened;
  await expect(nam.getByRole("heading", { name: t("cases-timeline") })).toBeVisible();
  await nam.waitForLoadState();
  await nam.keyboard.press("m");
  await expect(nam.locator("tbody").getByText(t("desk-state-certified"), { exact: true })).toBeVisible();
});
