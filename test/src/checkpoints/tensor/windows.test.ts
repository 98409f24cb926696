import assert from "node:assert/strict";
import fc from "fast-check";
import { CheckpointSession } from "../../../../src/checkpoints/session.ts";
import {
  avgPool2d,
  constant,
  conv2d,
  maxPool2d,
  mul,
  Random,
  relu,
  sum,
  type Value,
  variable,
} from "../../../../src/index.ts";
import { named } from "./layers.ts";

const random = new Random(7);

function filled(...shape: readonly number[]): { readonly data: Float64Array; readonly shape: readonly number[] } {
  const size = shape.reduce((total, length) => total * length, 1);
  return { data: Float64Array.from({ length: size }, () => Math.round(40 * random.uniform() - 20) / 10), shape };
}

function weighed(Y: Value): Value {
  return named("L", sum(mul(Y, constant(filled(...Y.shape), "R"))));
}

/** Types the worked answers of a checkpoint into a fresh one. */
function solvedBy(value: Value, ask: readonly string[]): { readonly kind: string; readonly text: string } {
  const session = new CheckpointSession();
  session.checkpoint("one", value, { ask, at: "anywhere" });
  const { answers, text } = session.solution("one");
  const again = new CheckpointSession();
  again.checkpoint("one", value, { ask, at: "anywhere" });
  const typed = Object.fromEntries(answers.map(({ key, formula }) => [key, formula]));
  return { kind: again.answer("one", typed).kind, text };
}

const sizes = fc.record({
  images: fc.integer({ min: 1, max: 2 }),
  channels: fc.integer({ min: 1, max: 2 }),
  outs: fc.integer({ min: 1, max: 3 }),
  length: fc.integer({ min: 4, max: 7 }),
  kernel: fc.integer({ min: 1, max: 3 }),
  stride: fc.integer({ min: 1, max: 3 }),
  padding: fc.integer({ min: 0, max: 1 }),
  dilation: fc.integer({ min: 1, max: 2 }),
});

describe("answers about convolution and pooling", () => {
  it("are worked out so that they can be typed, for any window", () => {
    fc.assert(
      fc.property(sizes, ({ images, channels, outs, length, kernel, stride, padding, dilation }) => {
        fc.pre(dilation * (kernel - 1) < length && padding <= dilation * (kernel - 1));
        const X = variable(filled(images, channels, length, length), "X");
        const K = variable(filled(outs, channels, kernel, kernel), "K");
        const Y = named("Y", conv2d(X, K, { stride, padding, dilation }));
        const { kind, text } = solvedBy(weighed(Y), ["Y", "dL/dY", "dL/dK", "dL/dX"]);
        assert.equal(kind, "correct", text);
        assert.doesNotMatch(text, /fold/);
      }),
      { numRuns: 60 },
    );
  });

  it("are worked out for what a stride does not reach", () => {
    const X = variable(filled(1, 1, 6, 6), "X");
    const Y = named("Y", conv2d(X, variable(filled(1, 1, 3, 3), "K"), { stride: 2 }));
    const { kind, text } = solvedBy(weighed(Y), ["dL/dY", "dL/dX"]);
    assert.equal(kind, "correct");
    assert.match(text, /pad\(pad\(conv2d\(spread\(∂L\/∂Y, 2\), flip\(K\), padding=2\), 2, 0, 1\), 3, 0, 1\)/);
  });

  it("are worked out for pooling", () => {
    for (const pool of [maxPool2d, avgPool2d]) {
      const P = named("P", pool(variable(filled(2, 3, 6, 6), "X"), { size: 3 }));
      const { kind, text } = solvedBy(weighed(P), ["P", "dL/dP", "dL/dX"]);
      assert.equal(kind, "correct", text);
      assert.match(text, /repeat\(∂L\/∂P, 3\)/);
    }
  });

  it("are worked out for equal ones in a window, as zeros are after a ReLU", () => {
    const H = named("H", relu(variable(filled(1, 2, 6, 6), "X")));
    const P = named("P", maxPool2d(H, { size: 2 }));
    const L = weighed(P);
    const { kind, text } = solvedBy(L, ["dL/dP", "dL/dH"]);
    assert.equal(kind, "correct", text);
    const session = new CheckpointSession();
    session.checkpoint("one", L, { ask: ["dL/dP", "dL/dH"], at: "anywhere" });
    const { entries } = session.answer("one", { "dL/dH": "[H = repeat(P, 2)] * repeat(dL/dP, 2)" });
    const wrong = entries.find(({ key }) => key === "dL/dH");
    assert.deepEqual(wrong?.kind === "incorrect" && wrong.because.map(({ rule }) => rule), ["ties-to-all"]);
  });

  const answered = (key: string, answer: string): string => {
    const Y = named("Y", conv2d(variable(filled(1, 1, 4, 4), "X"), variable(filled(1, 1, 2, 2), "K")));
    const session = new CheckpointSession();
    session.checkpoint("one", weighed(Y), { at: "anywhere" });
    const [entry] = session.answer("one", { [key]: answer }).entries.filter(({ kind }) => kind !== "missing");
    if (entry?.kind === "incorrect") return entry.because.map(({ sentence }) => sentence).join(" ");
    return entry?.kind === "unreadable" ? entry.message : String(entry?.kind);
  };

  it("say how they are written where they are written wrongly", () => {
    assert.match(answered("dL/dX", "Y ∗ K"), /A convolution is written conv2d\(Y, K\)\./);
    assert.match(answered("dL/dK", "conv2d(X)"), /conv2d is written like this: conv2d\(X, K\)/);
    assert.match(answered("dL/dK", "sum(X, padding=1)"), /sum is written like this/);
    assert.match(answered("dL/dK", "conv2d(X, R, padding=9)"), /∂L\/∂K has the shape of K, 1×1×2×2; yours is/);
    assert.match(answered("dL/dK", "conv2d(X, sum(R, axis=0))"), /takes images \[N, C, H, W\]/);
    assert.match(answered("dL/dK", "conv2d(K, R)"), /a window of 3 does not fit into 2/);
    assert.match(answered("dL/dX", "repeat(R)"), /repeat takes a tensor and a number/);
    assert.match(answered("dL/dX", "flip(R, 7)"), /the axes of 1×1×3×3 go from 0 to 3/);
    assert.match(answered("dL/dX", "repeat(R, 1000)"), /far more numbers than the graph itself/);
  });
});
