import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { root } from "../support/paths.ts";
import { installPeers, peersPython } from "./peers.ts";
import { type Measurement, median } from "./report.ts";
import type { Reply, Request, WorkName } from "./work.ts";

interface Program {
  readonly command: readonly string[];
  /** Where what it needs comes from, if from anywhere. */
  readonly registry?: "npm" | "python";
}

const compiled = (name: string): readonly string[] =>
  ["contestant.js", `contestants/${name}.js`].map((file) => path.join(root, "dist", "test", "bench", file));
const javascript = (name: string): Program => ({ command: [process.execPath, ...compiled(name)] });
const fromNpm = (name: string): Program => ({ ...javascript(name), registry: "npm" });

export type Name =
  | "gradbook"
  | "gradbook in a cell"
  | "linked objects"
  | "jax-js"
  | "TF.js cpu"
  | "TF.js wasm"
  | "micrograd";

const programs: Readonly<Record<Name, Program>> = {
  gradbook: javascript("gradbook"),
  "gradbook in a cell": javascript("cell"),
  "linked objects": javascript("linked"),
  "jax-js": fromNpm("jax"),
  "TF.js cpu": fromNpm("tensorflow-cpu"),
  "TF.js wasm": fromNpm("tensorflow-wasm"),
  micrograd: {
    command: [peersPython, path.join(root, "test", "bench", "contestants", "micrograd_contestant.py")],
    registry: "python",
  },
};

export interface Contest {
  readonly what: string;
  readonly unit: string;
  readonly work: WorkName;
  readonly names: readonly Name[];
}

const rounds = 15;
/** A turn lasts at least so long, the one that warms up longer. */
const milliseconds = 60;
const warmUp = 1000;
/** Whose warm-up takes longer than this sits out four rounds of five. */
const slow = 3000;

/** One that has warmed up. */
interface Contestant {
  readonly running: Running;
  readonly result: number;
  readonly every: number;
  readonly times: number[];
}

/** Has all contestants do the same work in turn, and compares what they come to. */
export async function hold({ what, unit, work, names }: Contest): Promise<Measurement> {
  const present = new Map<string, Contestant>();
  const absent: Record<string, string> = {};
  for (const name of names) {
    const entered = await enter(programs[name], work);
    if ("reason" in entered) absent[name] = entered.reason;
    else present.set(name, entered);
  }
  try {
    const [first] = present.values();
    for (const [name, { result }] of present) {
      if (!(Math.abs(result - first!.result) <= 1e-3 * Math.max(1, Math.abs(first!.result)))) {
        throw new Error(`${what}: ${name} comes to ${result}, ${[...present.keys()][0]} to ${first!.result}.`);
      }
    }
    for (let round = 0; round < rounds; round++) {
      for (const [name, { running, every, times }] of present) {
        if (round % every !== 0) continue;
        const reply = await running.ask({ work, milliseconds });
        if (reply.kind !== "measured") throw new Error(`${what}: ${name} broke off: ${JSON.stringify(reply)}`);
        times.push(reply.nanoseconds);
      }
    }
  } finally {
    for (const { running } of present.values()) running.end();
  }
  const medians = Object.fromEntries([...present].map(([name, { times }]) => [name, median(times)]));
  return { what, unit, medians, absent };
}

/** Starts a contestant and lets it warm up, or says why it cannot take part. */
async function enter(program: Program, work: WorkName): Promise<Contestant | { readonly reason: string }> {
  if (program.registry !== undefined) {
    const { reason } = await installPeers(program.registry);
    if (reason !== undefined) return { reason };
  }
  const running = new Running(program.command);
  const ready = await running.next();
  if (ready.kind === "failed") return ready;
  const began = performance.now();
  const reply = await running.ask({ work, milliseconds: warmUp });
  if (reply.kind === "measured") {
    return { running, result: reply.result, every: performance.now() - began > slow ? 5 : 1, times: [] };
  }
  running.end();
  return { reason: reply.kind === "failed" ? reply.reason : "it did not do its work" };
}

/** A contestant's process: a line there, a line back. */
class Running {
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;
  private complaints = "";

  constructor(command: readonly string[]) {
    this.child = spawn(command[0]!, command.slice(1), { stdio: ["pipe", "pipe", "pipe"] });
    this.lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
    this.child.on("error", (error) => {
      this.complaints += error.message;
    });
    this.child.stderr!.on("data", (bytes: Buffer) => {
      this.complaints = (this.complaints + bytes.toString()).slice(-2000);
    });
  }

  ask(request: Request): Promise<Reply> {
    this.child.stdin!.write(`${JSON.stringify(request)}\n`);
    return this.next();
  }

  async next(): Promise<Reply> {
    const { value, done } = await this.lines.next();
    if (done !== true) return JSON.parse(value) as Reply;
    const [last] = this.complaints.trim().split("\n").slice(-1);
    return { kind: "failed", reason: `its process ended: ${last}` };
  }

  end(): void {
    this.child.stdin!.end();
    this.child.kill();
  }
}
