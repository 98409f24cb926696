/**
 * Thrown where a checkpoint itself is at fault: an id nobody made, an ask the graph has not, too few points to decide at.
 *
 * @example
 * ```ts
 * import { CheckpointSession } from "gradbook";
 *
 * new CheckpointSession().hint("nowhere") // throws CheckpointError…
 * ```
 */
export class CheckpointError extends Error {
  override readonly name: string = "CheckpointError";
}
