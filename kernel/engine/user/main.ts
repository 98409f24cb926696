// The user process: learners' code runs on its main thread, and nothing else does.
import { Socket } from "node:net";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import vm from "node:vm";
import { Worker } from "node:worker_threads";
import { binder, type CellFunction, cellFunction, quickenOperators, type Scope } from "./cell-function.ts";
import { clearOutput, display, finishDisplays, resultBundle, setLibrary } from "./display.ts";
import { failureOf } from "./failure.ts";
import { FrameReader } from "./frames.ts";
import { allowStops, showPromisesPlainly } from "./hooks.ts";
import { Inspection } from "./inspection.ts";
import { Interruptions } from "./interruption.ts";
import { descriptors, inspectionSymbol, type RunCell } from "./messages.ts";
import { flush, runInCell, send, writeText } from "./output.ts";
import { Running } from "./running.ts";
import { installStackTraces, rememberCell } from "./stack.ts";

const library = pathToFileURL(path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../../src/index.js")).href;

/** Every top-level binding of the notebook. */
const scope: Scope = Object.create(null);

/** `import()` as a module in the notebook's folder would do it. */
const importFromFolder = new vm.Script("(specifier) => import(specifier)", {
  filename: path.join(process.cwd(), "cell.js"),
  importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
}).runInThisContext() as (specifier: string) => Promise<Record<string, unknown>>;

let nameValue: ((value: unknown, name: string) => void) | undefined;

async function importModule(specifier: string): Promise<Record<string, unknown>> {
  if (specifier !== "gradbook") return importFromFolder(specifier);
  const module = (await import(library)) as Record<string, unknown>;
  if (nameValue === undefined) quickenOperators(module);
  nameValue = module["bindName"] as (value: unknown, name: string) => void;
  setLibrary(module);
  return module;
}

const bind = binder((value, name) => nameValue?.(value, name));

Object.assign(globalThis, { display, clearOutput });
Object.defineProperty(globalThis, Symbol.for(inspectionSymbol), { value: new Inspection(scope) });

const running = new Running();
const control = new Worker(new URL("./control.js", import.meta.url), { stdin: true, workerData: running.memory });
control.unref();
const interruptions = new Interruptions(running, () => control.postMessage("terminate"));

async function run({ cell, javascript, ...source }: RunCell): Promise<void> {
  allowStops();
  running.begin(cell);
  // Interrupted on its way here.
  if (running.isStopped(cell)) return running.end(cell);
  const filename = `gradbook:cell-${cell}`;
  rememberCell(filename, source);
  let ended: (() => void) | undefined;
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  // Nobody waits for the outcome before it is there: an error that somebody is about to catch is none that a debugger
  // stops at.
  const outcome = cellOf(javascript, filename)(scope, importModule, bind, interruptions.resume, ended!);
  await end;
  await conclude(cell, outcome);
}

function cellOf(javascript: string, filename: string): CellFunction {
  try {
    return cellFunction(javascript, filename);
  } catch (error) {
    return async (_scope, _import, _bind, _resume, ended) => {
      ended();
      throw error;
    };
  }
}

async function conclude(cell: number, outcome: ReturnType<CellFunction>): Promise<void> {
  try {
    const result = await outcome;
    const data = result === undefined ? undefined : await resultBundle(result[0]);
    await finishDisplays();
    send(data === undefined ? { kind: "done", cell } : { kind: "done", cell, data });
  } catch (error) {
    // Of a cell that was stopped, the control thread tells; what it ended with here is the stop itself.
    if (!running.isStopped(cell)) send({ kind: "failed", cell, ...failureOf(error) });
  } finally {
    running.end(cell);
  }
}

installStackTraces();
showPromisesPlainly();
process.stdout.write = capture("stdout");
process.stderr.write = capture("stderr");

function capture(name: "stdout" | "stderr"): typeof process.stdout.write {
  return (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    writeText(name, typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8"));
    const callback = rest.find((part) => typeof part === "function") as (() => void) | undefined;
    if (callback !== undefined) queueMicrotask(callback);
    return true;
  };
}

/** Errors of timers and of promises that nobody awaits are shown with the cell that caused them; they end nothing. */
function report(what: string, error: unknown): void {
  if (interruptions.isInterruption(error)) return;
  writeText("stderr", `${what} ${failureOf(error).traceback.join("\n")}\n`);
  flush();
}
process.on("uncaughtException", (error) => report("Uncaught", error));
process.on("unhandledRejection", (error) => report("Uncaught (in a promise)", error));
process.on("warning", () => {});
process.on("exit", flush);
process.on("SIGINT", () => {});

const exit = process.exit.bind(process);
process.exit = (code) => {
  send({ kind: "exit", code: Number(code ?? process.exitCode ?? 0) });
  return exit(code);
};

const cells = new FrameReader<RunCell>((message) => {
  // In a turn of its own: what stops the cell must not tear down the reading.
  setImmediate(() => void runInCell(message.cell, () => run(message)));
});
new Socket({ fd: descriptors.cells, readable: true, writable: false })
  .on("data", (bytes: Buffer) => cells.push(bytes))
  .on("close", () => exit(0));
send({ kind: "ready" });
