import { mkdtempSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import type { KernelClient } from "../../support/kernel-client.ts";
import { root } from "../../support/paths.ts";
import { atMost, type Measurement } from "../report.ts";
import { contenders, startContender, within } from "./contenders.ts";
import { heapFolder, lookEvery } from "./heap-report.ts";
import { inspectedHeap } from "./inspected-heap.ts";

/** After how many cells is looked. */
const counts = [1, 50, 460, 1000];
/** How many names the cells declare over and over, so that nothing new need be kept once there are so many. */
const names = 50;
/** How long a cell may take (milliseconds). */
const patience = 10_000;

const megabyte = 1e6;

type Look = (kernel: KernelClient) => Promise<number>;

/** Memory of a kernel's processes as the system counts it, and what its heaps still hold when their garbage is collected. */
export async function memory(present: readonly string[]): Promise<readonly Measurement[]> {
  const resident = await grow(present, {}, async (kernel) => residentOf(kernel.process.pid!));
  // In kernels of their own: collecting garbage changes what is resident.
  const folder = mkdtempSync(path.join(tmpdir(), "gradbook-heap-"));
  const report = pathToFileURL(path.join(root, "dist", "test", "bench", "kernels", "heap-report.js")).href;
  const heap = await (async () => {
    try {
      const environment = { [heapFolder]: folder, NODE_OPTIONS: `--import=${report}` };
      const onNode = present.filter((name) => contenders[name]!.node);
      return await grow(onNode, environment, async (kernel) => heapsIn(folder, kernel.process.pid!));
    } finally {
      rmSync(folder, { recursive: true });
    }
  })();
  for (const name of present.filter((each) => !contenders[each]!.node)) heap.absent[name] = "not Node's";
  const rows = (what: string, { of, absent }: Grown): Measurement[] =>
    counts.map((count) => ({
      what: `${what} after ${count} ${count === 1 ? "cell" : "cells"}`,
      unit: "MB",
      medians: Object.fromEntries([...of].flatMap(([name, looks]) => (count in looks ? [[name, looks[count]!]] : []))),
      absent,
      ...(what === "resident" && count === counts.at(-1) ? { bar: atMost(200) } : {}),
    }));
  const growth = [...heap.of].flatMap(([name, looks]) =>
    1000 in looks ? [[name, 100 * (looks[1000]! / looks[50]! - 1)] as const] : [],
  );
  return [
    ...rows("resident", resident),
    ...rows("live heap", heap),
    {
      what: "live heap, from cell 50 to 1,000",
      unit: "% more",
      medians: Object.fromEntries(growth),
      absent: heap.absent,
      bar: atMost(10),
    },
  ];
}

interface Grown {
  readonly of: Map<string, Record<number, number>>;
  readonly absent: Record<string, string>;
}

/** Runs the cells in one kernel after the other. */
async function grow(present: readonly string[], environment: NodeJS.ProcessEnv, look: Look): Promise<Grown> {
  const of = new Map<string, Record<number, number>>(present.map((name) => [name, {}]));
  const absent: Record<string, string> = {};
  for (const [name, looks] of of) {
    const kernel = await startContender(name, environment);
    try {
      for (let count = 1; count <= counts.at(-1)!; count++) {
        const cell = `${contenders[name]!.language.small(count % names)} + ${count}`;
        // What is said of it is not awaited: tslab loses some of that after a thousand messages.
        const done = await within(kernel, patience, kernel.executeFirst(cell));
        if (typeof done === "string" || done.reply.content["status"] !== "ok") {
          absent[name] = `${typeof done === "string" ? done : done.reply.content["evalue"]} at cell ${count}`;
          break;
        }
        if (counts.includes(count)) looks[count] = (await look(kernel)) / megabyte;
      }
    } finally {
      await kernel.close();
    }
  }
  return { of, absent };
}

/** Bytes that a process and all below it hold in memory; what they share counts with each. */
function residentOf(pid: number): number {
  if (process.platform !== "linux") throw new Error("Resident memory is read from /proc, which only Linux has.");
  return treeOf(pid).reduce((sum, each) => {
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(statusOf(String(each)))?.[1];
    return sum + 1024 * Number(kilobytes ?? 0);
  }, 0);
}

/** A process and all below it. */
function treeOf(pid: number): readonly number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const parent = /^PPid:\s+(\d+)/m.exec(statusOf(entry))?.[1];
    parents.set(Number(entry), Number(parent));
  }
  const tree = new Set([pid]);
  for (let size = 0; size !== tree.size; ) {
    size = tree.size;
    for (const [child, parent] of parents) if (tree.has(parent)) tree.add(child);
  }
  return [...tree];
}

function statusOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return ""; // it ended while we looked
  }
}

let question = 0;

/** Bytes alive in all threads of a kernel; the slowest may be a few rounds of looking late. */
async function heapsIn(folder: string, pid: number): Promise<number> {
  const asked = String(++question);
  writeFileSync(path.join(folder, "ask"), asked);
  await setTimeout(lookEvery * 10);
  const answers = readdirSync(folder)
    .filter((name) => name !== "ask")
    .map((name) => ({
      name,
      ...(JSON.parse(readFileSync(path.join(folder, name), "utf8")) as { asked: string; heap: number }),
    }))
    .filter((answer) => answer.asked === asked);
  if (answers.length === 0) throw new Error("No thread of the kernel tells its heap.");
  let sum = answers.reduce((total, { heap }) => total + heap, 0);
  // Processes that read no NODE_OPTIONS, as our compiler's.
  const silent = treeOf(pid).filter((each) => isNode(each) && !answers.some(({ name }) => name.startsWith(`${each}-`)));
  for (const each of silent) sum += await inspectedHeap(each);
  return sum;
}

function isNode(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/exe`) === realpathSync(process.execPath);
  } catch {
    return false; // it ended while we looked
  }
}
