import { AsyncLocalStorage } from "node:async_hooks";
import { writeSync } from "node:fs";
import { setTimeout } from "node:timers";
import { frame } from "./frames.ts";
import { descriptors, type UserEvent } from "./messages.ts";

/** Which cell a piece of code belongs to, also in timers and promises that outlive it. */
const cells = new AsyncLocalStorage<number>();
let latest = 0;

/** Runs code as part of a cell: what it writes, at whatever time, is that cell's output. */
export function runInCell<Result>(cell: number, run: () => Result): Result {
  latest = cell;
  return cells.run(cell, run);
}

export function cellAtWork(): number {
  return cells.getStore() ?? latest;
}

/** Text not yet sent. Lines that come in quick succession travel together. */
let waiting: { cell: number; name: "stdout" | "stderr"; parts: string[]; size: number } | undefined;
let timer: NodeJS.Timeout | undefined;
/** Texts since `since`: the first ones go at once, also when a loop follows them that never yields. */
let burst = 0;
let since = 0;
const atOnce = 20;
const patience = 10;
const mostWaiting = 1 << 16;

/** Sends an event now, behind all text before it. Blocks where the reader is slow, so that nothing is lost. */
export function send(event: UserEvent): void {
  flush();
  writeAll(frame(event));
}

export function flush(): void {
  if (timer !== undefined) clearTimeout(timer);
  timer = undefined;
  if (waiting === undefined) return;
  const { cell, name, parts } = waiting;
  waiting = undefined;
  writeAll(frame({ kind: "stream", cell, name, text: parts.join("") } satisfies UserEvent));
}

export function writeText(name: "stdout" | "stderr", text: string): void {
  if (text === "") return;
  const cell = cellAtWork();
  if (waiting !== undefined && (waiting.cell !== cell || waiting.name !== name)) flush();
  waiting ??= { cell, name, parts: [], size: 0 };
  waiting.parts.push(text);
  waiting.size += text.length;
  const now = performance.now();
  const pause = now - since > patience;
  if (pause) {
    since = now;
    burst = 0;
  }
  if (pause || ++burst < atOnce || waiting.size > mostWaiting) flush();
  else timer ??= setTimeout(flush, patience).unref();
}

function writeAll(bytes: Buffer): void {
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(descriptors.events, bytes, written);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EAGAIN") Atomics.wait(sleeper, 0, 0, 1);
      else if (code === "EPIPE") return;
      else throw error;
    }
  }
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));
