import assert from "node:assert/strict";
import fc from "fast-check";
import { formatNumber } from "../../../src/graph/number-text.ts";
import { primitives } from "../../../src/graph/tape.ts";
import {
  add,
  backward,
  bindName,
  checkpoint,
  exp,
  type Figure,
  grad,
  graphOf,
  jvp,
  lessonSession,
  mul,
  pow,
  type Quantity,
  show,
  show as showInLesson,
  tanh,
  type Value,
  variable,
} from "../../../src/index.ts";
import { modelOf } from "../../../src/views/reading.ts";
import { mapColour, mapLayers, mapOf, mapSize } from "../../../src/views/tensor-map.ts";
import { build, buildTensors, recipes, runningExample, tensorRecipes, twoPaths } from "../../support/graphs.ts";

const runs = { numRuns: 40 };

interface Rows {
  readonly chips: readonly { c: string; t: string; k: number }[];
  readonly maps: readonly { d: string; f: string }[];
  readonly cells: readonly { t: string }[];
  readonly boxes: readonly { id: number; ty: string }[];
  readonly labels: readonly { t: string; n: string }[];
  readonly tableRows?: readonly { f: number; b: number }[];
  readonly tableCells?: readonly { t: string; k: number }[];
  readonly circles: readonly { t: string; x1: number; x2: number; z: number }[];
}

const rowsOf = (figure: Figure): Rows => figure.specification["datasets"] as Rows;

function named(name: string, value: Value): Value {
  bindName(value, name);
  return value;
}

function matrix(rows: number, columns: number, numberAt: (index: number) => number): Value {
  const data = Float64Array.from({ length: rows * columns }, (_, index) => numberAt(index));
  return variable({ data, shape: [rows, columns] });
}

describe("maps of tensors", () => {
  it("have a cell for each number up to 8×8, and thin out what is larger", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 }), (rows, columns) => {
        const map = mapOf(matrix(rows, columns, Math.sin))!;
        assert.deepEqual([map.rows, map.columns], [Math.min(8, rows), Math.min(8, columns)]);
        const cells = mapLayers(map, mapSize(map, false)).slice(1);
        const drawn = cells.reduce((sum, { d }) => sum + d.split("M").length - 1, 0);
        assert.equal(drawn, map.rows * map.columns);
      }),
      runs,
    );
  });

  it("show the largest at full strength, 0 as white, and what is no number as such", () => {
    const map = mapOf(matrix(1, 5, (index) => [4, -4, 0, Number.NaN, 0.001][index]!))!;
    const [top, bottom, zero, none, little] = map.shares.map(mapColour);
    assert.equal(zero, "#ffffff");
    assert.equal(new Set([top, bottom, zero, none, little]).size, 5);
    assert.equal(map.numbers, undefined);
    assert.deepEqual(mapOf(matrix(2, 3, (index) => index / 2))!.numbers, ["0", "0.5", "1", "1.5", "2", "2.5"]);
    assert.equal(mapOf(variable(2)), undefined);
    assert.equal(mapOf(variable({ data: new Float64Array(8), shape: [2, 2, 2] })), undefined);
  });
});

describe("the rule of a tensor's gradient", () => {
  it("stands in the table for every primitive that is not applied number by number and has a derivative", () => {
    const silent = primitives.filter(
      (primitive) =>
        primitive.family !== "elementwise" &&
        primitive.pullback === undefined &&
        !(primitive.family === "general" && primitive.vjp === null),
    );
    // What stops gradients passes none on.
    assert.deepEqual(
      silent.map(({ name }) => name).filter((name) => name !== "stopGradient"),
      [],
    );
  });

  it("says what broadcasting sums over", () => {
    const X = named("X", matrix(4, 2, Math.sin));
    const chips = (value: Value): readonly string[] =>
      rowsOf(show(value)).chips.flatMap((chip) => (chip.c === "l" ? [chip.t] : []));
    assert.ok(chips(add(X, variable([1, 2], "b")).sum()).includes("sum over rows"));
    assert.ok(chips(mul(X, variable([[1], [2], [3], [4]], "c")).sum()).includes("⊙ X, sum over columns"));
    assert.ok(chips(mul(X, variable(3, "k")).sum()).includes("⊙ X, sum over all"));
    assert.ok(chips(mul(X, variable(3, "k")).sum()).includes("· k"));
  });
});

