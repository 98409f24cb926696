import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import type { Figure } from "../../src/index.ts";
import { openBrowser, screenshot } from "../support/browser.ts";
import { bundleForBrowser } from "../support/bundle.ts";
import { plots } from "../support/plots.ts";

/** Every plot in real Chromium: compiled by Vega-Lite and drawn by Vega there, on a light page and on a dark one. */

describe("plots in a browser", () => {
  let browser: Browser;
  let script: string;
  const figures = plots();

  before(async () => {
    script = await bundleForBrowser("test/browser/draw.ts", "drawing");
    browser = await openBrowser();
  });
  after(() => browser?.close());

  async function open(colour: string, shown: Readonly<Record<string, Figure>>): Promise<Page & AsyncDisposable> {
    const page = await browser.newPage({ viewport: { width: 1320, height: 900 } });
    const faults: string[] = [];
    page.on("pageerror", (error) => faults.push(error.message));
    await page.setContent(`<!doctype html><title>plots</title><body style="margin:8px;background:${colour}"></body>`);
    await page.addScriptTag({ content: script });
    for (const [name, { specification }] of Object.entries(shown)) {
      await page.evaluate(`drawing.draw(${JSON.stringify(name)}, ${JSON.stringify(specification)})`);
    }
    assert.deepEqual(faults, []);
    return page;
  }

  for (const [page, colour] of [
    ["light", "#FFFFFF"],
    ["dark", "#111111"],
  ] as const) {
    it(`are drawn on a ${page} page, each on its own panel`, async () => {
      await using tab = await open(colour, figures);
      for (const name of Object.keys(figures)) {
        const texts = await tab.locator(`#${name} svg text`).allTextContents();
        assert.ok(texts.length > 4, `${name} has ${texts.length} texts`);
        assert.ok(!texts.some((text) => /(?<!\d )NaN|undefined|null/.test(text)), `${name}: ${texts}`);
        assert.equal(
          (await tab.locator(`#${name} svg path[fill="#F7F9FC"]`).count()) > 0,
          true,
          `${name} has no panel`,
        );
      }
      // Nothing sticks out: the widths of texts are estimates, and these are the real ones.
      for (const name of Object.keys(figures)) {
        const outside = await tab.evaluate(`drawing.textsOutside(${JSON.stringify(name)})`);
        assert.deepEqual(outside, [], name);
      }
      await tab.setViewportSize({ width: 1320, height: 2100 });
      await screenshot(tab, `plots-${page}`);
    });
  }

  it("a tangent follows its slider, and a click on the plot", async () => {
    await using tab = await open("#FFFFFF", { plotFunction: figures["plotFunction"]! });
    const texts = async (): Promise<string> => (await tab.locator("svg text").allTextContents()).join("|");
    assert.match(await texts(), /At x = 1: relu\(x\) = 1\|slope 1/);
    const slider = tab.locator("input[type=range]");
    assert.deepEqual([await slider.getAttribute("min"), await slider.getAttribute("max")], ["-3", "3"]);
    await slider.fill("-2");
    await tab.getByText("At x = −2: relu(x) = 0").waitFor();
    assert.match(await texts(), /slope 0/);
    await slider.fill("0");
    await tab.getByText("a kink: slope 0 from the left, 1 from the right; differentiation takes 0").waitFor();
    const box = (await tab.locator("svg").boundingBox())!;
    await tab.mouse.click(box.x + box.width * 0.72, box.y + box.height * 0.5);
    await tab.getByText(/At x = 1\.\d+: relu\(x\) = 1\.\d+/).waitFor();
    const before = await texts();
    await tab.mouse.move(box.x + box.width * 0.72, box.y + box.height * 0.5);
    await tab.mouse.down();
    await tab.mouse.move(box.x + box.width * 0.9, box.y + box.height * 0.5, { steps: 4 });
    await tab.mouse.up();
    await tab.getByText(/At x = 2\.\d+: relu\(x\) = 2\.\d+/).waitFor();
    assert.notEqual(await texts(), before);
  });

  it("the number under the pointer lights its factors", async () => {
    await using tab = await open("#FFFFFF", { outerProduct: figures["outerProduct"]! });
    const cell = tab.locator("svg g.mark-rect").last().locator("path").first();
    await cell.hover();
    await tab.getByText("∂L/∂W[0, 0] = δ[0] · a[0] = 0.5 · 0 = 0").waitFor();
  });
});
