// The control thread of the user process. It has a pipe of its own to the control side and an inspector session on the
// main thread, so that it can stop whatever runs there: a loop, a loop after an await, microtasks, a timer's callback.
import { Session } from "node:inspector";
import { Socket } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { FrameReader, frame } from "./frames.ts";
import { descriptors, type Interrupt, type Interrupted } from "./messages.ts";
import { Running } from "./running.ts";

// The main thread gave it when it started this one.
const running = new Running(workerData as SharedArrayBuffer);
const session = new Session();
session.connectToMainThread();

const pipe = new Socket({ fd: descriptors.control, readable: true, writable: true });
const messages = new FrameReader<Interrupt>(({ cell }) => stop(cell));
pipe.on("data", (bytes: Buffer) => messages.push(bytes));
// The other end is gone: so is whoever could use this process.
const leave = (): void => {
  process.kill(process.pid, "SIGKILL");
};
pipe.on("close", leave);
pipe.on("error", leave);

// The main thread found itself in a cell that was stopped and will not stop.
parentPort!.on("message", () => session.post("Runtime.terminateExecution"));

function stop(cell: number): void {
  const answer = (): void => {
    pipe.write(frame({ kind: "interrupted", cell } satisfies Interrupted));
  };
  // A cell that has not begun will not begin now; of one that is done there is nothing to stop, least of all the next.
  if (running.stop(cell)) session.post("Runtime.terminateExecution", answer);
  else answer();
}
