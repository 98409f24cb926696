import type { CellEvent, Comm, MimeBundle } from "../engine/engine.ts";
import type { Beside } from "./message.ts";
import type { Broadcasts } from "./requests.ts";

/** How long written text may wait for more, so that a loop that prints makes few messages. */
const flushAfter = 30;
/** Text is sent without waiting once so much of it has gathered (characters). */
const flushAbove = 1 << 20;

const vegaLite = "application/vnd.vegalite.v5+json";
const svg = "image/svg+xml";

export type Broadcast = <Name extends keyof Broadcasts>(name: Name, content: Broadcasts[Name], beside?: Beside) => void;

/** Everything one cell shows, in order: written text is gathered, figures get a picture beside them. */
export class CellOutputs {
  readonly #broadcast: Broadcast;
  readonly #noteComm: (comm: Comm) => void;
  readonly #silent: boolean;
  #written: { name: "stdout" | "stderr"; text: string }[] = [];
  #size = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Resolves when all that was sent so far is out; undefined when nothing waits for a picture. */
  #waiting: Promise<void> | undefined;

  constructor(broadcast: Broadcast, noteComm: (comm: Comm) => void, silent: boolean) {
    this.#broadcast = broadcast;
    this.#noteComm = noteComm;
    this.#silent = silent;
  }

  emit(event: CellEvent): void {
    if (event.kind === "comm") {
      this.#noteComm(event.comm);
      this.send(() => this.#comm(event.comm));
    }
    if (this.#silent) return;
    switch (event.kind) {
      case "stream":
        this.#write(event.name, event.text);
        break;
      case "display": {
        const { data, metadata, displayId, update } = event;
        const transient = displayId === undefined ? {} : { display_id: displayId };
        this.#show(data, (pictured) =>
          this.#broadcast(update ? "update_display_data" : "display_data", { data: pictured, metadata, transient }),
        );
        break;
      }
      case "clear":
        this.send(() => this.#broadcast("clear_output", { wait: event.wait }));
        break;
    }
  }

  #comm({ action, id, target, data, metadata, buffers }: Comm): void {
    const name = ({ open: "comm_open", message: "comm_msg", close: "comm_close" } as const)[action];
    const beside = { metadata, buffers: buffers.map((text) => Buffer.from(text, "base64")) };
    if (name === "comm_open") this.#broadcast(name, { comm_id: id, target_name: target, data }, beside);
    else this.#broadcast(name, { comm_id: id, data }, beside);
  }

  result(executionCount: number, data: MimeBundle, metadata: Readonly<Record<string, unknown>>): void {
    if (this.#silent) return;
    this.#show(data, (pictured) =>
      this.#broadcast("execute_result", { execution_count: executionCount, data: pictured, metadata }),
    );
  }

  /** Sends something after everything that came before it. */
  send(broadcast: () => void): void {
    this.#flush();
    this.#inOrder(broadcast);
  }

  /** Resolves when everything so far is out. */
  async settle(): Promise<void> {
    this.#flush();
    while (this.#waiting !== undefined) await this.#waiting;
  }

  #write(name: "stdout" | "stderr", text: string): void {
    const last = this.#written.at(-1);
    if (last?.name === name) last.text += text;
    else this.#written.push({ name, text });
    this.#size += text.length;
    if (this.#size > flushAbove) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), flushAfter);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const written = this.#written;
    if (written.length === 0) return;
    this.#written = [];
    this.#size = 0;
    this.#inOrder(() => {
      for (const piece of written) this.#broadcast("stream", piece);
    });
  }

  #show(data: MimeBundle, send: (data: MimeBundle) => void): void {
    this.#flush();
    const plain = plainPart(data);
    if (vegaLite in plain && !(svg in plain)) this.#inOrder(async () => send(await withPicture(plain)));
    else this.#inOrder(() => send(plain));
  }

  #inOrder(step: () => void | Promise<void>): void {
    const before = this.#waiting;
    const now = before === undefined ? step() : before.then(step);
    if (now === undefined) return;
    const waiting = now.then(() => {
      if (this.#waiting === waiting) this.#waiting = undefined;
    });
    this.#waiting = waiting;
  }
}

/** A bundle without what JSON cannot say (a BigInt, a cycle): the other representations still arrive. */
function plainPart(data: MimeBundle): MimeBundle {
  const entries = Object.entries(data);
  const plain = entries.filter(([, value]) => typeof value === "string" || isPlain(value));
  return plain.length === entries.length ? data : Object.fromEntries(plain);
}

function isPlain(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false;
  }
}

/** A figure with the picture that places without Vega show; a picture that cannot be drawn does not cost the figure. */
async function withPicture(data: MimeBundle): Promise<MimeBundle> {
  try {
    const { renderSvg } = await import("../figures/svg.ts");
    return { ...data, [svg]: await renderSvg(data[vegaLite] as Parameters<typeof renderSvg>[0]) };
  } catch {
    return data;
  }
}
