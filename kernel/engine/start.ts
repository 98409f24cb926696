import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import type { Compilation } from "./compiler.ts";
import { CompilerProcess } from "./compiler-process.ts";
import type { CompiledCell, Debuggee, InspectorEvent, InspectorMethods, RanCell, Watcher } from "./debuggee.ts";
import type {
  CellContext,
  CellEvent,
  CellResult,
  Comm,
  Completeness,
  Completions,
  Engine,
  EngineOptions,
  MimeBundle,
} from "./engine.ts";
import { readFrames, sendFrame } from "./pipes.ts";
import { Recent } from "./recent.ts";
import { failure, interruption, lost } from "./results.ts";
import { engineFolder } from "./typescript.ts";
import {
  type Answer,
  type ControlEvent,
  type ControlRequest,
  type Describe,
  descriptors,
  type FromComm,
  type RunCell,
  type UserEvent,
} from "./user/messages.ts";

/** Starts a process for the compiler and one for the learner's code. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  return new ProcessEngine(options);
}

/** What Node writes on exit because the control thread has an inspector session. */
const inspectorNotice = "Waiting for the debugger to disconnect";

interface RunningCell {
  readonly ask: CellContext["ask"];
  readonly keep: readonly string[];
  finish(result: CellResult): void;
}

/** A question to the inspector that is not answered yet. */
interface Question {
  answer(result: object): void;
  refuse(error: Error): void;
}

/** How long whoever asks about a name waits for a process that computes (milliseconds). */
const busyAfter = 150;

/** How long a loop runs before it is one that somebody may want to interrupt (milliseconds). */
const prepareAfter = 200;

/** How long an interrupted compilation may go on before the compiler is started afresh (milliseconds). */
const restartAfter = 1000;

/** So many cells later what a cell still says is shown with the cell that ran last. */
const listenedTo = 300;
/** The same of messages over comms, of which there may be thousands. */
const heard = 100;
/** So many cells later a debugger does not find a cell's lines any more. */
const debuggable = 200;

type Listener = (event: CellEvent) => void;

class ProcessEngine implements Engine, Debuggee {
  readonly debuggee: Debuggee = this;
  readonly cells = new Recent<RanCell>(debuggable);
  private readonly options: EngineOptions;
  private readonly compiler: CompilerProcess;
  private user: ChildProcess;
  /** By their numbers: one, and one for each subshell. */
  private readonly running = new Map<number, RunningCell>();
  /** The compilation under way. */
  private compiling: Promise<void> = Promise.resolve();
  /** Each gives up on a cell that is being compiled. */
  private readonly stops = new Set<() => void>();
  /** Messages over comms that somebody in the notebook is busy with. */
  private readonly hearing = new Map<number, () => void>();
  /** Where each cell's events go, also those that come when it is long over. */
  private readonly listeners = new Recent<Listener>(listenedTo);
  /** The same of what listens to comms. */
  private readonly commListeners = new Recent<Listener>(heard);
  /** Versions of the learner's own modules that the user process has. */
  private readonly sent = new Map<string, string>();
  private count = 0;
  private watcher: Watcher | undefined;
  /** Who waits to hear what a binding is. */
  private readonly telling = new Map<number, (data: MimeBundle | undefined) => void>();
  private readonly questions = new Map<number, Question>();
  private asked = 0;
  private exitCode: number | undefined;
  /** V8 says why it gives up on the process's own stderr. */
  private lastWords = "";
  private closing = false;

  constructor(options: EngineOptions) {
    this.options = options;
    this.compiler = new CompilerProcess(this.folder());
    this.user = this.startUser();
  }

