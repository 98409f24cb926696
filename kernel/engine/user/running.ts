/**
 * What the two threads of the user process tell each other without waiting: which cell runs, and which were stopped.
 * Shared memory, because a thread in a loop reads no messages.
 */
export class Running {
  readonly memory: SharedArrayBuffer;
  private readonly numbers: Int32Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(4 * (1 + remembered))) {
    this.memory = memory;
    this.numbers = new Int32Array(memory);
  }

  /** The number of the cell that runs; 0 where none does. */
  get cell(): number {
    return Atomics.load(this.numbers, 0);
  }

  begin(cell: number): void {
    Atomics.store(this.numbers, 0, cell);
  }

  end(cell: number): void {
    Atomics.compareExchange(this.numbers, 0, cell, 0);
  }

  /** Marks a cell as stopped, also one that is still to begin; returns whether it runs. */
  stop(cell: number): boolean {
    Atomics.store(this.numbers, 1 + (cell % remembered), cell);
    return Atomics.compareExchange(this.numbers, 0, cell, 0) === cell;
  }

  isStopped(cell: number): boolean {
    return Atomics.load(this.numbers, 1 + (cell % remembered)) === cell;
  }
}

/** How many cells later an interrupted cell may go on, in the unlikely case that it still waits for something. */
const remembered = 1024;