describe("hiding in figures of tensors", () => {
  const everything = (value: Value, hidden: (quantity: Quantity) => boolean): string => {
    const [X] = graphOf(value).nodes.filter((node) => node.name === "X");
    return JSON.stringify([
      show(value, { hidden, table: true }).bundle(),
      show(value, { hidden, tangents: new Map([[X!.value, 1]]), table: true, direction: "right" }).bundle(),
    ]);
  };

  it("leaves no trace of a hidden tensor: not in maps, numbers, norms, tangents or tables", () => {
    fc.assert(
      fc.property(tensorRecipes(5), fc.double({ min: -2, max: 2, noNaN: true }), (recipe, moved) => {
        const picture = (value: Value): string => {
          const names = graphOf(value).nodes.map((node) => node.name);
          return everything(value, ({ kind, node }) => kind === "value" && names[node] === "X");
        };
        assert.equal(picture(buildTensors(recipe)), picture(buildTensors(recipe, moved)));
      }),
      runs,
    );
  });

  it("draws neither map nor numbers of a hidden gradient", () => {
    const value = buildTensors({ rows: 2, columns: 2, seed: 7, operations: [{ kind: 0, pick: 1 }] });
    const shown = rowsOf(show(value));
    const hidden = rowsOf(show(value, { hidden: ({ kind }) => kind === "gradient" }));
    assert.ok(hidden.maps.length < shown.maps.length);
    assert.ok(hidden.chips.filter((chip) => chip.c === "n").every((chip) => chip.t.endsWith("?")));
  });
});

describe("figures of several outputs", () => {
  const twoOutputs = (): readonly [Value, Value] => {
    const a = named("a", mul(variable(2, "x"), variable(3, "y")));
    return [named("u", exp(a)), named("v", mul(a, a))];
  };

  it("differentiate their sum, and say so", () => {
    const [u, v] = twoOutputs();
    const { words } = show([u, v]);
    assert.match(words, /^Computational graph of u and v\n/);
    const whole = backward(add(u, v));
    const x = graphOf(u).nodes[0]!.value;
    assert.match(words, new RegExp(`∂\\(u \\+ v\\)/∂x = .* = ${formatNumber(whole.of(x).item())}$`, "m"));
    const boxes = rowsOf(show([u, v])).boxes.filter((box) => box.ty === "output");
    assert.equal(boxes.length, 2);
  });

  it("differentiate one of them where asked, and give what does not lead to it no gradient", () => {
    const [u, v] = twoOutputs();
    const { words } = show([u, v], { of: v });
    assert.match(words, /∂v\/∂x = ∂v\/∂a · ∂a\/∂x = 12 · 3 = 36/);
    assert.doesNotMatch(words, /∂u/);
    assert.throws(() => show([u], { of: v }), /`of` must be one of the values/);
    assert.throws(() => show([]), /nothing to draw/);
  });

  it("count an output that another one uses as a path of its own", () => {
    const a = named("a", mul(variable(2, "x"), 5));
    const b = named("b", mul(a, 3));
    const { words } = show([a, b]);
    assert.match(words, /∂\(a \+ b\)\/∂a = 1 \+ ∂\(a \+ b\)\/∂b · ∂b\/∂a = 1 \+ 1 · 3 = 4 \(the paths add up\)/);
    assert.match(words, /∂\(a \+ b\)\/∂x = ∂\(a \+ b\)\/∂a · ∂a\/∂x = 4 · 5 = 20/);
  });

  it("agree with the backward pass of the sum, whatever the graph", () => {
    fc.assert(
      fc.property(recipes(8), (recipe) => {
        const output = build(recipe);
        const middle = graphOf(output).nodes.filter((node) => node.kind === "operation" && node.needsGradient)[0]
          ?.value;
        fc.pre(middle !== undefined && middle.id !== output.id && output.needsGradient);
        fc.pre(graphOf(output).nodes.length <= 25);
        const whole = backward(add(middle, output));
        const model = modelOf(graphOf(middle, output), {});
        for (const node of graphOf(middle, output).nodes) {
          if (!node.needsGradient) continue;
          const number = formatNumber(whole.of(node.value).item());
          assert.ok(model.nodes[node.index]!.flow!.text.endsWith(`= ${number}`), model.nodes[node.index]!.flow!.text);
        }
      }),
      runs,
    );
  });
});

