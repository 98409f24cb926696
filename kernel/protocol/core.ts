import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { Debugger } from "../debugger/debugger.ts";
import type { Comm, Engine } from "../engine/engine.ts";
import { notebookOfCell } from "./cell-place.ts";
import { commFrom, MalformedRequest, parsers } from "./content.ts";
import { History } from "./history.ts";
import { type Beside, isMessage, type JupyterMessage, type MessageHeader, protocolVersion } from "./message.ts";
import { CellOutputs, type Outlet } from "./outputs.ts";
import { toCodePoints } from "./positions.ts";
import { Questions } from "./questions.ts";
import type {
  Broadcasts,
  Content,
  ErrorContent,
  ExpressionAnswer,
  Failure,
  ReplyContent,
  RequestContent,
  RequestName,
} from "./requests.ts";
import { Shell } from "./shell.ts";

export interface KernelOptions {
  /** Starts while the kernel already answers what needs no engine. */
  readonly engine: Promise<Engine>;
  /** The folder where what is executed is kept; without one, it is forgotten with the kernel. */
  readonly history?: string;
  /** Takes every message out; `request` is the one it answers, as it was received. */
  readonly send: (message: JupyterMessage, request?: JupyterMessage) => void;
  /** Called once the shutdown reply is sent and the engine has ended. */
  readonly exit: () => void;
}

/** Requests that change nothing: a cell that runs longer than this does not make them wait. */
const overtaking: ReadonlySet<RequestName> = new Set([
  "kernel_info",
  "complete",
  "inspect",
  "is_complete",
  "history",
  "comm_info",
]);
const commTypes: ReadonlySet<string> = new Set(["comm_open", "comm_msg", "comm_close"]);

/** A cell of a name and a question mark (which is no TypeScript) asks what the name is. */
const question = /^\s*([\p{ID_Start}$_][\p{ID_Continue}$.]*)\s*\?\s*$/u;

const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as {
  version: string;
};

type Handlers = {
  readonly [Name in RequestName]: (
    content: RequestContent<Name>,
    request: JupyterMessage,
  ) => ReplyContent<Name> | Promise<ReplyContent<Name>>;
};

