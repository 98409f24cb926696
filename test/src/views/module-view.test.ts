import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { formatNumber } from "../../../src/graph/number-text.ts";
import {
  add,
  backward,
  bindName,
  type Figure,
  graphOf,
  inModule,
  mean,
  mul,
  nn,
  type Quantity,
  Random,
  show,
  square,
  tanh,
  type Value,
  variable,
} from "../../../src/index.ts";
import { callsOf } from "../../../src/views/calls.ts";
import { type Contraction, contract } from "../../../src/views/contraction.ts";
import { mostPlaced, placedBy } from "../../../src/views/layout.ts";
import {
  blockLoss,
  imagesLoss,
  moonsLoss,
  type NetworkRecipe,
  network,
  scalarsLoss,
  sequenceLoss,
} from "../../support/networks.ts";

interface Box {
  readonly x1: number;
  readonly x2: number;
  readonly y1: number;
  readonly y2: number;
}

interface Rows {
  readonly boxes: readonly (Box & { readonly id: number; readonly ty: string })[];
  readonly frames: readonly (Box & { readonly t: string })[];
  readonly titles: readonly { readonly t: string }[];
  readonly lines: readonly { readonly t: string; readonly c: string }[];
  readonly chips: readonly (Box & { readonly c: string; readonly t: string })[];
  readonly wires: readonly { readonly d: string; readonly w: number }[];
  readonly loops: readonly { readonly t: string }[];
  readonly notes: readonly { readonly t: string }[];
}

const rowsOf = (figure: Figure): Rows => figure.specification["datasets"] as Rows;
const titlesOf = (figure: Figure): readonly string[] => rowsOf(figure).titles.map((title) => title.t);
const linesOf = (figure: Figure, tone: string): readonly string[] =>
  rowsOf(figure)
    .lines.filter((line) => line.c === tone)
    .map((line) => line.t);

const recipes: fc.Arbitrary<NetworkRecipe> = fc.record({
  operations: fc.array(fc.record({ kind: fc.nat(2), first: fc.nat(1000), second: fc.nat(1000), nest: fc.nat(4) }), {
    minLength: 1,
    maxLength: 26,
  }),
});
const picks = fc.array(fc.boolean(), { minLength: 30, maxLength: 30 });

function overlaps(a: Box, b: Box): boolean {
  return a.x1 < b.x2 && b.x1 < a.x2 && a.y1 < b.y2 && b.y1 < a.y2;
}

function contractionOf(value: Value, pick: readonly boolean[], grouped: boolean): Contraction {
  const graph = graphOf(value);
  const calls = callsOf(graph);
  const open = new Set(
    calls.all
      .filter((_, index) => pick[index % pick.length])
      .flatMap((call) => {
        const around = [];
        for (let at: typeof call | undefined = call; at !== undefined; at = at.parent) around.push(at);
        return around;
      }),
  );
  return contract(graph, calls, open, grouped);
}

/** The length of the numbers at some nodes, as one vector. */
function norm(value: Value, of: readonly Value[]): string {
  const gradients = backward(value);
  const squares = of.flatMap((each) => [...gradients.of(each).data].map((number) => number * number));
  return formatNumber(Math.sqrt(squares.reduce((sum, each) => sum + each, 0)));
}

describe("contraction", () => {
  it("puts every node into one unit, and wires between units where the graph has them", () => {
    fc.assert(
      fc.property(recipes, picks, fc.boolean(), (recipe, pick, grouped) => {
        const value = network(recipe);
        const graph = graphOf(value);
        const { units, signals, kept, unitOf } = contractionOf(value, pick, grouped);
        const placed = [...units.flatMap((unit) => unit.nodes), ...[...kept.values()].flat()];
        assert.deepEqual(
          placed.sort((a, b) => a - b),
          graph.nodes.map((node) => node.index),
        );
        for (const unit of units) for (const node of unit.nodes) assert.equal(unitOf[node], unit.key);
        const crossing = new Set(
          graph.edges
            .filter(({ from, to }) => unitOf[from]! >= 0 && unitOf[from] !== unitOf[to])
            .map(({ from, to }) => `${from} ${unitOf[to]}`),
        );
        const drawn = signals.flatMap(({ to, values }) => values.map((from) => `${from} ${to}`));
        assert.deepEqual(drawn.sort(), [...crossing].sort());
      }),
    );
  });

  it("never lets a layer stand between two parts of one unit", () => {
    fc.assert(
      fc.property(recipes, picks, (recipe, pick) => {
        const { units, signals } = contractionOf(network(recipe), pick, false);
        const last = units.map((unit) => unit.nodes.at(-1)!);
        for (const { from, to } of signals) assert.ok(last[from]! < last[to]!);
      }),
    );
  });
});

