// A place and its poster: registered by an owner, scanned and typed by a visitor, seen by a tracer.
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generate } from "lean-qr";
import { digits, doorsOf, freshNumber, registerPerson } from "./doors";
import { expect, test } from "./stage";

test("an owner registers a place from the start page and prints its poster", async ({ start, context, province, t, language }) => {
  await start.open();
  const [page] = await Promise.all([context.waitForEvent("page"), start.page.getByRole("link", { name: t("doors-register") }).click()]);
  await page.getByRole("link", { name: t("venue-register"), exact: true }).click();
  const field = (id: string) => page.getByRole("textbox", { name: t(id) });
  const began = Date.now();
  const number = freshNumber();
  await field("venue-name").fill("Quán cơm Bảy Hiền");
  await page.getByRole("combobox", { name: t("venue-kind"), exact: false }).first().selectOption("restaurant");
  await page.getByRole("combobox", { name: t("venue-commune") }).selectOption({ index: 3 });
  await field("venue-owner").fill("Trần Thị Hiền");
  await field("venue-phone").fill("12");
  await page.getByRole("button", { name: t("proof-send") }).click();
  await expect(page.getByText(t("venue-wrong-phone")).first()).toBeVisible();
  await field("venue-phone").fill(number);
  await page.getByRole("button", { name: t("proof-send") }).click();
  await field("proof-code").fill(await digits(province.url, number));
  await page.getByRole("button", { name: t("proof-confirm") }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Quán cơm Bảy Hiền");
  const poster = await page.getByRole("link", { name: t("venue-poster-a4"), exact: true }).getAttribute("href");
  const pdf = await page.request.get(new URL(poster ?? "", page.url()).href);
  expect((await pdf.body()).subarray(0, 5).toString()).toBe("%PDF-");
  // From nothing to a poster: a minute for a person, of which the machine may take a part.
  expect(Date.now() - began).toBeLessThan(60_000);
  await expect(page.locator("html")).toHaveAttribute("lang", language);
  await page.goto(new URL("/venues", page.url()).href);
  await expect(page.getByRole("link", { name: /Quán cơm Bảy Hiền/ })).toBeVisible();
  await page.close();
});

test("a visitor types a poster's code, is there, and leaves", async ({ phone, province, t }) => {
  const place = (await doorsOf(province.url)).places[0];
  if (!place) throw new Error("the province has no place");
  await phone.open("lan");
  const { page } = phone;
  await page.getByRole("link", { name: t("nav-scan"), exact: true }).click();
  const field = page.getByRole("textbox", { name: t("scan-type") });
  await field.fill("2222223");
  await page.getByRole("button", { name: t("scan-enter") }).click();
  await expect(page.getByText(t("scan-wrong-unknown"))).toBeVisible();
  await field.fill(place.code.toLowerCase());
  await page.getByRole("button", { name: t("scan-enter") }).click();
  await expect(page.getByText(t("scan-in"), { exact: true })).toBeVisible();
  await expect(page.getByRole("heading", { name: place.name })).toBeVisible();
  await page.getByRole("link", { name: t("nav-home"), exact: true }).click();
  await expect(page.getByText(t("home-here", { name: place.name }))).toBeVisible();
  await page.getByRole("button", { name: t("scan-leave"), exact: true }).click();
  await expect(page.getByText(t("home-here", { name: place.name }))).toBeHidden();
  await page.getByRole("link", { name: t("nav-places"), exact: true }).click();
  await page.getByRole("button", { name: t("places-forget", { name: place.name }) }).first().click();
  await expect(page.getByText(t("places-none"))).toBeVisible();
});

test("scans are registered for whoever chose it, those made without a network too", { tag: "@twice" }, async ({ phone, province, context, t }) => {
  const places = (await doorsOf(province.url)).places;
  const first = places[0];
  if (!first) throw new Error("the province has no place");
  await phone.open("mai");
  const { page } = phone;
  await phone.goto("#/register");
  await registerPerson(page, province.url, t, "Lê Thị Mai");
  await expect(page.getByText(t("places-registered"))).toBeVisible();
  await phone.goto("#/scan");
  await page.getByRole("textbox", { name: t("scan-type") }).fill(first.code);
  await page.getByRole("button", { name: t("scan-enter") }).click();
  await expect(page.getByText(t("scan-in"), { exact: true })).toBeVisible();
  await context.setOffline(true);
  await page.getByRole("button", { name: t("scan-leave"), exact: true }).click();
  await phone.goto("#/places");
  await expect(page.getByText(t("places-waiting", { count: 1 }))).toBeVisible();
  await context.setOffline(false);
  await expect(page.getByText(t.like("places-waiting"))).toBeHidden({ timeout: 40_000 });
  await page.getByRole("button", { name: t("places-unregister") }).click();
  await expect(page.getByRole("link", { name: t("places-register") })).toBeVisible();
});

/** A film of one code for the fake camera: grey frames, then the code. */
function film(text: string): string {
  const [width, height] = [640, 480];
  const code = generate(text);
  const scale = Math.floor((height - 40) / (code.size + 8));
  const luma = Buffer.alloc(width * height, 200);
  const [left, top] = [Math.floor((width - code.size * scale) / 2), Math.floor((height - code.size * scale) / 2)];
  for (let y = -4 * scale; y < (code.size + 4) * scale; y += 1) {
    for (let x = -4 * scale; x < (code.size + 4) * scale; x += 1) {
      const dark = x >= 0 && y >= 0 && code.get(Math.floor(x / scale), Math.floor(y / scale));
      luma[(top + y) * width + left + x] = dark ? 20 : 240;
    }
  }
  const frame = Buffer.concat([Buffer.from("FRAME\n"), luma, Buffer.alloc((width * height) / 2, 128)]);
  const path = join(tmpdir(), `vunglam-film-${process.pid}.y4m`);
  writeFileSync(path, Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F15:1 Ip A1:1 C420jpeg\n`), ...Array.from({ length: 30 }, () => frame)]));
  return path;
}

test("the camera reads a poster", async ({ playwright, province, t, language }) => {
  const place = (await doorsOf(province.url)).places[0];
  if (!place) throw new Error("the province has no place");
  const told = (await (await fetch(`${new URL(place.address).origin}/v1/venues/${place.code.replace("-", "")}`)).json()) as { code: string };
  const poster = `${new URL(place.address).origin.toUpperCase()}/V/${told.code}`;
  const browser = await playwright.chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${film(poster)}`],
  });
  try {
    const context = await browser.newContext({ viewport: { width: 390, height: 844 }, permissions: ["camera"] });
    const page = await context.newPage();
    await page.goto(`${province.url}/app/?demo=/demo/v1/phones/hung&lang=${language}#/scan`);
    await page.getByRole("button", { name: t("scan-start") }).click();
    await expect(page.getByRole("heading", { name: place.name })).toBeVisible();
    await expect(page.getByText(t("scan-in"), { exact: true })).toBeVisible();
    // Without leave to use the camera there is still the code to type.
    const barred = await (await browser.newContext({ viewport: { width: 390, height: 844 } })).newPage();
    await barred.goto(`${province.url}/app/?demo=/demo/v1/phones/lan&lang=${language}#/scan`);
    await barred.getByRole("button", { name: t("scan-start") }).click();
    await expect(barred.getByText(t("scan-refused"))).toBeVisible();
    await expect(barred.getByRole("textbox", { name: t("scan-type") })).toBeVisible();
  } finally {
    await browser.close();
  }
});