/** The kernel as Jupyter sees it, whatever carries its messages. */
export class Kernel {
  readonly #options: KernelOptions;
  readonly #session: string = randomUUID();
  readonly #history: History;
  readonly #shell: Shell = this.#newShell();
  /** Further lines of requests, whose cells run while one of the main line waits for something. */
  readonly #subshells = new Map<string, Shell>();
  readonly #questions = new Questions((content, request) => this.#send("stdin", "input_request", content, request));
  readonly #outlet: Outlet = {
    broadcast: (header, name, content, beside) => this.#broadcast({ header }, name, content, beside),
    noteComm: (comm) => this.#noteComm(comm),
  };
  /** Targets of the comms that are open, by id. */
  readonly #comms = new Map<string, string>();
  #executionCount = 0;
  /** There once somebody debugs. */
  #debugger: Debugger | undefined;
  /** The last request to the debugger: what it tells is told because of it. */
  #debugging: JupyterMessage | undefined;
  #ending = false;

  constructor(options: KernelOptions) {
    this.#options = options;
    this.#history = new History(options.history);
    // Whoever needs the engine hears why it did not start; nobody needing it yet is no reason to die.
    options.engine.catch(() => {});
  }

  start(): void {
    this.#broadcast(undefined, "status", { execution_state: "starting" });
  }

  /** Takes a message of any kind; never throws. Shell requests are handled in order, control requests at once. */
  receive(message: JupyterMessage): void {
    if (this.#ending || !isMessage(message) || message.channel === "iopub") return;
    if (message.channel === "stdin") {
      if (message.header.msg_type === "input_reply") this.#questions.answer(message);
    } else if (message.channel === "control") void this.#handle(message);
    else {
      const shell = this.#shellOf(message);
      if (shell === undefined) void this.#handle(message);
      else shell.receive(message);
    }
  }

  #newShell(): Shell {
    return new Shell({ handle: (message) => this.#handle(message), canOvertake, isComm });
  }

  /** The line that a request asks for; undefined where that is not there. */
  #shellOf({ header: { subshell_id: id } }: JupyterMessage): Shell | undefined {
    return id === undefined || id === null ? this.#shell : this.#subshells.get(String(id));
  }

  /** What the interrupt button does; queued cells are given up as after any error. */
  interrupt(): void {
    this.#options.engine.then(
      (engine) => engine.interrupt(),
      () => {},
    );
  }

  async #handle(message: JupyterMessage): Promise<void> {
    this.#broadcast(message, "status", { execution_state: "busy" });
    try {
      await this.#dispatch(message);
    } catch (error) {
      const name = requestName(message);
      if (name !== undefined) this.#reply(message, name, this.#failure(name, error));
    }
    this.#broadcast(message, "status", { execution_state: "idle" });
    // Front ends show the last state they heard: an answer given while a cell runs must not make it look finished.
    const { running } = this.#shell;
    if (running !== undefined && running !== message) this.#broadcast(running, "status", { execution_state: "busy" });
    if (this.#ending) await this.#exit();
  }

  async #dispatch(message: JupyterMessage): Promise<void> {
    const { msg_type: type, subshell_id: subshell } = message.header;
    const name = requestName(message);
    if (message.channel === "shell" && this.#shellOf(message) === undefined) {
      throw new Error(`There is no subshell ${String(subshell)}; it may have been deleted.`);
    }
    if (name !== undefined) {
      await this.#answer(message, name);
    } else if (isComm(message)) {
      await this.#hear(message);
    } else if (type.endsWith("_request")) {
      const error = { ename: "UnknownRequest", evalue: `This kernel does not know ${type}`, traceback: [] };
      this.#send("reply", type.replace(/_request$/, "_reply"), { status: "error", ...error }, message);
    }
  }

  async #answer<Name extends RequestName>(message: JupyterMessage, name: Name): Promise<void> {
    const content: RequestContent<Name> = parsers[name](message.content);
    const handler: Handlers[Name] = this.#handlers[name];
    const reply = await handler(content, message);
    this.#reply(message, name, reply);
    const stops = "stop_on_error" in content && content.stop_on_error;
    if (stops && "status" in reply && reply.status === "error") await this.#abortQueued(message);
  }

  readonly #handlers: Handlers = {
    kernel_info: () => kernelInfo,
    execute: (content, request) => this.#execute(content, request),
    complete: async ({ code, offset }) => {
      const { start, end, items } = await (await this.#options.engine).complete(code, offset);
      const from = toCodePoints(code, start);
      const to = toCodePoints(code, end);
      return {
        status: "ok",
        matches: items.map(({ text }) => text),
        cursor_start: from,
        cursor_end: to,
        // JupyterLab and VS Code read kinds and signatures from this key, whatever its name says.
        metadata: { _jupyter_types_experimental: items.map((item) => ({ ...item, start: from, end: to })) },
      };
    },
    inspect: async ({ code, offset }) => {
      const data = await (await this.#options.engine).inspect(code, offset);
      return { status: "ok", found: data !== undefined, data: data ?? {}, metadata: {} };
    },
    is_complete: async ({ code }) => (await this.#options.engine).isComplete(code),
    history: (query) => ({ status: "ok", history: this.#history.find(query) }),
    comm_info: ({ target }) => ({
      status: "ok",
      comms: Object.fromEntries(
        [...this.#comms]
          .filter(([, name]) => target === undefined || name === target)
          .map(([id, target_name]) => [id, { target_name }]),
      ),
    }),
    interrupt: async () => {
      (await this.#options.engine).interrupt();
      return { status: "ok" };
    },
    create_subshell: () => {
      const subshell_id = randomUUID();
      this.#subshells.set(subshell_id, this.#newShell());
      return { status: "ok", subshell_id };
    },
    delete_subshell: ({ id }) => {
      if (!this.#subshells.delete(id)) throw new Error(`There is no subshell ${id}.`);
      return { status: "ok" };
    },
    list_subshell: () => ({ status: "ok", subshell_id: [...this.#subshells.keys()] }),
    shutdown: (content, request) => {
      this.#ending = true;
      const reply = { status: "ok", restart: content.restart } as const;
      this.#broadcast(request, "shutdown_reply", reply);
      return reply;
    },
    debug: async (content, request) => {
      const { debuggee } = await this.#options.engine;
      this.#debugging = request;
      this.#debugger ??= new Debugger(debuggee, (event) => this.#broadcast(this.#debugging, "debug_event", event));
      return this.#debugger.answer(content);
    },
  };

  async #execute(content: RequestContent<"execute">, request: JupyterMessage): Promise<ReplyContent<"execute">> {
    if (content.store_history) this.#history.add(++this.#executionCount, content.code);
    const executionCount = this.#executionCount;
    if (!content.silent) {
      this.#broadcast(request, "execute_input", { code: content.code, execution_count: executionCount });
    }
    const outputs = new CellOutputs(this.#outlet, request.header, content.silent);
    const engine = await this.#options.engine;
    const asked = question.exec(content.code)?.[1];
    if (asked !== undefined) {
      const found = (await engine.inspect(asked, asked.length)) ?? { "text/plain": `Nothing is called ${asked}.` };
      const payload = [{ source: "page", start: 0, data: found }];
      return { status: "ok", execution_count: executionCount, user_expressions: {}, payload };
    }
    const ask = (prompt: string, password: boolean): Promise<string> => this.#questions.ask(request, prompt, password);
    const notebook = notebookOfCell(request.metadata["cellId"]);
    const cell = {
      executionCount,
      silent: content.silent,
      ...(notebook === undefined ? {} : { notebook }),
      ...(content.allow_stdin ? { ask } : {}),
    };
    const result = await engine.execute(content.code, cell, outputs.emit);
    this.#questions.drop(request);
    if (result.kind === "died") this.#comms.clear();
    if (result.kind === "ok") {
      if (result.data !== undefined) {
        outputs.result(executionCount, result.data, result.metadata ?? {});
        const text = result.data["text/plain"];
        if (content.store_history && typeof text === "string") this.#history.noteOutput(text);
      }
      await outputs.settle();
      const user_expressions = await this.#evaluate(engine, content.user_expressions, executionCount);
      return { status: "ok", execution_count: executionCount, user_expressions, payload: [] };
    }
    const { ename, evalue, traceback } = result;
    const error: ErrorContent = { ename, evalue, traceback };
    if (!content.silent) outputs.send(() => this.#broadcast(request, "error", error));
    await outputs.settle();
    return { status: "error", execution_count: executionCount, ...error };
  }

  /** Something the front end says over a comm; what listens to it may show things, as a cell does. */
  async #hear(message: JupyterMessage): Promise<void> {
    const comm = commFrom(message);
    if (comm === undefined) return;
    this.#noteComm(comm);
    const outputs = new CellOutputs(this.#outlet, message.header, false);
    const engine = await this.#options.engine;
    await engine.comm(comm, outputs.emit);
    await outputs.settle();
  }

  #noteComm({ action, id, target }: Comm): void {
    if (action === "open") this.#comms.set(id, target);
    else if (action === "close") this.#comms.delete(id);
  }

  async #evaluate(
    engine: Engine,
    expressions: Readonly<Record<string, string>>,
    executionCount: number,
  ): Promise<Record<string, ExpressionAnswer>> {
    const answers: Record<string, ExpressionAnswer> = {};
    for (const [name, expression] of Object.entries(expressions)) {
      const result = await engine.execute(`(${expression}\n)`, { executionCount, silent: true }, () => {});
      if (result.kind === "ok") {
        answers[name] = { status: "ok", data: result.data ?? {}, metadata: result.metadata ?? {} };
      } else {
        const { ename, evalue, traceback } = result;
        answers[name] = { status: "error", ename, evalue, traceback };
      }
    }
    return answers;
  }

  /** After an error, cells that were queued behind it are not run. */
  async #abortQueued(failed: JupyterMessage): Promise<void> {
    // What the front end sent along with the failing cell may still be on its way in.
    await setImmediate();
    const queued = this.#shellOf(failed)?.take((message) => requestName(message) === "execute") ?? [];
    for (const message of queued) {
      this.#broadcast(message, "status", { execution_state: "busy" });
      this.#reply(message, "execute", { status: "aborted" });
      this.#broadcast(message, "status", { execution_state: "idle" });
    }
  }

  #failure(name: RequestName, error: unknown): Failure {
    const malformed = error instanceof MalformedRequest;
    const evalue = `${malformed ? `${name}_request: ` : ""}${error instanceof Error ? error.message : String(error)}`;
    const failure = {
      status: "error" as const,
      ename: error instanceof Error ? error.name : "Error",
      evalue,
      traceback: [evalue],
    };
    return name === "execute" ? { ...failure, execution_count: this.#executionCount } : failure;
  }

  async #exit(): Promise<void> {
    const engine = await this.#options.engine.catch(() => undefined);
    await engine?.shutdown();
    this.#options.exit();
  }

  #reply<Name extends RequestName>(request: JupyterMessage, name: Name, content: ReplyContent<Name>): void {
    this.#send("reply", `${name}_reply`, content, request);
  }

  #broadcast<Name extends keyof Broadcasts>(
    cause: { readonly header: MessageHeader } | undefined,
    name: Name,
    content: Broadcasts[Name],
    beside?: Beside,
  ): void {
    this.#options.send(this.#message("iopub", name, content, cause?.header, beside));
  }

  /** Returns the message's id. */
  #send(where: "reply" | "stdin", type: string, content: object, request: JupyterMessage): string {
    const message = this.#message(where === "reply" ? request.channel : where, type, content, request.header);
    this.#options.send(message, request);
    return message.header.msg_id;
  }

  #message(
    channel: JupyterMessage["channel"],
    type: string,
    content: object,
    cause: MessageHeader | undefined,
    beside: Beside = {},
  ): JupyterMessage {
    return {
      channel,
      header: {
        msg_id: randomUUID(),
        msg_type: type,
        session: this.#session,
        username: "kernel",
        date: new Date().toISOString(),
        version: protocolVersion,
      },
      parent_header: cause ?? {},
      metadata: {},
      content: content as Content, // an interface is not a Record to TypeScript, though every object is one
      buffers: [],
      ...beside,
    };
  }
}

function requestName(message: JupyterMessage): RequestName | undefined {
  const name = /^(.*)_request$/.exec(message.header.msg_type)?.[1];
  return name !== undefined && Object.hasOwn(parsers, name) ? (name as RequestName) : undefined; // its keys are the names
}

function isComm({ header }: JupyterMessage): boolean {
  return commTypes.has(header.msg_type);
}

function canOvertake(message: JupyterMessage): boolean {
  const name = requestName(message);
  // Whoever waits in a cell for a comm's message is to have it.
  return isComm(message) || (name !== undefined && overtaking.has(name));
}

const kernelInfo: ReplyContent<"kernel_info"> = {
  status: "ok",
  protocol_version: protocolVersion,
  implementation: "gradbook",
  implementation_version: version,
  language_info: {
    name: "typescript",
    version: "5.9",
    mimetype: "text/typescript",
    file_extension: ".ts",
    pygments_lexer: "typescript",
    codemirror_mode: { name: "javascript", typescript: true },
    nbconvert_exporter: "script",
  },
  banner: `gradbook ${version}: TypeScript on Node.js ${process.versions.node}`,
  debugger: true,
  supported_features: ["debugger", "kernel subshells"],
  help_links: [{ text: "TypeScript", url: "https://www.typescriptlang.org/docs/" }],
};
