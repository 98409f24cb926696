import type { CellEvent, Comm, MimeBundle } from "../engine/engine.ts";
import type { Beside, MessageHeader } from "./message.ts";
import type { Broadcasts } from "./requests.ts";

/** How long written text may wait for more, so that a loop that prints makes few messages. */
const flushAfter = 30;
/** Text is sent without waiting once so much of it has gathered (characters). */
const flushAbove = 1 << 20;

const vegaLite = "application/vnd.vegalite.v5+json";
const svg = "image/svg+xml";
const png = "image/png";
/** A larger drawing (characters) goes without the picture in pixels: it would hold up what comes after it. */
const largestDrawing = 1_500_000;

/** Where outputs go. */
export interface Outlet {
  /** @param cause the header of the request that something is said because of */
  readonly broadcast: <Name extends keyof Broadcasts>(
    cause: MessageHeader,
    name: Name,
    content: Broadcasts[Name],
    beside?: Beside,
  ) => void;
  readonly noteComm: (comm: Comm) => void;
}

/**
 * Everything one cell shows, in order: written text is gathered, figures get a picture beside them. Hundreds of cells
 * that are over are still listened to, so nothing is held here that a late output does not need.
 */
export class CellOutputs {
  readonly #outlet: Outlet;
  readonly #cause: MessageHeader;
  readonly #silent: boolean;
  #written: { name: "stdout" | "stderr"; text: string }[] | undefined;
  #size = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Resolves when all that was sent so far is out; undefined when nothing waits for a picture. */
  #waiting: Promise<void> | undefined;

  /** What was last shown under each id: a figure redrawn while an earlier state of it still waits is not sent twice. */
  #latest: Map<string, object> | undefined;

  constructor(outlet: Outlet, cause: MessageHeader, silent: boolean) {
    this.#outlet = outlet;
    this.#cause = cause;
    this.#silent = silent;
  }

  /** An arrow, since it is called without its object. */
  readonly emit = (event: CellEvent): void => {
    if (event.kind === "comm") {
      this.#outlet.noteComm(event.comm);
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
        const token = {};
        if (displayId !== undefined) {
          this.#latest ??= new Map();
          this.#latest.set(displayId, token);
        }
        this.#show(
          data,
          (pictured) =>
            this.#broadcast(update ? "update_display_data" : "display_data", { data: pictured, metadata, transient }),
          () => update && displayId !== undefined && this.#latest?.get(displayId) !== token,
        );
        break;
      }
      case "clear":
        this.send(() => this.#broadcast("clear_output", { wait: event.wait }));
        break;
    }
  };

  #broadcast<Name extends keyof Broadcasts>(name: Name, content: Broadcasts[Name], beside?: Beside): void {
    this.#outlet.broadcast(this.#cause, name, content, beside);
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
    this.#written ??= [];
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
    if (written === undefined) return;
    this.#written = undefined;
    this.#size = 0;
    this.#inOrder(() => {
      for (const piece of written) this.#broadcast("stream", piece);
    });
  }

  #show(data: MimeBundle, send: (data: MimeBundle) => void, isOutdated: () => boolean = () => false): void {
    this.#flush();
    const plain = plainPart(data);
    const drawn = vegaLite in plain && !(svg in plain);
    this.#inOrder(() => {
      if (isOutdated()) return;
      return drawn ? withPictures(plain).then(send) : send(plain);
    });
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

/**
 * A figure with its pictures for places without Vega: the drawing, and the same in pixels, which is all that GitHub and
 * notebooks nobody has trusted yet show. A picture that cannot be drawn does not cost the figure.
 */
async function withPictures(data: MimeBundle): Promise<MimeBundle> {
  let drawn = data;
  try {
    const { renderSvg } = await import("../figures/svg.ts");
    const drawing = await renderSvg(data[vegaLite] as Parameters<typeof renderSvg>[0]);
    drawn = { ...data, [svg]: drawing };
    if (png in data || drawing.length > largestDrawing) return drawn;
    const { renderPng } = await import("../figures/png.ts");
    return { ...drawn, [png]: Buffer.from(await renderPng(drawing)).toString("base64") };
  } catch {
    return drawn;
  }
}
