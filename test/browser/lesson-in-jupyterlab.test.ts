import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { releaseLessons } from "../../kernel/course/release.ts";
import { type Output, readNotebook } from "../../src/course/notebook.ts";
import { openBrowser, screenshot, until } from "../support/browser.ts";
import { type JupyterLab, startJupyterLab } from "../support/jupyterlab.ts";
import { root } from "../support/paths.ts";

/** The lessons in real JupyterLab with the installed kernel; lesson 1 as a learner goes through it. */

const lesson = "01-the-graph-of-a-function.ipynb";
const others = readdirSync(path.join(root, "lessons")).filter((file) => file.endsWith(".ipynb") && file !== lesson);

describe("Lesson 1 in real JupyterLab", () => {
  let lab: JupyterLab;
  let browser: Browser;
  let page: Page;
  let released: string;

  before(async () => {
    released = await mkdtemp(path.join(tmpdir(), "gradbook-released-"));
    await releaseLessons(path.join(root, "lessons"), { output: released, selfStudy: true });
    lab = await startJupyterLab();
    await copyFile(path.join(released, lesson), path.join(lab.folder, lesson));
    browser = await openBrowser();
    page = await browser.newPage({ viewport: { width: 1300, height: 1400 } });
    await page.goto(lab.notebookUrl(lesson));
    await page.locator(".jp-Notebook .jp-Cell").first().waitFor({ timeout: 90_000 });
    await idle(page);
  });

  afterEach(async function () {
    // Why a test waited in vain is mostly to be seen.
    if (this.currentTest?.state === "failed") await screenshot(page, `failed-${this.currentTest.title.slice(0, 20)}`);
  });

  after(async () => {
    await browser?.close();
    await lab?.stop();
    if (released !== undefined) await rm(released, { recursive: true, force: true });
  });

  /** Runs the notebook that is open, from top to bottom, and saves it; no cell may fail. */
  async function runAll(name: string): Promise<readonly Output[]> {
    await page.getByRole("menuitem", { name: "Run", exact: true }).click();
    await page.getByRole("menuitem", { name: "Run All Cells", exact: true }).click();
    await finished(page);
    const file = path.join(lab.folder, name);
    await until("the lesson is saved with its outputs", 90, async () => {
      await page.keyboard.press("Control+s");
      await page.waitForTimeout(500);
      const text = readFileSync(file, "utf8");
      // JupyterLab empties the file before it writes.
      if (text === "") return false;
      const { cells } = readNotebook(text);
      return cells.every((cell) => cell.cell_type !== "code" || cell.execution_count !== null);
    });
    const outputs = readNotebook(readFileSync(file, "utf8")).cells.flatMap((cell) =>
      cell.cell_type === "code" ? cell.outputs : [],
    );
    assert.deepEqual(
      outputs.filter((output) => output.output_type === "error"),
      [],
    );
    return outputs;
  }

  it("runs every cell of the released lesson without an error", async () => {
    const outputs = await runAll(lesson);
    const printed = outputs.map((output) => (output.output_type === "stream" ? output.text : "")).join("");
    assert.match(printed, /Gradient wrt x: 4\.0\nGradient wrt y: 4\.0\nGradient wrt w: 5\.0/);
  });

  it("names the mistake of a wrong answer, and takes the right one", async () => {
    const reply = page.locator(".jp-Cell.jp-mod-active .jp-OutputArea-output");
    await runNewCell(page, 'answer("seed", { "dz/dw": "w" })');
    await reply.filter({ hasText: "other factor" }).first().waitFor();
    await reply.locator(".vega-embed svg").first().waitFor();
    await screenshot(page, "jupyterlab-wrong");
    await runNewCell(page, 'answer("seed", { "dz/dw": "x + y" })');
    await reply.filter({ hasText: "✓" }).first().waitFor();
    await screenshot(page, "jupyterlab-right");
  });

  it("draws the figure live: the slider moves it through its steps", async () => {
    // JupyterLab keeps only what is in view, and what is near it, in the page.
    await page.locator(".jp-Notebook").hover();
    await page.mouse.wheel(0, -100_000);
    const figure = page.locator(".vega-embed").first();
    await until("the figure is in view", 90, async () => {
      if (await figure.isVisible()) return true;
      await page.mouse.wheel(0, 400);
      return false;
    });
    await figure.scrollIntoViewIfNeeded();
    const slider = figure.locator('input[type="range"]');
    const shown = async (): Promise<string> => (await figure.locator("svg").first().textContent()) ?? "";
    await slider.fill("0");
    const start = await shown();
    await slider.fill(String(await slider.getAttribute("max")));
    await until("the figure moved", 90, async () => (await shown()) !== start);
    await screenshot(page, "jupyterlab-figure");
  });

  for (const other of others) {
    it(`runs ${other.replace(".ipynb", "")} without an error`, async () => {
      await copyFile(path.join(released, other), path.join(lab.folder, other));
      await page.goto(lab.notebookUrl(other));
      await page.locator(".jp-Notebook .jp-Cell").first().waitFor({ timeout: 90_000 });
      await idle(page);
      const outputs = await runAll(other);
      assert.ok(outputs.some((output) => "data" in output && "application/vnd.vegalite.v5+json" in output.data));
    });
  }
});

/** The status bar names the kernel once it is connected; before that JupyterLab would run nothing. */
async function idle(page: Page): Promise<void> {
  await page.getByText("TypeScript (gradbook) | Idle").waitFor({ timeout: 90_000 });
}

/** Waits until no cell waits for its turn or runs. */
async function finished(page: Page): Promise<void> {
  await page.waitForTimeout(500);
  await until("every cell ran", 150, async () => {
    const prompts = await page.locator(".jp-InputPrompt").allInnerTexts();
    return !prompts.some((prompt) => prompt.includes("*"));
  });
  await idle(page);
}

/** A new cell below the active one, run; it is the active one then. */
async function runNewCell(page: Page, code: string): Promise<void> {
  await page.keyboard.press("Escape");
  await page.keyboard.press("b");
  await page.keyboard.press("Enter");
  await page.keyboard.insertText(code);
  await page.keyboard.press("Control+Enter");
  await finished(page);
}
