import { randomUUID } from "node:crypto";
import { Reply, Router, type SocketOptions, XPublisher } from "zeromq";
import type { Engine } from "../engine/engine.ts";
import { type JupyterMessage, protocolVersion } from "../protocol/message.ts";
import { endpoint, readConnection } from "./connection.ts";
import { startKernel } from "./kernel.ts";
import { Outbox } from "./outbox.ts";
import { decode, encode, MalformedFrames, type Received, type Signing } from "./wire.ts";

/** How often to look whether the process that started this one is still there (milliseconds). */
const watchParentEvery = 1000;

/** ZMQ_SUBSCRIBE: in manual mode it admits whoever sent the subscription that was read last. */
const subscribe = 6;

/** Tells nothing to a new subscriber before it is admitted, so that its welcome is the first it hears. */
class Publisher extends XPublisher {
  constructor(options: SocketOptions<XPublisher>) {
    super(options);
    this.manual = true;
  }

  admit(topic: Buffer): void {
    this.setStringOption(subscribe, topic);
  }
}

/** Listens on the five sockets that a connection file names, until the kernel is shut down. */
export async function listenOnSockets(file: string, engine: Promise<Engine>): Promise<void> {
  const connection = readConnection(file);
  const signing: Signing = { key: connection.key, scheme: connection.signature_scheme };
  // High-water marks of 0: nothing is ever dropped, whatever a cell prints and however slowly it is read.
  const unbounded = { sendHighWaterMark: 0, receiveHighWaterMark: 0, linger: 1000 };
  // A client that comes back under its old identity takes over from the connection it has lost.
  const returning = { ...unbounded, handover: true };
  const routers = {
    shell: new Router(returning),
    control: new Router(returning),
    stdin: new Router(returning),
  };
  const iopub = new Publisher(unbounded);
  const heartbeat = new Reply({ linger: 0 });
  await Promise.all([
    ...Object.entries(routers).map(([name, socket]) => socket.bind(endpoint(connection, name as keyof typeof routers))),
    iopub.bind(endpoint(connection, "iopub")),
    heartbeat.bind(endpoint(connection, "hb")),
  ]);

  const outboxes = {
    shell: new Outbox(routers.shell),
    control: new Outbox(routers.control),
    stdin: new Outbox(routers.stdin),
    iopub: new Outbox(iopub),
  };
  // Whom a request came from, for as long as somebody still holds the request.
  const senders = new WeakMap<JupyterMessage, readonly Buffer[]>();

  async function exit(): Promise<void> {
    await Promise.all(Object.values(outboxes).map((outbox) => outbox.empty()));
    for (const socket of [...Object.values(routers), iopub, heartbeat]) socket.close();
    process.exit();
  }

  const kernel = startKernel({
    engine,
    send(message, request) {
      const { channel } = message;
      const route =
        channel === "iopub"
          ? [Buffer.from(`kernel.${message.header.session}.${message.header.msg_type}`)]
          : request && senders.get(request);
      if (route !== undefined) outboxes[channel].post(() => encode(message, route, signing));
    },
    exit: () => void exit(),
  });

  async function listen(channel: keyof typeof routers): Promise<void> {
    for await (const frames of routers[channel]) {
      const received = receive(frames, channel, signing);
      if (received === undefined) continue;
      senders.set(received.message, received.identities);
      kernel.receive(received.message);
    }
  }

  async function welcome(): Promise<void> {
    const session = randomUUID();
    for await (const [frame] of iopub) {
      if (frame === undefined || frame[0] !== 1) continue;
      const topic = frame.subarray(1);
      iopub.admit(topic);
      outboxes.iopub.postFirst(() => encode(welcomeMessage(session, topic.toString()), [topic], signing));
    }
  }

  async function echo(): Promise<void> {
    for await (const frames of heartbeat) await heartbeat.send(frames);
  }

  watchParent(() => void exit());
  await Promise.all([listen("shell"), listen("control"), listen("stdin"), welcome(), echo()]);
}

function receive(frames: Buffer[], channel: JupyterMessage["channel"], signing: Signing): Received | undefined {
  try {
    return decode(frames, channel, signing);
  } catch (error) {
    if (!(error instanceof MalformedFrames)) throw error;
    process.stderr.write(`gradbook: ${error.message}\n`);
    return undefined;
  }
}

function welcomeMessage(session: string, subscription: string): JupyterMessage {
  return {
    channel: "iopub",
    header: {
      msg_id: randomUUID(),
      msg_type: "iopub_welcome",
      session,
      username: "kernel",
      date: new Date().toISOString(),
      version: protocolVersion,
    },
    parent_header: {},
    metadata: {},
    content: { subscription },
    buffers: [],
  };
}

/** Jupyter names itself to a kernel that is to end with it. */
function watchParent(gone: () => void): void {
  const { JPY_PARENT_PID } = process.env;
  if (JPY_PARENT_PID === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    // An orphan gets another parent; on Windows it keeps the number of one that is not there.
    if (process.ppid === parent && (process.platform !== "win32" || isAlive(parent))) return;
    clearInterval(timer);
    gone();
  }, watchParentEvery);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
