import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { Dealer, Request, Subscriber } from "zeromq";
import { type JupyterMessage, protocolVersion } from "../../kernel/protocol/message.ts";
import { endpoint, readConnection } from "../../kernel/transports/connection.ts";
import { decode, encode } from "../../kernel/transports/wire.ts";

export interface KernelClientOptions {
  /** The kernel's command, as kernel.json would have it. */
  readonly command: (connectionFile: string) => readonly string[];
  readonly cwd: string;
  readonly environment?: NodeJS.ProcessEnv;
}

/** What came back for one request. */
export interface Exchange {
  readonly reply: JupyterMessage;
  /** What was said on iopub because of it, the idle state last. */
  readonly said: readonly JupyterMessage[];
}

interface AskOptions {
  readonly channel?: "shell" | "control";
  readonly listening?: boolean;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

interface Pending {
  reply: JupyterMessage | undefined;
  readonly said: JupyterMessage[];
  readonly listening: boolean;
  resolve(exchange: Exchange): void;
}

/** A Jupyter client over ZeroMQ of the tests' own: starts any kernel and talks to it. */
export class KernelClient {
  readonly process: ChildProcess;
  /** Resolves when the kernel's process has ended. */
  readonly exited: Promise<number | null>;
  /** Everything that came on iopub. */
  readonly heard: JupyterMessage[] = [];
  readonly #folder: string;
  readonly #signing = { key: randomUUID(), scheme: "hmac-sha256" };
  readonly #session: string = randomUUID();
  readonly #shell: Dealer;
  readonly #control: Dealer;
  readonly #iopub: Subscriber;
  readonly #heartbeat: Request;
  readonly #pending = new Map<string, Pending>();
  readonly #listeners = new Set<() => void>();

  static async start(options: KernelClientOptions): Promise<KernelClient> {
    return new KernelClient(options, await freePorts(5));
  }

