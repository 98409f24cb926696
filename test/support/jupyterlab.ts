import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { type InstalledKernel, installedKernel } from "./installed.ts";
import { notebookOf } from "./notebooks.ts";
import { python } from "./python.ts";

/** Real JupyterLab with the installed kernel, serving a folder of notebooks. */
export interface JupyterLab {
  /** Put notebooks here before opening them. */
  readonly folder: string;
  /** Where a notebook of the folder is opened, token included. */
  notebookUrl(name: string): string;
  stop(): Promise<void>;
}

/** Starts JupyterLab on a free port of the loopback interface. */
export async function startJupyterLab(): Promise<JupyterLab> {
  const { jupyter } = await python();
  const installed: InstalledKernel = await installedKernel();
  const folder = path.join(installed.folder, "notebooks");
  mkdirSync(folder);
  const token = randomUUID();
  const settings = {
    "ServerApp.ip": "127.0.0.1",
    "ServerApp.port": "0",
    "ServerApp.open_browser": "False",
    "ServerApp.allow_root": "True",
    "ServerApp.root_dir": folder,
    "IdentityProvider.token": token,
    // Neither news nor updates are asked for: the test speaks to nobody else.
    "LabApp.news_url": "",
    "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
    "LabApp.app_settings_dir": path.join(installed.folder, ".lab"),
  };
  const args = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
  const server = spawn(jupyter, ["lab", ...args], {
    cwd: folder,
    env: { ...installed.environment, JUPYTERLAB_SETTINGS_DIR: settingsFolder(installed.folder) },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const port = await new Promise<string>((resolve, reject) => {
    let said = "";
    server.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const found = /http:\/\/127\.0\.0\.1:(\d+)\//.exec(said);
      if (found !== null) resolve(found[1]!);
    });
    server.once("exit", () => reject(new Error(`JupyterLab did not start:\n${said}`)));
  });
  return {
    folder,
    // A workspace of its own: the default one would open the notebooks of earlier pages, too.
    notebookUrl: (name) => `http://127.0.0.1:${port}/lab/workspaces/${randomUUID()}/tree/${name}?token=${token}`,
    async stop() {
      const ended = once(server, "exit");
      server.kill("SIGTERM");
      const timer = setTimeout(() => server.kill("SIGKILL"), 10_000);
      await ended;
      clearTimeout(timer);
      installed.remove();
    },
  };
}

/** Puts a notebook of these cells where JupyterLab finds it, and opens it; resolves when its kernel is ready. */
export async function openNotebook(
  lab: JupyterLab,
  browser: Browser,
  name: string,
  sources: readonly string[],
  width = 1280,
): Promise<Page> {
  writeFileSync(path.join(lab.folder, name), JSON.stringify(notebookOf(...sources)));
  const page = await browser.newPage({ viewport: { width, height: 900 } });
  await page.goto(lab.notebookUrl(name));
  await page.getByText("TypeScript (gradbook) | Idle").waitFor({ timeout: 90_000 });
  return page;
}

/** Runs all cells by JupyterLab's menu. */
export async function runAllCells(page: Page): Promise<void> {
  await page.getByRole("menuitem", { name: "Run", exact: true }).click();
  await page.getByRole("menuitem", { name: "Run All Cells", exact: true }).click();
}

/** A reader's settings: the whole notebook is in the page, also what is not in view, and nobody asks about news. */
function settingsFolder(folder: string): string {
  const settings = path.join(folder, ".settings");
  for (const [file, content] of [
    ["notebook-extension/tracker", { windowingMode: "none" }],
    ["apputils-extension/notification", { fetchNews: "false" }],
  ] as const) {
    const target = path.join(settings, "@jupyterlab", `${file}.jupyterlab-settings`);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, JSON.stringify(content));
  }
  return settings;
}
