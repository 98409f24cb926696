import assert from "node:assert/strict";
import {
  adam,
  adamw,
  backward,
  binaryCrossEntropy,
  checkGradient,
  constant,
  crossEntropy,
  GradientError,
  mseLoss,
  mul,
  type Optimiser,
  rmsprop,
  sgd,
  softmax,
  square,
  sum,
  type Value,
  variable,
} from "../../../src/index.ts";
import { assertClose } from "../../support/close.ts";

/** Two steps down z = 3w² from w = 2: the gradient is 6w. */
function twoSteps(make: (parameters: { w: Value }) => Optimiser): readonly number[] {
  const parameters = { w: variable(2, "w") };
  const optimiser = make(parameters);
  return [0, 1].map(() => {
    optimiser.step(backward(mul(3, square(parameters.w))));
    return parameters.w.item();
  });
}

describe("optimisers", () => {
  it("sgd goes against the gradient", () => {
    assertClose(
      twoSteps((w) => sgd(w, { learningRate: 0.1 })),
      [0.8, 0.32],
    );
  });

  it("sgd keeps its movement with momentum, looks ahead with Nesterov, and shrinks with weight decay", () => {
    assertClose(
      twoSteps((w) => sgd(w, { learningRate: 0.1, momentum: 0.5 })),
      [0.8, 0.8 - 0.1 * (6 + 4.8)],
    );
    assertClose(
      twoSteps((w) => sgd(w, { learningRate: 0.1, momentum: 0.5, nesterov: true })),
      [2 - 0.1 * (12 + 6), 0.2 - 0.1 * (1.2 + 0.5 * (6 + 1.2))],
    );
    assertClose(
      twoSteps((w) => sgd(w, { learningRate: 0.1, weightDecay: 1 })),
      [0.6, 0.18],
    );
  });

  it("adam's first step is as long as the learning rate, whatever the gradient", () => {
    assertClose(twoSteps((w) => adam(w, { learningRate: 0.01 }))[0]!, 1.99, 1e-8);
    assertClose(twoSteps((w) => adamw(w, { learningRate: 0.01, weightDecay: 0.5 }))[0]!, 2 * (1 - 0.005) - 0.01, 1e-8);
  });

  it("rmsprop divides by the root of the mean square", () => {
    assertClose(twoSteps((w) => rmsprop(w, { learningRate: 0.01 }))[0]!, 2 - 0.01 * (12 / Math.sqrt(0.01 * 144)), 1e-7);
  });

  it("replaces Values and keeps their names and types; constants and what does not take part stay", () => {
    const w = variable(Float32Array.of(1, 2), "w");
    const parameters = { list: [{ w }], unused: variable(5) };
    const optimiser = sgd(parameters, { learningRate: 0.5 });
    optimiser.step(backward(sum(square(w))));
    const moved = parameters.list[0]!.w;
    assert.notEqual(moved, w);
    assert.deepEqual([moved.name, moved.dtype, moved.kind], ["w", "float32", "variable"]);
    assert.deepEqual(moved.toArray(), [0, 0]);
    assert.deepEqual(w.toArray(), [1, 2]);
    assert.equal(parameters.unused.item(), 5);
  });

  it("moves a parameter that stands in two places once, and it stays one", () => {
    const w = variable(2);
    const tied = { here: w, there: [w] };
    const optimiser = adam(tied, { learningRate: 0.1 });
    for (let step = 0; step < 2; step++) optimiser.step(backward(mul(tied.here, tied.there[0]!)));
    assert.equal(tied.here, tied.there[0]);
    const alone = { w: variable(2) };
    const other = adam(alone, { learningRate: 0.1 });
    for (let step = 0; step < 2; step++) other.step(backward(square(alone.w)));
    assertClose(tied.here.item(), alone.w.item());
  });

  it("refuses what holds no variable that it could replace", () => {
    for (const parameters of [variable(1, "w"), {}, [constant(1)]]) {
      assert.throws(() => sgd(parameters, { learningRate: 0.1 }), GradientError);
    }
  });

  it("takes another learning rate between steps", () => {
    const parameters = { w: variable(1) };
    const optimiser = sgd(parameters, { learningRate: 0.1 });
    optimiser.learningRate = 0;
    optimiser.step(backward(square(parameters.w)));
    assert.equal(parameters.w.item(), 1);
  });
});

describe("losses", () => {
  it("mseLoss is the mean of squares", () => {
    assert.equal(mseLoss(variable([1, 2, 3]), variable([1, 0, 0])).item(), 13 / 3);
    assert.throws(() => mseLoss(variable([1, 2]), variable([1, 2, 3])), /must be equal/);
  });

  it("crossEntropy has the gradient (p − y)/N", () => {
    const logits = variable([
      [1, 2, -1],
      [0, 0, 4],
    ]);
    const loss = crossEntropy(logits, [1, 2]);
    const p = softmax(logits).toArray() as number[][];
    assertClose(loss.item(), -(Math.log(p[0]![1]!) + Math.log(p[1]![2]!)) / 2);
    const expected = p.map((row, i) => row.map((x, j) => (x - Number(j === i + 1)) / 2));
    assertClose(backward(loss).of(logits).data, expected.flat());
    const soft = crossEntropy(
      logits,
      variable([
        [0, 1, 0],
        [0, 0, 1],
      ]),
    );
    assertClose(soft.item(), loss.item());
    assert.throws(() => crossEntropy(logits, [0, 3]), /row 1 is 3; classes are 0 … 2/);
    assert.throws(() => crossEntropy(logits, [0]), /for 2 rows/);
  });

  it("binaryCrossEntropy stays finite for large logits", () => {
    const loss = binaryCrossEntropy(variable([1000, -1000, 0]), variable([1, 0, 1]));
    assertClose(loss.item(), Math.LN2 / 3);
    const check = checkGradient((z) => binaryCrossEntropy(z, variable([1, 0.25])), [[0.3, -2]]);
    assert.ok(check.ok, check.message);
  });
});
