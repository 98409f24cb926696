/** Thrown where a checkpoint itself is at fault: an id nobody made, an ask the graph has not, too few points to decide at. */
export class CheckpointError extends Error {
  override readonly name: string = "CheckpointError";
}
