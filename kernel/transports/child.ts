import type { JupyterMessage } from "../protocol/message.ts";
import { startKernel } from "./kernel.ts";

/** The kernel as a child process of the embedded server: messages travel over Node's own channel. */

const kernel = startKernel({
  send: (message) => {
    if (process.connected) process.send?.(message);
  },
  exit: () => process.disconnect(),
  notebook: process.argv[2],
});
process.on("message", (message: JupyterMessage) => kernel.receive(message));
// The channel closes on shutdown, and when the server is gone: either way nobody needs this kernel any more.
process.on("disconnect", () => process.exit());