  private constructor(options: KernelClientOptions, ports: readonly number[]) {
    this.#folder = mkdtempSync(path.join(tmpdir(), "gradbook-client-"));
    const file = path.join(this.#folder, "connection.json");
    const [shell_port, iopub_port, stdin_port, control_port, hb_port] = ports;
    writeFileSync(
      file,
      JSON.stringify({
        transport: "tcp",
        ip: "127.0.0.1",
        ...{ shell_port, iopub_port, stdin_port, control_port, hb_port },
        key: this.#signing.key,
        signature_scheme: this.#signing.scheme,
      }),
    );
    const [program = "", ...args] = options.command(file);
    this.process = spawn(program, args, {
      cwd: options.cwd,
      stdio: ["ignore", "ignore", "ignore"],
      // As Jupyter does: a kernel whose tests were broken off does not stay behind.
      env: { ...process.env, JPY_PARENT_PID: String(process.pid), ...options.environment },
    });
    this.exited = new Promise((resolve) => this.process.once("exit", resolve));
    // Looks for the kernel often, so that what is measured is the kernel's start.
    const eager = { reconnectInterval: 5, linger: 0, receiveHighWaterMark: 0 };
    const connection = readConnection(file);
    this.#shell = new Dealer(eager);
    this.#shell.connect(endpoint(connection, "shell"));
    this.#control = new Dealer(eager);
    this.#control.connect(endpoint(connection, "control"));
    this.#iopub = new Subscriber(eager);
    this.#iopub.connect(endpoint(connection, "iopub"));
    this.#iopub.subscribe();
    this.#heartbeat = new Request({ reconnectInterval: 5, linger: 0 });
    this.#heartbeat.connect(endpoint(connection, "hb"));
    void this.#listen();
    for (const channel of ["shell", "control"] as const) void this.#listenForReplies(channel);
  }

  /** Sends a request; resolves when its reply came and, where iopub is awaited too, the kernel is idle after it. */
  async ask(
    type: string,
    content: Readonly<Record<string, unknown>> = {},
    { channel = "shell", listening = true, metadata = {} }: AskOptions = {},
  ): Promise<Exchange> {
    const message = { ...this.message(type, content, channel), metadata };
    const exchange = new Promise<Exchange>((resolve) => {
      this.#pending.set(message.header.msg_id, { reply: undefined, said: [], listening, resolve });
    });
    await this.sendFrames(encode(message, [], this.#signing), channel);
    return exchange;
  }

  async execute(code: string, metadata: Readonly<Record<string, unknown>> = {}): Promise<Exchange> {
    return this.ask("execute_request", executeContent(code), { metadata });
  }

  /** Runs the first cell: no iopub message is awaited, because what is said before the subscription is not heard. */
  async executeFirst(code: string): Promise<Exchange> {
    return this.ask("execute_request", executeContent(code), { listening: false });
  }

  message(
    type: string,
    content: Readonly<Record<string, unknown>>,
    channel: "shell" | "control" = "shell",
  ): JupyterMessage {
    const header = {
      msg_id: randomUUID(),
      msg_type: type,
      session: this.#session,
      username: "test",
      date: new Date().toISOString(),
      version: protocolVersion,
    };
    return { channel, header, parent_header: {}, metadata: {}, content, buffers: [] };
  }

  async sendFrames(frames: Buffer[], channel: "shell" | "control" = "shell"): Promise<void> {
    await (channel === "shell" ? this.#shell : this.#control).send(frames);
  }

  /** Resolves when something is heard on iopub that fits, or was before. */
  async hears(fits: (message: JupyterMessage) => boolean): Promise<JupyterMessage> {
    for (;;) {
      const found = this.heard.find(fits);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        const listener = (): void => {
          this.#listeners.delete(listener);
          resolve();
        };
        this.#listeners.add(listener);
      });
    }
  }

  /** Resolves to what the heartbeat socket sends back. */
  async beat(text: string): Promise<string> {
    await this.#heartbeat.send(text);
    return String((await this.#heartbeat.receive())[0]);
  }

  /** Ends the kernel, by force where a request is not enough. */
  async close(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const message = this.message("shutdown_request", { restart: false }, "control");
      await this.sendFrames(encode(message, [], this.#signing), "control");
      const timer = setTimeout(() => this.process.kill("SIGKILL"), 3000);
      await this.exited;
      clearTimeout(timer);
    }
    for (const socket of [this.#shell, this.#control, this.#iopub, this.#heartbeat]) socket.close();
    rmSync(this.#folder, { recursive: true });
  }

  async #listen(): Promise<void> {
    for await (const frames of this.#iopub) {
      const { message } = decode(frames, "iopub", this.#signing);
      this.heard.push(message);
      const pending = this.#pending.get(message.parent_header.msg_id ?? "");
      pending?.said.push(message);
      this.#settle(message.parent_header.msg_id);
      for (const listener of this.#listeners) listener();
    }
  }

  async #listenForReplies(channel: "shell" | "control"): Promise<void> {
    for await (const frames of channel === "shell" ? this.#shell : this.#control) {
      const { message } = decode(frames, channel, this.#signing);
      const pending = this.#pending.get(message.parent_header.msg_id ?? "");
      if (pending !== undefined) pending.reply = message;
      this.#settle(message.parent_header.msg_id);
    }
  }

  #settle(id: string | undefined): void {
    const pending = this.#pending.get(id ?? "");
    if (id === undefined || pending?.reply === undefined) return;
    const idle = pending.said.some(({ content }) => content["execution_state"] === "idle");
    if (pending.listening && !idle) return;
    this.#pending.delete(id);
    pending.resolve({ reply: pending.reply, said: pending.said });
  }
}

function executeContent(code: string): Readonly<Record<string, unknown>> {
  return {
    code,
    silent: false,
    store_history: true,
    user_expressions: {},
    allow_stdin: false,
    stop_on_error: true,
  };
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
