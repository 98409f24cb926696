import path from "node:path";
import type { Debuggee, InspectorEvent, RanCell, Watcher } from "../engine/debuggee.ts";
import { otherScripts } from "../engine/user/cell-source.ts";
import { integer, list, object, text } from "../protocol/content.ts";
import type { Content, DebugAnswer, DebugContent, DebugEvent } from "../protocol/requests.ts";
import { type Breakpoint, Breakpoints } from "./breakpoints.ts";
import { Execution, type Step, type Stopped } from "./execution.ts";
import type { Frame } from "./frames.ts";
import { naming, pathOf } from "./sources.ts";
import { type Context, isName, Variables } from "./variables.ts";

type Command = (given: Content) => Promise<Content> | Content;

/** Cells run one at a time, on one thread. */
const threadId = 1;

/** The kernel's own modules are no business of a learner's. */
const kernelFolder = new URL("..", import.meta.url).href;

/**
 * A debug adapter: what front ends ask in the Debug Adapter Protocol (with Jupyter's additions) is asked of V8's inspector.
 * V8's debugger, which makes code slower, is on between `attach` and `disconnect` only.
 */
export class Debugger implements Watcher {
  private readonly debuggee: Debuggee;
  private readonly emit: (event: DebugEvent) => void;
  private readonly variables: Variables;
  private readonly breakpoints: Breakpoints;
  private readonly execution: Execution;
  /** Texts of cells that front ends have shown, by their names as sources. */
  private readonly dumped = new Map<string, string>();
  private started = false;
  private attached = false;
  private exceptions: "none" | "uncaught" | "all" = "none";
  private events = 0;
  private before: Promise<unknown> = Promise.resolve();

  constructor(debuggee: Debuggee, emit: (event: DebugEvent) => void) {
    this.debuggee = debuggee;
    this.emit = emit;
    this.variables = new Variables(debuggee);
    this.execution = new Execution({
      debuggee,
      variables: this.variables,
      breakpointNamed: (id) => this.breakpoints.find(id),
      stopped: (stopped) => this.tellStopped(stopped),
      continued: () => this.tellContinued(),
    });
    this.breakpoints = new Breakpoints(debuggee, this.execution.scriptNamed);
  }

  /** Answers a request; requests are answered in their order. Never rejects: what goes wrong is said in the response. */
  answer(request: DebugContent): Promise<DebugAnswer> {
    const answer = this.before.then(() => this.respond(request));
    this.before = answer;
    return answer;
  }

  heard(event: InspectorEvent): void {
    this.execution.heard(event);
  }

  async starting(cell: RanCell): Promise<void> {
    this.variables.forgetCompiled();
    await this.breakpoints.bind(cell).catch(() => {}); // the process has ended; the cell is told by others
  }

  restarted(): void {
    this.execution.reset();
    this.breakpoints.forgetCells();
    this.enable().catch(() => {}); // it has ended again, and this is called once more
  }

  private async respond({ seq, command, arguments: given }: DebugContent): Promise<DebugAnswer> {
    const response = { type: "response", seq: 0, request_seq: seq, command } as const;
    try {
      if (!Object.hasOwn(this.commands, command)) throw new Error(`This debugger does not know ${command || "that"}.`);
      const always = Object.hasOwn(this.withoutSession, command);
      if (!always && !this.attached) throw new Error(`${command}: the debugger is not attached.`);
      return { ...response, success: true, body: await this.commands[command]!(given) };
    } catch (error) {
      return { ...response, success: false, message: error instanceof Error ? error.message : String(error), body: {} };
    }
  }

