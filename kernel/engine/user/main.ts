// The user process: learners' code runs on its main thread, and nothing else does.
import { Socket } from "node:net";
import { Worker } from "node:worker_threads";
import type { ImportedName } from "../declarations.ts";
import type { MimeBundle } from "../engine.ts";
import { type CellFunction, cellFunction, type Scope } from "./cell-function.ts";
import { cellName } from "./cell-source.ts";
import { commonJsOf } from "./common-js.ts";
import { comms, takeComm } from "./comms.ts";
import { describe } from "./describe.ts";
import { clearOutput, display, finishDisplays, resultBundle } from "./display.ts";
import { failureOf } from "./failure.ts";
import { FrameReader } from "./frames.ts";
import { allowStops, forgetWhatIsLogged, showPromisesPlainly } from "./hooks.ts";
import { bind, importFrom, type Namespace, requiredFromKernel } from "./imports.ts";
import { Inspection } from "./inspection.ts";
import { Interruptions } from "./interruption.ts";
import { type Answer, type Describe, descriptors, type FromComm, inspectionSymbol, type RunCell } from "./messages.ts";
import { ModuleRegistry } from "./modules.ts";
import { flush, runInCell, send, writeText } from "./output.ts";
import { toPng, toSvg } from "./pictures.ts";
import { prompt, takeAnswer } from "./prompt.ts";
import { Running } from "./running.ts";
import { installStackTraces, rememberWeakly } from "./stack.ts";

/** Every top-level binding of the notebook. */
const scope: Scope = Object.create(null);

const modules = new ModuleRegistry(importFrom);
/** Which names of modules lead to the learner's own, as cells write them. */
const ownModules = new Map<string, string>();

function importModule(specifier: string): Promise<Namespace> {
  const own = ownModules.get(specifier);
  return own === undefined ? importFrom(process.cwd(), specifier) : modules.load(own);
}

/** What earlier cells imported from modules that have been edited since is imported again. */
async function renew(names: readonly ImportedName[]): Promise<void> {
  for (const { name, from, exported } of names) {
    const module = await importModule(from);
    scope[name] = exported === "*" ? module : module[exported];
  }
}

const commonJs = commonJsOf(process.cwd(), scope, requiredFromKernel);

Object.assign(globalThis, { display, clearOutput, prompt, comms, toSvg, toPng });
Object.defineProperty(globalThis, Symbol.for(inspectionSymbol), { value: new Inspection(scope) });

const running = new Running();
/** Until then the first cell has the machine for itself (milliseconds). */
const controlAfter = 100;
let control: Worker | undefined;
/** What the control side says meanwhile waits in its pipe. */
function startControl(): Worker {
  if (control === undefined) {
    control = new Worker(new URL("./control.js", import.meta.url), { stdin: true, workerData: running.memory });
    control.unref();
  }
  return control;
}
setTimeout(startControl, controlAfter);
const interruptions = new Interruptions(running, () => startControl().postMessage("terminate"));
// Cells are given it; modules of the learner's own find it here.
Object.defineProperty(globalThis, "__resume", { value: interruptions.resume });

async function run(message: RunCell): Promise<void> {
  const { cell, javascript, label, code, sourceMap, linesBefore } = message;
  if (message.notebook !== undefined) process.env["JPY_SESSION_NAME"] ??= message.notebook;
  allowStops();
  running.begin(cell);
  // Interrupted on its way here.
  if (running.isStopped(cell)) return running.end(cell);
  const filename = cellName(cell);
  // The cell's functions have it, and this function as long as the cell runs.
  const source = rememberWeakly(filename, { label, code, sourceMap, linesBefore });
  modules.add(message.modules);
  for (const [specifier, file] of Object.entries(message.imports)) ownModules.set(specifier, file);
  let ended: (() => void) | undefined;
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  // Nobody waits for the outcome before it is there: an error that somebody is about to catch is none that a debugger
  // stops at.
  const make = (): CellFunction => cellOf(javascript, filename, source);
  const run = message.renewed.length > 0 ? afterRenewal(message.renewed, make) : make();
  const outcome = run(scope, importModule, bind, interruptions.resume, ended!);
  await end;
  await conclude(cell, outcome);
}

function afterRenewal(names: readonly ImportedName[], make: () => CellFunction): CellFunction {
  return async (...given) => {
    const ended = given[4];
    await renew(names).catch((error: unknown) => {
      ended();
      throw error;
    });
    return make()(...given);
  };
}

function cellOf(javascript: string, filename: string, source: object): CellFunction {
  try {
    return cellFunction(javascript, filename, commonJs, source);
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
forgetWhatIsLogged();

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

/** Whoever listens to a comm can be interrupted as a cell can. */
async function hear({ cell, comm }: FromComm): Promise<void> {
  running.begin(cell);
  try {
    await takeComm(comm);
  } catch (error) {
    report("Error in what listens to a comm:", error);
  } finally {
    running.end(cell);
    send({ kind: "done", cell });
  }
}

function tellOf({ id, name }: Describe): void {
  let data: MimeBundle | undefined;
  try {
    data = describe(name, scope[name]);
  } catch {
    // Its type is explained all the same.
  }
  send({ kind: "described", id, ...(data === undefined ? {} : { data }) });
}

const cells = new FrameReader<RunCell | FromComm | Answer | Describe>((message) => {
  if (message.kind === "answer") takeAnswer(message);
  else if (message.kind === "describe") setImmediate(() => tellOf(message));
  else {
    // From its first turn on, a cell can be stopped.
    startControl();
    // In a turn of its own: what stops the cell must not tear down the reading.
    setImmediate(() => void runInCell(message.cell, () => (message.kind === "run" ? run(message) : hear(message))));
  }
});
new Socket({ fd: descriptors.cells, readable: true, writable: false })
  .on("data", (bytes: Buffer) => cells.push(bytes))
  .on("close", () => exit(0));
send({ kind: "ready" });