describe("show, by layers", () => {
  for (const [name, options] of [
    ["mlp", { expand: [] }],
    ["mlp-open", { expand: ["layers.2"] }],
  ] as const) {
    it(`draws ${name} as it was last looked at`, () => {
      const file = new URL(`../../../../test/src/views/snapshots/${name}.json`, import.meta.url);
      const text = `${JSON.stringify(show(moonsLoss(), options).specification).replaceAll("},{", "},\n{")}\n`;
      if (process.env["UPDATE_SNAPSHOTS"] === "1") writeFileSync(file, text);
      assert.equal(text, readFileSync(file, "utf8"));
    });
  }

  it("covers no box by another, nor by a chip, and keeps what is in a frame inside it", () => {
    fc.assert(
      fc.property(recipes, picks, fc.constantFrom("right" as const, "down" as const), (recipe, pick, direction) => {
        const value = network(recipe);
        const names = callsOf(graphOf(value)).all.filter((_, index) => pick[index % pick.length]);
        const figure = show(value, { expand: names.map((call) => call.path), direction });
        const { boxes, frames, chips } = rowsOf(figure);
        for (const [index, box] of boxes.entries()) {
          for (const other of boxes.slice(index + 1)) assert.ok(!overlaps(box, other), JSON.stringify([box, other]));
          for (const chip of chips) assert.ok(!overlaps(box, chip), JSON.stringify([box, chip]));
          for (const frame of frames) {
            const inside = box.x1 > frame.x1 && box.x2 < frame.x2 && box.y1 > frame.y1 && box.y2 < frame.y2;
            assert.ok(inside || !overlaps(box, frame), JSON.stringify([box, frame]));
          }
        }
        for (const [index, chip] of chips.entries()) {
          for (const other of chips.slice(index + 1)) assert.ok(!overlaps(chip, other), JSON.stringify([chip, other]));
        }
      }),
      { numRuns: 40 },
    );
  });

  it("tells an MLP as its layers, with the numbers of the passes that were run", () => {
    const loss = moonsLoss();
    const figure = show(loss, { expand: [] });
    assert.deepEqual(titlesOf(figure).slice(0, 6), ["inputs  200×2", "Linear", "tanh", "Linear", "tanh", "Linear"]);
    assert.equal(titlesOf(figure).at(-1), `loss = ${formatNumber(loss.item())}`);
    assert.deepEqual(linesOf(figure, "muted"), ["layers.0", "layers.2", "layers.4"]);
    assert.deepEqual(linesOf(figure, "operation"), ["2 operations", "2 operations", "2 operations"]);
    assert.deepEqual(linesOf(figure, "parameter"), ["48 parameters", "272 parameters", "34 parameters"]);
    assert.deepEqual(linesOf(figure, "value"), ["→ 200×16", "→ 200×16", "→ 200×2"]);
    const variables = graphOf(loss).nodes.filter((node) => node.kind === "variable");
    const pairs = [0, 2, 4].map((at) => variables.slice(at, at + 2).map((node) => node.value));
    assert.deepEqual(
      linesOf(figure, "gradient"),
      pairs.map((pair) => `‖∇θ‖ ${norm(loss, pair)}`),
    );
    const activation = graphOf(loss).nodes.find((node) => node.primitive?.name === "tanh")!.value;
    assert.ok(rowsOf(figure).chips.some((chip) => chip.t === `‖∇‖ ${norm(loss, [activation])}`));
    assert.match(figure.words, /^Computational graph of loss by layers: 21 values, 13 operations\n/);
    assert.match(
      figure.words,
      /Linear sequential\.layers\.2: 2 operations \(@, \+\), 272 parameters, .*from tanh \(200×16; gradient ‖∇‖/,
    );
  });

  it("draws wires the wider, the more numbers pass", () => {
    const { wires } = rowsOf(show(moonsLoss(), { expand: [] }));
    const widths = [...new Set(wires.map((wire) => wire.w))];
    const expected = [400, 3200, 200, 1].map((size) => Math.round((1.5 + 0.45 * Math.log2(size)) * 10) / 10);
    assert.deepEqual(widths.sort(), expected.sort());
  });

  it("opens a layer: its parameters by their names, its operations one by one, in a frame", () => {
    const figure = show(moonsLoss(), { expand: ["layers.2"] });
    assert.deepEqual(
      rowsOf(figure).frames.map((frame) => frame.t),
      ["Linear  layers.2"],
    );
    for (const title of ["weight  16×16", "@", "bias  [16]", "+"]) assert.ok(titlesOf(figure).includes(title), title);
    assert.deepEqual(linesOf(figure, "muted"), ["layers.0", "layers.4"]);
  });

  it("says of the card under the pointer what opens it", () => {
    const figure = show(moonsLoss(), { expand: [] });
    const notes = (figure.specification["datasets"] as { notes: { id: number; t: string }[] }).notes;
    for (const name of ["layers.0", "layers.2", "layers.4"]) {
      const told = notes.filter(({ id, t }) => id >= 0 && t.includes(`show(loss, { expand: ["${name}"] }) opens it`));
      assert.equal(told.length, 1, name);
    }
  });

  it("says which layers there are where a name is unknown", () => {
    assert.throws(
      () => show(moonsLoss(), { expand: ["layers.7"] }),
      new RangeError("show: there is no layer layers.7 to expand; there are sequential, layers.0, layers.2, layers.4."),
    );
    assert.throws(() => show(variable(1, "x"), { expand: ["a"] }), /no layer a to expand: no layer made any/);
  });

  it("draws convolutions, pools, and attention by their classes", () => {
    const images = show(imagesLoss(), { expand: [] });
    assert.deepEqual(
      titlesOf(images).filter((title) => /^[A-Z]\w+$/.test(title)),
      ["Conv2d", "ReLU", "MaxPool2d", "Conv2d", "ReLU", "MaxPool2d", "Linear"],
    );
    assert.deepEqual(linesOf(images, "muted"), ["conv1", "pool", "conv2", "pool 2", "head"]);
    const block = blockLoss();
    assert.deepEqual(linesOf(show(block), "muted"), ["norm1", "attention", "norm2", "up", "down"]);
    const open = show(block, { expand: ["attention"] });
    assert.deepEqual(linesOf(open, "muted"), ["norm1", "query", "key", "value", "output", "norm2", "up", "down"]);
  });

  it("draws a recurrence folded, or step by step with the state's wires", () => {
    const loss = sequenceLoss(4);
    const folded = show(loss);
    assert.deepEqual(
      rowsOf(folded).loops.map((loop) => loop.t),
      ["× 4 steps"],
    );
    assert.ok(titlesOf(folded).includes("LSTM"));
    assert.deepEqual(linesOf(folded, "parameter"), ["416 parameters", "18 parameters"]);
    for (const unrolled of [show(loss, { unroll: true }), show(loss, { expand: ["lstm"] })]) {
      const steps = titlesOf(unrolled).filter((title) => title.startsWith("step"));
      assert.deepEqual(steps, ["step 1", "step 2", "step 3", "step 4"]);
      assert.match(rowsOf(unrolled).frames[0]!.t, /^LSTM {2}· {2}416 parameters, shared {2}· {2}‖∇θ‖ /);
      // The hidden state and the cell's, from each step to the next.
      for (const step of [2, 3, 4]) {
        const line = unrolled.words.split("\n").find((each) => each.includes(`step ${step} `))!;
        assert.equal(line.match(new RegExp(`lstm\\.step${step - 1} \\(5×8`, "g"))?.length, 2);
      }
    }
    const second = titlesOf(show(loss, { expand: ["lstm.step2"] }));
    assert.ok(second.includes("gates") && second.includes("tanh") && !second.includes("σ"));
    const gates = show(loss, { expand: ["lstm.gates"] });
    assert.equal(titlesOf(gates).filter((title) => title === "σ").length, 3);
    assert.ok(titlesOf(gates).includes("step 3") && !titlesOf(gates).includes("step 4"));
    assert.equal(show(loss, { expand: ["lstm.step4.gates"] }).words, gates.words);
  });

  it("leaves names of parameters as they are", () => {
    const lstm = new nn.LSTM(3, 8);
    assert.deepEqual(
      lstm.namedParameters().map(([path]) => path),
      ["inputWeight", "hiddenWeight", "inputBias", "hiddenBias"],
    );
  });

  it("contracts a thousand single numbers to their layers, and opens one into its neurons", () => {
    const loss = scalarsLoss();
    const figure = show(loss);
    assert.deepEqual(linesOf(figure, "parameter"), ["48 parameters", "272 parameters", "17 parameters"]);
    assert.ok(rowsOf(figure).chips.some((chip) => chip.t === "16 numbers"));
    assert.equal(titlesOf(show(loss, { expand: ["layers.1"] })).filter((title) => title === "Neuron").length, 16);
    assert.ok(JSON.stringify(figure.specification).length < 25_000);
  });

  it("draws a wire back where a layer reads what was made outside from its own results", () => {
    const x = variable(0.7, "x");
    const z = inModule({}, "looking", () => {
      const y = tanh(square(x));
      return mul(y, backward(y, { graph: true }).of(x));
    });
    bindName(z, "z");
    const calls = callsOf(graphOf(z));
    assert.deepEqual(
      calls.all.map((call) => call.path),
      ["looking"],
    );
    const { signals } = contract(graphOf(z), calls, new Set(), false);
    // Units are in the order of their last nodes, and the layer's is the output.
    assert.ok(signals.some(({ from, to }) => from > to));
    const { boxes, wires } = rowsOf(show(z, { expand: [] }));
    assert.equal(wires.length, signals.length + 1);
    for (const [index, box] of boxes.entries()) {
      for (const other of boxes.slice(index + 1)) assert.ok(!overlaps(box, other));
    }
  });

  it("shows what is hidden as ?, and nothing made from it", () => {
    const hiddenGradient = ({ kind, node }: Quantity): boolean => kind === "gradient" && node === 3;
    const loss = moonsLoss();
    const figure = show(loss, { expand: [], hidden: hiddenGradient });
    const first = graphOf(loss).nodes[3]!;
    assert.ok(!JSON.stringify(figure.bundle()).includes(norm(loss, [first.value])));
    assert.ok(linesOf(figure, "gradient").includes("‖∇θ‖ ?"));
    const hiddenValue = ({ kind, node }: Quantity): boolean => kind === "value" && node === 0;
    const both = [0.4, 0.9].map((number) => {
      const x = variable(number, "x");
      const z = inModule({}, "half", () => add(tanh(x), x));
      bindName(z, "z");
      return JSON.stringify(show(z, { expand: [], hidden: hiddenValue }).bundle());
    });
    assert.equal(both[0], both[1]);
  });

  it("says why there are no gradients", () => {
    const random = new Random(1);
    const y = new nn.Linear(2, 3, { random }).forward(variable([[1, 2]], "x"));
    bindName(y, "y");
    assert.match(show(y, { expand: [] }).words, /y is 1×3: gradients are drawn for the graph of a single number/);
  });
});

describe("large graphs", () => {
  const chain = (count: number): Value => {
    let value = variable(0.5, "x");
    for (let i = 0; i < count; i++) value = tanh(value);
    return value;
  };
  const hub = (count: number): Value => {
    const x = variable(0.5, "x");
    let sum = tanh(x);
    for (let i = 0; i < count; i++) sum = add(sum, x);
    return sum;
  };

  it("are counted by operation and layer, with their shapes", () => {
    assert.match(
      String(show(chain(100_000))),
      /more than 20000 values.*\n(.*\n)*by operation\n {2}.*: \d+ \(scalars\)/,
    );
    const deep = new nn.Sequential(...Array.from({ length: 400 }, () => new nn.Linear(2, 2)));
    const loss = mean(deep.forward(variable([[1, 2]])));
    const words = String(show(loss));
    assert.match(words, /^Even by layers, 402 boxes and 401 wires would have to be drawn, too many to read\./);
    assert.match(words, /by layer\n {2}Linear: 800 \(1×2\)/);
  });

  it("of some fifty values are drawn with each value and gradient", () => {
    const z = chain(50);
    bindName(z, "z");
    const gradients = backward(z);
    const { chips } = rowsOf(show(z));
    const { nodes } = graphOf(z);
    for (const { value } of nodes.slice(0, -1)) {
      assert.ok(chips.some((chip) => chip.c === "v" && chip.t === formatNumber(value.item())));
      assert.ok(chips.some((chip) => chip.c === "g" && chip.t === formatNumber(gradients.of(value).item())));
    }
    assert.match(show(z).words, /^Computational graph of z: 51 values, 50 operations\n/);
  });

  it("are not given to dagre where it would have to place much", () => {
    const counted = (value: Value): number => {
      const { nodes, edges } = graphOf(value);
      return placedBy(
        nodes.map((node) => ({ key: String(node.index) })),
        edges.map(({ from, to }) => ({ from: String(from), to: String(to) })),
      );
    };
    // A chain of n places n boxes and n bends; a hub's n-th user is n ranks away from it.
    assert.equal(counted(chain(100)), 101 + 100);
    assert.ok(counted(hub(100)) > 100 ** 2);
    assert.ok(counted(hub(40)) > mostPlaced);
    const { nodes, wires } = show(hub(400)).specification["datasets"] as { nodes: unknown[]; wires: unknown[] };
    assert.deepEqual([nodes.length, wires.length], [402, 801]);
    assert.match(String(show(hub(3000))), /This graph has 3002 values, too many to draw/);
  });

  it("as dots light the paths from the one under the pointer", () => {
    const { wires } = show(chain(60)).specification["datasets"] as { wires: { a: number[] }[] };
    const from = wires.map(({ a }) =>
      a.reduce((sum, word) => sum + word.toString(2).replaceAll(/[^1]/g, "").length, 0),
    );
    assert.deepEqual(
      from,
      wires.map((_, index) => index + 1),
    );
  });

  it("of a long recurrence stay one card, and say so where they are unrolled", () => {
    const loss = sequenceLoss(60);
    assert.deepEqual(
      rowsOf(show(loss)).loops.map((loop) => loop.t),
      ["× 60 steps"],
    );
    assert.match(String(show(loss, { unroll: true })), /^With these layers open, \d+ boxes and \d+ wires/);
  });
});
