// What tests at doors have in common: places of the demo, messages to telephones, people who register.
import { expect, type Page } from "@playwright/test";
import type { Texts } from "./texts";

export interface Doors {
  register: string;
  places: { name: string; code: string; address: string }[];
  messages: { id: string; to: string; text: string }[];
}

/** What the start page shows of doors: places and messages. */
export const doorsOf = async (url: string) => (await (await fetch(`${url}/demo/v1/doors`)).json()) as Doors;

/** The digits of the newest message to a number. */
export async function digits(url: string, number: string): Promise<string> {
  let found = "";
  await expect.poll(async () => (found = /\b\d{6}\b/.exec((await doorsOf(url)).messages.find((message) => message.to === number)?.text ?? "")?.[0] ?? "")).not.toBe("");
  return found;
}

let owners = 0;
/** A number that nobody of the simulated province has. */
export const freshNumber = () => `0988${String(Date.now() % 1_000_000).padStart(6, "0").slice(0, 5)}${(owners += 1)}`;

/** Registers a person on a phone whose registration is open. */
export async function registerPerson(page: Page, url: string, t: Texts, name: string): Promise<void> {
  const number = freshNumber();
  await page.getByRole("textbox", { name: t("register-name") }).fill(name);
  await page.getByRole("textbox", { name: t("register-phone") }).fill(number);
  await page.getByRole("button", { name: t("register-send") }).click();
  await page.getByRole("textbox", { name: t("register-digits") }).fill(await digits(url, number));
  await page.getByRole("button", { name: t("register-confirm") }).click();
}
