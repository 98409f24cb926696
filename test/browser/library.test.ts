import assert from "node:assert/strict";
import type { Browser } from "playwright-core";
import { openBrowser } from "../support/browser.ts";
import { bundledSize, bundleForBrowser } from "../support/bundle.ts";
import { assertClose } from "../support/close.ts";
import { type Report, runBattery } from "./battery.ts";

/** The library in real Chromium, as any page may use it: bundled, with nothing of Node's. */

const policies = {
  "a policy that allows eval": { header: "script-src 'self' 'unsafe-eval'", eval: true },
  "a policy that forbids eval": { header: "script-src 'self'", eval: false },
} as const;

const page = "https://library.test/";
// The page runs it by itself: what a test asks a page to run is exempt from the page's policy.
const start = `
globalThis.report = new Promise((resolve) => resolve(battery.runBattery()));`;

describe("the library in a browser", () => {
  let browser: Browser;
  let script: string;

  before(async () => {
    script = (await bundleForBrowser("test/browser/battery.ts", "battery")) + start;
    browser = await openBrowser();
  });
  after(() => browser?.close());

  for (const [name, policy] of Object.entries(policies)) {
    describe(`under ${name}`, () => {
      let report: Report;
      const faults: string[] = [];

      before(async () => {
        const tab = await browser.newPage();
        tab.on("pageerror", (error) => faults.push(error.message));
        await tab.route(`${page}**`, (route) =>
          route.request().url() === page
            ? route.fulfill({
                contentType: "text/html; charset=utf-8",
                headers: { "Content-Security-Policy": policy.header },
                body: '<!doctype html><title>library</title><script src="battery.js"></script>',
              })
            : route.fulfill({ contentType: "text/javascript", body: script }),
        );
        await tab.goto(page);
        report = await tab.evaluate(() => (globalThis as unknown as { report: Promise<Report> }).report);
        await tab.close();
      });

      it("runs, with that policy in force", () => {
        assert.deepEqual(faults, []);
        assert.equal(report.eval, policy.eval);
      });

      it("computes what formulas and central differences say", () => {
        for (const { what, received, expected, tolerance } of report.findings) {
          assertClose(received, expected, tolerance, what);
        }
      });

      it("leads through every primitive", () => {
        assert.deepEqual(report.unmet, []);
      });

      it("computes what it computes in Node", () => {
        const here = runBattery();
        assert.deepEqual(
          report.findings.map(({ what }) => what),
          here.findings.map(({ what }) => what),
        );
        report.findings.forEach(({ what, received }, i) => {
          if (!what.includes("errors")) assertClose(received, here.findings[i]!.received, 1e-12, what);
        });
      });
    });
  }
});

describe("what a page loads of the library", () => {
  const limit = 60_000;

  async function holds(
    what: string,
    rooms: readonly string[],
    without?: readonly string[],
    folder?: string,
    most: number = limit,
  ): Promise<void> {
    const size = await bundledSize(rooms, without, folder);
    console.log(`      ${what}: ${(size / 1000).toFixed(1)} kB, compressed`);
    assert.ok(size <= most, `${what} takes ${size} bytes`);
  }

  it("is at most 60 kB for graph and autodiff", () => holds("graph and autodiff", ["graph", "autodiff"]));

  it("is at most 60 kB more for the figures, without Vega", () =>
    holds("views, with their layout", ["views"], ["graph", "autodiff"], "plots"));

  it("is at most 75 kB for the figures and the course's plots together", () =>
    holds("views and plots", ["views"], ["graph", "autodiff"], undefined, 75_000));
});
