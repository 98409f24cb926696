import type { InspectorMethods } from "../../../kernel/engine/debuggee.ts";
import { startEngine } from "../../../kernel/engine/start.ts";
import { Kernel } from "../../../kernel/protocol/core.ts";
import type { JupyterMessage } from "../../../kernel/protocol/message.ts";
import type { Content, DebugAnswer, DebugEvent } from "../../../kernel/protocol/requests.ts";
import { request } from "../protocol/conversation.ts";

/** A variable as a debugger shows it. */
export interface Variable {
  readonly name: string;
  readonly value: string;
  readonly variablesReference: number;
}

export interface StackFrame {
  readonly id: number;
  readonly name: string;
  readonly line: number;
  readonly source: { readonly name: string; readonly path: string };
}

/** A kernel with a real engine, and somebody who debugs it over Jupyter's messages. */
export class FrontEnd {
  /** All events, the oldest first. */
  readonly events: DebugEvent[] = [];
  /** What V8's inspector was asked for. */
  readonly calls: string[] = [];
  private readonly kernel: Kernel;
  private readonly messages: JupyterMessage[] = [];
  private readonly watchers = new Set<() => void>();
  private read = 0;
  private seq = 0;

  static async start(): Promise<FrontEnd> {
    const engine = await startEngine({ cwd: process.cwd() });
    const front = new FrontEnd(engine);
    await front.run("1");
    return front;
  }

  private constructor(engine: Awaited<ReturnType<typeof startEngine>>) {
    const { debuggee } = engine;
    const call = debuggee.call.bind(debuggee);
    debuggee.call = (method, parameters) => {
      this.calls.push(method satisfies keyof InspectorMethods);
      return call(method, parameters);
    };
    this.kernel = new Kernel({
      engine: Promise.resolve(engine),
      send: (message) => {
        this.messages.push(message);
        if (message.header.msg_type === "debug_event") this.events.push(message.content as object as DebugEvent);
        for (const watcher of this.watchers) watcher();
      },
      exit: () => {},
    });
  }

  /** Sends a request to the debugger and gives its response, also where that says no. */
  async respond(command: string, given: Content = {}): Promise<DebugAnswer> {
    const content = { type: "request", seq: ++this.seq, command, arguments: given };
    return (await this.reply("debug_request", content, "control")) as object as DebugAnswer;
  }

  /** The body of a response. @throws where there is no success */
  async ask(command: string, given: Content = {}): Promise<Content> {
    const { success, message, body } = await this.respond(command, given);
    if (!success) throw new Error(message);
    return body;
  }

  async attach(): Promise<void> {
    await this.ask("initialize");
    await this.ask("attach");
  }

  /** Runs a cell; gives its reply with what it showed last as `shown`. */
  async run(code: string): Promise<Content> {
    const asked = request("execute_request", { code });
    this.kernel.receive(asked);
    const reply = await this.replyTo(asked);
    const result = this.messages.findLast(
      ({ header, parent_header }) =>
        header.msg_type === "execute_result" && parent_header.msg_id === asked.header.msg_id,
    );
    return { ...reply, shown: (result?.content["data"] as Content | undefined)?.["text/plain"] };
  }

  interrupt(): Promise<Content> {
    return this.reply("interrupt_request", {}, "control");
  }

  /** Sets breakpoints in a cell and gives what became of them. */
  async setBreakpoints(code: string, ...breakpoints: readonly Content[]): Promise<readonly Content[]> {
    const { sourcePath } = await this.ask("dumpCell", { code });
    return (await this.ask("setBreakpoints", { source: { path: sourcePath }, breakpoints }))[
      "breakpoints"
    ] as readonly Content[];
  }

  /** Resolves to the next event of a kind that nobody has waited for yet. */
  async event(name: DebugEvent["event"]): Promise<Content> {
    for (;;) {
      for (; this.read < this.events.length; this.read++) {
        if (this.events[this.read]!.event === name) return this.events[this.read++]!.body;
      }
      await this.more();
    }
  }

  /** Resolves when a message of a type was said. */
  async said(type: string): Promise<void> {
    while (!this.messages.some(({ header }) => header.msg_type === type)) await this.more();
  }

  async frames(): Promise<readonly StackFrame[]> {
    return (await this.ask("stackTrace", { threadId: 1 }))["stackFrames"] as readonly StackFrame[];
  }

  /** The name and the line of each frame. */
  async where(): Promise<readonly string[]> {
    return (await this.frames()).map(({ name, line }) => `${name}:${line}`);
  }

  async variables(variablesReference: number): Promise<readonly Variable[]> {
    return (await this.ask("variables", { variablesReference }))["variables"] as readonly Variable[];
  }

  /** Variables of a scope of a frame, by name; none where there is no such scope. */
  async scope(name: string, frame = 0): Promise<Readonly<Record<string, string>>> {
    const { scopes } = await this.ask("scopes", { frameId: (await this.frames())[frame]!.id });
    const found = (scopes as readonly Variable[]).find((scope) => scope.name === name);
    const variables = found === undefined ? [] : await this.variables(found.variablesReference);
    return Object.fromEntries(variables.map((variable) => [variable.name, variable.value]));
  }

  async evaluate(expression: string, frame = 0): Promise<string> {
    return (await this.ask("evaluate", { expression, frameId: (await this.frames())[frame]!.id }))["result"] as string;
  }

  async close(): Promise<void> {
    await this.reply("shutdown_request", {}, "control");
  }

  private async reply(type: string, content: Content, channel: "shell" | "control"): Promise<Content> {
    const asked = request(type, content, channel);
    this.kernel.receive(asked);
    return this.replyTo(asked);
  }

  private async replyTo(asked: JupyterMessage): Promise<Content> {
    const type = asked.header.msg_type.replace("_request", "_reply");
    for (;;) {
      const found = this.messages.find(
        ({ header, parent_header, channel }) =>
          channel !== "iopub" && header.msg_type === type && parent_header.msg_id === asked.header.msg_id,
      );
      const idle = this.messages.some(
        ({ content, parent_header }) =>
          content["execution_state"] === "idle" && parent_header.msg_id === asked.header.msg_id,
      );
      if (found !== undefined && idle) return found.content;
      await this.more();
    }
  }

  private more(): Promise<void> {
    return new Promise((resolve) => {
      const watcher = (): void => {
        this.watchers.delete(watcher);
        resolve();
      };
      this.watchers.add(watcher);
    });
  }
}
