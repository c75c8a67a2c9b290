import base from "../playwright.config";

// `npm run shots` with VUNGLAM naming the built program: the pictures of the README, written to docs/images.
// REVIEW=folder writes every page instead, in the windows and languages of the tests.
const review = process.env["REVIEW"] !== undefined;

export default {
  ...base,
  testDir: ".",
  testMatch: "shots.ts",
  outputDir: "../test-results",
  grep: review ? /^.*review$/ : /^.*README$/,
  projects: review ? base.projects : [{ name: "README", use: { language: "vi", viewport: { width: 1440, height: 900 } } }],
};
