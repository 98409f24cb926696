interface Sender {
  send(frames: Buffer[]): Promise<void>;
}

/** Sends frames over a socket one after the other: a ZeroMQ socket refuses a send while another is waiting. */
export class Outbox {
  readonly #socket: Sender;
  readonly #queue: Buffer[][] = [];
  #emptied: Promise<void> | undefined;

  constructor(socket: Sender) {
    this.#socket = socket;
  }

  post(frames: Buffer[]): void {
    this.#queue.push(frames);
    this.#emptied ??= this.#sendAll();
  }

  /** Puts something before all that waits. */
  postFirst(frames: Buffer[]): void {
    this.#queue.unshift(frames);
    this.#emptied ??= this.#sendAll();
  }

  /** Resolves when nothing waits any more. */
  async empty(): Promise<void> {
    while (this.#emptied !== undefined) await this.#emptied;
  }

  async #sendAll(): Promise<void> {
    while (this.#queue.length > 0) {
      const frames = this.#queue.shift()!;
      try {
        await this.#socket.send(frames);
      } catch (error) {
        process.stderr.write(`gradbook: a message could not be sent: ${String(error)}\n`);
      }
    }
    this.#emptied = undefined;
  }
}
