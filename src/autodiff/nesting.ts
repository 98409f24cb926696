/** How many function transforms are under way. */
let depth = 0;

/** Runs one transform inside those that are under way. */
export function nested<Result>(run: () => Result): Result {
  depth++;
  try {
    return run();
  } finally {
    depth--;
  }
}

/** Whether a transform is under way that will differentiate or batch what is recorded now, `levels` of them left out. */
export function isNested(levels = 0): boolean {
  return depth > levels;
}
