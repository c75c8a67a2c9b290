// The story of the start page, from the letter to three phones: two ring, one does not.
import { expect, PUBLISHED_MS, type StartPage, test } from "./stage";

const THE_DAY = "13/7/2021";
const CLAUSES = 12;

/** The number in a text written in either language. */
function numberIn(text: string, language: "vi" | "en"): number {
  const found = /\d[\d.,]*/.exec(text)?.[0] ?? "";
  return Number(language === "vi" ? found.replace(/\./g, "").replace(",", ".") : found.replace(/,/g, ""));
}

test("the start page says that everything is simulated and shows the letter with live numbers", async ({ start, t }) => {
  await start.open();
  const { page } = start;
  await expect(page.getByText(t("banner"), { exact: true })).toBeInViewport();
  await expect(page.getByRole("heading", { name: t("demo-heading") })).toBeVisible();
  const clauses = page.getByRole("region", { name: t("letter-heading") }).getByRole("listitem");
  await expect(clauses).toHaveCount(CLAUSES);
  await expect(clauses.filter({ hasText: t("clause-preamble") }).locator("button b").first()).toHaveText(/\d+([.,]\d)?\s?%/);
  // A clause has a figure or says that it has none; there is no third.
  for (const clause of await clauses.all()) {
    const figures = await clause.getByRole("button").count();
    expect((figures > 0 ? 1 : 0) + (await clause.getByText(t("not-yet")).count())).toBe(1);
  }
  const clock = page.locator("time");
  const before = await clock.textContent();
  await expect(clock).not.toHaveText(before ?? "");
});

test("every number shows what it counts, of what, from where and when", async ({ start, t }) => {
  await start.open();
  const { page } = start;
  const figures = page.locator("button[popovertarget]:not(.btn)");
  await expect(figures.first()).toBeVisible();
  for (const figure of await figures.all()) {
    const shown = (await figure.locator("b").textContent()) ?? "";
    await figure.click();
    const dialog = page.getByRole("dialog").filter({ visible: true });
    const part = (name: string) => dialog.locator("dt", { hasText: new RegExp(`^${name}$`) }).locator("+ dd");
    await expect(part(t("metric-definition"))).toHaveText(/\p{L}{3}/u);
    await expect(part(t("metric-source"))).toHaveText(/\p{L}{3}/u);
    await expect(part(t("metric-time"))).toHaveText(/^\d\d:\d\d, \d{1,2}\/\d{1,2}\/\d{4}$/);
    if (shown.includes("%")) await checkShare(shown, part(t("metric-numerator")), part(t("metric-denominator")), start.language);
    else await expect(part(t("metric-value"))).toContainText(shown);
    await dialog.getByRole("button", { name: t("close") }).click();
    await expect(dialog).toBeHidden();
  }
});

/** A share is what numerator and denominator say. */
async function checkShare(shown: string, numerator: import("@playwright/test").Locator, denominator: import("@playwright/test").Locator, language: "vi" | "en") {
  await expect(numerator).toHaveText(/\d.*\p{L}{3}/u);
  await expect(denominator).toHaveText(/\d.*\p{L}{3}/u);
  const [above, below] = [(await numerator.textContent()) ?? "", (await denominator.textContent()) ?? ""];
  const share = (100 * numberIn(above, language)) / numberIn(below, language);
  // The numbers are read again every few seconds: the one clicked may be a moment older.
  expect(Math.abs(share - numberIn(shown, language))).toBeLessThan(5);
}

test("Nam tests positive, two phones ring, one does not", async ({ start, province, t }) => {
  await province.fresh();
  await start.open();
  const { page } = start;
  await test.step("before: nobody has a notice, Hùng's phone has compared with nothing", async () => {
    for (const slug of ["lan", "mai", "hung"] as const) await expect(start.article(slug)).toContainText(t("phone-quiet"));
  });
  await test.step("the desk confirms the case and reads the code", async () => {
    await page.getByRole("button", { name: t("case-press") }).click();
    await expect(page.locator(".code b")).toHaveText(/^[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}$/);
    await expect(step(start, "confirmed")).toHaveClass(/done/);
  });
  await test.step("Nam shares on his own phone", async () => {
    await page.getByRole("button", { name: t("case-to-phone") }).click();
    await shareByHand(start);
    await expect(step(start, "shared")).toHaveClass(/done/);
    await expect(start.article("nam")).toContainText(t("phone-shared"));
  });
  await test.step("the keys are published", () => expect(step(start, "exported")).toHaveClass(/done/, { timeout: PUBLISHED_MS }));
  await test.step("Lan and Mai are told, each by her own phone", async () => {
    for (const slug of ["lan", "mai"] as const) {
      await expect(start.article(slug)).toContainText(t("phone-rang", { day: THE_DAY }), { timeout: PUBLISHED_MS });
      const frame = await start.phone(slug);
      await expect(frame.getByRole("heading", { level: 1 })).toHaveText(t("home-exposed-demo", { name: slug === "lan" ? "Lan" : "Mai", day: THE_DAY }));
    }
    await expect(page.locator("main ol li:has(.st)").last()).toContainText(t("step-rang-count", { count: 2 }));
  });
  await test.step("Hùng's phone has compared the same keys and stays quiet", () => hungStaysQuiet(start));
  province.played = true;
});

