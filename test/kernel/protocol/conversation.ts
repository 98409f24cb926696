import type { Debuggee } from "../../../kernel/engine/debuggee.ts";
import type { CellContext, CellEvent, CellResult, Comm, Engine } from "../../../kernel/engine/engine.ts";
import { Kernel } from "../../../kernel/protocol/core.ts";
import { type JupyterMessage, protocolVersion } from "../../../kernel/protocol/message.ts";

type RunCell = (code: string, emit: (event: CellEvent) => void, cell: CellContext) => Promise<CellResult> | CellResult;

/** An engine whose cells do what a test says; it counts what it was asked for. */
export class ScriptedEngine implements Engine {
  readonly executed: string[] = [];
  readonly heard: Comm[] = [];
  onComm: (message: Comm, emit: (event: CellEvent) => void) => void = () => {};
  readonly debuggee: Debuggee = undebuggable;
  interrupts = 0;
  ended = false;
  readonly #run: RunCell;

  constructor(run: RunCell) {
    this.#run = run;
  }

  async execute(code: string, cell: CellContext, emit: (event: CellEvent) => void): Promise<CellResult> {
    this.executed.push(code);
    return this.#run(code, emit, cell);
  }
  async comm(message: Comm, emit: (event: CellEvent) => void): Promise<void> {
    this.heard.push(message);
    this.onComm(message, emit);
  }
  async complete(code: string, offset: number): ReturnType<Engine["complete"]> {
    const start = code.lastIndexOf(" ", offset - 1) + 1;
    return { start, end: offset, items: [{ text: `${code.slice(start, offset)}tanh`, type: "function" }] };
  }
  async inspect(code: string, offset: number): ReturnType<Engine["inspect"]> {
    return code === "" ? undefined : { "text/plain": code.slice(0, offset) };
  }
  async isComplete(code: string): ReturnType<Engine["isComplete"]> {
    return code.endsWith("{") ? { status: "incomplete", indent: "  " } : { status: "complete" };
  }
  interrupt(): void {
    this.interrupts++;
  }
  async shutdown(): Promise<void> {
    this.ended = true;
  }
}

const undebuggable: Debuggee = {
  cells: new Map(),
  call: (method) => Promise.reject(new Error(`No inspector to ask for ${method}`)),
  watch: () => {},
  compile: async () => undefined,
  compileExpression: async (expression) => expression,
  declare: () => {},
};

let requests = 0;

export function request(
  type: string,
  content: Readonly<Record<string, unknown>> = {},
  channel: "shell" | "control" = "shell",
): JupyterMessage {
  return {
    channel,
    header: {
      msg_id: `request-${++requests}`,
      msg_type: type,
      session: "test",
      username: "test",
      date: new Date().toISOString(),
      version: protocolVersion,
    },
    parent_header: {},
    metadata: {},
    content,
    buffers: [],
  };
}

/** A kernel under test with everything it said. */
export class Conversation {
  readonly said: JupyterMessage[] = [];
  readonly engine: ScriptedEngine;
  readonly kernel: Kernel;
  exited = false;
  readonly #watchers = new Set<() => void>();

  constructor(run: RunCell = () => ({ kind: "ok" })) {
    this.engine = new ScriptedEngine(run);
    this.kernel = new Kernel({
      engine: Promise.resolve(this.engine),
      send: (message) => {
        this.said.push(message);
        for (const watcher of this.#watchers) watcher();
      },
      exit: () => {
        this.exited = true;
      },
    });
  }

  /** Sends a request and resolves, when the kernel is idle after it, to all that was said because of it. */
  async ask(
    type: string,
    content?: Readonly<Record<string, unknown>>,
    channel?: "shell" | "control",
  ): Promise<readonly JupyterMessage[]> {
    const asked = request(type, content, channel);
    this.kernel.receive(asked);
    return this.about(asked);
  }

  async about(asked: JupyterMessage): Promise<readonly JupyterMessage[]> {
    const about = (): JupyterMessage[] =>
      this.said.filter((message) => message.parent_header.msg_id === asked.header.msg_id);
    const done = (): boolean => about().some(({ content }) => content["execution_state"] === "idle");
    while (!done()) {
      await new Promise<void>((resolve) => {
        const watcher = (): void => {
          this.#watchers.delete(watcher);
          resolve();
        };
        this.#watchers.add(watcher);
      });
    }
    return about();
  }

  /** The content of the one message of a type among all that was said because of a request. */
  async contentOf(
    type: string,
    asking: Promise<readonly JupyterMessage[]>,
  ): Promise<Readonly<Record<string, unknown>>> {
    const found = (await asking).filter(({ header }) => header.msg_type === type);
    if (found.length !== 1) throw new Error(`${found.length} messages of type ${type}, expected one`);
    return found[0]!.content;
  }
}

export function types(messages: readonly JupyterMessage[]): readonly string[] {
  return messages.map(({ header, content }) =>
    header.msg_type === "status" ? String(content["execution_state"]) : header.msg_type,
  );
}
