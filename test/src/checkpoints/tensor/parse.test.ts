import assert from "node:assert/strict";
import fc from "fast-check";
import { AnswerSyntaxError, deepestAnswer, longestAnswer } from "../../../../src/checkpoints/parse.ts";
import { AnswerShapeError, parseTensorAnswer, type Scope } from "../../../../src/checkpoints/tensor/parse.ts";
import { evaluateTerm, type Source, type TensorTerm, termText } from "../../../../src/checkpoints/tensor/term.ts";
import { shapeText } from "../../../../src/graph/shape.ts";
import { constant, type Value } from "../../../../src/graph/value.ts";
import { assertClose } from "../../../support/close.ts";

const shapes: Readonly<Record<string, readonly number[]>> = {
  X: [4, 3],
  W: [3, 2],
  S: [3, 3],
  R: [3, 3],
  Y: [4, 2],
  b: [2],
  x: [3],
  n: [],
};

const nodes = Object.keys(shapes);

/** The gradients are by Y, 4×2, and by Y1, 3×2. */
function shapeOf(source: Source): readonly number[] {
  if (source.kind === "gradient") return source.node === 1 ? [3, 2] : [4, 2];
  return shapes[nodes[source.node]!]!;
}

const scope: Scope = {
  names: new Map(nodes.map((name, node) => [name, { kind: "value", node }])),
  derivatives: [
    { top: "L", bottom: "Y", meaning: { source: { kind: "gradient", output: 9, node: 4 } } },
    { top: "L", bottom: "Y1", meaning: { source: { kind: "gradient", output: 9, node: 1 } } },
    { top: "L", bottom: "W", meaning: { refused: "∂L/∂W is what is asked here." } },
  ],
  shapeOf,
  wanted: [3, 2],
  largest: 20_000,
  work: 500_000,
};

/** Numbers of a shape that follow from where they are. */
function numbersFor(source: Source): Value {
  const shape = shapeOf(source);
  const size = shape.reduce((total, length) => total * length, 1);
  const data = Float64Array.from({ length: size }, (_, i) => Math.sin(1 + i + 3 * source.node));
  return constant({ data, shape });
}

const read = (text: string): TensorTerm => parseTensorAnswer(text, scope).formula;
const numbers = (text: string): ArrayLike<number> => evaluateTerm(read(text), numbersFor).data;

