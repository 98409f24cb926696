import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { prepareWorkspace } from "../course/workspace.ts";
import { startServer } from "./server.ts";

export interface ServeOptions {
  /** 0 takes a free port. */
  readonly port: number;
  /** Whether to open a browser. */
  readonly browser: boolean;
  /** Where the learner's copies of the lessons are kept. */
  readonly folder: string;
}

const lessons = fileURLToPath(new URL("../../../lessons", import.meta.url));

/** Serves the notebook page until it is interrupted. */
export async function serve(options: ServeOptions): Promise<void> {
  const folder = path.resolve(options.folder);
  await mkdir(folder, { recursive: true });
  if (existsSync(lessons)) {
    const { problems } = await prepareWorkspace(lessons, folder);
    for (const problem of problems) process.stderr.write(`gradbook: ${problem}\n`);
  }
  const server = await startServer({
    port: options.port,
    folder,
    ...(existsSync(lessons) ? { lessons } : {}),
  });
  console.log(`The lessons are open at ${server.url} (Ctrl-C ends the server).`);
  if (options.browser) openBrowser(server.url);
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
  });
  await server.close();
}

/** Opens the page where that is possible; the address is printed in any case. */
function openBrowser(url: string): void {
  const [command, ...args] =
    process.platform === "darwin"
      ? ["open", url]
      : process.platform === "win32"
        ? ["cmd", "/c", "start", "", url]
        : ["xdg-open", url];
  const opened = spawn(command!, args, { stdio: "ignore", detached: true });
  opened.on("error", () => {});
  opened.unref();
}
