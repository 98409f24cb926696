import assert from "node:assert/strict";
import fc from "fast-check";
import { exerciseOf } from "../../../src/checkpoints/exercise.ts";
import type { Lint } from "../../../src/checkpoints/lint.ts";
import { scalarLint } from "../../../src/checkpoints/scalar-lint.ts";
import { CheckpointSession } from "../../../src/checkpoints/session.ts";
import { graphOf } from "../../../src/graph/graph.ts";
import { mul, relu } from "../../../src/graph/primitives.ts";
import { bindName, type Value, variable } from "../../../src/graph/value.ts";
import { randomGraphs } from "./random-graph.ts";

type Options = Parameters<typeof exerciseOf>[2];
const lintOf = (value: Value, options: Options = {}): Lint => {
  const exercise = exerciseOf("made", value, options, "");
  assert.ok(exercise.of === "scalars");
  return scalarLint(exercise);
};
const rulesOf = (mistakes: Lint["alike"]): readonly string[] =>
  mistakes.map(({ rule, place }) => `${rule} at ${place}`);

const scalarNumbers = ({ numbers }: Lint): Readonly<Record<string, number>> | undefined =>
  numbers as Readonly<Record<string, number>> | undefined; // of a graph of scalars

function named(value: Value, name: string): Value {
  bindName(value, name);
  return value;
}

function seed(x: number, y: number, w: number): Value {
  const a = named(variable(x, "x").add(variable(y, "y")), "a");
  return named(a.mul(variable(w, "w")), "z");
}

function squaredGate(): Value {
  const b = named(mul(variable(2, "x"), variable(3, "y")), "b");
  const a = named(relu(b), "a");
  return named(a.mul(a), "z");
}

describe("the lint of checkpoints", () => {
  it("finds nothing hidden where every step is asked in letters", () => {
    const { mistakes, invisible, alike, confusable, numbers } = lintOf(seed(2, 3, 4), { at: "anywhere" });
    assert.ok(mistakes > 20);
    assert.deepEqual([invisible, alike, confusable, numbers], [[], [], [], undefined]);
  });

  it("finds that ones hide mistakes, and numbers that do not", () => {
    const found = lintOf(seed(1, 1, 1));
    assert.ok(rulesOf(found.alike).includes("local-missing at ∂z/∂a"));
    assert.ok(rulesOf(found.alike).includes("upstream-ignored at ∂a/∂x"));
    const { x, y, w } = found.numbers as { x: number; y: number; w: number };
    assert.equal(new Set([x, y, w].map(Math.abs)).size, 3);
    const better = lintOf(seed(x, y, w));
    assert.deepEqual([better.alike, better.confusableNumbers, better.numbers], [[], [], undefined]);
  });

  it("finds that a square hides the gate before it, and what would show it", () => {
    const { invisible } = lintOf(squaredGate(), { ask: ["dz/dx"], at: "anywhere" });
    assert.deepEqual(
      invisible.filter(({ rule }) => rule === "relu-gate-lost").map(({ place, remedy }) => [place, remedy]),
      [["∂a/∂b", "ask for da/db"]],
    );
    const { invisible: shown } = lintOf(squaredGate(), { ask: ["dz/dx", "da/db"], at: "anywhere" });
    assert.deepEqual(shown, []);
  });

  it("names mistakes that one leaf alone cannot tell apart, and every node can", () => {
    const classes = (options: Options): readonly (readonly string[])[] =>
      lintOf(seed(2, 3, 4), options).confusable.map(rulesOf);
    assert.deepEqual(classes({ ask: ["dz/dx"], at: "anywhere" }), [
      ["upstream-ignored at ∂a/∂x", "local-missing at ∂z/∂a"],
    ]);
    assert.deepEqual(classes({ ask: ["dz/dx", "dz/da"], at: "anywhere" }), []);
  });

  it("keeps suggested numbers in the author's range", () => {
    const numbers = scalarNumbers(lintOf(seed(1, 1, 1), { domain: { x: [0.5, 0.9], w: [7, 40] } }));
    assert.ok(numbers !== undefined);
    assert.ok(numbers["x"]! >= 0.5 && numbers["x"]! <= 0.9 && numbers["w"]! >= 7 && numbers["w"]! <= 40);
  });

  it("keeps what letters hide apart from what numbers hide, and suggests no worse numbers", () => {
    fc.assert(
      fc.property(randomGraphs(5), fc.nat(), (value, pick) => {
        const graph = graphOf(value);
        const variables = graph.nodes.filter((node) => node.kind === "variable" && node.needsGradient);
        const ask = [`d${graph.nodes[graph.outputs[0]!]!.name}/d${variables[pick % variables.length]!.name}`];
        let found: Lint;
        try {
          found = lintOf(value, { ask });
        } catch (error) {
          // Some graphs have too few points that tell anything.
          return fc.pre(!(error instanceof Error && /usable|not computed/.test(error.message)));
        }
        const hidden = new Set(rulesOf(found.invisible));
        assert.ok(!rulesOf(found.alike).some((label) => hidden.has(label)));
        if (found.numbers === undefined) return;
        const moved = lintOf(value, { ask, at: scalarNumbers(found)! });
        assert.ok(moved.alike.length <= found.alike.length);
      }),
      { numRuns: 30 },
    );
  });

  it("goes through all checkpoints of a session", () => {
    const session = new CheckpointSession();
    session.checkpoint("one", seed(2, 3, 4));
    session.checkpoint("two", squaredGate());
    assert.deepEqual(
      session.lint().map(({ checkpoint }) => checkpoint),
      ["one", "two"],
    );
  });
});
