import type { Engine, EngineOptions } from "../engine/engine.ts";
import { Kernel } from "../protocol/core.ts";
import type { JupyterMessage } from "../protocol/message.ts";

/** The kernel as a child process of the embedded server: messages travel over Node's own channel. */

const starting: string = "../engine/start.js";

async function start(options: EngineOptions): Promise<Engine> {
  const { startEngine } = (await import(starting)) as { startEngine(options: EngineOptions): Promise<Engine> };
  return startEngine(options);
}

const [notebook] = process.argv.slice(2);
const kernel = new Kernel({
  engine: start({ cwd: process.cwd(), ...(notebook === undefined ? {} : { notebook }) }),
  send: (message) => process.send?.(message),
  exit: () => process.disconnect(),
});
process.on("message", (message: JupyterMessage) => kernel.receive(message));
process.on("SIGINT", () => kernel.interrupt());
// The channel closes on shutdown, and when the server is gone: either way nobody needs this kernel any more.
process.on("disconnect", () => process.exit());
kernel.start();
