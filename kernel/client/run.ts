import { readFile } from "node:fs/promises";
import path from "node:path";
import { KernelManager, KernelSpecManager, ServerConnection, SessionManager } from "@jupyterlab/services";
import type { ISessionConnection } from "@jupyterlab/services/lib/session/session.js";
import WebSocket from "ws";
import { type CodeCell, type Notebook, readNotebook, writeNotebook } from "../../src/course/notebook.ts";
import { writeFileWhole } from "../course/write-file.ts";
import { startServer } from "../server/server.ts";
import { OutputCollector } from "./outputs.ts";

export interface RunOptions {
  /** A Jupyter server's URL; without one, a server of our own is started for the run. */
  readonly server?: string;
  readonly token?: string;
  /** Where the executed copy goes; default: NAME.executed.ipynb beside the notebook. */
  readonly output?: string;
  /** Seconds that one cell may take; none by default. */
  readonly timeout?: number;
}

/** Says why a notebook could not be run at all, in one sentence. */
class RunError extends Error {}

/**
 * Executes a notebook cell by cell on a Jupyter server and writes the executed copy, also where a cell failed.
 * Progress goes to standard error. Resolves to the exit code: 0, or 1 where a cell failed.
 *
 * @throws {Error} where it could not be run at all: no such file, no notebook, no server, a wrong token, no kernel.
 */
export async function run(file: string, options: RunOptions): Promise<number> {
  const notebook = await read(file);
  const output = options.output ?? file.replace(/(\.ipynb)?$/, ".executed.ipynb");
  if (options.server !== undefined)
    return execute(file, notebook, output, options.server, options.token ?? "", options);
  const own = await startServer({ port: 0, folder: path.dirname(path.resolve(file)) });
  try {
    return await execute(file, notebook, output, own.baseUrl, own.token, options);
  } finally {
    await own.close();
  }
}

async function read(file: string): Promise<Notebook> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new RunError(error.code === "ENOENT" ? `There is no file ${file}.` : `${file}: ${error.message}`);
  });
  try {
    return readNotebook(text);
  } catch (error) {
    throw new RunError(`${file}: ${(error as Error).message}`);
  }
}

