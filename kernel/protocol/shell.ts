import type { JupyterMessage } from "./message.ts";

export interface ShellOptions {
  /** Handles a request; never throws. */
  readonly handle: (message: JupyterMessage) => Promise<void>;
  /** Whether a request changes nothing, so that a cell need not make it wait. */
  readonly canOvertake: (message: JupyterMessage) => boolean;
  readonly isComm: (message: JupyterMessage) => boolean;
}

/** A cell that runs longer than this (milliseconds) makes nobody wait who can overtake. */
const overtakeAfter = 100;

/** A line of requests that are handled one after the other: the main shell, or a subshell beside it. */
export class Shell {
  readonly #options: ShellOptions;
  #queue: JupyterMessage[] = [];
  #running: JupyterMessage | undefined;
  #mayOvertake = false;
  #queries: Promise<void> = Promise.resolve();
  #comm: Promise<void> = Promise.resolve();

  constructor(options: ShellOptions) {
    this.#options = options;
  }

  /** The request that is being handled. */
  get running(): JupyterMessage | undefined {
    return this.#running;
  }

  receive(message: JupyterMessage): void {
    if (this.#mayOvertake && this.#options.canOvertake(message)) this.#overtake(message);
    else {
      this.#queue.push(message);
      if (this.#running === undefined) void this.#work();
    }
  }

  /** Takes waiting requests out of the line. */
  take(which: (message: JupyterMessage) => boolean): readonly JupyterMessage[] {
    const taken = this.#queue.filter(which);
    this.#queue = this.#queue.filter((message) => !taken.includes(message));
    return taken;
  }

  async #work(): Promise<void> {
    for (let message = this.#queue.shift(); message !== undefined; message = this.#queue.shift()) {
      this.#running = message;
      const patience = setTimeout(() => this.#letQueriesPass(), overtakeAfter);
      await this.#options.handle(message);
      clearTimeout(patience);
      this.#mayOvertake = false;
    }
    this.#running = undefined;
  }

  #letQueriesPass(): void {
    this.#mayOvertake = true;
    for (const message of this.take(this.#options.canOvertake)) this.#overtake(message);
  }

  #overtake(message: JupyterMessage): void {
    const { handle, isComm } = this.#options;
    // What a cell in a loop keeps from being heard must not keep a completion waiting.
    if (isComm(message)) this.#comm = this.#comm.then(() => handle(message));
    else this.#queries = this.#queries.then(() => handle(message));
  }
}
