import { randomUUID } from "node:crypto";
import type { JupyterMessage } from "../protocol/message.ts";
import { type KernelProcess, spawnKernel } from "../transports/spawn.ts";
import { RequestError } from "./http.ts";

export const kernelName = "gradbook";

export interface KernelPlace {
  /** The folder that the kernel runs in. */
  readonly cwd: string;
  readonly notebook?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** One who listens to a kernel, usually a page. */
export interface KernelClient {
  /** The sessions it speaks for: answers to their requests are for it. */
  readonly sessions: Set<string>;
  receive(message: JupyterMessage): void;
}

export interface KernelModel {
  readonly id: string;
  readonly name: string;
  readonly last_activity: string;
  readonly execution_state: string;
  readonly connections: number;
}

/** A kernel that dies this soon after its start is not started again for ever. */
const earlyDeath = 5000;
const attempts = 3;

/** A kernel and those who listen to it; it outlives its processes: one that dies is replaced. */
export class RunningKernel {
  readonly id: string = randomUUID();
  #place: KernelPlace;
  readonly #clients: Set<KernelClient> = new Set();
  #process: KernelProcess | undefined;
  #stopListening: () => void = () => {};
  #state = "starting";
  #activity: Date = new Date();
  #started = 0;
  #earlyDeaths = 0;
  /** The cell that runs: whoever waits for it is told when the process dies. */
  #executing: JupyterMessage["header"] | undefined;
  /** What nobody was there to hear, for the page that connects again. */
  #unheard: { readonly sessions: ReadonlySet<string>; readonly messages: JupyterMessage[] } | undefined;

  constructor(place: KernelPlace) {
    this.#place = place;
    this.#start();
  }

  get model(): KernelModel {
    return {
      id: this.id,
      name: kernelName,
      last_activity: this.#activity.toISOString(),
      execution_state: this.#state,
      connections: this.#clients.size,
    };
  }

  /** The process at present. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  connect(client: KernelClient): void {
    this.#clients.add(client);
    const missed = this.#unheard;
    this.#unheard = undefined;
    if (missed !== undefined && [...client.sessions].some((session) => missed.sessions.has(session))) {
      for (const message of missed.messages) client.receive(message);
    }
  }

  disconnect(client: KernelClient): void {
    this.#clients.delete(client);
    if (this.#clients.size === 0) this.#unheard = { sessions: client.sessions, messages: [] };
  }

  send(message: JupyterMessage): void {
    this.#activity = new Date();
    this.#process?.send(message);
  }

  interrupt(): void {
    this.#process?.interrupt();
  }

  /** Says which notebook it runs; its next process is told. */
  nameNotebook(notebook: string | undefined): void {
    const { notebook: _, ...place } = this.#place;
    this.#place = notebook === undefined ? place : { ...place, notebook };
  }

  async restart(): Promise<void> {
    await this.#stop();
    this.#earlyDeaths = 0;
    this.#start();
  }

  async shutdown(): Promise<void> {
    await this.#stop();
    this.#state = "dead";
    this.#tell("status", { execution_state: "dead" });
  }

  #start(): void {
    this.#state = "starting";
    this.#started = Date.now();
    const started = spawnKernel(this.#place);
    this.#process = started;
    const listening = [
      started.onMessage((message) => this.#receive(message)),
      started.onExit((code, signal) => this.#died(code, signal)),
    ];
    this.#stopListening = () => {
      for (const stop of listening) stop();
    };
  }

  async #stop(): Promise<void> {
    this.#stopListening();
    const ending = this.#process;
    this.#process = undefined;
    this.#executing = undefined;
    await ending?.shutdown();
  }

  #receive(message: JupyterMessage): void {
    this.#activity = new Date();
    const parent = message.parent_header as Partial<JupyterMessage["header"]>;
    if (message.channel === "iopub") {
      if (message.header.msg_type === "status") this.#note(message.content["execution_state"], parent);
      this.#broadcast(message);
      return;
    }
    const asked = [...this.#clients].filter((client) => client.sessions.has(parent.session ?? ""));
    for (const client of asked) client.receive(message);
    if (asked.length === 0) this.#keep(message);
  }