  /** Answered also while no debugger is attached: they need no more than a process that runs cells. */
  private readonly withoutSession: Readonly<Record<string, Command>> = {
    initialize: () => {
      this.started = true;
      return capabilities;
    },
    attach: async () => {
      if (!this.started) throw new Error("attach: the debugger is not initialized.");
      if (!this.attached) await this.attach();
      this.tell("initialized", {});
      return {};
    },
    disconnect: async () => {
      if (this.attached) await this.detach();
      this.started = false;
      return {};
    },
    debugInfo: () => ({
      isStarted: this.started,
      ...naming,
      breakpoints: [...this.breakpoints.byPath].map(([source, breakpoints]) => ({
        source,
        breakpoints: breakpoints.map(({ line, condition }) => ({
          line,
          ...(condition === undefined ? {} : { condition }),
        })),
      })),
      stoppedThreads: this.execution.stopped === undefined ? [] : [threadId],
      richRendering: true,
      exceptionPaths: [],
      copyToGlobals: true,
    }),
    dumpCell: (given) => {
      const code = text(given, "code");
      const sourcePath = pathOf(code);
      this.dumped.set(sourcePath, code);
      return { sourcePath };
    },
    inspectVariables: async () => {
      if (this.execution.stopped === undefined) await this.variables.forget();
      const { reference } = await this.variables.globals();
      return { variables: await this.variablesOf(reference) };
    },
    richInspectVariables: async (given) => {
      const context = await this.contextOf(integer(given, "frameId", undefined));
      return { data: await this.variables.bundle(text(given, "variableName"), context), metadata: {} };
    },
    variables: async (given) => {
      const reference = integer(given, "variablesReference", 0);
      const start = integer(given, "start", undefined);
      return { variables: await this.variablesOf(reference, start, integer(given, "count", undefined)) };
    },
    evaluate: async (given) => {
      const context = await this.contextOf(integer(given, "frameId", undefined));
      const { value, type, reference } = await this.variables.evaluate(text(given, "expression"), context);
      return { result: value, type, variablesReference: reference };
    },
    source: async (given) => {
      const sourcePath = text(object(given, "source"), "path");
      const content = this.textOf(sourcePath) ?? (await this.scriptText(sourcePath));
      if (content === undefined) throw new Error(`source: nothing is known of ${sourcePath}.`);
      return { content, mimeType: "text/typescript" };
    },
    modules: () => {
      const modules = [...this.execution.scripts]
        .filter(([, url]) => url.startsWith("file:") && !url.startsWith(kernelFolder))
        .map(([id, url]) => ({ id, name: path.basename(url), path: url }));
      return { modules, totalModules: modules.length };
    },
  };

  private readonly commands: Readonly<Record<string, Command>> = {
    ...this.withoutSession,
    configurationDone: () => ({}),
    setBreakpoints: async (given) => {
      const sourcePath = text(object(given, "source"), "path");
      const requested = list(given, "breakpoints").map((breakpoint) => {
        const condition = text(breakpoint, "condition", "");
        return { line: integer(breakpoint, "line", 1), ...(condition === "" ? {} : { condition }) };
      });
      const breakpoints = await this.breakpoints.replace(sourcePath, requested, this.textOf(sourcePath));
      return { breakpoints: breakpoints.map((breakpoint) => described(breakpoint, sourcePath)) };
    },
    setExceptionBreakpoints: async ({ filters }) => {
      const wanted = Array.isArray(filters) ? filters : [];
      this.exceptions = wanted.includes("all") ? "all" : wanted.includes("uncaught") ? "uncaught" : "none";
      await this.debuggee.call("Debugger.setPauseOnExceptions", { state: this.exceptions });
      return {};
    },
    threads: () => ({ threads: [{ id: threadId, name: "Cells" }] }),
    stackTrace: (given) => {
      const { frames } = this.execution.standing();
      const start = integer(given, "startFrame", 0);
      const levels = integer(given, "levels", 0);
      const shown = frames.slice(start, levels > 0 ? start + levels : undefined);
      return { stackFrames: shown.map(describedFrame), totalFrames: frames.length };
    },
    scopes: async (given) => {
      const { call } = this.frame(integer(given, "frameId", 0));
      const locals = await this.variables.locals(call);
      const globals = await this.variables.globals();
      return {
        scopes: [
          // A cell's own variables are the notebook's: where there are no others, an empty list would hide them.
          ...(locals.names.length === 0 ? [] : [scope("Locals", locals.reference, false)]),
          scope("Globals", globals.reference, true),
        ],
      };
    },
    copyToGlobals: async (given) => {
      const name = text(given, "dstVariableName");
      if (!isName(name)) throw new Error(`copyToGlobals: ${JSON.stringify(name)} is no name of a variable.`);
      const context = await this.contextOf(integer(given, "srcFrameId", undefined));
      await this.variables.publish(name, text(given, "srcVariableName"), context);
      return {};
    },
    continue: async () => {
      await this.execution.resume();
      return { allThreadsContinued: true };
    },
    next: () => this.step("stepOver"),
    stepIn: () => this.step("stepInto"),
    stepOut: () => this.step("stepOut"),
    pause: async () => {
      await this.execution.pause();
      return {};
    },
  };

