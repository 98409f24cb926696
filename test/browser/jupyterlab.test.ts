import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { openBrowser, screenshot } from "../support/browser.ts";
import { type JupyterLab, openNotebook, runAllCells, startJupyterLab } from "../support/jupyterlab.ts";
import { handleFigure, twoPathsCell } from "./handling.ts";

describe("The kernel in real JupyterLab", () => {
  let lab: JupyterLab;
  let browser: Browser;
  before(async () => {
    [lab, browser] = await Promise.all([startJupyterLab(), openBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await lab?.stop();
  });

  const open = (name: string, ...sources: readonly string[]): Promise<Page> =>
    openNotebook(lab, browser, name, sources);

  /** The output area of a cell, once it shows what is looked for. */
  async function output(page: Page, cell: number, selector: string): Promise<string> {
    const found = page.locator(".jp-CodeCell").nth(cell).locator(".jp-OutputArea-output").locator(selector).first();
    await found.waitFor({ timeout: 60_000 });
    return (await found.textContent()) ?? "";
  }

  it("runs cells and shows text, results and errors where they belong", async () => {
    const page = await open(
      "text.ipynb",
      "console.log('to standard output');\n6 * 7",
      "const n: number = 'text';",
      "n",
    );
    await runAllCells(page);
    assert.match(await output(page, 0, "pre"), /to standard output/);
    assert.match(await output(page, 0, "pre:text-is('42')"), /^42/);
    assert.match(await output(page, 1, "pre:has-text('TypeScriptError')"), /line 1, column 7/);
    await screenshot(page, "jupyterlab-text");
    await page.close();
  });

  it("asks by prompt, and goes on with what is typed", async () => {
    const page = await open(
      "prompt.ipynb",
      'const name = await prompt("Your name?");\nconst secret = await prompt("A secret?", { password: true });\n[name, secret.length].join(", ")',
    );
    await runAllCells(page);
    // The first question's input goes a moment after the second one's has come.
    const input = page.locator(".jp-Stdin-input").last();
    await input.waitFor({ timeout: 60_000 });
    assert.match((await page.locator(".jp-Stdin-prompt").textContent()) ?? "", /Your name\?/);
    await input.fill("Ada");
    await input.press("Enter");
    await page.locator(".jp-Stdin-prompt", { hasText: "A secret?" }).waitFor({ timeout: 10_000 });
    assert.equal(await input.getAttribute("type"), "password");
    await input.fill("1815");
    await input.press("Enter");
    assert.match(await output(page, 0, "pre:has-text('Ada, 4')"), /Ada, 4/);
    await screenshot(page, "jupyterlab-prompt");
    await page.close();
  });

  it("draws the figure of the running example live", async () => {
    const page = await open(
      "figure.ipynb",
      'import { variable } from "gradbook";\nconst x = variable(2);\nconst y = variable(3);\nconst w = variable(4);',
      "const z = (x + y) * w;\nz",
    );
    await runAllCells(page);
    const figure = ":is(canvas, svg).marks";
    await output(page, 1, figure);
    const box = await page.locator(figure).first().boundingBox();
    assert.ok(box !== null && box.width > 200 && box.height > 100, JSON.stringify(box));
    await screenshot(page, "jupyterlab-figure");
    await page.close();
  });

  it("steps through a figure by key, click and slider, and tells what is pointed at", async () => {
    const page = await open("handling.ipynb", twoPathsCell);
    await runAllCells(page);
    await output(page, 0, ":is(canvas, svg).marks");
    // JupyterLab keeps the arrow keys for itself.
    await handleFigure(page, ".vega-embed", "PageDown");
    await page.close();
  });
});
