import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { type RunningServer, startServer } from "../../kernel/server/server.ts";
import { openBrowser, screenshot, until } from "../support/browser.ts";
import { handleFigure, twoPathsCell } from "./handling.ts";

/** The notebook page in real Chromium, used as a learner uses it. */

const code = (id: string, source: string): object => ({
  id,
  cell_type: "code",
  metadata: {},
  execution_count: null,
  outputs: [],
  source,
});

const lesson = {
  nbformat: 4,
  nbformat_minor: 5,
  metadata: {
    kernelspec: { name: "gradbook", display_name: "TypeScript (gradbook)", language: "typescript" },
    language_info: { name: "typescript", mimetype: "text/typescript" },
  },
  cells: [
    {
      id: "text",
      cell_type: "markdown",
      metadata: {},
      source:
        "# Products and sums\n\nThe derivative of $z = (x + y)\\cdot w$ with respect to $x$ is\n\n$$\\frac{\\partial z}{\\partial x} = w.$$",
    },
    code(
      "graph",
      'import { variable } from "gradbook";\nconst x = variable(2), y = variable(3), w = variable(4);\nconst z = (x + y) * w;\nz',
    ),
    code("number", 'console.log("z is", z.item());\nz.item() + 1'),
    code("last", ""),
  ],
};

