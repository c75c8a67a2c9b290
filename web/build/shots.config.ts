import base from "../playwright.config";

// `npm run shots` with VUNGLAM naming the built program: the pictures of the README, written to docs/images.
// REVIEW=folder also writes every page in the windows and languages of the tests.
export default {
  ...base,
  testDir: ".",
  testMatch: "shots.ts",
  outputDir: "../test-results",
  projects: process.env["REVIEW"] ? base.projects : [{ name: "README", use: { language: "vi", viewport: { width: 1440, height: 900 } } }],
};
