import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { prepareWorkspace } from "../../kernel/course/workspace.ts";
import { type RunningServer, startServer } from "../../kernel/server/server.ts";
import { openBrowser, screenshot, until } from "../support/browser.ts";
import { root } from "../support/paths.ts";

/** Lesson 1 as a learner meets it: opened from the list, run, answered wrongly, then rightly, reset. */

const lessons = path.join(root, "lessons");

const right = {
  a: "x + y",
  z: "a * w",
  "da/dx": "1",
  "da/dy": "1",
  "dz/da": "w",
  "dz/dx": "w",
  "dz/dy": "w",
  "dz/dw": "x + y",
};

describe("lesson 1 in the page", () => {
  let folder: string;
  let server: RunningServer;
  let browser: Browser;
  let page: Page;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "gradbook-lesson-"));
    await prepareWorkspace(lessons, folder);
    server = await startServer({ port: 0, folder, lessons });
    browser = await openBrowser();
    page = await browser.newPage({ viewport: { width: 1280, height: 1100 } });
  });

  after(async () => {
    await browser?.close();
    await server?.close();
    await rm(folder, { recursive: true });
  });

  const cellWith = (source: string): Locator =>
    page.locator(".jp-CodeCell", { has: page.locator(".jp-InputArea", { hasText: source }) }).first();

  async function answer(answers: Readonly<Record<string, string>>): Promise<Locator> {
    return rewrite('answer("seed"', `answer("seed", ${JSON.stringify(answers, null, 2)});`);
  }

  /** Gives the cell with a text in it another code, which has that text too, and runs it. */
  async function rewrite(source: string, code: string): Promise<Locator> {
    const cell = cellWith(source);
    const before = await cell.locator(".jp-InputPrompt").innerText();
    await cell.locator(".cm-content").click();
    await page.keyboard.press("Control+A");
    await page.keyboard.insertText(code);
    await page.keyboard.press("Control+Enter");
    await page.waitForTimeout(100);
    const ready = cell.locator(".jp-InputPrompt", { hasText: /\[\d+\]/ }).filter({ hasNotText: before });
    await ready.waitFor();
    return cell;
  }

  it("opens from the list and runs from top to bottom without an error", async () => {
    const started = Date.now();
    await page.goto(server.url);
    await page.getByRole("link", { name: /graph of a function/ }).click();
    await page.locator('.gb-kernel[data-state="ready"]').waitFor();
    await page.click('[data-command="run-all"]');
    await page.locator(".jp-OutputArea-output").first().waitFor();
    console.log(`      first output ${Date.now() - started} ms after navigation`);
    await page
      .locator(".jp-CodeCell")
      .last()
      .locator(".jp-InputPrompt", { hasText: /\[\d+\]/ })
      .waitFor();
    assert.equal(await page.locator('[data-mime-type="application/vnd.jupyter.error"]').count(), 0);
    const output = await cellWith("gradients.of(x)").locator(".jp-OutputArea").innerText();
    assert.match(output, /Gradient wrt x: 4\.0\s+Gradient wrt y: 4\.0\s+Gradient wrt w: 5\.0/);
    await screenshot(page, "lesson-1");
  });

  it("names and marks the mistake of a wrong answer", async () => {
    const cell = await answer({ ...right, "dz/da": "a" });
    const figure = cell.locator(".vega-embed svg").first();
    await figure.waitFor();
    await figure.scrollIntoViewIfNeeded();
    const text = await cell.locator(".jp-OutputArea").innerText();
    await screenshot(page, "lesson-1-wrong");
    assert.match(text, /7 of 8 right/);
    assert.match(text, /The derivative of the product a · w by a is its other factor; you used a itself in ∂z\/∂a/);
    assert.match((await figure.textContent()) ?? "", /yours ∂z\/∂a = a/);
  });

  it("counts on after a restart, and loses nothing where the page is loaded anew", async () => {
    const record = path.join(folder, ".01-the-graph-of-a-function.record.json");
    const attempts = async (): Promise<number> =>
      JSON.parse(await readFile(record, "utf8")).checkpoints.seed.attempts as number;
    const before = await attempts();
    const progress = async (code: string): Promise<string> => {
      const cell = await rewrite("show(z, {", `import { progress } from "gradbook"; // show(z, {\n${code}`);
      return cell.locator(".jp-OutputArea").innerText();
    };
    await page.click('[data-command="restart"]');
    await page.locator(".jp-Dialog").getByRole("button", { name: "Restart" }).click();
    await page.getByText("The kernel was restarted; its variables are gone.").waitFor();
    await page.locator('.gb-kernel[data-state="ready"]').waitFor();
    await page.click('[data-command="run-all"]');
    const waiting = page.locator(".jp-InputPrompt", { hasText: "*" });
    await waiting.first().waitFor();
    await until("every cell ran", 60, async () => (await waiting.count()) === 0);
    // The same answer once more is no attempt.
    assert.equal(await attempts(), before);
    await answer({ ...right, "dz/da": "a", "dz/dx": "a" });
    assert.equal(await attempts(), before + 1);
    assert.match(await progress("progress()"), new RegExp(`of 8 \\(${before + 1} attempts\\)`));
    await page.click('[data-command="save"]');
    const notebook = path.join(folder, "01-the-graph-of-a-function.ipynb");
    await until("it is saved", 60, async () => (await readFile(notebook, "utf8")).includes("2 attempts"));
    await page.reload();
    await page.locator('.gb-kernel[data-state="ready"]').waitFor();
    const cell = cellWith('answer("seed"');
    assert.match(await cell.locator(".jp-OutputArea").innerText(), /6 of 8 right/);
    assert.match(await progress("progress() // again"), new RegExp(`of 8 \\(${before + 1} attempts\\)`));
  });

  it("accepts the right answer", async () => {
    const cell = await answer(right);
    await cell
      .getByText(/^Checkpoint seed: /)
      .first()
      .waitFor();
    assert.match(await cell.locator(".jp-OutputArea").innerText(), /all 8 right/);
    await screenshot(page, "lesson-1-right");
  });

  it("is begun anew where the learner wants that, and the work is kept", async () => {
    await page.click('[data-command="reset"]');
    await page.locator(".jp-Dialog").getByRole("button", { name: "Reset" }).click();
    await page.getByText(/The lesson was reset; your version is kept as/).waitFor();
    const kept = (await readdir(folder)).find((file) => file.includes("before reset"));
    assert.match(await readFile(path.join(folder, kept ?? ""), "utf8"), /x \+ y/);
    assert.equal(await page.locator(".jp-OutputArea-output").count(), 0);
  });
});
