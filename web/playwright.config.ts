import { defineConfig } from "@playwright/test";
import type { Options } from "./tests/browser/stage";

const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1440, height: 900 };

// What a test tagged @twice looks at depends on neither language nor size alone: two of the four combinations show it.
const project = (name: string, language: "vi" | "en", viewport: typeof PHONE) => ({
  name,
  grepInvert: (language === "vi") === (viewport === PHONE) ? [] : [/@twice/],
  use: { language, viewport, hasTouch: viewport === PHONE },
});

// Debian's Chromium; nothing is downloaded. One worker: the machine that must manage has two cores.
export default defineConfig<Options>({
  testDir: "tests/browser",
  outputDir: "test-results",
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  forbidOnly: true,
  reporter: "list",
  use: {
    launchOptions: { executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium", args: ["--no-sandbox"] },
    actionTimeout: 15_000,
    screenshot: "only-on-failure",
    trace: "off",
  },
  projects: [
    project("phone, Vietnamese", "vi", PHONE),
    project("phone, English", "en", PHONE),
    project("desktop, Vietnamese", "vi", DESKTOP),
    project("desktop, English", "en", DESKTOP),
  ],
});
