import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { openBrowser, screenshot } from "../support/browser.ts";
import { type JupyterLab, openNotebook, runAllCells, startJupyterLab } from "../support/jupyterlab.ts";

describe("The debugger in real JupyterLab", () => {
  let lab: JupyterLab;
  let browser: Browser;
  before(async () => {
    [lab, browser] = await Promise.all([startJupyterLab(), openBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await lab?.stop();
  });

  const open = (...sources: readonly string[]): Promise<Page> =>
    openNotebook(lab, browser, "debug.ipynb", sources, 1500);

  it("stops at a breakpoint of the gutter, shows the variable, steps and goes on", async () => {
    const page = await open(
      'import { variable } from "gradbook";\nconst x = variable(2);',
      "const scaled = (factor: number) => {\n  const z = x * factor;\n  return z;\n};\nscaled(3).item()",
    );
    await page.locator(".jp-DebuggerBugButton").first().click();
    await page.locator(".jp-DebuggerBugButton[aria-pressed=true]").first().waitFor({ timeout: 30_000 });
    const cell = page.locator(".jp-CodeCell").nth(1);
    await cell.locator(".cm-breakpoint-gutter .cm-gutterElement").nth(2).click();
    await page.locator(".jp-DebuggerBreakpoint").first().waitFor({ timeout: 10_000 });
    await runAllCells(page);

    const variables = page.locator(".jp-DebuggerVariables");
    await variables.getByText("factor").waitFor({ timeout: 60_000 });
    assert.equal(await cell.locator(".jp-DebuggerEditor-highlight").textContent(), "  const z = x * factor;");
    await page.keyboard.press("F10");
    await variables.getByText("Value(6)").waitFor({ timeout: 10_000 });
    assert.equal(await cell.locator(".jp-DebuggerEditor-highlight").textContent(), "  return z;");
    await screenshot(page, "jupyterlab-debugger");
    await page.keyboard.press("F9");
    const result = cell.locator(".jp-OutputArea-output pre").first();
    await result.waitFor({ timeout: 10_000 });
    assert.equal((await result.textContent())?.trim(), "6");
    await page.close();
  });
});
