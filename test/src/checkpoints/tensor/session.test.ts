import assert from "node:assert/strict";
import fc from "fast-check";
import { keyOf } from "../../../../src/checkpoints/asks.ts";
import { exampleText } from "../../../../src/checkpoints/example-text.ts";
import type { Entry } from "../../../../src/checkpoints/outcome.ts";
import { longestAnswer } from "../../../../src/checkpoints/parse.ts";
import type { Outcome } from "../../../../src/checkpoints/results.ts";
import { CheckpointSession } from "../../../../src/checkpoints/session.ts";
import { tensorAsks } from "../../../../src/checkpoints/tensor/exercise.ts";
import { parseTensorAnswer } from "../../../../src/checkpoints/tensor/parse.ts";
import { TensorReference } from "../../../../src/checkpoints/tensor/reference.ts";
import { termText } from "../../../../src/checkpoints/tensor/term.ts";
import { graphOf } from "../../../../src/graph/graph.ts";
import { backward, constant, matmul, mul, relu, sum, type Value, variable } from "../../../../src/index.ts";
import { assertClose } from "../../../support/close.ts";
import { large, layers, named } from "./layers.ts";
import { choices, identities, rearranged } from "./rearranged.ts";

const hook = Symbol.for("Jupyter.display");

function bundles(shown: unknown): readonly Readonly<Record<string, unknown>>[] {
  return (shown as Record<symbol, () => Readonly<Record<string, unknown>>[]>)[hook]!();
}

function textOf(shown: unknown): string {
  return String(bundles(shown)[0]!["text/plain"]);
}

function sessionOn(layer: string): CheckpointSession {
  const session = new CheckpointSession();
  session.checkpoint("layer", layers[layer]!());
  return session;
}

function entryOf(outcome: Outcome, key: string): Entry {
  return outcome.entries.find((entry) => entry.key === key)!;
}

/** The rules that a wrong answer is explained by. */
function rulesFor(layer: string, key: string, answer: string): readonly string[] {
  const entry = entryOf(sessionOn(layer).answer("layer", { [key]: answer }), key);
  assert.equal(entry.kind, "incorrect", `${key} = ${answer}: ${JSON.stringify(entry)}`);
  return entry.kind === "incorrect" ? entry.because.map(({ rule }) => rule) : [];
}

