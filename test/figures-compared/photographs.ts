import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { openBrowser } from "../support/browser.ts";

/** What is opened with a double click, one after the other, and what is clicked last: the page's panel is about that. */
const opened = {
  product: { open: ["input", "Product"], select: "Product/8" },
  "two-paths": { open: ["input", "TwoPaths"], select: "TwoPaths/10" },
  network: { open: ["Network", "Network/Sequential[layers]"], select: "Network/Sequential[layers]/Linear[2]" },
} as const;

/** Each redrawing of the graph is animated. */
const settled = 1500;

/** Photographs TensorBoard's graph page for each folder of event files in `logs`. */
export async function photographGraphs(tensorboard: string, logs: string, pictures: string): Promise<void> {
  const browser = await openBrowser();
  try {
    for (const [name, { open, select }] of Object.entries(opened)) {
      const { server, url } = await served(tensorboard, path.join(logs, name));
      try {
        const page = await graphPage(browser, url);
        for (const node of open) {
          await nodeOf(page, node).dblclick({ force: true });
          await page.waitForTimeout(settled);
        }
        // An operation's label stands above its shape, so that the middle of both is neither.
        await nodeOf(page, select).locator("ellipse, rect").first().click({ force: true });
        await page.getByText("Fit to screen").click();
        await page.waitForTimeout(settled);
        // A double click also marks a word of the panel.
        await page.evaluate("getSelection().removeAllRanges()");
        await page.screenshot({ path: path.join(pictures, `${name}-tensorboard.png`) });
        await page.close();
      } finally {
        server.kill();
      }
    }
  } finally {
    await browser.close();
  }
}

async function graphPage(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(`${url}/?darkMode=false#graphs`);
  await page.locator("g.node").first().waitFor();
  await page.waitForTimeout(settled);
  return page;
}

function nodeOf(page: Page, name: string): ReturnType<Page["locator"]> {
  return page.locator(`g.node[data-name="${name}"]`).first();
}

/** Serves one folder to this machine alone, at a free port. */
async function served(
  tensorboard: string,
  folder: string,
): Promise<{ readonly server: ChildProcess; readonly url: string }> {
  const server = spawn(tensorboard, ["--logdir", folder, "--host", "127.0.0.1", "--port", "0", "--load_fast", "false"]);
  const url = await new Promise<string>((resolve, reject) => {
    let said = "";
    const hear = (part: Buffer): void => {
      said += part;
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(said);
      if (found !== null) resolve(found[0]);
    };
    server.stdout.on("data", hear);
    server.stderr.on("data", hear);
    server.on("error", reject);
    server.on("exit", () => reject(new Error(`TensorBoard ended:\n${said}`)));
  });
  return { server, url };
}
