import assert from "node:assert/strict";
import { type CheckpointOptions, exerciseOf } from "../../../../src/checkpoints/exercise.ts";
import type { Lint, PossibleMistake } from "../../../../src/checkpoints/lint.ts";
import { tensorLint } from "../../../../src/checkpoints/tensor/lint.ts";
import {
  add,
  constant,
  matmul,
  mul,
  type NestedNumbers,
  relu,
  square,
  sub,
  sum,
  type Value,
  variable,
} from "../../../../src/index.ts";
import { layers, named } from "./layers.ts";

function lintOf(value: Value, options: CheckpointOptions = {}): Lint {
  const exercise = exerciseOf("made", value, options, "");
  assert.ok(exercise.of === "tensors");
  return tensorLint(exercise);
}

const labels = (mistakes: readonly PossibleMistake[]): readonly string[] =>
  mistakes.map(({ rule, place }) => `${rule} at ${place}`);

const targets = [
  [1, 2],
  [-1, 0.5],
  [0.25, -2],
];

function layer(weights: NestedNumbers, { X, fixed = false }: { readonly X: Value; readonly fixed?: boolean }): Value {
  const W = fixed ? constant(weights, "W") : variable(weights, "W");
  const Y = named("Y", matmul(X, W));
  return named("L", sum(square(Y)));
}

const symmetric = [
  [2, -1],
  [-1, 3],
];

describe("the lint of checkpoints about tensors", () => {
  it("finds nothing hidden in any layer where all of it is asked in letters", () => {
    for (const [name, make] of Object.entries(layers)) {
      const { mistakes, invisible, alike } = lintOf(make(), { at: "anywhere" });
      // Scores and keys of a layer of its own have no names by which to ask for them.
      if (name === "a recurrent layer") continue;
      assert.ok(mistakes >= 15, name);
      assert.deepEqual([labels(invisible), alike], [[], []], name);
    }
  });

  it("says that a symmetric matrix hides a missing transpose in numbers, and gives numbers that do not", () => {
    const found = lintOf(layer(symmetric, { X: variable(targets, "X") }));
    const hidden = found.alike.find(({ rule }) => rule === "transpose-missing");
    assert.deepEqual([hidden?.place, hidden?.hiddenBy], ["∂Y/∂X", "W is symmetric"]);
    const { X, W } = found.numbers!;
    assert.deepEqual(lintOf(layer(W!, { X: variable(X!, "X") })).alike, []);
  });

  it("says the same in letters of a matrix that stays as it is given", () => {
    const found = lintOf(layer(symmetric, { X: variable(targets, "X"), fixed: true }), { at: "anywhere" });
    const hidden = found.invisible.find(({ rule }) => rule === "transpose-missing");
    assert.deepEqual([hidden?.place, hidden?.remedy], ["∂Y/∂X", "give W other numbers"]);
    const other = lintOf(
      layer(
        [
          [2, -1],
          [4, 3],
        ],
        { X: variable(targets, "X"), fixed: true },
      ),
      { at: "anywhere" },
    );
    assert.deepEqual(other.invisible, []);
  });

  it("says that a batch of one hides what is to be summed", () => {
    const batch = (rows: readonly (readonly number[])[]): Value => {
      const Y = named("Y", add(constant(rows, "X"), variable([[3, -1]], "b")));
      return named("L", sum(square(Y)));
    };
    const { invisible } = lintOf(batch([[1, 2]]), { at: "anywhere" });
    assert.ok(labels(invisible).includes("not-summed at ∂Y/∂b"), labels(invisible).join());
    assert.ok(labels(invisible).includes("mean-for-sum at ∂Y/∂b"));
    assert.equal(new Set(invisible.map(({ remedy }) => remedy)).size, 1);
    assert.equal(invisible[0]!.remedy, "give X the shape 3×2");
    assert.deepEqual(lintOf(batch(targets), { at: "anywhere" }).invisible, []);
  });

  it("says that a ReLU that is never off hides its gate", () => {
    const gated = (numbers: readonly number[]): Value => {
      const A = named("A", mul(variable(numbers, "u"), variable([2, 3, 1], "v")));
      return named("L", sum(mul(relu(A), constant([1, 2, -1], "R"))));
    };
    const { alike, numbers } = lintOf(gated([1, 4, 2]));
    const gate = alike.find(({ rule }) => rule === "relu-gate-lost");
    assert.equal(gate?.hiddenBy, "A is positive everywhere");
    assert.ok((numbers!["u"] as readonly number[]).some((number, i) => number * (numbers!["v"] as number[])[i]! < 0));
    assert.deepEqual(lintOf(gated([1, -4, 2])).alike, []);
    const range = { u: [0.5, 2], v: [0.5, 2] } as const;
    const { invisible } = lintOf(gated([1, 4, 2]), { at: "anywhere", domain: range });
    const narrow = invisible.find(({ rule }) => rule === "relu-gate-lost");
    assert.equal(narrow?.remedy, "let the variables lie anywhere, without a domain");
  });

  it("names mistakes that sizes let through, and sizes that would stop them", () => {
    const { shapes } = lintOf(layer(symmetric, { X: variable(targets, "X") }), { at: "anywhere" });
    assert.deepEqual(shapes?.shapes, { W: [2, 4] });
    assert.ok(labels(shapes?.stopped ?? []).includes("transpose-missing at ∂Y/∂X"));
    const wide = variable([[1, 2, 4, 5], [0, 1, 3, 2]], "W"); // biome-ignore format: a matrix
    const Y = named("Y", matmul(variable(targets, "X"), wide));
    assert.equal(lintOf(named("L", sum(square(Y))), { at: "anywhere" }).shapes, undefined);
  });

  it("keeps together sizes that belong together", () => {
    const Y = named("Y", matmul(variable(symmetric, "X"), variable(symmetric, "W")));
    const E = named("E", sub(Y, constant(symmetric, "T")));
    const { shapes } = lintOf(named("L", sum(square(E))), { at: "anywhere" });
    const { X = [2, 2], W = [2, 2], T = [2, 2] } = shapes?.shapes ?? {};
    assert.deepEqual([X[1], T[0], T[1]], [W[0], X[0], W[1]]);
    assert.equal(new Set([X[0], X[1], W[1]]).size, 3);
  });

  it("keeps to what is asked", () => {
    const Y = named("Y", matmul(variable(targets, "X"), variable(symmetric, "W")));
    const L = named("L", sum(square(relu(Y))));
    const { invisible } = lintOf(L, { at: "anywhere", ask: ["dL/dW"] });
    const other = invisible.find(({ place }) => place === "∂Y/∂X");
    assert.equal(other, undefined, "a slip on another way is none on this one");
    // Where it is off, twice the ReLU's output is 0 anyway.
    const squared = lintOf(L, { at: "anywhere", ask: ["dL/dY"] });
    assert.deepEqual(
      squared.invisible.filter(({ rule }) => rule === "relu-gate-lost").map(({ remedy }) => remedy),
      ["ask for da/dY"],
    );
  });
});
