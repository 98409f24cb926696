import type { JupyterMessage } from "./message.ts";

interface Question {
  /** The cell that asks. */
  readonly request: JupyterMessage;
  readonly prompt: string;
  readonly password: boolean;
  /** Of the message that asks; undefined while another question is open. */
  id?: string;
  resolve(text: string): void;
}

/** Sends a question and returns the message's id. */
type Ask = (question: { readonly prompt: string; readonly password: boolean }, request: JupyterMessage) => string;

/** What cells ask of whoever runs them: one question at a time, as a front end shows them. */
export class Questions {
  readonly #ask: Ask;
  #waiting: Question[] = [];

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Resolves to the answer; never, where the cell ends before there is one. */
  ask(request: JupyterMessage, prompt: string, password: boolean): Promise<string> {
    return new Promise((resolve) => {
      this.#waiting.push({ request, prompt, password, resolve });
      this.#askNext();
    });
  }

  /** Takes an input_reply. Some clients do not say which question they answer. */
  answer({ parent_header: parent, content }: JupyterMessage): void {
    const open = this.#waiting[0];
    if (open?.id === undefined) return;
    const { msg_id: id, msg_type: type } = parent;
    if (type === "input_request" && id !== open.id) return;
    const { value } = content;
    this.#waiting.shift();
    open.resolve(typeof value === "string" ? value : "");
    this.#askNext();
  }

  /** A cell has ended: nobody waits for its answers. */
  drop(request: JupyterMessage): void {
    this.#waiting = this.#waiting.filter((question) => question.request !== request);
    this.#askNext();
  }

  #askNext(): void {
    const next = this.#waiting[0];
    if (next === undefined || next.id !== undefined) return;
    const { prompt, password, request } = next;
    next.id = this.#ask({ prompt, password }, request);
  }
}
