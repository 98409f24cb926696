// The kernel as a child process of the embedded server: messages travel over Node's own channel.
import { startEngine } from "../engine/start.ts";
import type { JupyterMessage } from "../protocol/message.ts";

// The engine's processes start while this one reads the rest of its own program.
const engine = startEngine({ cwd: process.cwd() });
const { startKernel } = await import("./kernel.ts");

const kernel = startKernel({
  engine,
  send: (message) => {
    if (process.connected) process.send?.(message);
  },
  exit: () => process.disconnect(),
});
process.on("message", (message: JupyterMessage) => kernel.receive(message));
// The channel closes on shutdown, and when the server is gone: either way nobody needs this kernel any more.
process.on("disconnect", () => process.exit());
