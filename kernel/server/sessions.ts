import { randomUUID } from "node:crypto";
import { RequestError } from "./http.ts";
import type { KernelModel, KernelPlace, Kernels, RunningKernel } from "./kernels.ts";

/** A document and the kernel that runs it. */
interface Session {
  readonly id: string;
  path: string;
  name: string;
  type: string;
  kernel: RunningKernel;
}

interface SessionModel {
  readonly id: string;
  readonly path: string;
  readonly name: string;
  readonly type: string;
  readonly kernel: KernelModel;
  /** What older clients read. */
  readonly notebook: { readonly path: string; readonly name: string };
}

export class Sessions {
  readonly #kernels: Kernels;
  readonly #sessions: Map<string, Session> = new Map();
  readonly #placeOf: (path: string, name: string) => Promise<KernelPlace>;

  constructor(kernels: Kernels, placeOf: (path: string, name: string) => Promise<KernelPlace>) {
    this.#kernels = kernels;
    this.#placeOf = placeOf;
  }

  list(): readonly SessionModel[] {
    this.#forgetEnded();
    return [...this.#sessions.values()].map(modelOf);
  }

  get(id: string): SessionModel {
    return modelOf(this.#find(id));
  }

  /** One document has one session: a second page on it shares the kernel. */
  async create(given: Readonly<Record<string, unknown>>): Promise<SessionModel> {
    this.#forgetEnded();
    const path = textOf(given, "path");
    const type = typeof given["type"] === "string" ? given["type"] : "notebook";
    const existing = [...this.#sessions.values()].find((session) => session.path === path && session.type === type);
    if (existing !== undefined) return modelOf(existing);
    const name = typeof given["name"] === "string" ? given["name"] : "";
    const kernel = await this.#kernelFor(given["kernel"], path, name);
    const session = { id: randomUUID(), path, name, type, kernel };
    this.#sessions.set(session.id, session);
    return modelOf(session);
  }

  async change(id: string, given: Readonly<Record<string, unknown>>): Promise<SessionModel> {
    const session = this.#find(id);
    if (typeof given["path"] === "string") session.path = given["path"];
    if (typeof given["name"] === "string") session.name = given["name"];
    if (typeof given["type"] === "string") session.type = given["type"];
    if (given["kernel"] !== undefined && given["kernel"] !== null) {
      const former = session.kernel;
      session.kernel = await this.#kernelFor(given["kernel"], session.path, session.name);
      const used = [...this.#sessions.values()].some((each) => each.kernel === former);
      if (!used) await this.#kernels.shutdown(former.id);
    }
    // A console on a notebook's kernel is a document of its own, but the kernel stays the notebook's.
    if (session.type === "notebook") {
      session.kernel.nameNotebook((await this.#placeOf(session.path, session.name)).notebook);
    }
    return modelOf(session);
  }

  async delete(id: string): Promise<void> {
    const session = this.#find(id);
    this.#sessions.delete(id);
    if (this.#kernels.list().includes(session.kernel)) await this.#kernels.shutdown(session.kernel.id);
  }

  #find(id: string): Session {
    this.#forgetEnded();
    const session = this.#sessions.get(id);
    if (session === undefined) throw new RequestError(404, `There is no session ${id}.`);
    return session;
  }

  #forgetEnded(): void {
    const running = this.#kernels.list();
    for (const [id, session] of this.#sessions) if (!running.includes(session.kernel)) this.#sessions.delete(id);
  }

  async #kernelFor(given: unknown, path: string, document: string): Promise<RunningKernel> {
    const { id, name } = (given ?? {}) as { id?: unknown; name?: unknown };
    if (typeof id === "string") return this.#kernels.get(id);
    return this.#kernels.start(name, await this.#placeOf(path, document));
  }
}

function modelOf({ id, path, name, type, kernel }: Session): SessionModel {
  return { id, path, name, type, kernel: kernel.model, notebook: { path, name } };
}

function textOf(given: Readonly<Record<string, unknown>>, key: string): string {
  const value = given[key];
  if (typeof value !== "string") throw new RequestError(400, `The request has no ${key}.`);
  return value;
}