  async execute(code: string, cell: CellContext, emit: (event: CellEvent) => void): Promise<CellResult> {
    const compilation = await this.compileCell(code);
    if (compilation === undefined) return interruption();
    if (compilation.kind === "problems") return failure(code, compilation.problems);
    const number = ++this.count;
    this.listeners.set(number, emit);
    const { modules, imports, renewed } = compilation;
    const news = modules.filter(({ file, version }) => this.sent.get(file) !== version);
    for (const { file, version } of news) this.sent.set(file, version);
    const { javascript, sourceMap, linesBefore } = compilation;
    const ran: RanCell = {
      cell: number,
      label: `In [${cell.executionCount}]`,
      code,
      javascript,
      sourceMap,
      linesBefore,
    };
    this.cells.set(number, ran);
    const message: RunCell = {
      kind: "run",
      ...ran,
      modules: news,
      imports,
      renewed,
      ...(cell.notebook === undefined ? {} : { notebook: cell.notebook }),
    };
    const { keep } = compilation;
    let prepared = false;
    const prepare = (): void => {
      prepared = true;
      this.prepare(true);
    };
    const preparing = keep.length > 0 ? setTimeout(prepare, prepareAfter) : undefined;
    const result = new Promise<CellResult>((resolve) => {
      this.running.set(number, {
        ask: cell.ask,
        keep,
        finish: (result) => {
          clearTimeout(preparing);
          if (prepared) this.prepare(false);
          this.running.delete(number);
          resolve(result);
        },
      });
    });
    if (this.watcher !== undefined) await this.watcher.starting(ran);
    // The process may have ended meanwhile.
    if (this.cells.has(number)) this.send(descriptors.cells, message);
    return result;
  }

  /** Undefined where the cell is interrupted meanwhile. */
  private async compileCell(code: string): Promise<Compilation | undefined> {
    // One after the other, also of cells that run side by side: each is to know what the one before declares.
    const compiled = this.compiling.then(() =>
      this.compiler.ask("compile", code, { debugged: this.watcher !== undefined }),
    );
    let stop = (): void => {};
    const stopped = new Promise<undefined>((resolve) => {
      stop = () => {
        resolve(undefined);
        // The cells after it wait for the compiler: one that goes on and on is started afresh.
        const impatient = setTimeout(() => this.compiler.restart(), restartAfter).unref();
        compiled.finally(() => clearTimeout(impatient)).catch(() => {});
      };
    });
    this.stops.add(stop);
    // Declared before it runs: an error in the middle leaves what came before it usable.
    const declared = Promise.race([compiled, stopped]).then((compilation) => {
      if (compilation?.kind === "compiled") void this.compiler.ask("commit");
      return compilation;
    });
    this.compiling = Promise.allSettled([compiled, declared]).then(() => {});
    try {
      return await declared;
    } finally {
      this.stops.delete(stop);
    }
  }

  async complete(code: string, offset: number): Promise<Completions> {
    return this.compiler.ask("complete", code, offset);
  }

  async inspect(code: string, offset: number): Promise<MimeBundle | undefined> {
    const name = nameAt(code, offset);
    const [found, described] = await Promise.all([
      this.compiler.ask("inspect", code, offset),
      name === undefined ? undefined : this.describe(name),
    ]);
    if (found === null || described === undefined) return found ?? undefined;
    return {
      "text/markdown": `${found["text/markdown"]}\n\n${described["text/markdown"]}`,
      "text/plain": `${found["text/plain"]}\n\n${described["text/plain"]}`,
    };
  }

  /** What a binding of the notebook is at present; undefined where there is no more to say, or the process is busy. */
  private describe(name: string): Promise<MimeBundle | undefined> {
    const id = ++this.asked;
    return new Promise((resolve) => {
      const busy = setTimeout(() => this.told(id, undefined), busyAfter);
      this.telling.set(id, (data) => {
        clearTimeout(busy);
        resolve(data);
      });
      this.send(descriptors.cells, { kind: "describe", id, name });
    });
  }

  private told(id: number, data: MimeBundle | undefined): void {
    this.telling.get(id)?.(data);
    this.telling.delete(id);
  }

  isComplete(code: string): Promise<Completeness> {
    return this.compiler.ask("isComplete", code);
  }

  comm(message: Comm, emit: (event: CellEvent) => void): Promise<void> {
    const cell = ++this.count;
    this.commListeners.set(cell, emit);
    return new Promise((resolve) => {
      this.hearing.set(cell, resolve);
      this.send(descriptors.cells, { kind: "comm", cell, comm: message });
    });
  }