  #note(state: unknown, parent: Partial<JupyterMessage["header"]>): void {
    if (typeof state === "string") this.#state = state;
    if (parent.msg_type !== "execute_request" || parent.msg_id === undefined) return;
    if (state === "busy") this.#executing = parent as JupyterMessage["header"];
    else if (this.#executing?.msg_id === parent.msg_id) this.#executing = undefined;
  }

  #died(code: number | null, signal: string | null): void {
    this.#stopListening();
    this.#process = undefined;
    const how = signal === null ? (code === null ? "" : ` with exit code ${code}`) : ` by ${signal}`;
    const early = Date.now() - this.#started < earlyDeath;
    this.#earlyDeaths = early ? this.#earlyDeaths + 1 : 0;
    const givesUp = this.#earlyDeaths >= attempts;
    this.#reportToCell(how, givesUp);
    if (givesUp) {
      this.#state = "dead";
      this.#tell("status", { execution_state: "dead" });
      return;
    }
    this.#tell("status", { execution_state: "restarting" });
    this.#start();
  }

  #reportToCell(how: string, givesUp: boolean): void {
    const executing = this.#executing;
    this.#executing = undefined;
    if (executing === undefined) return;
    const next = givesUp ? "Restart it to go on." : "It was started again; run the cells above once more.";
    const evalue = `The kernel ended${how} while this cell ran, and its variables are lost. ${next}`;
    const traceback = [`\u001b[31mKernelDied\u001b[0m: ${evalue}`];
    this.#tell("error", { ename: "KernelDied", evalue, traceback }, executing);
    this.#tell("status", { execution_state: "idle" }, executing);
  }

  /** Says something in the kernel's place. */
  #tell(type: string, content: Readonly<Record<string, unknown>>, parent?: JupyterMessage["header"]): void {
    this.#broadcast({
      channel: "iopub",
      header: {
        msg_id: randomUUID(),
        msg_type: type,
        session: this.id,
        username: "gradbook",
        date: new Date().toISOString(),
        version: "5.3",
      },
      parent_header: parent ?? {},
      metadata: {},
      content,
      buffers: [],
    });
  }

  #broadcast(message: JupyterMessage): void {
    for (const client of this.#clients) client.receive(message);
    if (this.#clients.size === 0) this.#keep(message);
  }

  #keep(message: JupyterMessage): void {
    const kept = this.#unheard?.messages;
    if (kept === undefined) return;
    kept.push(message);
    // A page that never comes back must not fill the memory.
    if (kept.length > 20_000) kept.splice(0, kept.length - 10_000);
  }
}

export class Kernels {
  readonly #running: Map<string, RunningKernel> = new Map();
  readonly #environment: Readonly<Record<string, string>>;

  /** @param environment what kernels find in theirs besides the server's own. */
  constructor(environment: Readonly<Record<string, string>> = {}) {
    this.#environment = environment;
  }

  start(name: unknown, place: KernelPlace): RunningKernel {
    if (name !== undefined && name !== null && name !== "" && name !== kernelName) {
      throw new RequestError(404, `There is no kernel ${String(name)} here, only ${kernelName}.`);
    }
    const kernel = new RunningKernel({ environment: this.#environment, ...place });
    this.#running.set(kernel.id, kernel);
    return kernel;
  }

  get(id: string): RunningKernel {
    const kernel = this.#running.get(id);
    if (kernel === undefined) throw new RequestError(404, `There is no kernel ${id}.`);
    return kernel;
  }

  list(): readonly RunningKernel[] {
    return [...this.#running.values()];
  }

  async shutdown(id: string): Promise<void> {
    const kernel = this.get(id);
    this.#running.delete(id);
    await kernel.shutdown();
  }

  async close(): Promise<void> {
    await Promise.all(this.list().map((kernel) => this.shutdown(kernel.id)));
  }
}