  private async attach(): Promise<void> {
    this.attached = true;
    this.debuggee.watch(this);
    await this.enable();
  }

  private async enable(): Promise<void> {
    await this.debuggee.call("Debugger.enable", {});
    await this.debuggee.call("Debugger.setBlackboxPatterns", { patterns: [otherScripts] });
    await this.debuggee.call("Debugger.setPauseOnExceptions", { state: this.exceptions });
  }

  private async detach(): Promise<void> {
    this.attached = false;
    this.exceptions = "none";
    this.breakpoints.byPath.clear();
    this.breakpoints.forgetCells();
    // What stands still goes on.
    await this.debuggee.call("Debugger.disable", {});
    this.execution.reset();
    this.debuggee.watch(undefined);
  }

  private async step(kind: Step): Promise<Content> {
    await this.execution.makeStep(kind);
    return {};
  }

  private frame(id: number): Frame {
    const frame = this.execution.standing().frames.find((each) => each.id === id);
    if (frame === undefined) throw new Error(`There is no frame ${id}: the code went on.`);
    return frame;
  }

  private async contextOf(frameId: number | undefined): Promise<Context> {
    if (frameId === undefined || this.execution.stopped === undefined) return { locals: [] };
    return this.variables.contextOf(this.frame(frameId).call);
  }

  private async variablesOf(reference: number, start?: number, count?: number): Promise<readonly Content[]> {
    const variables = await this.variables.of(reference, start, count);
    // Without types, which the values' texts tell: JupyterLab's tree shows a type in the place of the value.
    return variables.map(({ name, value, reference: variablesReference }) => ({
      name,
      value,
      variablesReference,
      ...(isName(name) ? { evaluateName: name } : {}),
    }));
  }

  private textOf(sourcePath: string): string | undefined {
    const dumped = this.dumped.get(sourcePath);
    if (dumped !== undefined) return dumped;
    return [...this.debuggee.cells.values()].find(({ code }) => pathOf(code) === sourcePath)?.code;
  }

  private async scriptText(url: string): Promise<string | undefined> {
    const scriptId = this.execution.scriptNamed(url);
    if (scriptId === undefined) return undefined;
    return (await this.debuggee.call("Debugger.getScriptSource", { scriptId })).scriptSource;
  }

  private tellStopped({ reason, text: words, breakpoints }: Stopped): void {
    this.tell("stopped", {
      reason,
      threadId,
      allThreadsStopped: true,
      ...(words === undefined || words === "" ? {} : { text: words, description: words }),
      ...(breakpoints.length === 0 ? {} : { hitBreakpointIds: breakpoints.map(({ id }) => id) }),
    });
  }

  private tellContinued(): void {
    this.tell("continued", { threadId, allThreadsContinued: true });
  }

  private tell(event: DebugEvent["event"], body: Content): void {
    this.emit({ type: "event", seq: ++this.events, event, body });
  }
}

const capabilities: Content = {
  supportsConfigurationDoneRequest: true,
  supportsConditionalBreakpoints: true,
  supportsEvaluateForHovers: true,
  supportsModulesRequest: true,
  exceptionBreakpointFilters: [
    { filter: "uncaught", label: "Uncaught errors", default: false },
    { filter: "all", label: "All errors", default: false },
  ],
};

function described({ id, verified, line, message }: Breakpoint, sourcePath: string): Content {
  return { id, verified, line, source: { path: sourcePath }, ...(message === undefined ? {} : { message }) };
}

function describedFrame({ id, name, cell, line, column }: Frame): Content {
  return { id, name, line, column, source: { name: cell.label, path: pathOf(cell.code) } };
}

function scope(name: string, variablesReference: number, expensive: boolean): Content {
  return { name, variablesReference, expensive };
}
