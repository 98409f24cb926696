import assert from "node:assert/strict";
import fc from "fast-check";
import { backward, constant, conv2d, logSoftmax, max, min, sum, variable } from "../../../src/index.ts";
import { assertClose } from "../../support/close.ts";

describe("reductions", () => {
  it("find the largest and smallest of whole numbers along an axis as JavaScript does", () => {
    const row = fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(row, (numbers) => {
        const x = constant({ data: Int32Array.from([...numbers, ...numbers]), shape: [2, numbers.length] });
        assert.deepEqual(max(x, { axes: 1 }).toArray(), [Math.max(...numbers), Math.max(...numbers)]);
        assert.deepEqual(min(x, { axes: 1 }).toArray(), [Math.min(...numbers), Math.min(...numbers)]);
      }),
    );
  });

  it("say of truth values along an axis whether all are true, and whether any is", () => {
    const x = constant([
      [true, true],
      [true, false],
    ]);
    assert.deepEqual(min(x, { axes: 1 }).toArray(), [1, 0]);
    assert.deepEqual(max(x, { axes: 1 }).toArray(), [1, 1]);
  });

  it("take a logarithm of softmax of float32 far from 0 as near it", () => {
    fc.assert(
      fc.property(fc.integer({ min: -4096, max: 4096 }), (shift) => {
        // Exact in float32, so that nothing but the operation can round.
        const steps = [0, 1, -0.5, 2.25];
        const near = logSoftmax(constant({ data: Float32Array.from(steps), shape: [4] }));
        const far = logSoftmax(constant({ data: Float32Array.from(steps, (step) => step + shift), shape: [4] }));
        assertClose(far.data, near.data, 0);
      }),
    );
  });
});

describe("a convolution of no images", () => {
  it("gives the weights a gradient of zeros", () => {
    const x = variable({ data: new Float64Array(0), shape: [0, 2, 4, 4] });
    const weight = variable({ data: new Float64Array(24).fill(1), shape: [3, 2, 2, 2] });
    const gradients = backward(sum(conv2d(x, weight)));
    assert.deepEqual(gradients.of(weight).data, new Float64Array(24));
    assert.deepEqual(gradients.of(x).shape, [0, 2, 4, 4]);
  });
});
