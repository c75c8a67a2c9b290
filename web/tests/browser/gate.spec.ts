// A gate on a device: opened by its owner, scanning with and without a network, and what a thief of the device finds.
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext, Page } from "@playwright/test";
import { registerPerson } from "./doors";
import { type Province, expect, test as base } from "./stage";
import { type Texts, texts } from "./texts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

const test = base.extend<{ g: Texts }>({ g: async ({ language }, use) => use(await texts(language, ["common", "gate"])) });

/** Gets an opening code as the owner; the address of the gate's page with the secret behind the #. */
async function openingCode(page: Page, province: Province, t: Texts, language: string): Promise<string> {
  await page.goto(`${province.url}/enter/owner?lang=${language}`);
  await page.getByRole("button", { name: t("gate-link-make") }).click();
  return (await page.getByRole("link", { name: t("gate-link-here") }).getAttribute("href")) ?? "";
}

async function openGate(page: Page, g: Texts): Promise<void> {
  await page.getByRole("button", { name: g("lock-open"), exact: true }).click();
  await expect(page.getByRole("heading", { name: g("ready-title") })).toBeVisible();
}

async function writeDown(page: Page, g: Texts, name: string, phone: string): Promise<void> {
  await page.getByRole("button", { name: g("help-someone"), exact: true }).click();
  await page.getByRole("textbox", { name: g("help-name") }).fill(name);
  await page.getByRole("textbox", { name: g("help-phone") }).fill(phone);
  await page.keyboard.press("Enter");
}

async function seriousOf(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const found = (await page.evaluate("axe.run(document, { resultTypes: ['violations'] }).then((result) => result.violations)")) as { id: string; impact: string; nodes: { html: string }[] }[];
  return found.filter((one) => one.impact === "serious" || one.impact === "critical").map((one) => `${one.id}: ${one.nodes[0]?.html}`);
}

test("a gate is opened from the start page, scans, is cut off, and everything arrives", async ({ start, context, t, g }) => {
  await start.open();
  const [owner] = await Promise.all([context.waitForEvent("page"), start.page.getByRole("link", { name: t("doors-gate") }).click()]);
  await owner.getByRole("button", { name: t("gate-link-make") }).click();
  const [page] = await Promise.all([context.waitForEvent("page"), owner.getByRole("link", { name: t("gate-link-here") }).click()]);
  await openGate(page, g);
  // On a wide screen what a guard presses stands beside the camera, on a telephone below it, and both are in sight.
  const [camera, way] = [page.getByRole("region", { name: g("ready-title") }), page.getByRole("group", { name: g("way") })];
  await expect(way).toBeInViewport({ ratio: 1 });
  const [left, right] = [await camera.boundingBox(), await way.boundingBox()];
  const isWide = (page.viewportSize()?.width ?? 0) >= 896;
  expect((right?.x ?? 0) >= (left?.x ?? 0) + (left?.width ?? 0)).toBe(isWide);
  expect((right?.y ?? 0) >= (left?.y ?? 0) + (left?.height ?? 0)).toBe(!isWide);
  // The secret does not stay in the address.
  expect(page.url()).not.toContain("enrol");
  const told = page.locator(".outcome");
  const picture = (name: RegExp) => page.getByRole("button", { name }).click();
  await picture(/Bảy/);
  await expect(told).toContainText(g("took-in"));
  await expect(told).toContainText(g("took-paper"));
  await picture(/Bảy/);
  await expect(told).toContainText(g("took-again"));
  await picture(/giả|forged/);
  await expect(told).toContainText(g("stop-forged"));
  await expect(page.getByText(g("sent-all"))).toBeVisible();
  await expect(page.getByText(g("inside", { count: 1 }))).toBeVisible();

  await page.getByRole("button", { name: g("demo-cut"), exact: true }).click();
  await page.getByText(g("way-out"), { exact: true }).click();
  await picture(/Bảy/);
  await expect(told).toContainText(g("took-out"));
  await page.getByText(g("way-in"), { exact: true }).click();
  await picture(/Út/);
  await expect(told).toContainText(g("took-in"));
  await picture(/Sáu/);
  await expect(page.getByText(g("unsent", { count: 3 }))).toBeVisible();
  expect(await seriousOf(page)).toEqual([]);
  // A gate that is opened again has them still.
  await page.reload();
  await openGate(page, g);
  await expect(page.getByText(g("sent-all"))).toBeVisible();
  await expect(page.getByText(g("inside", { count: 2 }))).toBeVisible();

  await writeDown(page, g, "1234", "0912");
  await expect(told).toContainText(g("stop-typed"));
  await page.keyboard.press("Escape");
  await writeDown(page, g, "Nguyễn Thị Mười", "0920 000 778");
  await expect(told).toContainText(g("took-typed"));
  await page.getByRole("button", { name: g("list-open"), exact: true }).click();
  await page.getByRole("textbox", { name: g("list-paste") }).fill("1. Trần Văn Tám\t0920000779\nLê Thị Chín; 0920000780\nkhông số");
  await page.getByRole("button", { name: g("list-read") }).click();
  await expect(page.getByText(g("list-row-wrong"))).toBeVisible();
  expect(await seriousOf(page)).toEqual([]);
  await page.getByRole("button", { name: g("list-save", { count: 2, way: g("way-in").toLowerCase() }) }).click();
  await expect(page.getByText(g("list-saved", { count: 2 }))).toBeVisible();
  await page.getByRole("button", { name: g("close"), exact: true }).click();
  await expect(page.getByText(g("inside", { count: 5 }))).toBeVisible();
  await page.getByRole("button", { name: g("shift-open"), exact: true }).click();
  await expect(page.locator("dl")).toContainText(g("shift-anyone"));
  expect(await seriousOf(page)).toEqual([]);
  await page.getByRole("button", { name: g("shift-hand"), exact: true }).click();
  await expect(page.getByRole("button", { name: g("lock-open"), exact: true })).toBeVisible();
});

