import assert from "node:assert/strict";

/** Asserts that numbers agree to `tolerance`, relative where they are larger than 1. The one place for tolerances. */
export function assertClose(
  actual: number | ArrayLike<number>,
  expected: number | ArrayLike<number>,
  tolerance: number = 1e-9,
  what: string = "",
): void {
  const left = typeof actual === "number" ? [actual] : Array.from(actual);
  const right = typeof expected === "number" ? [expected] : Array.from(expected);
  assert.equal(left.length, right.length, `${what}: lengths differ`);
  left.forEach((number, position) => {
    const wanted = right[position]!;
    const error = Math.abs(number - wanted) / Math.max(1, Math.abs(wanted));
    assert.ok(error <= tolerance, `${what} [${position}]: expected ${wanted}, received ${number} (off by ${error})`);
  });
}
