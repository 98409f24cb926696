import { randomUUID } from "node:crypto";
import { inspect } from "node:util";
import type { Comm as CommEvent } from "../engine.ts";
import { cellAtWork, send } from "./output.ts";

// Comms: channels between a cell and a piece of the front end, by which widgets keep in step (Jupyter's custom messages).

export interface CommOptions {
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Bytes that travel beside the data. */
  readonly buffers?: readonly Uint8Array[];
}

type Received = (data: unknown, buffers: readonly Uint8Array[]) => unknown;
type Opened = (comm: Comm, data: unknown, buffers: readonly Uint8Array[]) => unknown;

/** One open channel. */
class Comm {
  readonly id: string;
  readonly target: string;
  /** Called with what the front end sends. */
  onMessage: Received = () => undefined;
  /** Called when the front end closes it. */
  onClose: Received = () => undefined;

  constructor(target: string, id: string) {
    this.target = target;
    this.id = id;
  }

  send(data: unknown = {}, options: CommOptions = {}): void {
    if (open.get(this.id) !== this) throw new Error(`The comm ${this.target} is closed.`);
    tell(this, "message", data, options);
  }

  /** Closes it; the front end hears of it once. */
  close(data: unknown = {}, options: CommOptions = {}): void {
    if (open.delete(this.id)) tell(this, "close", data, options);
  }
}

const open = new Map<string, Comm>();
const targets = new Map<string, Opened>();

function tell(
  comm: Comm,
  action: CommEvent["action"],
  data: unknown,
  { metadata = {}, buffers = [] }: CommOptions,
): void {
  if (!isPlainObject(data))
    throw new TypeError(`What a comm sends is an object, such as { value: 1 }, not ${inspect(data)}.`);
  const encoded = buffers.map((bytes) =>
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64"),
  );
  const { id, target } = comm;
  send({ kind: "comm", cell: cellAtWork(), comm: { action, id, target, data, metadata, buffers: encoded } });
}

function isPlainObject(data: unknown): data is Readonly<Record<string, unknown>> {
  return typeof data === "object" && data !== null && !Array.isArray(data);
}

export const comms = {
  /** Opens a comm to what the front end has registered as `target`. */
  open(target: string, data: unknown = {}, options: CommOptions = {}): Comm {
    const comm = new Comm(target, randomUUID());
    open.set(comm.id, comm);
    tell(comm, "open", data, options);
    return comm;
  },
  /** Says what happens when the front end opens a comm to `target`. */
  register(target: string, opened: Opened): void {
    targets.set(target, opened);
  },
};

/** Takes what the front end says; resolves when whoever listens is done with it. */
export async function takeComm({ action, id, target, data, buffers: encoded }: CommEvent): Promise<void> {
  const buffers = encoded.map((text) => new Uint8Array(Buffer.from(text, "base64")));
  if (action === "open") {
    const comm = new Comm(target, id);
    const opened = targets.get(target);
    open.set(id, comm);
    // The protocol's way to say that nobody is there.
    if (opened === undefined) comm.close();
    else await opened(comm, data, buffers);
    return;
  }
  const comm = open.get(id);
  if (comm === undefined) return;
  if (action === "close") {
    open.delete(id);
    await comm.onClose(data, buffers);
  } else {
    await comm.onMessage(data, buffers);
  }
}