describe("figures of forward mode", () => {
  it("show the tangents that jvp finds, step by step", () => {
    const { words } = show(runningExample(), { tangents: { x: 1, w: -2 } });
    assert.match(words, /ẋ = 1, ẇ = −2/);
    assert.match(words, /ȧ = ẋ = 1\n/);
    assert.match(words, /ż = w · ȧ \+ a · ẇ = 4 · 1 \+ 5 · \(−2\) = −6/);
    const [, tangent] = jvp((x, y, w) => mul(add(x, y), w), [2, 3, 4], [1, 0, -2]);
    assert.equal(tangent.item(), -6);
    assert.doesNotMatch(words, /Backward|∂z\/∂z/);
    assert.match(
      JSON.stringify(show(runningExample(), { tangents: { x: 1 } }).specification),
      /which is ∂z\/∂x, as ẋ = 1/,
    );
  });

  it("end at the gradients' sum along the direction, whatever the graph", () => {
    fc.assert(
      fc.property(recipes(8), fc.integer({ min: -3, max: 3 }), (recipe, direction) => {
        const output = build(recipe);
        fc.pre(output.needsGradient && graphOf(output).nodes.length <= 25);
        const leaf = graphOf(output).nodes.find((node) => node.kind === "variable")!.value;
        const expected = backward(output).of(leaf).item() * direction;
        fc.pre(Number.isFinite(expected));
        const text = modelOf(graphOf(output), { tangents: new Map([[leaf, direction]]) }).nodes.at(-1)!.flow!.text;
        const shown = Number(text.replace(/^.*= /, "").replaceAll("−", "-").replace("∞", "Infinity"));
        assert.ok(Math.abs(shown - expected) <= 0.006 * Math.abs(expected) + 1e-12, `${text}: ${expected}`);
      }),
      runs,
    );
  });

  it("keep hidden what a tangent would tell", () => {
    const z = runningExample();
    const hidden = (quantity: Quantity): boolean => quantity.kind === "gradient" && quantity.node === 0;
    const { words, specification } = show(z, { tangents: { x: 1 }, hidden });
    assert.match(words, /ż = .*\?/);
    assert.doesNotMatch(words, /ż = .*4$/m);
    assert.doesNotMatch(JSON.stringify(specification), /ż = 4/);
  });

  it("say which names there are where one is not, and that constants stand still", () => {
    assert.throws(
      () => show(runningExample(), { tangents: { q: 1 } }),
      /q has a tangent but is not in this graph, whose variables are x, y, w/,
    );
    assert.throws(() => show(mul(variable(1, "x"), 3), { tangents: { "3": 1 } }), /3 is a constant: it has no tangent/);
    assert.throws(
      () => show(runningExample(), { tangents: { x: [1, 2] } }),
      /the tangent of x is \[2\]; x is a scalar/,
    );
  });
});

