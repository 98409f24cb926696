import { homedir } from "node:os";
import { historyFolder } from "../install/folders.ts";
import { Kernel, type KernelOptions } from "../protocol/core.ts";

/** A kernel in this process; what every transport has in common. */
export function startKernel(options: Omit<KernelOptions, "history">): Kernel {
  const history = historyFolder({ platform: process.platform, home: homedir(), environment: process.env });
  const kernel = new Kernel({ ...options, ...(history === undefined ? {} : { history }) });
  process.on("SIGINT", () => kernel.interrupt());
  // A mistake of ours in one message must not cost a learner the whole session's state.
  process.on("uncaughtException", (error) => process.stderr.write(`gradbook: ${error.stack ?? error.message}\n`));
  kernel.start();
  return kernel;
}