describe("the notebook page", () => {
  let folder: string;
  let server: RunningServer;
  let browser: Browser;
  let context: BrowserContext;
  const faults: string[] = [];

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "gradbook-page-"));
    server = await startServer({ port: 0, folder });
    browser = await openBrowser();
    context = await newContext("light");
  });

  after(async () => {
    await browser?.close();
    await server?.close();
    await rm(folder, { recursive: true });
  });

  async function newContext(colorScheme: "light" | "dark"): Promise<BrowserContext> {
    const made = await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme });
    const page = await made.newPage();
    await page.goto(server.url);
    await page.close();
    return made;
  }

  /** Opens a fresh copy of the lesson, ready to run. */
  async function open(name: string, within: BrowserContext = context, fresh = true): Promise<Page> {
    if (fresh) await writeFile(path.join(folder, name), JSON.stringify(lesson));
    const page = await within.newPage();
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("console", (message) => {
      if (/Content Security Policy/.test(message.text())) faults.push(message.text());
    });
    await page.goto(`${server.baseUrl}notebooks/${name}`);
    await page.locator('.gb-kernel[data-state="ready"]').waitFor();
    return page;
  }

  const cell = (page: Page, position: number) => page.locator(".jp-Cell").nth(position);

  async function write(page: Page, position: number, text: string): Promise<void> {
    await cell(page, position).locator(".cm-content").click();
    await page.keyboard.press("Control+A");
    await page.keyboard.insertText(text);
  }

  async function runAll(page: Page): Promise<void> {
    await page.click('[data-command="run-all"]');
    await cell(page, 2).locator(".jp-OutputArea-executeResult").waitFor();
  }

  it("lists the notebooks, and opens one", async () => {
    await writeFile(path.join(folder, "list.ipynb"), JSON.stringify(lesson));
    const page = await context.newPage();
    await page.goto(server.baseUrl);
    await page.getByRole("link", { name: "Products and sums" }).first().click();
    await page.getByRole("heading", { name: "Products and sums" }).waitFor();
    await page.close();
  });

  it("runs all cells: mathematics, a live figure, text and results", async () => {
    const page = await open("run.ipynb");
    await page.locator("mjx-container").first().waitFor();
    const started = Date.now();
    await runAll(page);
    console.log(`      all cells after ${Date.now() - started} ms`);
    await cell(page, 1).locator(".vega-embed svg").waitFor();
    assert.equal((await cell(page, 2).locator(".jp-OutputArea-output").first().innerText()).trim(), "z is 20");
    assert.equal(await cell(page, 2).locator(".jp-OutputArea-executeResult .jp-RenderedText").innerText(), "21");
    await screenshot(page, "page-light");
    await page.close();
  });

  it("steps through the figure with its slider", async () => {
    const page = await open("slider.ipynb");
    await runAll(page);
    const figure = cell(page, 1).locator(".vega-embed");
    const slider = figure.locator('input[type="range"]');
    await slider.waitFor();
    const drawn = (): Promise<string | null> => figure.locator("svg").first().textContent();
    const last = await drawn();
    await slider.focus();
    await slider.press("Home");
    await until("the caption changes", 20, async () => (await drawn()) !== last);
    await screenshot(page, "page-figure-first-step");
    await page.close();
  });

  it("steps through a figure by key, click and slider, and tells what is pointed at", async () => {
    const page = await open("handling.ipynb");
    await write(page, 1, twoPathsCell);
    await page.keyboard.press("Control+Enter");
    await cell(page, 1).locator(".vega-embed").waitFor();
    await handleFigure(page, ".vega-embed", "ArrowLeft");
    await page.close();
  });

  it("asks by prompt, and goes on with what is typed", async () => {
    const page = await open("prompt.ipynb");
    await write(page, 3, 'const name = await prompt("Your name?");\nname.length');
    await page.keyboard.press("Control+Enter");
    const input = cell(page, 3).locator(".jp-Stdin-input");
    await input.waitFor();
    assert.match((await cell(page, 3).locator(".jp-Stdin-prompt").innerText()).trim(), /^Your name\?/);
    await screenshot(page, "page-prompt");
    await input.fill("Ada");
    await input.press("Enter");
    const result = cell(page, 3).locator(".jp-OutputArea-executeResult .jp-RenderedText");
    await result.waitFor();
    assert.equal(await result.innerText(), "3");
    await page.close();
  });

  it("completes with Tab and explains with Shift-Tab", async () => {
    const page = await open("help.ipynb");
    await runAll(page);
    await write(page, 3, "z.ta");
    await page.keyboard.press("Tab");
    await page
      .locator(".cm-content")
      .last()
      .getByText("z.tanh")
      .or(page.locator(".jp-Completer-item").first())
      .waitFor();
    await screenshot(page, "page-completion");
    await page.keyboard.press("Escape");
    await write(page, 3, "z");
    await page.keyboard.press("Shift+Tab");
    await page.locator(".jp-Tooltip").getByText(/Value/).first().waitFor();
    await screenshot(page, "page-inspection");
    await page.close();
  });

  it("shows a type error at its place", async () => {
    const page = await open("types.ipynb");
    await write(page, 3, 'const text: string = "a";\nconst wrong: string = 4;');
    await page.keyboard.press("Shift+Enter");
    const output = cell(page, 3).locator(".jp-OutputArea-output");
    await output.first().waitFor();
    assert.match(await output.first().innerText(), /line 2, column 7.*'number' is not assignable to type 'string'/s);
    await page.close();
  });

  it("interrupts an endless loop and keeps the variables", async () => {
    const page = await open("loop.ipynb");
    await runAll(page);
    await write(page, 3, "while (true) {}");
    await page.keyboard.press("Control+Enter");
    await page.locator('.gb-kernel[data-state="running"]').waitFor();
    await page.click('[data-command="interrupt"]');
    await cell(page, 3)
      .getByText(/interrupted/i)
      .first()
      .waitFor();
    await write(page, 3, "z.item()");
    await page.keyboard.press("Control+Enter");
    await cell(page, 3).locator(".jp-OutputArea-executeResult").getByText("20").waitFor();
    await page.close();
  });

  it("restarts the kernel after asking", async () => {
    const page = await open("restart.ipynb");
    await runAll(page);
    await page.click('[data-command="restart"]');
    await page.locator(".jp-Dialog").getByRole("button", { name: "Restart" }).click();
    await page.getByText("The kernel was restarted").waitFor();
    await write(page, 3, "z");
    await page.keyboard.press("Control+Enter");
    await cell(page, 3)
      .getByText(/Cannot find name 'z'|not defined|z is not/)
      .first()
      .waitFor();
    await page.close();
  });

  it("saves, and shows what was saved when it is opened again", async () => {
    const page = await open("save.ipynb");
    await runAll(page);
    await write(page, 3, "// kept");
    await page.keyboard.press("Control+S");
    await page.getByText("Saved.").waitFor();
    assert.match(await readFile(path.join(folder, "save.ipynb"), "utf8"), /\/\/ kept/);
    await page.reload();
    await cell(page, 3).getByText("// kept").waitFor();
    await cell(page, 1).locator(".vega-embed svg").waitFor();
    await page.close();
  });

  it("saves by itself", async () => {
    const page = await open("auto.ipynb");
    await write(page, 3, "// by itself");
    const file = path.join(folder, "auto.ipynb");
    await until("the file is written", 20, async () => (await readFile(file, "utf8")).includes("// by itself"));
    await page.close();
  });

  it("does not overwrite what a second page has saved: it keeps a copy", async () => {
    const first = await open("two.ipynb");
    const second = await open("two.ipynb", context, false);
    await write(second, 3, "// second");
    await second.keyboard.press("Control+S");
    await second.getByText("Saved.").waitFor();
    await write(first, 3, "// first");
    await first.keyboard.press("Control+S");
    const dialog = first.locator(".jp-Dialog");
    await dialog.getByText("This notebook was changed elsewhere").waitFor();
    await screenshot(first, "page-conflict");
    await dialog.getByRole("button", { name: "Save mine as a copy" }).click();
    await first.waitForURL(/two-Copy1/);
    assert.match(await readFile(path.join(folder, "two.ipynb"), "utf8"), /\/\/ second/);
    assert.match(await readFile(path.join(folder, "two-Copy1.ipynb"), "utf8"), /\/\/ first/);
    await Promise.all([first.close(), second.close()]);
  });

  it("loads the other page's version where the learner wants that", async () => {
    const first = await open("other.ipynb");
    const second = await open("other.ipynb", context, false);
    await write(second, 3, "// second");
    await second.keyboard.press("Control+S");
    await second.getByText("Saved.").waitFor();
    await write(first, 3, "// first");
    await first.keyboard.press("Control+S");
    await first.locator(".jp-Dialog").getByRole("button", { name: "Load the other" }).click();
    await cell(first, 3).getByText("// second").waitFor();
    await Promise.all([first.close(), second.close()]);
  });

  it("says why a broken notebook does not open", async () => {
    await writeFile(path.join(folder, "broken.ipynb"), '{"nbformat": 4,');
    const page = await context.newPage();
    await page.goto(`${server.baseUrl}notebooks/broken.ipynb`);
    await page
      .getByRole("alert")
      .getByText(/broken\.ipynb cannot be opened: The file is not a notebook/)
      .waitFor();
    await page.close();
  });

  it("tells when the kernel died, and goes on", async () => {
    const page = await open("died.ipynb");
    await write(page, 3, 'process.kill(process.ppid, "SIGKILL"); await new Promise(() => {})');
    await page.keyboard.press("Control+Enter");
    await cell(page, 3)
      .getByText(/The kernel ended by SIGKILL while this cell ran/)
      .first()
      .waitFor();
    await page.locator(".jp-Dialog").getByRole("button", { name: "Ok" }).click();
    await page.locator('.gb-kernel[data-state="ready"]').waitFor();
    await write(page, 3, "6 * 7");
    await page.keyboard.press("Control+Enter");
    await cell(page, 3).locator(".jp-OutputArea-executeResult").getByText("42").waitFor();
    await page.close();
  });

  it("is dark where the system is, and changes at a button", async () => {
    const dark = await newContext("dark");
    const page = await open("dark.ipynb", dark);
    await runAll(page);
    await cell(page, 1).locator(".vega-embed svg").waitFor();
    const theme = (): Promise<string | null> => page.locator("html").getAttribute("data-theme");
    assert.equal(await theme(), "dark");
    await screenshot(page, "page-dark");
    await page.getByRole("button", { name: "Light theme" }).click();
    assert.equal(await theme(), "light");
    await dark.close();
  });

  for (const scheme of ["light", "dark"] as const) {
    it(`has no serious accessibility fault with a lesson open (${scheme})`, async () => {
      const own = await newContext(scheme);
      const page = await open(`axe-${scheme}.ipynb`, own);
      await runAll(page);
      await cell(page, 1).locator(".vega-embed svg").waitFor();
      assert.deepEqual(await seriousFaults(page), []);
      await page.goto(server.baseUrl);
      await page.getByRole("link").first().waitFor();
      await screenshot(page, `home-${scheme}`);
      assert.deepEqual(await seriousFaults(page), []);
      await own.close();
    });
  }

  it("has kept to its security policy and thrown no error", () => {
    assert.deepEqual(faults, []);
  });
});

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
}

async function seriousFaults(page: Page): Promise<readonly string[]> {
  const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  await page.evaluate(axe);
  const { violations } = (await page.evaluate("axe.run()")) as AxeResult;
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.slice(0, 3).map((node) => `${id}: ${node.html.slice(0, 200)} ${node.failureSummary}`),
    );
}