async function execute(
  file: string,
  notebook: Notebook,
  output: string,
  url: string,
  token: string,
  { timeout }: RunOptions,
): Promise<number> {
  // The client library tells its connections' states on the console; progress is what this command prints.
  console.log = () => {};
  console.debug = () => {};
  const baseUrl = url.replace(/\/*$/, "/");
  const serverSettings = ServerConnection.makeSettings({
    baseUrl,
    wsUrl: baseUrl.replace(/^http/, "ws"),
    token,
    appendToken: true,
    WebSocket: WebSocket as unknown as ServerConnection.ISettings["WebSocket"],
  });
  await checkServer(serverSettings, url);
  const kernelName = await kernelFor(notebook, serverSettings);
  const kernelManager = new KernelManager({ serverSettings });
  const sessionManager = new SessionManager({ kernelManager, serverSettings });
  try {
    const session = await sessionManager.startNew({
      path: path.basename(file),
      name: path.basename(file),
      type: "notebook",
      kernel: { name: kernelName },
    });
    try {
      const result = await runCells(notebook, session, timeout);
      await writeFileWhole(output, writeNotebook(result.notebook));
      if (result.failure === undefined) {
        say(`${path.basename(file)}: every cell ran; the executed copy is ${output}`);
        return 0;
      }
      say(`${path.basename(file)}: ${result.failure}\nThe executed copy is ${output}`);
      return 1;
    } finally {
      await session.shutdown().catch(() => undefined);
      session.dispose();
    }
  } finally {
    sessionManager.dispose();
    kernelManager.dispose();
  }
}

async function checkServer(settings: ServerConnection.ISettings, url: string): Promise<void> {
  const response = await ServerConnection.makeRequest(`${settings.baseUrl}api/kernels`, {}, settings).catch(
    (error: unknown) => {
      const cause = (error as { cause?: { cause?: Error } }).cause?.cause?.message ?? (error as Error).message;
      throw new RunError(`No Jupyter server answers at ${url} (${cause}).`);
    },
  );
  if (response.status === 401 || response.status === 403) {
    throw new RunError(`The server at ${url} refuses the token; give its own with --token.`);
  }
  if (!response.ok) throw new RunError(`${url} is no Jupyter server: it answered ${response.status} to api/kernels.`);
}

async function kernelFor(notebook: Notebook, serverSettings: ServerConnection.ISettings): Promise<string> {
  const wanted = (notebook.metadata["kernelspec"] as { readonly name?: unknown } | undefined)?.name;
  const manager = new KernelSpecManager({ serverSettings });
  try {
    await manager.ready;
    const specs = manager.specs;
    const name = typeof wanted === "string" ? wanted : (specs?.default ?? "");
    if (specs?.kernelspecs[name] === undefined) {
      const known = Object.keys(specs?.kernelspecs ?? {}).join(", ") || "none";
      throw new RunError(
        `The server has no kernel ${name}; it has ${known}. gradbook install makes ours known to Jupyter.`,
      );
    }
    return name;
  } finally {
    manager.dispose();
  }
}

async function runCells(
  notebook: Notebook,
  session: ISessionConnection,
  timeout: number | undefined,
): Promise<{ readonly notebook: Notebook; readonly failure?: string }> {
  const cells = [...notebook.cells];
  const displays: ConstructorParameters<typeof OutputCollector>[0] = new Map();
  const codeCells = cells.filter((cell) => cell.cell_type === "code").length;
  let done = 0;
  for (const [position, cell] of cells.entries()) {
    if (cell.cell_type !== "code") continue;
    progress(++done, codeCells);
    if (cell.source.trim() === "") continue;
    const executed = await runCell(cell, session, displays, timeout);
    cells[position] = executed.cell;
    const tags = cell.metadata["tags"];
    const mayFail = Array.isArray(tags) && tags.includes("raises-exception");
    if (executed.error !== undefined && !mayFail) {
      const first = cell.source.split("\n").find((line) => line.trim() !== "") ?? "";
      const failure = `cell ${position + 1} (id ${cell.id}) failed: ${first.trim()}\n  ${executed.error}`;
      return { notebook: { ...notebook, cells }, failure };
    }
  }
  return { notebook: { ...notebook, cells } };
}

async function runCell(
  cell: CodeCell,
  session: ISessionConnection,
  displays: ConstructorParameters<typeof OutputCollector>[0],
  timeout: number | undefined,
): Promise<{ readonly cell: CodeCell; readonly error?: string }> {
  const kernel = session.kernel!;
  const collector = new OutputCollector(displays);
  const future = kernel.requestExecute({ code: cell.source, stop_on_error: true, allow_stdin: false });
  future.onIOPub = (message) => collector.receive(message);
  const late = new Promise<"late">((resolve) => {
    if (timeout !== undefined) setTimeout(() => resolve("late"), timeout * 1000).unref();
  });
  const lost = new Promise<"lost">((resolve) => {
    kernel.statusChanged.connect((_kernel, status) => {
      if (status === "dead" || status === "autorestarting" || status === "restarting") resolve("lost");
    });
  });
  let outcome = await Promise.race([future.done, late, lost]);
  let overTime = false;
  if (outcome === "late") {
    overTime = true;
    await kernel.interrupt();
    outcome = await Promise.race([future.done, lost]);
  }
  if (outcome === "lost") {
    return { cell: { ...cell, outputs: collector.list }, error: "The kernel ended while this cell ran." };
  }
  const { content } = outcome as Awaited<typeof future.done>;
  const executed: CodeCell = { ...cell, outputs: collector.list, execution_count: content.execution_count ?? null };
  if (content.status === "ok") return { cell: executed };
  if (overTime) return { cell: executed, error: `It took longer than ${timeout} s and was interrupted.` };
  const { ename, evalue } = content as { readonly ename?: string; readonly evalue?: string };
  return { cell: executed, error: `${ename ?? "aborted"}: ${evalue ?? ""}` };
}

function progress(done: number, all: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\rcell ${done}/${all} `);
  else if (done === all || done % 10 === 0) process.stderr.write(`cell ${done}/${all}\n`);
}

function say(text: string): void {
  if (process.stderr.isTTY) process.stderr.write("\r");
  process.stderr.write(`${text}\n`);
}
