// The control thread of the user process. It has a pipe of its own to the control side and an inspector session on the
// main thread, so that it can stop whatever runs there: a loop, a loop after an await, microtasks, a timer's callback.
import { Session } from "node:inspector";
import { Socket } from "node:net";
import { parentPort } from "node:worker_threads";
import { FrameReader, frame } from "./frames.ts";
import { type ControlAnswer, type ControlMessage, descriptors } from "./messages.ts";

const session = new Session();
session.connectToMainThread();

const pipe = new Socket({ fd: descriptors.control, readable: true, writable: true });
let stopping = false;

// Cells come this way too: what a message port delivers can be terminated without upsetting Node's own bookkeeping,
// what an IPC channel delivers cannot.
const messages = new FrameReader<ControlMessage>((message) => {
  if (message.kind === "run") parentPort!.postMessage(message);
  else if (!stopping) void stop();
});
pipe.on("data", (bytes: Buffer) => messages.push(bytes));
// The other end is gone: so is whoever could use this process.
const leave = (): void => {
  process.kill(process.pid, "SIGKILL");
};
pipe.on("close", leave);
pipe.on("error", leave);

/** Ends what runs on the main thread and answers when that thread listens again. */
async function stop(): Promise<void> {
  stopping = true;
  for (let round = 0; ; round++) {
    session.post("Runtime.terminateExecution");
    // Where nothing ran, the termination waits for what runs next; this call is it, so that no cell is hit by it.
    if (await answered(10 + 10 * Math.min(round, 10))) break;
  }
  // One more answer: the one before may have been given just before a late termination took hold.
  while (!(await answered(50))) session.post("Runtime.terminateExecution");
  stopping = false;
  pipe.write(frame({ kind: "interrupted" } satisfies ControlAnswer));
}

let question = 0;

function answered(milliseconds: number): Promise<boolean> {
  const number = ++question;
  return new Promise((resolve) => {
    const timer = setTimeout(() => finish(false), milliseconds);
    const listen = (answer: unknown): void => {
      if (answer === number) finish(true);
    };
    const finish = (yes: boolean): void => {
      clearTimeout(timer);
      parentPort!.off("message", listen);
      resolve(yes);
    };
    parentPort!.on("message", listen);
    parentPort!.postMessage(number);
  });
}
