// The control thread of the user process. It has a pipe of its own to the control side and an inspector session on the
// main thread, so that it can stop whatever runs there: a loop, a loop after an await, microtasks, a timer's callback.
// A debugger speaks to the same session, also while it holds the main thread.
import { type InspectorNotification, Session } from "node:inspector";
import { Socket } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { FrameReader, frame } from "./frames.ts";
import { type ControlEvent, type ControlRequest, descriptors, type Inspect } from "./messages.ts";
import { Running } from "./running.ts";

// The main thread gave it when it started this one.
const running = new Running(workerData as SharedArrayBuffer);
const session = new Session();
session.connectToMainThread();
/** Whether a debugger holds the main thread. */
let paused = false;

const pipe = new Socket({ fd: descriptors.control, readable: true, writable: true });
const messages = new FrameReader<ControlRequest>((message) => {
  if (message.kind === "interrupt") stop(message.cell);
  else inspect(message);
});
pipe.on("data", (bytes: Buffer) => messages.push(bytes));
// The other end is gone: so is whoever could use this process.
const leave = (): void => {
  process.kill(process.pid, "SIGKILL");
};
pipe.on("close", leave);
pipe.on("error", leave);

const send = (event: ControlEvent): void => {
  pipe.write(frame(event));
};

// The main thread found itself in a cell that was stopped and will not stop.
parentPort!.on("message", () => session.post("Runtime.terminateExecution"));

session.on("inspectorNotification", ({ method, params }: InspectorNotification<object>) => {
  if (method === "Debugger.paused") paused = true;
  if (method === "Debugger.resumed") paused = false;
  send({ kind: "heard", method, parameters: params });
});

function stop(cell: number): void {
  const answer = (): void => send({ kind: "interrupted", cell });
  // A cell that has not begun will not begin now; of one that is done there is nothing to stop, least of all the next.
  if (running.stop(cell)) {
    session.post("Runtime.terminateExecution", answer);
    if (paused) session.post("Debugger.resume");
  } else answer();
}

function inspect({ id, method, parameters }: Inspect): void {
  session.post(method, parameters, (error, result) => {
    if (error === null) send({ kind: "inspected", id, result: result as object });
    else send({ kind: "refused", id, message: error.message });
  });
}
