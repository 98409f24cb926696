/**
 * What the two threads of the user process tell each other without waiting: which cells run, and which were stopped.
 * Shared memory, because a thread in a loop reads no messages.
 */
export class Running {
  readonly memory: SharedArrayBuffer;
  private readonly cells: Int32Array;
  private readonly stopped: Int32Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(4 * (atOnce + remembered))) {
    this.memory = memory;
    this.cells = new Int32Array(memory, 0, atOnce);
    this.stopped = new Int32Array(memory, 4 * atOnce);
  }

  begin(cell: number): void {
    for (let place = 0; place < atOnce; place++) {
      if (Atomics.compareExchange(this.cells, place, 0, cell) === 0) return;
    }
  }

  end(cell: number): void {
    this.remove(cell);
  }

  /** Marks a cell as stopped, also one that is still to begin; returns whether it runs. */
  stop(cell: number): boolean {
    Atomics.store(this.stopped, cell % remembered, cell);
    return this.remove(cell);
  }

  isStopped(cell: number): boolean {
    return Atomics.load(this.stopped, cell % remembered) === cell;
  }

  private remove(cell: number): boolean {
    for (let place = 0; place < atOnce; place++) {
      if (Atomics.compareExchange(this.cells, place, cell, 0) === cell) return true;
    }
    return false;
  }
}

/** How many cells, of subshells and what listens to comms, can be stopped at one time. */
const atOnce = 64;
/** How many cells later an interrupted cell may go on, in the unlikely case that it still waits for something. */
const remembered = 1024;