  interrupt(): void {
    for (const stop of this.stops) stop();
    const cells = [...this.running.keys(), ...this.hearing.keys()];
    const keep = [...this.running.values()].flatMap((cell) => cell.keep);
    if (cells.length > 0) this.send(descriptors.control, { kind: "interrupt", cells, keep });
  }

  async call<Method extends keyof InspectorMethods>(
    method: Method,
    parameters: InspectorMethods[Method][0],
  ): Promise<InspectorMethods[Method][1]> {
    const id = ++this.asked;
    const answer = new Promise<object>((answer, refuse) => this.questions.set(id, { answer, refuse }));
    this.send(descriptors.control, { kind: "inspect", id, method, parameters });
    return (await answer) as InspectorMethods[Method][1]; // V8 documents what answers which method
  }

  watch(watcher: Watcher | undefined): void {
    this.watcher = watcher;
  }

  async compile(code: string): Promise<CompiledCell | undefined> {
    const compilation = await this.compiler.ask("compileUnchecked", code);
    return compilation === null ? undefined : { ...compilation, code };
  }

  async compileExpression(expression: string, locals: readonly string[]): Promise<string> {
    const compiled = await this.compiler.ask("compileExpression", expression, locals);
    if (typeof compiled === "string") return compiled;
    throw new Error(compiled.message.split("\n")[0]);
  }

  declare(name: string): void {
    this.compileCell(`let ${name}: any;`).catch(() => {}); // without a compiler, no later cell asks for it
  }

