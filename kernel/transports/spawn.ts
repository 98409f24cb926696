import type { JupyterMessage } from "../protocol/message.ts";

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
}

export function spawnKernel(_options: KernelProcessOptions): KernelProcess {
  throw new Error("spawnKernel is not written yet");
}
