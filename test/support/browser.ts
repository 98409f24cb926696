import path from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { cache } from "./paths.ts";

/** Starts the system's Chromium, without everything that would call home. */
export async function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** Keeps a picture of the page in .cache/screenshots, for people to look at; returns its file. */
export async function screenshot(page: Page, name: string): Promise<string> {
  const file = path.join(cache, "screenshots", `${name}.png`);
  await page.screenshot({ path: file });
  return file;
}

/** Asks again and again until something holds; fails after so many seconds, and says what was waited for. */
export async function until(what: string, seconds: number, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await holds())) {
    if (Date.now() >= deadline) throw new Error(`Waited ${seconds} s until ${what}, in vain.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