test("a person's own code opens a gate while it is shown, and a picture of it does not", async ({ phone, context, province, t, g, language }) => {
  await phone.open("mai", "#/mine");
  await expect(phone.page.getByText(t("mine-register"))).toBeVisible();
  await phone.page.getByRole("link", { name: t("mine-register-open") }).click();
  await registerPerson(phone.page, province.url, t, "Lê Thị Mai");
  const code = phone.page.getByRole("img", { name: t("mine-code") });
  await expect(code).toBeVisible();
  expect(await seriousOf(phone.page)).toEqual([]);
  const gate = await context.newPage();
  await gate.goto(await openingCode(gate, province, t, language));
  await openGate(gate, g);
  const told = gate.locator(".outcome");
  const hold = (buffer: Buffer) => gate.locator('input[type="file"]').setInputFiles({ name: "code.png", mimeType: "image/png", buffer });
  // Without a network, as at a factory's gate: a fortnight's passes are on the phone.
  await context.setOffline(true);
  await phone.page.bringToFront();
  const picture = await code.screenshot();
  await gate.bringToFront();
  await hold(picture);
  await expect(told).toContainText(g("took-in"));
  await expect(told).toContainText(g("took-pass"));
  await hold(picture);
  await expect(told).toContainText(g("took-again"));
  // The province's clock runs tenfold: two of its minutes later the same picture is of no use, and the phone shows another code.
  await expect(async () => {
    await hold(picture);
    await expect(told).toContainText(g("stop-stale"), { timeout: 1_000 });
  }).toPass({ timeout: 40_000 });
  await phone.page.bringToFront();
  const later = await code.screenshot();
  await gate.bringToFront();
  await gate.getByText(g("way-out"), { exact: true }).click();
  await hold(later);
  await expect(told).toContainText(g("took-out"));
  await context.setOffline(false);
  await expect(gate.getByText(g("sent-all"))).toBeVisible();
  await gate.close();
  // Whoever ends the registration has no code any more.
  await phone.goto("#/places");
  await phone.page.getByRole("button", { name: t("places-unregister") }).click();
  await phone.goto("#/mine");
  await expect(phone.page.getByText(t("mine-register"))).toBeVisible();
});

test("an opening code works once, and rules that nobody signed open nothing", { tag: "@twice" }, async ({ page, province, t, g, language }) => {
  const address = await openingCode(page, province, t, language);
  await page.route("**/v1/gates/enrol", async (route) => {
    const answer = await route.fetch();
    const body = (await answer.json()) as { rules: string };
    const [head, payload, signature] = body.rules.split(".");
    const rules = JSON.parse(Buffer.from(payload ?? "", "base64url").toString()) as { takes: string[] };
    rules.takes = [];
    const forged = Buffer.from(JSON.stringify(rules)).toString("base64url");
    await route.fulfill({ response: answer, json: { ...body, rules: [head, forged, signature].join(".") } });
  });
  await page.goto(address);
  await expect(page.getByText(g("enrol-forged"))).toBeVisible();
  await page.unroute("**/v1/gates/enrol");
  await page.goto("about:blank");
  await page.goto(address);
  await expect(page.getByText(g("enrol-used"))).toBeVisible();
  expect(await seriousOf(page)).toEqual([]);
});

