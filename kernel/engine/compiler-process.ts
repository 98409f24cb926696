import { type ChildProcess, spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import path from "node:path";
import {
  type CompilerAnswer,
  type CompilerRequest,
  type CompilerRequestName,
  type CompilerRequests,
  descriptor,
} from "./compiler-protocol.ts";
import { environmentWithoutFlags, readFrames, sendFrame } from "./pipes.ts";
import { findSnapshot, makeSnapshot, snapshotFlags } from "./snapshot.ts";
import { engineFolder } from "./typescript.ts";

/** How long the first cells have the machine for themselves before a missing snapshot is made (milliseconds). */
const snapshotAfter = 5000;

/**
 * For the C library of Linux: V8's optimiser takes and gives back megabytes for every cell, in threads of its own. What is
 * free goes back to the system, and is not kept for each thread apart.
 */
const thriftyMemory: NodeJS.ProcessEnv = { MALLOC_ARENA_MAX: "1", MALLOC_TRIM_THRESHOLD_: String(1 << 20) };

/**
 * How many threads V8 may optimise and collect garbage in, beside the one that the compiler works in. Node starts four of
 * them on any machine; where there are two cores, a cell then waits for a third of its turn.
 */
const threads = `--v8-pool-size=${Math.min(4, Math.max(1, availableParallelism() - 1))}`;

interface Waiting {
  readonly request: CompilerRequest;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/**
 * The compiler in a process of its own: it starts from a snapshot, and while it works the kernel still answers. One that
 * ends is started again, and learns once more what the cells so far declared.
 */
export class CompilerProcess {
  private readonly folder: string;
  private readonly snapshot: () => string | undefined;
  private child: ChildProcess;
  private readonly waiting = new Map<number, Waiting>();
  /** The cells whose declarations are in force. */
  private declared: string[] = [];
  private compiling = "";
  private requests = 0;
  private answered = false;
  private fromSnapshot = false;
  private lastWords = "";
  private closing = false;

  /** @param snapshot finds what the process starts from. */
  constructor(folder: string, snapshot: () => string | undefined = findSnapshot) {
    this.folder = folder;
    this.snapshot = snapshot;
    this.child = this.start(snapshot());
  }

  /** @throws where the compiler itself fails; mistakes in a cell are part of the answer. */
  ask<Name extends CompilerRequestName>(
    name: Name,
    ...parameters: Parameters<CompilerRequests[Name]>
  ): Promise<ReturnType<CompilerRequests[Name]>> {
    if (name === "compile") this.compiling = String(parameters[0]);
    else if (name === "commit") this.declared.push(this.compiling);
    else if (name === "forget") this.declared = [];
    const request = { id: ++this.requests, name, parameters };
    return new Promise<unknown>((resolve, reject) => {
      this.waiting.set(request.id, { request, resolve, reject });
      this.post(request);
      // The other side answers by the same interface.
    }) as Promise<ReturnType<CompilerRequests[Name]>>;
  }

  /** Ends what the compiler is at, and starts it again. */
  restart(): void {
    // Not because it cannot start: nobody is to try again what it was at.
    this.answered = true;
    this.child.kill("SIGKILL");
    // What is asked from now on is asked of the next one.
    this.ended(this.child);
  }

  close(): void {
    this.closing = true;
    this.child.kill("SIGKILL");
  }

  private start(snapshot: string | undefined): ChildProcess {
    this.answered = false;
    this.fromSnapshot = snapshot !== undefined;
    this.lastWords = "";
    const program = path.join(engineFolder, "compiler-main.js");
    const parameters =
      snapshot === undefined ? ["--no-warnings", program] : [...snapshotFlags, "--snapshot-blob", snapshot, "compiler"];
    const child = spawn(process.execPath, [threads, ...parameters], {
      cwd: this.folder,
      env: { ...thriftyMemory, ...environmentWithoutFlags() },
      stdio: ["ignore", "ignore", "pipe", "pipe"],
    });
    readFrames<CompilerAnswer>(child, descriptor, (answer) => this.take(answer));
    child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.lastWords = (this.lastWords + text).slice(-2000);
    });
    child.on("error", () => {});
    child.on("close", () => this.ended(child));
    sendFrame(child, descriptor, { id: 0, name: "open", parameters: [this.folder] } satisfies CompilerRequest);
    return child;
  }

  private post(request: CompilerRequest): void {
    sendFrame(this.child, descriptor, request);
  }

  private take({ id, result, error }: CompilerAnswer): void {
    if (!this.answered) {
      this.answered = true;
      if (!this.fromSnapshot) setTimeout(() => void makeSnapshot(), snapshotAfter).unref();
    }
    const { resolve, reject } = this.waiting.get(id) ?? {};
    this.waiting.delete(id);
    if (error === undefined) resolve?.(result);
    else reject?.(new Error(`The compiler of cells failed: ${error}`));
  }

  private ended(child: ChildProcess): void {
    if (child !== this.child || this.closing) return;
    const unanswered = [...this.waiting.values()];
    if (!this.answered && this.fromSnapshot) {
      // This Node cannot use the snapshot after all.
      this.child = this.start(undefined);
      for (const { request } of unanswered) this.post(request);
      return;
    }
    this.waiting.clear();
    const why = /heap out of memory/i.test(this.lastWords) ? "its memory was full" : this.lastWords.trim();
    const error = new Error(`The compiler of cells ended${why === "" ? "" : `: ${why}`}`);
    const startedBefore = this.answered;
    for (const { reject } of unanswered) reject(error);
    // One that does not even start would go on not to.
    if (!startedBefore) return;
    this.child = this.start(this.snapshot());
    const { declared } = this;
    this.declared = [];
    for (const code of declared) {
      void this.ask("compile", code, {}).catch(() => {});
      void this.ask("commit").catch(() => {});
    }
  }
}
