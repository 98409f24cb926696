import { writeSync } from "node:fs";
import { setTimeout } from "node:timers";
import { frame } from "./frames.ts";
import { descriptors, type UserEvent } from "./messages.ts";

let current = 0;

/** Runs code as part of a cell: what it writes is that cell's output. */
export function runInCell<Result>(cell: number, run: () => Result): Result {
  const before = current;
  current = cell;
  try {
    return run();
  } finally {
    // What goes on after an await still belongs to the cell that started last.
    if (current === cell && before > cell) current = before;
  }
}

export function cellAtWork(): number {
  return current;
}

type Callback = (...list: unknown[]) => unknown;

/**
 * Makes timers remember the cell that set them. (AsyncLocalStorage would do that for promises too, but its hooks on
 * promises do not survive that execution is terminated: Node aborts.)
 */
export function rememberCellInTimers(): void {
  for (const name of ["setTimeout", "setInterval", "setImmediate", "queueMicrotask"] as const) {
    const original = globalThis[name] as (callback: Callback, ...rest: unknown[]) => unknown;
    const remembering = (callback: unknown, ...rest: unknown[]): unknown => {
      if (typeof callback !== "function") return original(callback as Callback, ...rest);
      const cell = current;
      return original((...list) => runInCell(cell, () => callback(...list) as unknown), ...rest);
    };
    Object.defineProperty(remembering, "name", { value: name });
    Object.assign(globalThis, { [name]: Object.assign(remembering, original) });
  }
}

/** Text not yet sent. Lines that come in quick succession travel together. */
let waiting: { cell: number; name: "stdout" | "stderr"; parts: string[]; size: number } | undefined;
let sentAt = 0;
let timer: NodeJS.Timeout | undefined;
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
  sentAt = performance.now();
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
  // The first line after a silence goes at once, also when a loop follows it that never yields.
  if (waiting.size > mostWaiting || performance.now() - sentAt > patience) flush();
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
