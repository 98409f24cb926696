import { homedir } from "node:os";
import type { Engine, EngineOptions } from "../engine/engine.ts";
import { historyFolder } from "../install/folders.ts";
import { Kernel, type KernelOptions } from "../protocol/core.ts";

export interface Ends {
  readonly send: KernelOptions["send"];
  readonly exit: KernelOptions["exit"];
  /** The notebook's path, where it is known. */
  readonly notebook: string | undefined;
}

/** A kernel in this process, whose folder is the notebook's; what every transport has in common. */
export function startKernel({ send, exit, notebook }: Ends): Kernel {
  const options: EngineOptions = { cwd: process.cwd(), ...(notebook === undefined ? {} : { notebook }) };
  const machine = { platform: process.platform, home: homedir(), environment: process.env };
  const history = historyFolder(machine);
  const kernel = new Kernel({ engine: start(options), ...(history === undefined ? {} : { history }), send, exit });
  process.on("SIGINT", () => kernel.interrupt());
  // A mistake of ours in one message must not cost a learner the whole session's state.
  process.on("uncaughtException", (error) => process.stderr.write(`gradbook: ${error.stack ?? error.message}\n`));
  kernel.start();
  return kernel;
}

async function start(options: EngineOptions): Promise<Engine> {
  const { startEngine } = await import("../engine/start.ts");
  return startEngine(options);
}
