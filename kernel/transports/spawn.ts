import { fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { type JupyterMessage, protocolVersion } from "../protocol/message.ts";

/** A kernel in a child process, spoken to without sockets: the embedded server's transport. */
export interface KernelProcess {
  readonly pid: number;
  /** Shell, control and stdin messages, to the kernel. */
  send(message: JupyterMessage): void;
  /** Every message from the kernel; returns a function that stops listening. */
  onMessage(listener: (message: JupyterMessage) => void): () => void;
  onExit(listener: (code: number | null, signal: string | null) => void): () => void;
  interrupt(): void;
  /** Asks the kernel to shut down, ends it where it does not. */
  shutdown(): Promise<void>;
}

export interface KernelProcessOptions {
  readonly cwd: string;
  readonly notebook?: string;
  /** Besides this process's own. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** How long a kernel may take to shut down before it is ended. */
const patience = 3000;

export function spawnKernel(options: KernelProcessOptions): KernelProcess {
  const child = fork(
    fileURLToPath(new URL("child.js", import.meta.url)),
    // Advanced serialization carries buffers; standard output stays the server's own.
    {
      cwd: options.cwd,
      env: {
        ...process.env,
        ...options.environment,
        // Where Jupyter's own servers tell it, too.
        ...(options.notebook === undefined ? {} : { JPY_SESSION_NAME: options.notebook }),
      },
      serialization: "advanced",
      stdio: ["ignore", 2, 2, "ipc"],
      execArgv: [],
    },
  );
  const session = randomUUID();
  const messages = new Set<(message: JupyterMessage) => void>();
  const exits = new Set<(code: number | null, signal: string | null) => void>();
  let ended: { code: number | null; signal: string | null } | undefined;

  function end(code: number | null, signal: string | null): void {
    if (ended !== undefined) return;
    ended = { code, signal };
    for (const listener of exits) listener(code, signal);
  }
  child.on("exit", end);
  child.on("error", () => {
    if (child.pid === undefined) end(null, null);
  });
  child.on("message", (message) => {
    const jupyter = message as unknown as JupyterMessage; // the child sends nothing else
    // What answers our own requests is nobody else's business.
    if (jupyter.parent_header.session === session) return;
    for (const listener of messages) listener(jupyter);
  });

  function send(message: JupyterMessage): void {
    // A channel that closes meanwhile is told to the callback; the exit listeners hear of it too.
    if (child.connected) child.send(message, () => {});
  }
  function control(type: string, content: Readonly<Record<string, unknown>>): void {
    send({
      channel: "control",
      header: {
        msg_id: randomUUID(),
        msg_type: type,
        session,
        username: "server",
        date: new Date().toISOString(),
        version: protocolVersion,
      },
      parent_header: {},
      metadata: {},
      content,
      buffers: [],
    });
  }

  return {
    pid: child.pid ?? -1,
    send,
    onMessage(listener) {
      messages.add(listener);
      return () => messages.delete(listener);
    },
    onExit(listener) {
      if (ended !== undefined) listener(ended.code, ended.signal);
      exits.add(listener);
      return () => exits.delete(listener);
    },
    interrupt: () => control("interrupt_request", {}),
    shutdown() {
      return new Promise((resolve) => {
        if (ended !== undefined || child.pid === undefined) return resolve();
        const timer = setTimeout(() => child.kill("SIGKILL"), patience);
        child.once("exit", () => {
          clearTimeout(timer);
          resolve();
        });
        control("shutdown_request", { restart: false });
      });
    },
  };
}
