import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { prepareWorkspace } from "../../kernel/course/workspace.ts";
import { type RunningServer, startServer } from "../../kernel/server/server.ts";
import { type CheckpointRecord, readRecord } from "../../src/checkpoints/record.ts";
import { readNotebook } from "../../src/course/notebook.ts";
import { openBrowser, screenshot, until } from "../support/browser.ts";
import { root } from "../support/paths.ts";

/**
 * A checkpoint as somebody new meets it, one thing after the other: wrong, corrected, a hint, a solution, a restart,
 * reopened another day. Nothing is lost on the way, and nothing is given away.
 */

const lessons = path.join(root, "lessons");
const file = "01-the-graph-of-a-function.ipynb";

describe("a checkpoint, from the first wrong answer to another day", () => {
  let folder: string;
  let server: RunningServer;
  let browser: Browser;
  let page: Page;
  const faults: string[] = [];
  const learner = process.env["GRADBOOK_LEARNER"];

  before(async () => {
    // The numbers of the checkpoint are the learner's own.
    process.env["GRADBOOK_LEARNER"] = "somebody new";
    folder = await mkdtemp(path.join(tmpdir(), "gradbook-new-user-"));
    await prepareWorkspace(lessons, folder);
    browser = await openBrowser();
    await open();
  });

  after(async () => {
    await browser?.close();
    await server?.close();
    await rm(folder, { recursive: true });
    if (learner === undefined) delete process.env["GRADBOOK_LEARNER"];
    else process.env["GRADBOOK_LEARNER"] = learner;
  });

  async function open(): Promise<void> {
    server = await startServer({ port: 0, folder, lessons });
    page = await browser.newPage({ viewport: { width: 1280, height: 1100 } });
    page.on("pageerror", (error) => faults.push(error.message));
    await page.goto(server.url);
    await page.getByRole("link", { name: /graph of a function/ }).click();
    await page.locator('.gb-kernel[data-state="ready"]').waitFor();
  }

  const cellWith = (source: string): Locator =>
    page.locator(".jp-CodeCell", { has: page.locator(".jp-InputArea", { hasText: source }) }).first();
  const question = (): Locator => cellWith('checkpoint("rebate"');
  const form = (): Locator => cellWith('answer("rebate"');
  const said = async (cell: Locator): Promise<string> => cell.locator(".jp-OutputArea").first().innerText();

  async function runAll(): Promise<void> {
    await page.click('[data-command="run-all"]');
    const last = page
      .locator(".jp-CodeCell")
      .last()
      .locator(".jp-InputPrompt", { hasText: /\[\d+\]/ });
    await last.waitFor({ timeout: 120_000 });
    const waiting = page.locator(".jp-InputPrompt", { hasText: "*" });
    await until("every cell ran", 120, async () => (await waiting.count()) === 0);
  }

  async function rewrite(cell: Locator, code: string): Promise<string> {
    const before = await cell.locator(".jp-InputPrompt").innerText();
    await cell.locator(".cm-content").click();
    await page.keyboard.press("Control+A");
    await page.keyboard.insertText(code);
    await page.keyboard.press("Control+Enter");
    await cell
      .locator(".jp-InputPrompt", { hasText: /\[\d+\]/ })
      .filter({ hasNotText: before })
      .waitFor();
    return said(cell);
  }

  const answered: Record<string, string> = {};
  async function answer(more: Readonly<Record<string, string>>): Promise<string> {
    Object.assign(answered, more);
    return rewrite(form(), `answer("rebate", ${JSON.stringify(answered, null, 2)})`);
  }

  /** Asks for help in a cell of the learner's own, below the form. */
  async function help(code: string): Promise<string> {
    const own = cellWith("// my questions");
    if ((await own.count()) === 0) {
      await form().locator(".jp-InputPrompt").click();
      await page.keyboard.press("Escape");
      await page.keyboard.press("b");
      await page.keyboard.press("Enter");
      await page.keyboard.insertText("// my questions");
    }
    return rewrite(own, `// my questions\nimport { hint, solution } from "gradbook";\n${code}`);
  }

  const figureIn = async (cell: Locator): Promise<string> => {
    const figure = cell.locator(".vega-embed svg").first();
    await figure.waitFor();
    return (await figure.textContent()) ?? "";
  };

  const recorded = async (): Promise<CheckpointRecord> => {
    const text = await readFile(path.join(folder, `.${file.replace("ipynb", "record.json")}`), "utf8");
    return readRecord(JSON.parse(text))!.checkpoints["rebate"]!;
  };

  /** All that the checkpoint's cells have put into the saved file. */
  async function saved(): Promise<string> {
    await page.click('[data-command="save"]');
    const read = async (): Promise<string> => {
      const { cells } = readNotebook(await readFile(path.join(folder, file), "utf8"));
      return JSON.stringify(cells.filter(({ source }) => source.includes('"rebate"')));
    };
    let text = "";
    await until("it is saved", 60, async () => {
      text = await read();
      return text.includes("execute_result");
    });
    return text;
  }

  /** ∂c/∂r is −n, and no other number of the graph is. */
  let givenAway = /(?:)/;

  it("asks for five quantities and shows none of them", async () => {
    await runAll();
    const cell = question();
    await cell.scrollIntoViewIfNeeded();
    assert.match(await said(cell), /"dc\/dr": ""/);
    const figure = await figureIn(cell);
    assert.ok(figure.split("?").length > 4);
    const n = /n = (\d+)/.exec(figure)![1]!;
    givenAway = new RegExp(`−${n}(?!\\d)|"-${n}"`);
    assert.doesNotMatch(await saved(), givenAway);
    await screenshot(page, "new-user-asked");
  });

  it("names the mistake of a wrong answer, and not the right one", async () => {
    const text = await answer({ "da/dr": "1", "dc/dr": "n", "dc/dn": "p + r" });
    await form().scrollIntoViewIfNeeded();
    await screenshot(page, "new-user-wrong");
    assert.match(text, /0 of 5 right/);
    assert.match(text, /the second term counts with a minus/);
    assert.match(text, /not attempted: ∂c\/∂a, ∂c\/∂p/);
    assert.doesNotMatch(await figureIn(form()), givenAway);
    assert.equal((await recorded()).attempts, 1);
  });

  it("shows what is corrected, and that alone", async () => {
    const text = await answer({ "dc/da": "n", "dc/dp": "dc/da", "da/dr": "1", "dc/dr": "" });
    assert.match(text, /2 of 5 right/);
    const figure = await figureIn(form());
    assert.match(figure, /\?/);
    assert.doesNotMatch(figure, givenAway);
    await screenshot(page, "new-user-corrected");
    assert.doesNotMatch(await saved(), givenAway);
  });

  it("gives hints one after the other, and none of them is the answer", async () => {
    for (const level of [1, 2]) {
      const text = await help('hint("rebate", "dc/dr")');
      assert.match(text, new RegExp(`Hint ${level} of \\d`));
      assert.doesNotMatch(text, /−n|-n/);
      assert.doesNotMatch(text, givenAway);
    }
    assert.equal((await recorded()).hints, 2);
  });

  it("gives the solution of one quantity, and of no other", async () => {
    const text = await help('solution("rebate", "dc/dn")');
    assert.match(text, /∂c\/∂n = a/);
    assert.doesNotMatch(text, /∂c\/∂r = (?!\?)/);
    await screenshot(page, "new-user-solution");
    assert.deepEqual((await recorded()).solutions, ["dc/dn"]);
    assert.doesNotMatch(await saved(), givenAway);
  });

  it("goes on after a restart", async () => {
    const before = await recorded();
    await page.click('[data-command="restart"]');
    await page.locator(".jp-Dialog").getByRole("button", { name: "Restart" }).click();
    await page.getByText("The kernel was restarted; its variables are gone.").waitFor();
    await page.locator('.gb-kernel[data-state="ready"]').waitFor();
    // The cell with the solution runs once more, too.
    await runAll();
    assert.deepEqual(await recorded(), before);
    const text = await said(question());
    assert.match(text, /"da\/dr": "",\s+"dc\/dr": "",/);
    assert.doesNotMatch(text, /"dc\/da"|"dc\/dn"/);
    assert.doesNotMatch(await saved(), givenAway);
    await screenshot(page, "new-user-restarted");
  });

  it("is as it was left when it is opened another day", async () => {
    const before = await recorded();
    await saved();
    await page.close();
    await server.close();
    await open();
    assert.match(await said(form()), /2 of 5 right/);
    await runAll();
    assert.deepEqual(await recorded(), before);
    const text = await answer({ "da/dr": "-1", "dc/dr": "-dc/da", "dc/dn": "" });
    assert.match(text, /4 of 5 right; of the rest the solution was taken\./);
    assert.match(await figureIn(form()), givenAway);
    const { attempts, answered: right, hints, solutions, first } = await recorded();
    assert.deepEqual([right.length, hints, solutions], [4, 2, ["dc/dn"]]);
    assert.equal(attempts, before.attempts + 1);
    assert.equal(first?.answers["dc/dr"], "n");
    await screenshot(page, "new-user-another-day");
    assert.deepEqual(faults, []);
  });
});
