import type { ChildProcess } from "node:child_process";
import type { Duplex } from "node:stream";
import { FrameReader, frame } from "./user/frames.ts";

/** One of the pipes that a child was started with beside its standard ones. */
function pipeOf(child: ChildProcess, descriptor: number): Duplex {
  return (child.stdio as readonly unknown[])[descriptor] as Duplex;
}

/** Hands on what a child says in frames over a descriptor. A pipe that breaks is told by the child's exit. */
export function readFrames<Message>(
  child: ChildProcess,
  descriptor: number,
  receive: (message: Message) => void,
): void {
  const frames = new FrameReader<Message>(receive);
  pipeOf(child, descriptor)
    .on("data", (chunk: Buffer) => frames.push(chunk))
    .on("error", () => {});
}

export function sendFrame(child: ChildProcess, descriptor: number, message: unknown): void {
  pipeOf(child, descriptor).write(frame(message));
}

/** This process's environment without flags for Node: they are meant for the learner's code, and a startup snapshot can be read with its own only. */
export function environmentWithoutFlags(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _flags, ...environment } = process.env;
  return environment;
}