test("a visitor without an app checks in on the poster's page", async ({ page, province, t, language }) => {
  const place = (await doorsOf(province.url)).places[1];
  if (!place) throw new Error("the province has no second place");
  await page.goto(`${place.address}?lang=${language}`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(place.name);
  await page.getByRole("textbox", { name: t("visit-name") }).fill("Nguyễn Văn Khách");
  await page.getByRole("textbox", { name: t("visit-phone") }).fill(freshNumber());
  await page.getByRole("button", { name: t("visit-in") }).click();
  await expect(page.getByText(t.like("visit-done-in"))).toBeVisible();
  await page.getByRole("button", { name: t("visit-leave") }).click();
  await expect(page.getByText(t.like("visit-done-out"))).toBeVisible();
  await page.goto(`${new URL(place.address).origin}/v/hello?lang=${language}`);
  await expect(page.getByText(t("venue-code-foreign"))).toBeVisible();
});

test("a tracer sees where a case was and makes contacts of those who were there", async ({ desk, page, t }) => {
  await desk.enter("tracer");
  await page.goto(`${new URL(page.url()).origin}/desk/cases`);
  // Cases of the last days have scans; the newest first.
  const links = await page.locator("table a[data-row]").evaluateAll((all) => all.map((it) => it.getAttribute("href") ?? ""));
  let found = false;
  for (const href of links.slice(0, 30)) {
    await page.goto(new URL(href, page.url()).href);
    const scanned = page.locator(".tline li").filter({ hasText: t("cases-source-scan") });
    if ((await scanned.count()) === 0) continue;
    await scanned.first().getByRole("link", { name: t("cases-company-open") }).focus();
    await page.keyboard.press("c");
    await expect(page.getByText(t("cases-company-recorded"))).toBeVisible();
    const boxes = page.getByRole("checkbox");
    if ((await boxes.count()) === 0) continue;
    await boxes.first().check();
    await page.getByRole("button", { name: t("cases-company-add") }).click();
    await expect(page.getByText(t("cases-entered", { count: "1" }))).toBeVisible();
    found = true;
    break;
  }
  expect(found).toBe(true);
});
