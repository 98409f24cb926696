/** What contestants are asked to do; the same in every one of them, and in micrograd.py. */
export type WorkName =
  /** A network of scalars, built, run forward and backward. */
  | "scalar"
  /** The same without the backward pass. */
  | "scalar forward"
  /** The sum of two lists of ten numbers. It is read in the last turn only, except where it is not worked out before it is read. */
  | "add"
  /** The same, and both gradients. */
  | "add and backward"
  /** A chain of a million operations, differentiated. */
  | "chain";

export interface Work {
  /** What the time is divided by: nodes of a graph, or 1. */
  readonly units: number;
  /** Does it so many times; gives a number that hangs on what came out, which all contestants must agree on. */
  run(times: number): number | Promise<number>;
}

export type Works = Readonly<Partial<Record<WorkName, Work>>>;

/** One line to a contestant's standard input. */
export interface Request {
  readonly work: WorkName;
  /** How long to go on at least. */
  readonly milliseconds: number;
}

/** One line from its standard output. */
export type Reply =
  | { readonly kind: "ready" }
  | { readonly kind: "measured"; readonly nanoseconds: number; readonly result: number }
  | { readonly kind: "failed"; readonly reason: string };

/** Takes as many turns as fill the time, at least one; nanoseconds a unit. How many turns that are is found beforehand. */
export async function measure(work: Work, milliseconds: number): Promise<{ nanoseconds: number; result: number }> {
  let times = 1;
  for (;;) {
    const started = performance.now();
    const result = await work.run(times);
    const taken = performance.now() - started;
    if (taken >= milliseconds) return { nanoseconds: (taken * 1e6) / (times * work.units), result };
    times = Math.ceil(times * Math.min(1000, Math.max(1.5, (1.2 * milliseconds) / Math.max(taken, 1e-3))));
  }
}
