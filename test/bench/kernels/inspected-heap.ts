import { setTimeout } from "node:timers/promises";
import { WebSocket } from "ws";

/** Where Node's inspector listens in a process that is asked by a signal to turn it on. */
const inspector = "http://127.0.0.1:9229/json/list";
/** How often one looks whether it does (milliseconds), and how many times. */
const lookEvery = 100;
const looks = 100;

/** Bytes alive in a process of Node's that reads no NODE_OPTIONS, as one that starts from a snapshot does not: its inspector tells. */
export async function inspectedHeap(pid: number): Promise<number> {
  process.kill(pid, "SIGUSR1");
  const socket = new WebSocket(await debuggerOf());
  try {
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    const { result } = await call<{ result: { value: number } }>(socket, "Runtime.evaluate", {
      expression: "process.pid",
    });
    if (result.value !== pid) throw new Error(`The inspector is that of process ${result.value}, not of ${pid}.`);
    await call(socket, "HeapProfiler.collectGarbage");
    return (await call<{ usedSize: number }>(socket, "Runtime.getHeapUsage")).usedSize;
  } finally {
    socket.close();
  }
}

async function debuggerOf(): Promise<string> {
  for (let look = 0; look < looks; look++) {
    try {
      const [target] = (await (await fetch(inspector)).json()) as { webSocketDebuggerUrl: string }[]; // as Node documents it
      if (target !== undefined) return target.webSocketDebuggerUrl;
    } catch {
      // It is not there yet.
    }
    await setTimeout(lookEvery);
  }
  throw new Error("A process of the kernel turns on no inspector; does another one use its port, 9229?");
}

/** Calls are made one after the other. */
function call<Result>(socket: WebSocket, method: string, params: object = {}): Promise<Result> {
  return new Promise((resolve, reject) => {
    socket.once("close", () => reject(new Error(`The inspector did not answer ${method}.`)));
    const take = (text: WebSocket.RawData): void => {
      const message = JSON.parse(String(text)) as { id?: number; result: Result };
      if (message.id !== 1) return;
      socket.off("message", take);
      resolve(message.result);
    };
    socket.on("message", take);
    socket.send(JSON.stringify({ id: 1, method, params }));
  });
}