  async shutdown(): Promise<void> {
    this.closing = true;
    this.compiler.close();
    for (const question of this.questions.values()) question.refuse(new Error("The kernel is shut down."));
    if (this.user.exitCode !== null || this.user.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      this.user.once("exit", () => resolve());
      this.user.kill("SIGKILL");
    });
  }

  /** Whether an interrupt may have to ask for the variables of a loop. */
  private prepare(on: boolean): void {
    this.send(descriptors.control, { kind: "prepare", on });
  }

  private folder(): string {
    return existsSync(this.options.cwd) ? this.options.cwd : process.cwd();
  }

  private send(descriptor: number, message: RunCell | FromComm | Answer | Describe | ControlRequest): void {
    sendFrame(this.user, descriptor, message);
  }

  private startUser(): ChildProcess {
    const program = path.join(engineFolder, "user", "main.js");
    // Without the first flag, Node aborts when a timer's callback is terminated; the last is for modules of the learner's own.
    const flags = ["--no-force-async-hooks-checks", "--no-warnings", "--experimental-vm-modules"];
    const user = spawn(process.execPath, [...flags, program], {
      cwd: this.folder(),
      stdio: ["ignore", "pipe", "pipe", "pipe", "pipe", "pipe"],
      env: { ...process.env, GRADBOOK_KERNEL: "1" },
    });
    readFrames<UserEvent>(user, descriptors.events, (event) => this.receive(event));
    readFrames<ControlEvent>(user, descriptors.control, (event) => this.answered(event));
    // Nothing comes from there; that it breaks is told by the process's exit.
    readFrames(user, descriptors.cells, () => {});
    // What native code and child processes write reaches the cell that runs.
    for (const name of ["stdout", "stderr"] as const) {
      user[name]!.setEncoding("utf8").on("data", (text: string) => {
        this.lastWords = (this.lastWords + text).slice(-4000);
        if (!text.startsWith(inspectorNotice)) this.emit(this.count, { kind: "stream", name, text });
      });
    }
    user.on("error", () => {});
    user.on("close", (code, signal) => this.ended(user, code, signal));
    return user;
  }

  private emit(cell: number, event: CellEvent): void {
    const listener = this.listeners.get(cell) ?? this.commListeners.get(cell);
    if (listener !== undefined) listener(event);
    // What another cell shows is not to be cleared.
    else if (event.kind !== "clear") this.listeners.latest?.(event);
  }

  private receive(event: UserEvent): void {
    switch (event.kind) {
      case "ready":
        return;
      case "stream":
        this.emit(event.cell, { kind: "stream", name: event.name, text: event.text });
        return;
      case "display":
        this.emit(event.cell, {
          kind: "display",
          data: event.data,
          metadata: {},
          ...(event.displayId === undefined ? {} : { displayId: event.displayId }),
          update: event.update,
        });
        return;
      case "clear":
        this.emit(event.cell, { kind: "clear", wait: event.wait });
        return;
      case "comm":
        this.emit(event.cell, { kind: "comm", comm: event.comm });
        return;
      case "ask":
        void this.ask(event);
        return;
      case "done":
        this.heard(event.cell);
        this.running
          .get(event.cell)
          ?.finish(event.data === undefined ? { kind: "ok" } : { kind: "ok", data: event.data });
        return;
      case "described":
        this.told(event.id, event.data);
        return;
      case "exit":
        this.exitCode = event.code;
        return;
      case "failed": {
        const { ename, evalue, traceback } = event;
        this.running.get(event.cell)?.finish({ kind: "error", ename, evalue, traceback });
        return;
      }
    }
  }

  private async ask({ cell, question, text: asked, password }: Extract<UserEvent, { kind: "ask" }>): Promise<void> {
    const answer = (text: string, refusal?: string): void =>
      this.send(descriptors.cells, { kind: "answer", question, text, ...(refusal === undefined ? {} : { refusal }) });
    const running = this.running.get(cell);
    if (running === undefined) return answer("", "prompt: the cell that asks is over, and its question with it.");
    const { ask } = running;
    if (ask === undefined) {
      return answer(
        "",
        "prompt: nobody can be asked here. Run the cell in a front end that takes input, such as JupyterLab.",
      );
    }
    const user = this.user;
    const text = await ask(asked, password);
    if (user === this.user) answer(text);
  }

  private heard(cell: number): void {
    this.hearing.get(cell)?.();
    this.hearing.delete(cell);
  }

  private answered(event: ControlEvent): void {
    switch (event.kind) {
      case "interrupted":
        for (const cell of event.cells) this.interrupted(cell);
        return;
      case "inspected":
      case "refused": {
        const question = this.questions.get(event.id);
        this.questions.delete(event.id);
        if (event.kind === "inspected") question?.answer(event.result);
        else question?.refuse(new Error(event.message));
        return;
      }
      case "heard":
        this.watcher?.heard(event as InspectorEvent); // the inspector names an event's parameters by its method
        return;
    }
  }

  private interrupted(cell: number): void {
    this.heard(cell);
    this.running.get(cell)?.finish(interruption());
  }

  private ended(user: ChildProcess, code: number | null, signal: string | null): void {
    if (user !== this.user || this.closing) return;
    this.user = this.startUser();
    void this.compiler.ask("forget");
    this.sent.clear();
    const how = this.whyEnded(code, signal);
    this.exitCode = undefined;
    this.lastWords = "";
    for (const cell of this.hearing.keys()) this.heard(cell);
    this.cells.clear();
    for (const question of this.questions.values())
      question.refuse(new Error(`The process of the cells ended: ${how}.`));
    this.questions.clear();
    this.watcher?.restarted();
    for (const cell of [...this.running.values()]) cell.finish(lost(how));
  }

  private whyEnded(code: number | null, signal: string | null): string {
    if (this.exitCode !== undefined) return `it called process.exit (code ${this.exitCode})`;
    if (/heap out of memory|allocation failed/i.test(this.lastWords)) return "its memory was full";
    if (signal === "SIGABRT" || code === 134) return "it was aborted";
    return signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`;
  }
}

/** The name that stands at an offset, or ends there; undefined for a property of something. */
function nameAt(code: string, offset: number): string | undefined {
  const head = /[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.exec(code.slice(0, offset))?.[0] ?? "";
  const tail = /^[\p{ID_Continue}$]*/u.exec(code.slice(offset))![0];
  const isProperty = /\.\s*$/.test(code.slice(0, offset - head.length));
  return isProperty || head + tail === "" ? undefined : head + tail;
}
