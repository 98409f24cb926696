import { setImmediate } from "node:timers/promises";

interface Sender {
  send(frames: Buffer[]): Promise<void>;
}

/** A message that becomes frames when its turn has come. */
type Letter = () => Buffer[];

/**
 * Sends messages over a socket one after the other: a ZeroMQ socket refuses a send while another is waiting. It begins
 * when whatever posts them is done with its turn: what a cell is waiting for comes before what is told of it.
 */
export class Outbox {
  readonly #socket: Sender;
  readonly #queue: Letter[] = [];
  #emptied: Promise<void> | undefined;

  constructor(socket: Sender) {
    this.#socket = socket;
  }

  post(letter: Letter): void {
    this.#queue.push(letter);
    this.#emptied ??= this.#sendAll();
  }

  /** Puts something before all that waits. */
  postFirst(letter: Letter): void {
    this.#queue.unshift(letter);
    this.#emptied ??= this.#sendAll();
  }

  /** Resolves when nothing waits any more. */
  async empty(): Promise<void> {
    while (this.#emptied !== undefined) await this.#emptied;
  }

  async #sendAll(): Promise<void> {
    await setImmediate();
    while (this.#queue.length > 0) {
      const letter = this.#queue.shift()!;
      try {
        await this.#socket.send(letter());
      } catch (error) {
        process.stderr.write(`gradbook: a message could not be sent: ${String(error)}\n`);
      }
    }
    this.#emptied = undefined;
  }
}