const step = (start: StartPage, id: string) => start.page.locator("main ol li:has(.st)", { hasText: start.t(`step-${id}`) });

// The frames are drawn smaller than they are. Playwright looks for what lies under the mouse in the frame's own scale and
// would wait for ever; the mouse itself goes to the right place.
const THROUGH_SCALE = { force: true };

async function shareByHand(start: StartPage) {
  const { t } = start;
  const frame = await start.phone("nam");
  await expect(frame.getByText(t("share-hint-good"))).toBeVisible();
  await frame.getByRole("button", { name: t("share-next") }).click(THROUGH_SCALE);
  await expect(frame.getByRole("checkbox").first()).toBeChecked();
  await frame.getByRole("button", { name: t("share-next") }).click(THROUGH_SCALE);
  await expect(frame.getByText(t("share-confirm-not"))).toBeVisible();
  await frame.getByRole("button", { name: t("share-send"), exact: true }).click(THROUGH_SCALE);
  await expect(frame.getByRole("heading", { name: t("share-done-title") })).toBeVisible();
}

async function hungStaysQuiet(start: StartPage) {
  const { t } = start;
  const frame = await start.phone("hung");
  await frame.getByRole("link", { name: t("nav-stored") }).press("Enter");
  await expect(frame.locator("summary", { hasText: t("stored-imports") }).locator(".sum")).toHaveText(/\d/, { timeout: PUBLISHED_MS });
  // Heard, computed, and too short: the phone has reasons and no notice.
  await expect(frame.locator("summary", { hasText: t("stored-exposures") }).locator(".sum")).toHaveText(/\d/);
  await expect(frame.locator("summary", { hasText: new RegExp(`^${t("stored-notices")}`) }).locator(".sum")).toHaveText(t("stored-nothing"));
  await frame.getByRole("link", { name: t("nav-home") }).press("Enter");
  await expect(frame.getByRole("heading", { level: 1 })).toHaveText(t("home-clear-demo", { name: "Hùng" }));
  await expect(start.article("hung")).toContainText(t("phone-quiet"));
}

test("the servers know nothing of Lan, and the search that says so can find", { tag: "@twice" }, async ({ start, t }) => {
  await start.play();
  const { page } = start;
  await page.getByRole("button", { name: t("knowledge-search"), exact: true }).click();
  const about = page.getByRole("region", { name: t("knowledge-heading") });
  await expect(about.getByRole("heading", { name: t("knowledge-nothing", { name: "Lan" }) })).toBeVisible();
  const [lan, nam] = [about.locator("table").first(), about.locator("table").last()];
  const rows = await lan.locator("tbody tr").all();
  expect(rows.length).toBeGreaterThan(10);
  for (const row of rows) await expect(row.locator("td").last()).toHaveText("0");
  for (const side of ["keys", "authority"]) await expect(lan.getByRole("cell", { name: t(`knowledge-${side}`), exact: true }).first()).toBeVisible();
  await rows[0]!.locator("summary").click();
  await expect(rows[0]!.locator("details code")).toContainText("SELECT");
  expect(await lan.locator("details code", { hasText: "SELECT" }).count()).toBe(rows.length);
  await expect(nam.locator("tr.hit").filter({ hasText: "diagnosis_key" })).toHaveCount(1);
});

test("more adopters find more contacts, as p and p² say", { tag: "@twice" }, async ({ start, t, language }, info) => {
  test.setTimeout(400_000);
  // The whole way takes minutes in a development build: one project walks it, the others take one step.
  const shares = info.project.name === "desktop, Vietnamese" ? [0.16, 0.6] : [0.16, 0.2];
  await start.open();
  const { page } = start;
  for (const [at, share] of shares.entries()) {
    const percent = Math.round(share * 100);
    await page.getByRole("slider").fill(String(percent));
    await page.getByRole("button", { name: t("adoption-run", { percent }) }).click();
    await expect(page.locator("g.given circle")).toHaveCount(at + 1, { timeout: 300_000 });
  }
  await expect(page.locator("g.pairs rect")).toHaveCount(2);
  await expect(page.locator("path.p")).toBeVisible();
  await expect(page.locator("path.p2")).toBeVisible();
  await expect(page.getByText(t.like("adoption-recording"))).toBeVisible();
  const chart = page.getByRole("region", { name: t("adoption-heading") });
  for (const [at, p] of shares.entries()) {
    const cells = chart.locator("tbody tr").nth(at).locator("td");
    const [given, pairs] = [numberIn((await cells.nth(1).textContent()) ?? "", language), numberIn((await cells.nth(2).textContent()) ?? "", language)];
    expect(Math.abs(given / 100 - p)).toBeLessThan(0.12);
    expect(Math.abs(pairs / 100 - p * p)).toBeLessThan(0.12);
  }
});