describe("figures of gradients", () => {
  it("name recorded gradients, and tint what the backward pass made", () => {
    const x = variable(2, "x");
    const y = variable(3, "y");
    const z = named("z", mul(pow(x, 3), y));
    const first = backward(z, { graph: true }).of(x);
    const figure = show(first);
    assert.match(figure.words, /^Computational graph of ∂z\/∂x\n/);
    assert.match(figure.words, /∂z\/∂x = ∂z\/∂a · \p{L} = 3 · 12 = 36/u);
    assert.match(figure.words, /∂\(∂z\/∂x\)\/∂x = .* = 36$/m);
    assert.ok(rowsOf(figure).boxes.some((box) => box.ty === "derivative"));
    // The letter a stands for what ∂z/∂a speaks of, and for nothing else.
    assert.doesNotMatch(figure.words, /^ {2}a = /m);
    assert.match(show(backward(first, { graph: true }).of(y)).words, /^Computational graph of ∂²z\/∂x∂y\n/);
    assert.match(show(backward(first, { graph: true }).of(x)).words, /^Computational graph of ∂²z\/∂x²\n/);
    assert.ok(rowsOf(show(z)).boxes.every((box) => box.ty !== "derivative"));
  });

  it("leave a name that the code gave", () => {
    const x = variable(2, "x");
    const gradient = named("slope", backward(named("z", exp(mul(x, x))), { graph: true }).of(x));
    assert.match(show(gradient).words, /^Computational graph of slope\n/);
  });

  it("draw nested gradients", () => {
    let words = "";
    grad((v) => {
      const inner = grad((u) => mul(u, mul(u, u)))(v);
      words = show(inner).words;
      return inner;
    })(2);
    assert.match(words, / = 12\n/);
  });
});

describe("a figure with its table", () => {
  it("lists each operation with the steps that pass it", () => {
    const { tableRows, tableCells } = rowsOf(show(twoPaths(), { table: true }));
    assert.deepEqual(
      tableRows!.map(({ f, b }) => [f, b]),
      [
        [1, 7],
        [2, 6],
        [3, 5],
      ],
    );
    const texts = tableCells!.map((cell) => cell.t);
    for (const text of ["c = a + b", "Addition", "(a, b)", "c = 3", "∂e/∂c = d = 2,   ∂e/∂d = c = 3"]) {
      assert.ok(texts.includes(text), text);
    }
    // An output's value is not there before its step.
    assert.equal(tableCells!.find((cell) => cell.t === "e = 6")!.k, 3);
  });

  it("says the table in words, too, and hides what is asked", () => {
    const hidden = (quantity: Quantity): boolean => quantity.kind === "value" && quantity.node === 0;
    const { words, specification } = show(twoPaths(), { table: true, hidden });
    assert.match(words, /Decomposition of e\nStep {2}Operation/);
    assert.match(JSON.stringify(specification), /"c = \?"/);
  });
});

describe("operations with long symbols", () => {
  it("have them at 12 px and more, in pills", () => {
    const value = mul(tanh(variable(1, "x")), variable(2, "y").softplus().leakyRelu());
    for (const direction of ["right", "down"] as const) {
      const { circles } = rowsOf(show(value, { direction }));
      assert.ok(circles.every((circle) => circle.z >= 12));
      const wide = circles.find((circle) => circle.t === "softplus")!;
      assert.ok(wide.x2 - wide.x1 > 50);
    }
  });
});

describe("a lesson's figures of several outputs", () => {
  it("keep hidden what a checkpoint asks of one of them", () => {
    const x = variable(1.5, "x");
    const u = named("u", mul(x, variable(2.5, "y")));
    const v = named("v", exp(x));
    checkpoint("of several", u, { ask: ["du/dx"] });
    assert.equal(lessonSession.progress().checkpoints.length > 0, true);
    assert.match(showInLesson([v, u], { of: u }).words, /∂u\/∂x = \?/);
    const recorded = backward(mul(u, u), { graph: true });
    checkpoint("of a square", recorded.output, { ask: ["da/dx"] });
    assert.match(showInLesson(recorded.of(x)).words, /∂a\/∂x = ∂a\/∂u · y = \?/);
    assert.match(showInLesson(u, { tangents: { x: 1 } }).words, /u̇ = .*\?/);
  });
});
