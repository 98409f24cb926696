import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { prepareWorkspace } from "../../kernel/course/workspace.ts";
import { type RunningServer, startServer } from "../../kernel/server/server.ts";
import { courseMetadata, type PlantedMistake } from "../../src/course/metadata.ts";
import { readNotebook } from "../../src/course/notebook.ts";
import { openBrowser, until } from "../support/browser.ts";
import { cache, root } from "../support/paths.ts";

/** Every lesson in our page: run from top to bottom, then one wrong answer at each checkpoint, as its author planted it. */

const lessons = path.join(root, "lessons");
const files = readdirSync(lessons).filter((file) => file.endsWith(".ipynb"));

/** The first mistake planted at each checkpoint. */
function plantedIn(file: string): ReadonlyMap<string, PlantedMistake> {
  const planted = new Map<string, PlantedMistake>();
  for (const cell of readNotebook(readFileSync(path.join(lessons, file), "utf8")).cells) {
    const { checkpoint, mistakes } = courseMetadata(cell);
    const [first] = mistakes ?? [];
    if (checkpoint !== undefined && first !== undefined) planted.set(checkpoint, first);
  }
  return planted;
}

describe("every lesson in the page", () => {
  let folder: string;
  let server: RunningServer;
  let browser: Browser;
  let page: Page;
  const faults: string[] = [];

  before(async () => {
    assert.ok(files.length >= 4);
    folder = await mkdtemp(path.join(tmpdir(), "gradbook-lessons-"));
    await prepareWorkspace(lessons, folder);
    server = await startServer({ port: 0, folder, lessons });
    browser = await openBrowser();
    page = await browser.newPage({ viewport: { width: 1180, height: 1400 } });
    page.on("pageerror", (error) => faults.push(error.message));
    await page.goto(server.url);
  });

  after(async () => {
    await browser?.close();
    await server?.close();
    await rm(folder, { recursive: true });
  });

  const answerCell = (id: string): Locator =>
    page.locator(".jp-CodeCell", { has: page.locator(".jp-InputArea", { hasText: `answer("${id}"` }) }).first();
  const idle = async (): Promise<void> => {
    await until("every cell ran", 120, async () => {
      const prompts = await page.locator(".jp-InputPrompt").allInnerTexts();
      return prompts.length > 0 && !prompts.some((prompt) => prompt.includes("*"));
    });
  };

  for (const file of files) {
    const name = file.replace(/\.ipynb$/, "");

    it(`${name} runs without an error, and every figure is drawn`, async () => {
      await page.goto(`${server.baseUrl}notebooks/${file}`);
      await page.locator('.gb-kernel[data-state="ready"]').waitFor();
      await page.click('[data-command="run-all"]');
      await page
        .locator(".jp-CodeCell")
        .last()
        .locator(".jp-InputPrompt", { hasText: /\[\d+\]/ })
        .waitFor({ timeout: 120_000 });
      await idle();
      const errors = page.locator('[data-mime-type="application/vnd.jupyter.error"]');
      assert.deepEqual(await errors.allInnerTexts(), []);
      await page.click('[data-command="save"]');
      await until("the lesson is saved with its outputs", 60, async () => {
        const { cells } = readNotebook(await readFile(path.join(folder, file), "utf8"));
        return cells.every((cell) => cell.cell_type !== "code" || cell.execution_count !== null);
      });
      const figures = page.locator(".jp-OutputArea .vega-embed");
      await until("figures are drawn", 60, async () => (await figures.locator("svg.marks, canvas.marks").count()) > 0);
      assert.equal(await figures.locator(".error").count(), 0);
      assert.deepEqual(faults, []);
    });

    for (const [id, { answer }] of plantedIn(file)) {
      it(`${name}: a wrong answer at ${id} is explained`, async () => {
        const cell = answerCell(id);
        const before = await cell.locator(".jp-InputPrompt").innerText();
        await cell.locator(".cm-content").click();
        await page.keyboard.press("Control+A");
        await page.keyboard.insertText(`answer("${id}", ${JSON.stringify(answer, null, 2)});`);
        await page.keyboard.press("Control+Enter");
        await cell
          .locator(".jp-InputPrompt", { hasText: /\[\d+\]/ })
          .filter({ hasNotText: before })
          .waitFor();
        const output = cell.locator(".jp-OutputArea").first();
        await output.getByText(/✗/).first().waitFor();
        await output.scrollIntoViewIfNeeded();
        await output.screenshot({ path: path.join(cache, "screenshots", `${name.slice(0, 2)}-${id}-wrong.png`) });
        assert.equal(await output.locator('[data-mime-type="application/vnd.jupyter.error"]').count(), 0);
      });
    }
  }
});
