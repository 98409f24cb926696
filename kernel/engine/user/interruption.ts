import { types } from "node:util";
import { cellAtWork } from "./output.ts";
import type { Running } from "./running.ts";

/** Thrown into a cell that was interrupted while it waited, at the await where it would go on. */
class Interruption extends Error {
  override readonly name: string = "Interruption";
}

/** How often a cell may catch its interruption and go on to the next await. */
const patience = 100;

/** Sees to it that an interrupted cell does not go on when what it awaited comes at last. */
export class Interruptions {
  private readonly running: Running;
  private readonly terminate: () => void;
  private caught = 0;

  /** @param terminate stops this thread from the control thread. */
  constructor(running: Running, terminate: () => void) {
    this.running = running;
    this.terminate = terminate;
  }

  /** What every `await` of a cell is followed by. */
  readonly resume = <Result>(result: Result): Result => {
    if (this.running.isStopped(cellAtWork())) this.stop();
    return result;
  };

  /** Whether nobody need be told of an error. */
  isInterruption(error: unknown): boolean {
    return types.isNativeError(error) && error instanceof Interruption;
  }

  private stop(): never {
    if (this.caught++ < patience) throw new Interruption("The cell was interrupted");
    this.caught = 0;
    this.terminate();
    for (;;) Atomics.wait(sleeper, 0, 0, 1000);
  }
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));
