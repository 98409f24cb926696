import assert from "node:assert/strict";
import fc from "fast-check";
import { localFormula, operationFormula, replay } from "../../../src/graph/graph.ts";
import { formatNumber } from "../../../src/graph/number-text.ts";
import {
  add,
  backward,
  bindName,
  constant,
  graphOf,
  matmul,
  mul,
  pow,
  reshape,
  sigmoid,
  toLatex,
  toText,
  transpose,
  type Value,
  variable,
} from "../../../src/index.ts";

describe("Value", () => {
  it("keeps nested data and gives it back", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        fc.double({ noNaN: true }),
        (m, n, x) => {
          const rows = Array.from({ length: m }, (_, i) => Array.from({ length: n }, (_y, j) => x + i * n + j));
          assert.deepEqual(variable(rows).toArray(), rows);
          assert.deepEqual(transpose(transpose(variable(rows))).toArray(), rows);
        },
      ),
    );
  });

  it("says which row is too long", () => {
    assert.throws(() => variable([[1, 2], [3]]), /Rows must have equal lengths.*2×2.*a row of 1/s);
  });

  it("takes float32 only from a Float32Array", () => {
    assert.equal(variable([1, 2]).dtype, "float64");
    const x = variable(new Float32Array([1, 2]));
    assert.equal(x.dtype, "float32");
    assert.equal(mul(x, 3).dtype, "float32", "a bare number takes the precision beside it");
    assert.equal(add(x, variable(1)).dtype, "float64");
  });

  it("suggests a transpose where inner sizes differ", () => {
    const w = variable(
      [
        [1, 2, 3, 4],
        [1, 2, 3, 4],
        [1, 2, 3, 4],
      ],
      "W",
    );
    assert.throws(
      () => matmul(w, variable([1, 2, 3], "x")),
      /matmul: inner sizes differ: W is 3×4, x is \[3\].*Did you mean matmul\(transpose\(W\), x\)\?/,
    );
  });

  it("names both shapes where they do not broadcast", () => {
    assert.throws(() => add(variable([1, 2, 3], "u"), variable([1, 2], "v")), /u is \[3\], v is \[2\].*3 meets 2/);
    assert.throws(() => reshape(variable([1, 2, 3], "u"), [2, 2]), /u has 3 elements/);
  });

  it("says what to write where a plain operator meets it", () => {
    const loss = variable(2, "loss");
    assert.throws(() => Number(loss), /loss is a Value: write loss\.item\(\)/);
    assert.equal(`loss ${loss}`, "loss 2");
  });

  it("is left alone by bindName once it has a name", () => {
    const x = variable(1);
    bindName(x, "x");
    bindName(x, "other");
    bindName({ name: "not a Value" }, "x");
    assert.equal(x.name, "x");
  });

  it("has the operators of cells", () => {
    const x = variable(6);
    const y = constant(2);
    assert.equal(x[Symbol.operatorPlus](x, y).item(), 8);
    assert.equal(x[Symbol.operatorMinus](x, 2).item(), 4);
    assert.equal(x[Symbol.operatorSlash](x, y).item(), 3);
    assert.equal(x[Symbol.operatorStarStar](x, 2).item(), 36);
    assert.equal(x[Symbol.operatorPreMinus](x).item(), -6);
    assert.equal(x[Symbol.operatorPlus]("loss " as never, x) as unknown, Symbol.deferOperation);
  });
});

describe("graphOf", () => {
  it("lists the running example in tape order and names what has no name", () => {
    const [x, y, w] = [variable(2, "x"), variable(3, "y"), variable(4, "w")];
    const z = mul(add(x, y), w);
    bindName(z, "z");
    const graph = graphOf(z);
    assert.deepEqual(
      graph.nodes.map((node) => [node.name, node.kind, node.inputs]),
      [
        ["x", "variable", []],
        ["y", "variable", []],
        ["w", "variable", []],
        ["a", "operation", [0, 1]],
        ["z", "operation", [3, 2]],
      ],
    );
    const [, , , a, last] = graph.nodes;
    assert.equal(toText(operationFormula(graph, a!)), "x + y");
    assert.equal(toText(operationFormula(graph, last!)), "a · w");
    assert.deepEqual(
      [0, 1].map((position) => toText(localFormula(graph, last!, position)!)),
      ["w", "a"],
    );
    assert.deepEqual([...replay(graph, new Map([[0, 10]]))], [10, 3, 4, 13, 52]);
  });

  it("gives every node another name", () => {
    const x = variable(1, "x");
    const names = graphOf(add(mul(x, 2), mul(variable(3, "x"), 2))).nodes.map((node) => node.name);
    assert.equal(new Set(names).size, names.length);
  });

  it("follows a value across segments of the tape", () => {
    const x = variable(2, "x");
    const y = mul(x, x);
    backward(y);
    const z = mul(y, x);
    assert.deepEqual(graphOf(z).nodes.length, 3);
    assert.equal(backward(z).of(x).item(), 12);
  });
});

describe("formulas", () => {
  const x = variable(3, "x");
  const local = (f: (x: Value) => Value): string => {
    const z = f(x);
    const graph = graphOf(z);
    return toText(localFormula(graph, graph.nodes.find((node) => node.value.id === z.id)!, 0)!);
  };

  it("are derivative rules run on symbols", () => {
    assert.equal(
      local((v) => sigmoid(v)),
      "a · (1 − a)",
    );
    assert.equal(
      local((v) => pow(v, 2)),
      "2 · x",
    );
    assert.equal(
      local((v) => pow(v, 3)),
      "3 · x²",
    );
    assert.equal(
      local((v) => v.tanh()),
      "1 − a²",
    );
    assert.equal(
      local((v) => v.div(4)),
      "0.25",
    );
    assert.equal(
      local((v) => v.relu()),
      "[x > 0]",
    );
    assert.equal(
      local((v) => v.cos()),
      "−sin(x)",
    );
    assert.equal(
      local((v) => v.sqrt()),
      "1/(2 · a)",
    );
  });

  it("keep the parentheses that mean something", () => {
    const [a, b] = [variable(1, "a"), variable(2, "b")];
    const z = a.sub(b.sub(x)).div(a.mul(b)).pow(2);
    const graph = graphOf(z);
    const formulas = graph.nodes
      .filter((node) => node.kind === "operation")
      .map((node) => operationFormula(graph, node));
    assert.deepEqual(formulas.map(toText), ["b − x", "a − c", "a · b", "d/f", "g²"]);
    assert.equal(toLatex(formulas[3]!), "\\frac{d}{f}");
  });
});

describe("formatNumber", () => {
  it("keeps whole numbers, three digits of others, and a real minus", () => {
    const shown = [0, -2, 1000, 0.731058, -1.5, 1e-7, 1234567, 0.1 + 0.2, Number.NaN, -Infinity].map(formatNumber);
    assert.deepEqual(shown, ["0", "−2", "1000", "0.731", "−1.5", "1e−7", "1.23e6", "0.3", "NaN", "−∞"]);
  });
});
