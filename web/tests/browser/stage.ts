// What every browser test starts from: a running demo, the texts of its language, and hands for the start page and the phones.
import { test as base, expect, type FrameLocator, type Locator, type Page } from "@playwright/test";
import { type RunningDemo, startDemo } from "./process";
import { type Language, type Texts, texts } from "./texts";

export type Slug = "nam" | "lan" | "mai" | "hung";
export const NAMES: Record<Slug, string> = { nam: "Nam", lan: "Lan", mai: "Mai", hung: "Hùng" };

/** Real time in which a file of keys is published and fetched, at the demo's usual rate. */
export const PUBLISHED_MS = 60_000;

export interface Options {
  language: Language;
}

interface Story {
  desk: { url: string; password: string; roles: { slug: Role; login: string; code: string }[] };
  case: { state: string; code: { short: string } | null; path: string | null };
  steps: { id: string; at: number | null }[];
}

/** The demo of a worker; started anew for a test that must see it from the beginning. */
export class Province {
  #running: RunningDemo | null = null;
  /** Nam has shared and his keys are published. */
  played = false;

  async fresh(): Promise<void> {
    if (this.#running && (await this.story()).steps.some((step) => step.at !== null)) await this.stop();
    this.#running ??= await startDemo();
  }

  get url(): string {
    if (!this.#running) throw new Error("the demo does not run");
    return this.#running.url;
  }

  async stop(): Promise<void> {
    await this.#running?.stop();
    this.#running = null;
    this.played = false;
  }

  async story(): Promise<Story> {
    return (await (await fetch(`${this.url}/demo/v1/story`)).json()) as Story;
  }

  /** Has the desk issue a code that nobody used yet. */
  async unusedCode(): Promise<string> {
    const before = await this.story();
    const used = before.steps.some((step) => step.id === "shared" && step.at !== null);
    const old = used ? before.case.code?.short : undefined;
    await fetch(`${this.url}/demo/v1/case`, { method: "POST" });
    let code: string | undefined;
    await expect.poll(async () => (code = (await this.story()).case.code?.short) !== undefined && code !== old).toBe(true);
    return code ?? "";
  }
}

/** The start page. */
export class StartPage {
  constructor(
    readonly page: Page,
    readonly province: Province,
    readonly language: Language,
    readonly t: Texts,
  ) {}

  async open(): Promise<void> {
    await this.page.goto(`${this.province.url}/?lang=${this.language}`);
    await expect(this.article("nam")).toBeAttached();
  }

  article(slug: Slug): Locator {
    return this.page.locator("article", { has: this.page.locator(".who b", { hasText: new RegExp(`^${NAMES[slug]}$`) }) });
  }

  /** The phone's screen; on a narrow page it is brought to the front first. */
  async phone(slug: Slug): Promise<FrameLocator> {
    const tab = this.page.getByRole("button", { name: NAMES[slug], exact: true });
    if (await tab.isVisible()) await tab.click();
    const frame = this.page.frameLocator(`iframe[title="${this.t("phone-frame", { name: NAMES[slug] })}"]`);
    await expect(frame.locator("nav")).toBeVisible();
    return frame;
  }

  /** Has Nam share, so that Lan's phone rings; nothing when that has been done. */
  async play(): Promise<void> {
    if (this.province.played) return await this.open();
    await this.province.unusedCode();
    await this.open();
    await this.page.getByRole("button", { name: this.t("case-do") }).click();
    await expect(this.article("lan")).toContainText(this.t.like("phone-rang"), { timeout: PUBLISHED_MS });
    this.province.played = true;
  }
}

/** A phone of the demo as a page of its own. */
export class PhonePage {
  constructor(
    readonly page: Page,
    readonly province: Province,
    readonly language: Language,
    readonly t: Texts,
  ) {}

  async open(slug: Slug, route = "#/"): Promise<void> {
    await this.page.goto(this.address(slug, route));
    await expect(this.page.locator("nav")).toBeVisible();
  }

  address(slug: Slug, route = "#/"): string {
    return `${this.province.url}/app/?demo=/demo/v1/phones/${slug}&lang=${this.language}${route}`;
  }

  async goto(route: string): Promise<void> {
    await this.page.evaluate((hash) => (location.hash = hash), route);
  }

  /** Opens an ordinary phone, one that no demo plays, as far as its welcome. */
  async openOrdinary(route = ""): Promise<void> {
    await this.page.goto(`${this.province.url}/app/?lang=${this.language}${route}`);
    await expect(this.page.getByRole("heading", { name: this.t("welcome-title") })).toBeVisible();
  }

  async agree(): Promise<void> {
    await this.page.getByRole("checkbox").check();
    await this.page.getByRole("button", { name: this.t("welcome-start") }).click();
    await expect(this.page.locator("nav")).toBeVisible();
  }

  /** Waits for the notice, then opens it. */
  async openNotice(): Promise<void> {
    const card = this.page.getByRole("link", { name: this.t("home-open-notice") });
    await expect(card).toBeVisible({ timeout: PUBLISHED_MS });
    await card.click();
    await expect(this.page.getByRole("heading", { name: this.t("notice-title") })).toBeVisible();
  }
}

/** The roles of the start page's bar. */
export type Role = "administrator" | "tracer" | "team-lead" | "epidemiologist" | "auditor" | "commune" | "team-lead-2" | "leadership";

/** The desk, entered by the start page's role bar or by hand. */
export class DeskPage {
  constructor(
    readonly page: Page,
    readonly province: Province,
    readonly language: Language,
    readonly t: Texts,
  ) {}

  /** Opens the sign-in page as somebody whom nobody let in yet. */
  async openSignIn(): Promise<void> {
    await this.page.goto(`${(await this.province.story()).desk.url}/sign-in?lang=${this.language}`);
    await expect(this.page.getByRole("heading", { name: this.t("desk-sign-in") })).toBeVisible();
  }

  /** Enters in a role, at a page of the desk. */
  async enter(role: Role, then = "/desk"): Promise<void> {
    await this.page.goto(`${this.province.url}/enter/${role}?${new URLSearchParams({ then, lang: this.language })}`);
    await expect(this.page.getByRole("heading", { level: 1 })).toBeVisible();
  }

  /** Goes to another page of the desk. */
  async goto(path: string): Promise<void> {
    await this.page.goto(new URL(path, this.page.url()).href);
    await expect(this.page.getByRole("heading", { level: 1 })).toBeVisible();
  }
}

interface Fixtures {
  t: Texts;
  start: StartPage;
  phone: PhonePage;
  desk: DeskPage;
  quiet: undefined;
}

interface WorkerFixtures extends Options {
  province: Province;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  language: ["vi", { option: true, scope: "worker" }],
  province: [
    async ({}, use) => {
      const province = new Province();
      await province.fresh();
      await use(province);
      await province.stop();
    },
    { scope: "worker", timeout: 180_000 },
  ],
  t: async ({ language }, use) => use(await texts(language)),
  start: async ({ page, province, language, t }, use) => use(new StartPage(page, province, language, t)),
  phone: async ({ page, province, language, t }, use) => use(new PhonePage(page, province, language, t)),
  desk: async ({ page, province, language, t }, use) => use(new DeskPage(page, province, language, t)),
  // No test may leave an error on a page unnoticed.
  quiet: [
    async ({ page }, use) => {
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(error.message));
      await use(undefined);
      expect(errors).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
