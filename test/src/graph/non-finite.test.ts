import assert from "node:assert/strict";
import { constant, div, exp, firstNonFinite, log, mul, sub, sum, type Value, variable } from "../../../src/index.ts";

function found(z: Value): string | undefined {
  return firstNonFinite(z)?.message;
}

describe("the first value that is not finite", () => {
  const x = variable(2, "x");

  it("is where things went wrong, not where it was noticed", () => {
    const z = mul(log(sub(x, 2)), 0);
    assert.ok(Number.isNaN(z.item()));
    assert.equal(found(z), "b is -Infinity: the first that is not finite. It is ln(a), with a = 0.");
    const { node, number, element } = firstNonFinite(z)!;
    assert.deepEqual([node.primitive?.name, number, element], ["log", Number.NEGATIVE_INFINITY, 0]);
  });

  it("says which element of a tensor, and between what its inputs lie", () => {
    const z = sum(div(variable([1, 2], "u"), variable([1, 0], "v")));
    assert.equal(
      found(z),
      "a (element 1) is Infinity: the first that is not finite. It is u/v, with u = 1 … 2, v = 0 … 1.",
    );
  });

  it("says what was given so", () => {
    assert.equal(found(sum(mul(variable([1, Number.NaN], "q"), 2))), "q (element 1) is NaN: it was given so.");
  });

  it("tells no number twice", () => {
    assert.equal(found(div(x, 0)), "a is Infinity: the first that is not finite. It is x/0, with x = 2.");
    const t = variable(1e200, "t");
    assert.equal(found(mul(t, t)), "a is Infinity: the first that is not finite. It is t · t, with t = 1e+200.");
  });

  it("is found in a tensor of a million numbers", () => {
    const z = exp(variable(new Float64Array(1_000_000).fill(1000), "t"));
    assert.match(found(z)!, /^a \(element 0\) is Infinity.*t = 1000 … 1000\.$/);
  });

  it("is none where all numbers are finite, whole numbers and truth values included", () => {
    assert.equal(firstNonFinite(mul(x, constant(new Int32Array([1, 2])))), undefined);
    assert.equal(firstNonFinite(x.greater(constant([1, 3]))), undefined);
  });
});