test("a clock that is three hours wrong is noticed, and nothing is lost", { tag: "@twice" }, async ({ context, province, t, g, language }) => {
  for (const hours of [3, -3]) {
    const page = await context.newPage();
    const address = await openingCode(page, province, t, language);
    const { now } = (await (await fetch(`${province.url}/demo/v1/story`)).json()) as { now: number };
    await page.addInitScript(`{ const began = performance.now(); Date.now = () => (${now} + ${hours} * 3600) * 1000 + performance.now() - began; }`);
    // An ordinary gate: it goes by the clock of its device.
    await page.goto(address.replace(/demo=[^&#]*&?/, ""));
    await openGate(page, g);
    await expect(page.getByText(g.like("warn-clock"))).toBeVisible();
    await writeDown(page, g, "Nguyễn Thị Mười Một", `092000078${hours > 0 ? 1 : 2}`);
    await expect(page.locator(".outcome")).toContainText(g("took-typed"));
    await expect(page.getByText(g("sent-all"))).toBeVisible();
    await page.close();
  }
});

/** Everything that a folder's files hold, as bytes. */
function* filesOf(folder: string): Generator<Buffer> {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const about = statSync(path, { throwIfNoEntry: false });
    if (about?.isDirectory()) yield* filesOf(path);
    else if (about?.isFile()) yield readFileSync(path);
  }
}

/** Whether a text stands in a profile: as UTF-8, UTF-16, hexadecimal digits or base64. */
function stands(folder: string, text: string): boolean {
  const bytes = Buffer.from(text);
  // Three places in which base64 may begin; the signs at the ends depend on what is beside.
  const coded = [0, 1, 2].map((skip) => Buffer.concat([Buffer.alloc(skip), bytes]).toString("base64").slice(skip + 2, -4));
  const forms = [bytes, Buffer.from(text, "utf16le"), Buffer.from(bytes.toString("hex")), ...coded.map((form) => Buffer.from(form))];
  for (const file of filesOf(folder)) if (forms.some((form) => form.length > 4 && file.includes(form))) return true;
  return false;
}

/** Everything that the page's own databases give out, as text. */
const dump = (page: Page) =>
  page.evaluate(async () => {
    const all: string[] = [];
    for (const { name = "" } of await indexedDB.databases()) {
      const db = await new Promise<IDBDatabase>((done) => (Object.assign(indexedDB.open(name), { onsuccess(this: IDBOpenDBRequest) { done(this.result); } }) && undefined) as void);
      for (const store of Array.from(db.objectStoreNames)) {
        const read = db.transaction(store).objectStore(store).getAll();
        all.push(JSON.stringify(await new Promise((done) => (read.onsuccess = () => done(read.result)))));
      }
    }
    return all.join("\n");
  });

test("whoever steals a gate's device finds nobody in it", { tag: "@twice" }, async ({ playwright, page: owner, province, t, g, language }) => {
  const folder = mkdtempSync(join(tmpdir(), "vunglam-gate-"));
  const people = [["Phạm Thị Thất Lạc", "0920000791"], ["Đỗ Văn Vô Danh", "0920000792"], ["Huỳnh Kín Đáo", "0920000793"]] as const;
  const bait = "Người Làm Mồi 0920000799";
  let context: BrowserContext | undefined;
  try {
    const address = await openingCode(owner, province, t, language);
    context = await playwright.chromium.launchPersistentContext(folder, { executablePath: CHROMIUM, args: ["--no-sandbox"] });
    const page = await context.newPage();
    await page.goto(address);
    await openGate(page, g);
    await page.getByRole("button", { name: g("demo-cut"), exact: true }).click();
    for (const [name, phone] of people) {
      await writeDown(page, g, name, phone);
      await expect(page.locator(".outcome")).toContainText(g("took-typed"));
    }
    await page.getByRole("button", { name: /Bảy/ }).click();
    await expect(page.getByText(g("unsent", { count: 4 }))).toBeVisible();
    // What would be found if it were there: written to the same place by the same browser.
    await page.evaluate(
      (text) =>
        new Promise<void>((done) => {
          const request = indexedDB.open("bait", 1);
          request.onupgradeneeded = () => request.result.createObjectStore("bait");
          request.onsuccess = () => {
            const write = request.result.transaction("bait", "readwrite");
            write.objectStore("bait").put(text, 1);
            write.oncomplete = () => (request.result.close(), done());
          };
        }),
      bait,
    );
    const told = await dump(page);
    await context.close();
    context = undefined;
    expect(told).toContain(bait);
    expect(stands(folder, bait)).toBe(true);
    // Lê Thị Bảy of the picture, and the number on her card.
    for (const text of [...people.flat(), "Thất Lạc", "Lê Thị Bảy", "082161000777"]) {
      expect(told.includes(text), text).toBe(false);
      expect(stands(folder, text), text).toBe(false);
    }
  } finally {
    await context?.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
