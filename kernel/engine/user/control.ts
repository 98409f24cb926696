// The control thread of the user process. It has a pipe of its own to the control side and an inspector session on the
// main thread, so that it can stop whatever runs there: a loop, a loop after an await, microtasks, a timer's callback.
// A debugger speaks to the same session, also while it holds the main thread.
import { type Debugger, type InspectorNotification, Session } from "node:inspector";
import { Socket } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { FrameReader, frame } from "./frames.ts";
import { type ControlEvent, type ControlRequest, descriptors, type Inspect, type Interrupt } from "./messages.ts";
import { Running } from "./running.ts";

// The main thread gave it when it started this one.
const running = new Running(workerData as SharedArrayBuffer);
const session = new Session();
session.connectToMainThread();
/** Whether a debugger holds the main thread. */
let paused = false;

const pipe = new Socket({ fd: descriptors.control, readable: true, writable: true });
const messages = new FrameReader<ControlRequest>((message) => {
  if (message.kind === "interrupt") stop(message);
  else if (message.kind === "prepare") prepare(message.on);
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

/** Whether somebody debugs. */
let debugged = false;
/** Waits for the main thread to hold, so that a loop's variables can be read. */
let keeping: ((event: Debugger.PausedEventDataType) => void) | undefined;

session.on("inspectorNotification", ({ method, params }: InspectorNotification<object>) => {
  if (!debugged) {
    if (method === "Debugger.paused") keeping?.(params as Debugger.PausedEventDataType);
    return;
  }
  if (method === "Debugger.paused") paused = true;
  if (method === "Debugger.resumed") paused = false;
  send({ kind: "heard", method, parameters: params });
});

function stop({ cells, keep }: Interrupt): void {
  const answer = (): void => send({ kind: "interrupted", cells });
  // A cell that has not begun will not begin now; of one that is done there is nothing to stop, least of all the next.
  const stopped = cells.filter((cell) => running.stop(cell));
  if (stopped.length === 0) answer();
  else if (keep.length > 0 && !debugged) keepAndStop(keep, answer);
  else {
    session.post("Runtime.terminateExecution", answer);
    if (paused) session.post("Debugger.resume");
  }
}

/** V8 holds a loop within a few milliseconds once its debugger is on; a cell that waits it does not hold at all. */
const patience = 10;
const patienceUnprepared = 150;

/** Whether V8's debugger is on for an interrupt's sake alone. */
let prepared = false;

function prepare(on: boolean): void {
  if (debugged || on === prepared) return;
  prepared = on;
  session.post(on ? "Debugger.enable" : "Debugger.disable");
}

/** Puts the variables of the loop that runs back into the bindings that they stand for, and stops the cell. */
function keepAndStop(keep: readonly string[], answer: () => void): void {
  const end = (): void => {
    clearTimeout(timer);
    keeping = undefined;
    session.post("Runtime.terminateExecution", answer);
    // Off again, it lets go of what it holds.
    prepare(false);
  };
  const timer = setTimeout(end, prepared ? patience : patienceUnprepared);
  keeping = ({ callFrames }) => {
    const loop = callFrames.find(({ functionName }) => functionName === "__loop");
    if (loop === undefined) return end();
    // One of the cell's loops runs: the others' variables are unknown here.
    const expression = keep.map((assignment) => `try { ${assignment} } catch {}`).join("\n");
    session.post("Debugger.evaluateOnCallFrame", { callFrameId: loop.callFrameId, expression }, end);
  };
  prepare(true);
  session.post("Debugger.pause");
}

function inspect({ id, method, parameters }: Inspect): void {
  if (method === "Debugger.enable") {
    // Whoever debugs is to hear of all scripts, which V8 names when it is turned on.
    prepare(false);
    debugged = true;
  }
  if (method === "Debugger.disable") debugged = false;
  session.post(method, parameters, (error, result) => {
    if (error === null) send({ kind: "inspected", id, result: result as object });
    else send({ kind: "refused", id, message: error.message });
  });
}