describe("the grammar of answers about tensors", () => {
  const written: readonly (readonly [string, string, string])[] = [
    ["X^T @ dL/dY", "Xᵀ @ ∂L/∂Y", "3×2"],
    ["Xᵀ@∂L/∂Y", "Xᵀ @ ∂L/∂Y", "3×2"],
    ["X' @ d L / d Y", "Xᵀ @ ∂L/∂Y", "3×2"],
    ["X.T @ dL/dY", "Xᵀ @ ∂L/∂Y", "3×2"],
    ["X^{T} @ dL/dY", "Xᵀ @ ∂L/∂Y", "3×2"],
    ["transpose(X) @ dL/dY", "Xᵀ @ ∂L/∂Y", "3×2"],
    ["matmul(X^T, dL/dY)", "Xᵀ @ ∂L/∂Y", "3×2"],
    ["transpose(X, 1, 0)", "transpose(X, 1, 0)", "3×4"],
    ["slice(X, 0, 1, 3)", "slice(X, 0, 1, 3)", "2×3"],
    ["pad(X, 1, 0, 2)", "pad(X, 1, 0, 2)", "4×5"],
    ["(X @ W)^T", "(X @ W)ᵀ", "2×4"],
    ["dL/dY1", "∂L/∂Y1", "3×2"],
    ["dL/dY'", "(∂L/∂Y)ᵀ", "2×4"],
    ["X · W", "X @ W", "4×2"],
    ["X W", "X @ W", "4×2"],
    ["2 X W", "2 · X @ W", "4×2"],
    ["Y · dL/dY", "Y ⊙ ∂L/∂Y", "4×2"],
    ["Y * dL/dY", "Y ⊙ ∂L/∂Y", "4×2"],
    ["Y ⊙ dL/dY", "Y ⊙ ∂L/∂Y", "4×2"],
    ["Y ∘ dL/dY", "Y ⊙ ∂L/∂Y", "4×2"],
    ["S^2", "S²", "3×3"],
    ["S²", "S²", "3×3"],
    ["Xᵀ²", "(Xᵀ)²", "3×4"],
    ["sum(Y, 0)", "sum(Y, axis=0)", "[2]"],
    ["sum(Y, axis=-1)", "sum(Y, axis=-1)", "[4]"],
    ["sum(Y, axis=0, keepdims=True)", "sum(Y, axis=0, keepdims=true)", "1×2"],
    ["sum(Y)", "sum(Y)", "a scalar"],
    ["mean(Y, axis=[0, 1])", "mean(Y, axis=[0, 1])", "a scalar"],
    ["outer(x, b)", "outer(x, b)", "3×2"],
    ["diag(x) @ S", "diag(x) @ S", "3×3"],
    ["diag(S)", "diag(S)", "[3]"],
    ["[Y > 0] * Y", "[Y > 0] ⊙ Y", "4×2"],
    ["relu(Y)", "ReLU(Y)", "4×2"],
    ["max(Y, 0)", "max(Y, 0)", "4×2"],
    ["max(Y, axis=1)", "max(Y, axis=1)", "[4]"],
    ["softmax(Y)", "softmax(Y)", "4×2"],
    ["log_softmax(Y, axis=0)", "logSoftmax(Y, axis=0)", "4×2"],
    ["[[1, 2], [3, 4]]", "[[1, 2], [3, 4]]", "2×2"],
    ["[1/2, -1]", "[0.5, −1]", "[2]"],
    ["onehot([1, 0, 1], 3)", "onehot([1, 0, 1], 3)", "3×3"],
    ["rows(X, [1, 1])", "rows(X, [1, 1])", "2×3"],
    ["ones(Y)/8", "ones(Y)/8", "4×2"],
    ["reshape(Y, 2, -1)", "reshape(Y, 2, -1)", "2×4"],
    ["X @ (S * R)", "X @ (S ⊙ R)", "4×3"],
    ["1 - S", "1 − S", "3×3"],
  ];
  for (const [text, understood, shape] of written) {
    it(`reads ${text}`, () => {
      const term = read(text);
      assert.equal(termText(term), understood);
      assert.equal(shapeText(term.shape), shape);
      assert.equal(shapeText(evaluateTerm(term, numbersFor).shape), shape);
    });
  }

  it("reads back what it writes", () => {
    for (const [text] of written) assertClose(numbers(termText(read(text))), numbers(text), 1e-3, text);
  });

  const refused: readonly (readonly [string, number, RegExp])[] = [
    ["S · R", 2, /Which product is meant\? Write S @ R for the matrix product, S \* R/],
    ["S R", 2, /Which product is meant/],
    ["1/2X", 3, /Which is meant: \(…\/2\) · X/],
    ["dL/dW", 0, /what is asked here/],
    ["dL/dQ", 0, /derivative's symbol/],
    ["sum_rows(Y)", 0, /sum\(G, axis=0\) adds up the rows/],
    ["np.sum(Y)", 0, /Leave “np.” away/],
    ["XT @ Y", 0, /write Xᵀ or X\^T/],
    ["Q + X", 0, /Names you can use: X, W, S, R, Y, b, x, n\. Functions: sum, mean, transpose/],
    ["sum Y", 0, /in parentheses: sum\(G, axis=0\)/],
    ["diag()", 5, /closes nothing, or something is missing/],
    ["outer(x)", 0, /outer is written like this: outer\(d, a\)/],
    ["[[1, 2], [3]]", 0, /equally long/],
    ["[X, 1]", 0, /numbers only/],
    ["X @", 3, /ends too early/],
    ["@ X", 0, /Something is missing before “@”/],
    ["X^T^T^", 6, /ends too early/],
    ["sum(Y, axis=0", 3, /never closed/],
  ];
  for (const [text, position, message] of refused) {
    it(`refuses ${text} at ${position}`, () => {
      assert.throws(
        () => read(text),
        (error) => {
          assert.ok(error instanceof AnswerSyntaxError && !(error instanceof AnswerShapeError), String(error));
          assert.match(error.message, message);
          assert.equal(error.position, position);
          return true;
        },
      );
    });
  }

  const clashing: readonly (readonly [string, string, string])[] = [
    ["X @ dL/dY", "transpose-missing", "X is 4×3 and ∂L/∂Y is 4×2: X @ ∂L/∂Y would need 3 = 4. Did you mean Xᵀ?"],
    // Of several repairs, the one that leads to the shape that is asked for.
    [
      "dL/dY @ X^T",
      "operands-exchanged",
      "∂L/∂Y is 4×2 and Xᵀ is 3×4: ∂L/∂Y @ Xᵀ would need 2 = 3. The other way round they fit: the order of a matrix product matters.",
    ],
    [
      "W @ X",
      "operands-exchanged",
      "W is 3×2 and X is 4×3: W @ X would need 2 = 4. The other way round they fit: the order of a matrix product matters.",
    ],
    ["x @ b", "shapes-clash", "x is [3] and b is [2]: x @ b would need 3 = 2. Did you mean outer(x, b)?"],
    [
      "X + Y",
      "shapes-clash",
      "X is 4×3 and Y is 4×2: number by number, sizes must be equal or 1, counted from the last axis.",
    ],
    ["n @ X", "shapes-clash", "n is a scalar and X is 4×3: @ takes no scalar. Write * to scale."],
    ["outer(X, b)", "shapes-clash", "outer: outer takes two vectors."],
    ["sum(Y, axis=5)", "shapes-clash", "sum: axis 5 does not exist; the value has 2 axes."],
  ];
  for (const [text, rule, message] of clashing) {
    it(`says where shapes clash in ${text}`, () => {
      assert.throws(
        () => read(text),
        (error) => {
          assert.ok(error instanceof AnswerShapeError);
          assert.deepEqual([error.rule, error.message], [rule, message]);
          return true;
        },
      );
    });
  }

  it("holds its limits", () => {
    assert.throws(() => read("X".padEnd(longestAnswer + 1, "+X")), /characters long/);
    assert.throws(() => read(`${"(".repeat(deepestAnswer + 1)}X`), /nested more than/);
    const growing = Array.from({ length: 12 }, (_, i) => `reshape(X, ${["12", ..."1".repeat(i)].join(", ")})`).join(
      "*",
    );
    assert.throws(() => read(growing), /far more numbers than the graph/);
  });

  it("crashes at nothing and ends in time", () => {
    const pieces = fc.constantFrom(
      ..."X W S R Y b x n dL/dY ∂L/∂W d L / ( ) [ ] , @ * ⊙ · + - ^T ᵀ ' .T ^ ² 2 0.5 = > < ≥ axis=0 keepdims=1".split(
        " ",
      ),
      ..."sum( mean( max( outer( diag( softmax( relu( onehot( rows( reshape( transpose( ones( matmul( exp(".split(" "),
      " ",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(pieces, { maxLength: 40 }).map((list) => list.join("")),
          fc.string(),
        ),
        (text) => {
          const start = performance.now();
          try {
            const term = read(text);
            evaluateTerm(term, numbersFor);
            termText(term);
          } catch (error) {
            assert.ok(error instanceof AnswerSyntaxError, `${text}: ${(error as Error).stack}`);
            assert.ok(error.position >= 0 && error.position <= text.length);
          }
          assert.ok(performance.now() - start < 1000, text);
        },
      ),
      { numRuns: 3000 },
    );
  });
});
