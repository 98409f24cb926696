import { availableParallelism } from "node:os";

/**
 * How many threads V8 may optimise and collect garbage in, beside the one that a process works in. Node starts four of
 * them on any machine; where there are two cores, a cell then waits for a third of its turn.
 */
export const threads: readonly string[] = [`--v8-pool-size=${Math.min(4, Math.max(1, availableParallelism() - 1))}`];