describe("a checkpoint of tensors", () => {
  it("asks for the gradient of each named node and of the leaves, from the output on", () => {
    const session = new CheckpointSession();
    const prompt = session.checkpoint("layer", layers["two layers with ReLU"]!());
    assert.deepEqual(prompt.open, ["dL/dY", "dL/dH", "dL/dZ", "dL/dV", "dL/dc", "dL/dW", "dL/db"]);
    assert.match(textOf(prompt), /gradients found before by theirs, such as dL\/dY. @ is the matrix product/);
  });

  it("takes a layer's backward pass as one writes it", () => {
    const session = sessionOn("two layers with ReLU");
    const outcome = session.answer("layer", {
      "dL/dY": "2/10 * (Y - T)",
      "dL/dH": "dL/dY @ W^T",
      "dL/dZ": "dL/dH * [Z > 0]",
      "dL/dV": "X^T @ dL/dZ",
      "dL/dc": "sum(dL/dZ, axis=0)",
      "dL/dW": "(dL/dY^T @ H)^T",
      "∂L/∂b": "sum(∂L/∂Y, 0)",
    });
    assert.equal(outcome.kind, "correct", textOf(outcome));
    assert.deepEqual(Object.keys(session.record.checkpoints["layer"]!.last!.answers).length, 7);
  });

  for (const layer of Object.keys(layers)) {
    it(`accepts its own worked answers about ${layer}`, () => {
      const session = sessionOn(layer);
      const { answers } = session.solution("layer");
      const typed = Object.fromEntries(answers.map(({ key, formula }) => [key, formula]));
      const outcome = session.answer("layer", typed);
      assert.equal(outcome.kind, "correct", textOf(outcome));
    });
  }

  it("works out attention with several heads, except where an answer would be too long", () => {
    const session = new CheckpointSession();
    session.checkpoint("layer", large["attention with two heads"]!());
    const { answers } = session.solution("layer");
    const typed = answers.filter(({ formula }) => formula.length <= longestAnswer);
    const outcome = session.answer("layer", Object.fromEntries(typed.map(({ key, formula }) => [key, formula])));
    assert.ok(outcome.right >= 8, textOf(outcome));
  });

  it("accepts right answers in every form, rearranged by identities", () => {
    const met = new Set<string>();
    const cases = Object.keys(layers).flatMap((layer) => {
      const value = layers[layer]!();
      const graph = graphOf(value);
      const asks = tensorAsks(graph);
      const reference = new TensorReference(graph, asks, {}, "layer", "");
      const session = new CheckpointSession();
      session.checkpoint("layer", value);
      const { answers } = session.solution("layer");
      return answers.map(({ key, formula }) => {
        const ask = asks.find((one) => keyOf(graph, one) === key)!;
        return { session, key, term: parseTensorAnswer(formula, reference.scopeOf(ask)).formula };
      });
    });
    fc.assert(
      fc.property(fc.nat(cases.length - 1), choices, (index, chosen) => {
        const { session, key, term } = cases[index]!;
        const { term: other, used } = rearranged(term, chosen);
        const text = termText(other);
        fc.pre(text.length <= longestAnswer);
        const entry = entryOf(session.answer("layer", { [key]: text }), key);
        assert.equal(entry.kind, "correct", `${key} = ${text}: ${JSON.stringify(entry)}`);
        for (const name of used) met.add(name);
      }),
      { numRuns: 1000 },
    );
    assert.ok(met.size >= 0.7 * Object.keys(identities).length, [...met].join(", "));
  });

  const mistakes: readonly (readonly [layer: string, key: string, answer: string, rule: string])[] = [
    ["a square linear layer", "dL/dX", "dL/dY @ W", "transpose-missing"],
    ["a linear layer", "dL/dX", "dL/dY @ W", "transpose-missing"],
    ["a quadratic form", "dL/dx", "2 A @ x", "transpose-missing"],
    ["a linear layer", "dL/dX", "W^T @ dL/dY", "operands-exchanged"],
    ["a matrix used twice", "dL/dA", "2 dL/dB @ A^T", "operands-exchanged"],
    ["a linear layer", "dL/dW", "dL/dY^T @ X", "result-transposed"],
    ["a matrix and a vector", "dL/dW", "outer(x, dL/dy)", "result-transposed"],
    ["a linear layer", "dL/dX", "dL/dY * W^T", "elementwise-for-matmul"],
    ["attention scores", "dL/dQ", "dL/dS * K", "elementwise-for-matmul"],
    ["a linear layer", "dL/db", "dL/dY", "not-summed"],
    ["scaled columns", "dL/ds", "dL/dY * X", "not-summed"],
    ["a layer times a number", "dL/ds", "dL/dY * B", "not-summed"],
    ["a linear layer", "dL/db", "sum(dL/dY, axis=1)", "wrong-axis"],
    ["a linear layer", "dL/db", "sum(dL/dY, 0, keepdims=true)", "axis-kept"],
    ["a linear layer", "dL/db", "mean(dL/dY, axis=0)", "mean-for-sum"],
    ["a linear layer", "dL/dW", "X^T @ dL/dY / 4", "batch-factor-extra"],
    ["a linear layer under a mean square", "dL/dD", "2 D", "mean-factor-missing"],
    ["a linear layer under a mean square", "dL/dD", "2 D/64", "mean-factor-twice"],
    ["a linear layer under a mean square", "dL/dD", "D/8", "power-factor-lost"],
    ["a linear layer under a mean square", "dL/dD", "-D/4", "sign"],
    ["softmax and cross-entropy", "dL/dZ", "softmax(Z)/4", "targets-missing"],
    ["softmax and cross-entropy", "dL/dZ", "softmax(Z)", "targets-missing"],
    ["softmax and cross-entropy", "dL/dZ", "(Y - softmax(Z))/4", "negation-sign"],
    ["softmax and cross-entropy", "dL/dZ", "softmax(Z) - Y", "mean-factor-missing"],
    ["softmax and cross-entropy", "dL/dZ", "(softmax(softmax(Z)) - Y)/4", "softmax-twice"],
    ["softmax and cross-entropy", "dL/dZ", "(softmax(Z, axis=0) - Y)/4", "softmax-axis"],
    ["softmax and cross-entropy", "dL/dZ", "(Z - Y)/4", "logits-for-probabilities"],
    ["cross-entropy of probabilities", "dL/dZ", "dL/dP * P * (1 - P)", "softmax-diagonal"],
    ["cross-entropy of probabilities", "dL/dZ", "(P - Y) * P * (1 - P)/4", "softmax-derivative-extra"],
    ["cross-entropy of probabilities", "dL/dP", "Y/P/4", "negation-sign"],
    ["cross-entropy of probabilities", "dL/dP", "-Y * P/4", "logarithm-not-inverted"],
    ["batch norm", "dL/dX", "dL/dN/s", "statistics-paths-missing"],
    ["batch norm", "dL/dX", "dL/dC", "mean-path-missing"],
    ["batch norm", "dL/dC", "dL/dN/s", "deviation-path-missing"],
    ["two layers with ReLU", "dL/dZ", "dL/dH * [dL/dH > 0]", "gate-by-gradient"],
    ["two layers with ReLU", "dL/dZ", "dL/dH", "relu-gate-lost"],
    ["two layers with tanh", "dL/dZ", "dL/dH * (1 - Z^2)", "tanh-of-preactivation"],
    ["two layers with tanh", "dL/dZ", "1 - H^2", "upstream-ignored"],
    ["a recurrent network over three steps", "dL/dW", "h2^T @ (dL/dh3 * (1 - h3^2))", "last-step-only"],
    [
      "a recurrent network over three steps",
      "dL/dW",
      "h3^T @ (dL/dh3 * (1 - h3^2)) + h2^T @ (dL/dh2 * (1 - h2^2)) + h1^T @ (dL/dh1 * (1 - h1^2))",
      "step-off-by-one",
    ],
    ["a linear recurrence", "dL/dw", "(dL/dh3 * h2 + dL/dh2 * h1 + dL/dh1 * h0)/3", "steps-averaged"],
    [
      "an embedding with a repeated row",
      "dL/dW",
      "[[0, 0, 0], [0, 0, 1], [0, 0, 0], [0, 1, 0]] @ dL/dE",
      "rows-overwritten",
    ],
    ["the largest of each row", "dL/dx", "[x = reshape(m, 2, 1)] * reshape(dL/dm, 2, 1)", "ties-to-all"],
    ["the largest of each row", "dL/dx", "[[0, -1.9, -1.9], [-0.4, -0.4, 0]]", "ties-to-all"],
    ["dropout", "dL/dH", "dL/dD * [mask > 0]", "dropout-scale-missing"],
    ["a residual block", "dL/dX", "dL/dY", "path-missing"],
    ["a gate", "dL/dZ", "dL/dG * Z * (1 - Z)", "sigmoid-of-preactivation"],
    ["attention", "dL/dS", "dL/dP * P * (1 - P)", "softmax-diagonal"],
    ["attention", "dL/dQ", "dL/dS @ K", "local-missing"],
    ["batch norm", "dL/dg", "sum(dL/dY, 0)", "other-variable"],
    ["a gate", "dL/dX", "G", "upstream-ignored"],
  ];
  for (const [layer, key, answer, rule] of mistakes) {
    it(`explains ${key} = ${answer} of ${layer} by ${rule}`, () => {
      const [first, second] = rulesFor(layer, key, answer);
      assert.equal(first === "shape" ? second : first, rule);
    });
  }

  it("says the shape first, then why", () => {
    const session = sessionOn("a linear layer");
    assert.match(
      textOf(session.answer("layer", { "dL/dW": "dL/dY^T @ X" })),
      /✗ ∂L\/∂W = \(∂L\/∂Y\)ᵀ @ X\n {4}∂L\/∂W has the shape of W, 3×2; yours is 2×3\.\n {4}This is the transpose of what is right/,
    );
    assert.match(
      textOf(session.answer("layer", { "dL/dW": "2" })),
      /∂L\/∂W has the shape of W, 3×2; yours is a scalar\. One number everywhere is written 2 \* ones\(W\)\./,
    );
  });

  it("points at the operation whose shapes do not fit, as at a mistake", () => {
    const outcome = sessionOn("a linear layer").answer("layer", { "dL/dW": "2 X @ dL/dY" });
    assert.match(
      textOf(outcome),
      /✗ ∂L\/∂W\n {4}2 X @ dL\/dY\n {8}\^\n {4}2 · X is 4×3 and ∂L\/∂Y is 4×2: \(2 · X\) @ ∂L\/∂Y would need 3 = 4\. Did you mean \(2 · X\)ᵀ\?/,
    );
    assert.equal(outcome.kind, "incorrect");
  });

  it("shows a point where a wrong answer differs, with what differences find there", () => {
    const entry = entryOf(sessionOn("a gate").answer("layer", { "dL/dX": "dL/dY" }), "dL/dX");
    assert.ok(entry.kind === "incorrect" && entry.example !== undefined);
    const { at, computed, difference } = entry.example;
    assert.deepEqual(Object.keys(at), ["Z", "X"]);
    const flat = (numbers: unknown): readonly number[] => [numbers].flat(3) as number[];
    assertClose(flat(difference), flat(computed), 1e-6);
  });

  it("tells small examples whole, and of many numbers the one that differs most", () => {
    const small = { at: { x: [1, -2] }, yours: [3, 1], computed: [2, 1], difference: [2, 1] };
    assert.equal(
      exampleText(small),
      "At x = [1, −2] yours gives [3, 1]; computed: [2, 1] (by finite differences: [2, 1]).",
    );
    const matrix = (entry: number): number[][] => [
      [1, 2, 3],
      [4, 5, entry],
      [7, 8, 9],
    ];
    const many = { at: { X: matrix(6), W: matrix(6) }, yours: matrix(-6), computed: matrix(6) };
    assert.equal(exampleText(many), "With other numbers in X, W yours gives −6 in row 2, column 3; computed: 6.");
  });

  it("says that an answer follows from an earlier wrong one", () => {
    const outcome = sessionOn("two layers with ReLU").answer("layer", {
      "dL/dY": "2 (Y - T)",
      "dL/dW": "H^T @ (2 (Y - T))",
      "dL/dH": "dL/dY @ W^T",
    });
    const from = entryOf(outcome, "dL/dW");
    assert.deepEqual(from.kind === "follows" && from.from, ["dL/dY"]);
    // A step from a gradient that is named is right, and waits for it.
    const named = entryOf(outcome, "dL/dH");
    assert.ok(named.kind === "follows" && named.stands);
    assert.deepEqual(named.from, ["dL/dY"]);
  });

  it("uses only gradients that come before on the way back, and says why not the others", () => {
    const session = sessionOn("two layers with ReLU");
    const messageFor = (key: string, answer: string): string => {
      const entry = entryOf(session.answer("layer", { [key]: answer }), key);
      return entry.kind === "unreadable" ? entry.message : entry.kind;
    };
    assert.match(messageFor("dL/dY", "dL/dH"), /∂L\/∂H comes after ∂L\/∂Y on the way back/);
    assert.match(messageFor("dL/dY", "dL/dY"), /what is asked here/);
    assert.match(messageFor("dL/dH", "dL/dL"), /∂L\/∂L is 1/);
    assert.match(messageFor("dL/dV", "dL/da"), /∂L\/∂a is not asked in this checkpoint/);
  });

  it("counts numbers at the graph's own values, rounded ones too, unless they are asked for anywhere", () => {
    const make = (): Value => named("L", sum(mul(variable([1, 2, 3], "x"), constant([0.5, 1 / 3, 2], "r"))));
    const session = new CheckpointSession();
    session.checkpoint("numbers", make());
    const rounded = entryOf(session.answer("numbers", { "dL/dx": "[0.50, 0.33, 2]" }), "dL/dx");
    assert.ok(rounded.kind === "correct" && rounded.rounded);
    const wrong = entryOf(session.answer("numbers", { "dL/dx": "[1, 2, 3]" }), "dL/dx");
    assert.ok(wrong.kind === "incorrect" && wrong.example === undefined);
    assert.equal(wrong.because[0]!.rule, "own-factor");
    const y = variable([1, 2], "y");
    session.checkpoint("anywhere", named("M", sum(mul(y, y))), { at: "anywhere" });
    assert.equal(entryOf(session.answer("anywhere", { "dM/dy": "[2, 4]" }), "dM/dy").kind, "incorrect");
  });

  it("asks for values and for derivatives number by number where the author does", () => {
    const X = variable([[1, -2]], "X");
    const Z = named(
      "Z",
      matmul(
        X,
        variable(
          [
            [1, 2],
            [3, 4],
          ],
          "W",
        ),
      ),
    );
    const H = named("H", relu(Z));
    const session = new CheckpointSession();
    session.checkpoint("steps", named("L", sum(H)), { ask: ["Z", "dH/dZ", "dL/dH", "dL/dX"] });
    const outcome = session.answer("steps", {
      Z: "X @ W",
      "dH/dZ": "[Z > 0]",
      "dL/dH": "ones(H)",
      "dL/dX": "(dL/dH * [Z > 0]) @ W^T",
    });
    assert.equal(outcome.kind, "correct", textOf(outcome));
  });

  it("says what is wrong with an author's checkpoint", () => {
    const session = new CheckpointSession();
    const X = variable([[1, 2]], "X");
    const Y = named(
      "Y",
      matmul(
        X,
        variable(
          [
            [1, 2],
            [3, 4],
          ],
          "W",
        ),
      ),
    );
    assert.throws(
      () => session.checkpoint("y", Y),
      /Y is 1×2, so each of its numbers moves with each of X\. Ask how a scalar/,
    );
    const L = named("L", sum(Y));
    assert.throws(() => session.checkpoint("l", L, { ask: ["dY/dX"] }), /cannot ask for “dY\/dX”/);
    assert.throws(() => session.checkpoint("l", L, { at: { X: 1 } }), /“at” gives numbers to scalars/);
  });

  it("gives hints from the shape to the rule to its form, and never the answer", () => {
    const session = sessionOn("a linear layer");
    const hints = [1, 2, 3].map(() => session.hint("layer", "dL/dW").text);
    assert.match(hints[0]!, /∂L\/∂W has the shape of W, 3×2\./);
    assert.match(hints[1]!, /W goes into a = X @ W\. A matrix product passes back/);
    assert.match(hints[2]!, /to A goes G @ Bᵀ, to B goes Aᵀ @ G/);
    for (const layer of Object.keys(layers)) {
      const all = sessionOn(layer);
      for (const { key, formula } of all.solution("layer").answers) {
        for (let level = 0; level < 3; level++) {
          const { text } = all.hint("layer", key);
          assert.ok(formula.length < 6 || !text.includes(formula), `${layer} ${key}: ${text}`);
        }
      }
    }
  });

  it("has an answer to every text", () => {
    const pieces = fc.constantFrom(
      ..."X W Z b dL/dZ dL/dW ( ) [ ] , @ * · + - / ^T ᵀ ^ 2 0 > = 1e9 axis=0 sum( mean( softmax( log( outer( ones( max(".split(
        " ",
      ),
    );
    const session = sessionOn("softmax and cross-entropy");
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (list) => {
        const outcome = session.answer("layer", { "dL/dW": list.join("") });
        assert.match(textOf(outcome), /^Checkpoint layer/);
      }),
      { numRuns: 400 },
    );
  });

  it("hides what is asked in figures, and marks where the first mistake is", () => {
    const session = sessionOn("a linear layer");
    const figure = (outcome: Outcome): string => String(bundles(outcome).at(-1)!["text/plain"]);
    const wrong = figure(session.answer("layer", { "dL/dY": "R", "dL/db": "mean(dL/dY, axis=0)" }));
    assert.match(wrong, /∂L\/∂b \(\[2\]\) = \?/);
    assert.match(wrong, /Checkpoint ∂L\/∂b: a mean in place of a sum/);
    assert.doesNotMatch(figure(session.answer("layer", { "dL/db": "sum(dL/dY, axis=0)" })), /∂L\/∂b \(\[2\]\) = \?/);
  });

  it("lets through what is right in float32, too", () => {
    const X = variable({ data: new Float32Array([0.1, 0.2, 0.3, 0.4]), shape: [2, 2] }, "X");
    const W = variable({ data: new Float32Array([1, 2, 3, 4]), shape: [2, 2] }, "W");
    const session = new CheckpointSession();
    session.checkpoint("float32", named("L", sum(named("Y", matmul(X, W)))));
    const outcome = session.answer("float32", { "dL/dY": "ones(Y)", "dL/dX": "dL/dY @ W^T", "dL/dW": "X^T @ dL/dY" });
    assert.equal(outcome.kind, "correct", textOf(outcome));
  });

  it("answers within half a second, with the reasons of what is wrong", () => {
    const X = constant({ data: Float64Array.from({ length: 64 * 32 }, (_, i) => Math.sin(i)), shape: [64, 32] }, "X");
    const W = variable({ data: Float64Array.from({ length: 32 * 16 }, (_, i) => Math.cos(i)), shape: [32, 16] }, "W");
    const H = named("H", relu(named("Z", matmul(X, W))));
    const L = named("L", sum(mul(H, H)));
    assert.ok(backward(L).of(W).shape.length === 2);
    // The quickest of a few: others may be at work on the machine.
    const times = [1, 2, 3].map((round) => {
      const session = new CheckpointSession(String(round));
      session.checkpoint("large", L);
      const start = performance.now();
      session.answer("large", { "dL/dH": "H", "dL/dZ": "dL/dH * [dL/dH > 0] + 1", "dL/dW": "X^T @ dL/dZ / 64" });
      return performance.now() - start;
    });
    assert.ok(Math.min(...times) < 500, times.join(", "));
  });
});
