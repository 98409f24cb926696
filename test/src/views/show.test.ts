import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { formatNumber } from "../../../src/graph/number-text.ts";
import {
  add,
  backward,
  bindName,
  constant,
  exp,
  type Figure,
  graphOf,
  logSumExp,
  matmul,
  max,
  mul,
  type Quantity,
  relu,
  show,
  sub,
  sum,
  table,
  tanh,
  type Value,
  variable,
} from "../../../src/index.ts";
import { mapColours, nodeColours, palette } from "../../../src/views/palette.ts";
import { modelOf } from "../../../src/views/reading.ts";
import { mapColour } from "../../../src/views/tensor-map.ts";
import { contrast, distance, visions } from "../../support/colours.ts";
import { figures } from "../../support/figures.ts";
import { build, recipes, runningExample, twoPaths } from "../../support/graphs.ts";

const runs = { numRuns: 40 };

interface Rows {
  readonly boxes: readonly { id: number; x1: number; x2: number; y1: number; y2: number }[];
  readonly circles: readonly { x: number; y: number; t: string; tip: string }[];
  readonly labels: readonly { t: string; n: string }[];
  readonly chips: readonly { c: string; x1: number; x2: number; y: number; t: string }[];
  readonly heads: readonly { k: number; t: string }[];
  readonly words: readonly { k: number; t: readonly string[]; x: readonly number[] }[];
  readonly paths: readonly { id: number; t: string }[];
  readonly wires: readonly { m: string; a: number }[];
  readonly tags: readonly { c: string; t: string; x1: number; x2: number; y: number }[];
}

function rowsOf(figure: Figure): Rows {
  return figure.specification["datasets"] as Rows;
}

/** All that can be read in a figure: its rows' texts, its description and its words. */
function textsOf(figure: Figure): readonly string[] {
  const { circles, labels, chips, heads, words, paths, tags } = rowsOf(figure);
  const texts = [...chips, ...heads, ...paths, ...tags].map((row) => row.t).concat(words.flatMap(({ t }) => t));
  return [
    ...texts,
    ...labels.flatMap((label) => [label.t, label.n]),
    ...circles.map((circle) => circle.tip),
    String(figure.specification["description"]),
    figure.words,
  ];
}

function numbersIn(texts: readonly string[]): ReadonlySet<string> {
  return new Set(texts.flatMap((text) => text.match(/(?<![\p{L}\d₀-₉])−?\d+(\.\d+)?(e−?\d+)?/gu) ?? []));
}

/** Every number that both passes over the graph produce, as text. */
function numbersOf(output: Value): ReadonlySet<string> {
  const graph = graphOf(output);
  const numbers = graph.nodes.map((node) => node.value.item());
  const gradients = backward(output);
  const locals = new Map<string, number>();
  for (const { node, gradient, terms } of gradients.steps) {
    numbers.push(gradient.item());
    for (const { local, contribution, before, after, position } of terms) {
      locals.set(`${node.id} ${position}`, local!.item());
      numbers.push(local!.item(), contribution.item(), after.item(), ...(before === undefined ? [] : [before.item()]));
    }
  }
  const counts: number[] = [];
  const products = graph.nodes.map((): number[] => []);
  products[graph.outputs[0]!] = [1];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.needsGradient) continue;
    for (const user of node.users) {
      const local = locals.get(`${graph.nodes[user.node]!.value.id} ${user.position}`)!;
      products[node.index]!.push(...products[user.node]!.map((product) => product * local));
    }
    counts.push(products[node.index]!.length, Math.max(0, products[node.index]!.length - 3));
    counts.push(...node.users.keys());
    numbers.push(...products[node.index]!);
  }
  // The rules of derivatives speak of 1 and 2 themselves (1 − t²).
  return new Set(
    [...numbers, ...counts, 0, 1, 2].flatMap((x) => [formatNumber(x), formatNumber(Math.abs(x)), formatNumber(-x)]),
  );
}

describe("show", () => {
  for (const [name, value] of [
    ["seed", runningExample],
    ["two-paths", twoPaths],
  ] as const) {
    it(`draws ${name} as it was last looked at`, () => {
      const file = new URL(`../../../../test/src/views/snapshots/${name}.json`, import.meta.url);
      const text = `${JSON.stringify(show(value()).specification).replaceAll("},{", "},\n{")}\n`;
      if (process.env["UPDATE_SNAPSHOTS"] === "1") writeFileSync(file, text);
      assert.equal(text, readFileSync(file, "utf8"));
    });
  }

  it("tells the running example's computation in words", () => {
    assert.equal(
      String(show(runningExample())),
      [
        "Computational graph of z",
        "Given",
        "  x = 2, y = 3, w = 4",
        "Forward",
        "  a = x + y = 2 + 3 = 5",
        "  z = a · w = 5 · 4 = 20",
        "Backward",
        "  ∂z/∂z = 1",
        "  ∂z/∂a = 1 · w = 1 · 4 = 4",
        "  ∂z/∂w = 1 · a = 1 · 5 = 5",
        "  ∂z/∂x = ∂z/∂a · ∂a/∂x = 4 · 1 = 4",
        "  ∂z/∂y = ∂z/∂a · ∂a/∂y = 4 · 1 = 4",
      ].join("\n"),
    );
  });

  it("explains no gradient by its own symbol, whatever the operation at the output is", () => {
    const x = variable(0.7, "x");
    const outputs = [max(x), logSumExp(x), sum(x), mul(add(x, 1), x), add(exp(x), x)];
    for (const z of outputs) {
      bindName(z, "z");
      const rows = show(z).words.split("Backward\n")[1]!.split("\n").slice(1);
      for (const row of rows) assert.equal(row.split("∂z/∂x").length - 1, row.includes("∂z/∂x =") ? 1 : 0, row);
    }
    fc.assert(
      fc.property(recipes(6), (recipe) => {
        for (const { rows } of modelOf(graphOf(build(recipe)), {}).steps) {
          for (const [defined, ...rest] of rows) {
            if (defined?.kind !== "fraction") continue;
            const same = rest.filter((token) => token.kind === "fraction" && token.bottom === defined.bottom);
            // Several gradients stand in one row only where all are told at the end.
            assert.ok(!same.some((token) => token.kind === "fraction" && token.top === defined.top));
          }
        }
      }),
      runs,
    );
  });

  it("adds up where paths meet, and lists the paths of the node under the pointer", () => {
    const figure = show(twoPaths());
    assert.match(figure.words, /∂e\/∂b = ∂e\/∂d · ∂d\/∂b = 3 · 1 = 3 \(so far: one more path to add\)/);
    assert.match(figure.words, /∂e\/∂b = 3 \+ ∂e\/∂c · ∂c\/∂b = 3 \+ 2 · 1 = 5 \(the paths add up\)/);
    assert.deepEqual(
      rowsOf(figure)
        .paths.filter((row) => row.id === 1)
        .map((row) => row.t),
      ["∂e/∂b = 2 + 3 = 5   (sum over 2 paths)", "b → c → e :   1 · 2 = 2", "b → d → e :   1 · 3 = 3"],
    );
  });

  it("says which figure it is to a front end: a v5 specification without a menu, and the words", () => {
    const bundle = show(runningExample()).bundle();
    assert.deepEqual(Object.keys(bundle), ["application/vnd.vegalite.v5+json", "text/plain"]);
    const specification = bundle["application/vnd.vegalite.v5+json"] as Record<string, unknown>;
    assert.equal(specification["$schema"], "https://vega.github.io/schema/vega-lite/v5.json");
    assert.equal(specification["background"], "transparent");
    assert.deepEqual((specification["usermeta"] as Record<string, unknown>)["embedOptions"], {
      actions: false,
      renderer: "svg",
    });
    const hook = Object.getOwnPropertyDescriptor(
      Object.getPrototypeOf(show(runningExample())),
      Symbol.for("Jupyter.display"),
    );
    assert.equal(typeof hook?.value, "function");
  });

  it("keeps specifications of ten values small, also those of a layer with tensors", () => {
    // A neuron: ten values, nine wires.
    const [x1, x2, w1, w2, b] = [1, 2, 3, 4, 5].map((number) => variable(number / 3)) as [
      Value,
      Value,
      Value,
      Value,
      Value,
    ];
    const neuron = tanh(add(add(mul(x1, w1), mul(x2, w2)), b));
    assert.equal(graphOf(neuron).nodes.length, 10);
    for (const { specification } of [show(neuron), figures["tensors"]!()]) {
      assert.ok(JSON.stringify(specification).length <= 30_000);
    }
  });

  it("shows no number but those of the graph that ran", () => {
    fc.assert(
      fc.property(recipes(7), (recipe) => {
        const output = build(recipe);
        fc.pre(output.needsGradient);
        fc.pre(graphOf(output).nodes.every((node) => Number.isFinite(node.value.item())));
        const known = numbersOf(output);
        const foreign = [...numbersIn(textsOf(show(output)))].filter((number) => !known.has(number));
        assert.deepEqual(foreign, []);
      }),
      runs,
    );
  });

  it("writes names with a final number as subscripts, unless two would become one", () => {
    const product = mul(variable(1.5, "w1"), variable(2.5, "w_2"));
    assert.deepEqual(
      rowsOf(show(product)).labels.map((label) => label.n),
      ["w₁", "w₂", "a"],
    );
    const clash = mul(variable(1.5, "w1"), variable(2.5, "w₁"));
    assert.deepEqual(
      rowsOf(show(clash)).labels.map((label) => label.n),
      ["w1", "w₁", "a"],
    );
  });

  for (const direction of ["right", "down"] as const) {
    it(`keeps labels apart and inside the picture (${direction})`, () => {
      fc.assert(
        fc.property(recipes(9), (recipe) => {
          const figure = show(build(recipe), { direction });
          const { boxes, circles, chips, words } = rowsOf(figure);
          const width = Number(figure.specification["width"]);
          const radius = direction === "right" ? 18 : 0;
          const rectangles = [
            ...boxes,
            ...(radius === 0
              ? []
              : circles.map(({ x, y }) => ({ x1: x - radius, x2: x + radius, y1: y - radius, y2: y + radius }))),
            ...chips.filter((chip) => chip.c !== "n").map((chip) => ({ ...chip, y1: chip.y - 9, y2: chip.y + 9 })),
          ];
          for (const [index, first] of rectangles.entries()) {
            assert.ok(first.x1 >= 0 && first.x2 <= width && first.y1 >= 0, JSON.stringify({ first, width }));
            for (const second of rectangles.slice(index + 1)) {
              const apart =
                first.x2 <= second.x1 || second.x2 <= first.x1 || first.y2 <= second.y1 || second.y2 <= first.y1;
              assert.ok(apart, `${JSON.stringify(first)} covers ${JSON.stringify(second)}`);
            }
          }
          assert.ok(words.every((row) => row.x.every((x) => x > 0 && x < width)));
        }),
        runs,
      );
    });
  }

  it("draws constants without a gradient, and graphs without a variable forward only", () => {
    const mixed = show(mul(variable(2, "x"), constant(3)));
    assert.doesNotMatch(mixed.words, /∂3|∂a\/∂3/);
    const given = show(mul(constant(2), constant(3, "k")));
    assert.doesNotMatch(given.words, /∂/);
    assert.ok(rowsOf(given).chips.every((chip) => chip.c === "v"));
    assert.match(show(variable(2, "x")).words, /∂x\/∂x = 1/);
    assert.match(show(constant(2)).words, /2/);
  });

  it("shows shapes of tensors where a scalar has its number", () => {
    const W = variable(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      "W",
    );
    const h = tanh(matmul(W, variable([[1], [2], [3]], "x")));
    bindName(h, "h");
    const loss = sum(h);
    bindName(loss, "loss");
    const figure = show(loss);
    assert.ok(rowsOf(figure).labels.some((label) => label.t.includes("2×3")));
    assert.match(figure.words, /∂loss\/∂W \(2×3\) = ∂loss\/∂a \(2×1\) · xᵀ/);
    assert.match(figure.words, /∂loss\/∂x \(3×1\) = Wᵀ · ∂loss\/∂a \(2×1\)/);
    assert.match(figure.words, /∂loss\/∂a \(2×1\) = ∂loss\/∂h \(2×1\) ⊙ \(1 − h²\)/);
    const chips = rowsOf(figure).chips.filter((chip) => chip.c === "l");
    assert.deepEqual(
      chips.map((chip) => chip.t),
      ["· xᵀ", "Wᵀ ·", "⊙ (1 − h²)", "spread out"],
    );
    assert.match(show(h).words, /∂h\/∂W/);
  });

  it("does not print the local derivative by one use of an input as if it were by all", () => {
    const x = variable(3, "x");
    const locals = rowsOf(show(mul(x, x))).chips.filter((chip) => chip.c === "l");
    assert.deepEqual(
      locals.map((chip) => chip.t),
      ["·3", "·3"],
    );
  });

  it("draws graphs that reach into earlier ones, also where no gradient gets through", () => {
    const earlier = exp(variable(-1, "x"));
    backward(earlier);
    const output = mul(relu(mul(earlier, -1)), 2);
    assert.match(show(output).words, /∂d\/∂x = ∂d\/∂a · ∂a\/∂x = 0 · 0.368 = 0/);
  });

  it("opens at the last step, or at the nearest one there is", () => {
    const opensAt = (step: number | undefined): unknown => {
      const layers = show(runningExample(), step === undefined ? {} : { step }).specification["layer"] as {
        name?: string;
        params?: { value: { k: number }[] }[];
      }[];
      return layers.find((layer) => layer.name === "dots")?.params?.[0]?.value[0]?.k;
    };
    assert.deepEqual([undefined, 2, 99, -1].map(opensAt), [6, 2, 6, 0]);
  });

  it("shows larger graphs as an overview, and says when a graph is too large for that", () => {
    let value = variable(0.5, "x");
    const start = value;
    for (let i = 0; i < 40; i++) value = tanh(add(value, start));
    assert.match(show(value).words, /81 values are too many for numbers on every wire/);
    assert.equal((show(value).specification["datasets"] as { nodes: unknown[] }).nodes.length, 81);
    for (let i = 0; i < 500; i++) value = sub(value, start);
    assert.match(show(value).words, /581 values, too many to draw/);
  });
});

describe("hiding", () => {
  it("makes figures and tables of different hidden values equal", () => {
    const numbers = fc.tuple(fc.double({ min: -9, max: 9, noNaN: true }), fc.double({ min: -9, max: 9, noNaN: true }));
    fc.assert(
      fc.property(recipes(7), numbers, fc.nat(1000), ({ leaves, ...rest }, [one, other], pick) => {
        const chosen = pick % leaves.length;
        const picture = (number: number): string => {
          const output = build({ ...rest, leaves: leaves.map((leaf, index) => (index === chosen ? number : leaf)) });
          const hidden = (quantity: Quantity): boolean =>
            quantity.kind === "value" && graphOf(output).nodes[quantity.node]!.name === `x${chosen + 1}`;
          return JSON.stringify([show(output, { hidden }).bundle(), table(output, { hidden }).bundle()]);
        };
        assert.equal(picture(one), picture(other));
      }),
      runs,
    );
  });

  it("says at the last step what is left to answer, and that all is done where nothing is", () => {
    const z = runningExample();
    const ending = (hidden: (quantity: Quantity) => boolean): string => rowsOf(show(z, { hidden })).heads.at(-1)!.t;
    assert.equal(
      ending(({ kind }) => kind === "gradient"),
      "Left to answer: ∂z/∂x, ∂z/∂y, ∂z/∂w, ∂z/∂a, ∂z/∂z",
    );
    assert.equal(
      ending(({ kind, node }) => kind === "value" && node === 3),
      "Left to answer: a",
    );
    assert.equal(
      ending((quantity) => quantity.kind === "local" && quantity.node === 4 && quantity.position === 0),
      "Left to answer: ∂z/∂a",
    );
    assert.match(
      ending(() => false),
      /^Done: /,
    );
  });

  it("leaves no trace of a hidden derivative", () => {
    let checked = 0;
    fc.assert(
      fc.property(recipes(6), fc.boolean(), fc.nat(1000), (recipe, isLocal, pick) => {
        const output = build(recipe);
        const graph = graphOf(output);
        if (!output.needsGradient || graph.nodes.some((node) => !Number.isFinite(node.value.item()))) return;
        const gradients = backward(output);
        const indexOf = (value: Value): number => graph.nodes.findIndex((node) => node.value.id === value.id);
        const terms = gradients.steps.flatMap(({ node, terms: ofNode }) =>
          ofNode.map((term) => ({ ...term, node: indexOf(node), from: indexOf(term.input) })),
        );
        const moving = graph.nodes.filter((node) => node.needsGradient);
        const term = terms[pick % terms.length]!;
        const node = moving[pick % moving.length]!;
        const target: Quantity = isLocal
          ? { kind: "local", node: term.node, position: term.position }
          : { kind: "gradient", node: node.index };
        const secret = formatNumber(isLocal ? term.local!.item() : gradients.of(node.value).item());
        // The same number may stand elsewhere by right: as a value, another local derivative, or a gradient nearer to the output.
        const above = new Set([isLocal ? term.from : node.index]);
        for (const each of [...graph.nodes].reverse()) {
          if (above.has(each.index)) for (const input of each.inputs) above.add(input);
        }
        const byRight = [
          0,
          1,
          2,
          ...graph.nodes.map((each) => each.value.item()),
          ...terms.filter((each) => !isLocal || each !== term).map((each) => each.local!.item()),
          ...moving.filter((each) => !above.has(each.index)).map((each) => gradients.of(each.value).item()),
          ...terms
            .filter((each) => !above.has(each.from))
            .flatMap((each) => [each.contribution.item(), each.after.item()]),
        ];
        // Steps and paths are counted with small whole numbers.
        if (/^−?\d{1,2}$/.test(secret)) return;
        const digits = secret.replace(/^−/, "");
        if (byRight.some((number) => formatNumber(Math.abs(number)) === digits)) return;
        checked++;
        const hidden = (quantity: Quantity): boolean => JSON.stringify(quantity) === JSON.stringify(target);
        const read = numbersIn([...textsOf(show(output, { hidden })), String(table(output, { hidden }))]);
        assert.ok(
          !read.has(secret),
          `${JSON.stringify(target)}: ${secret} stands in ${show(output, { hidden }).words}`,
        );
      }),
      { numRuns: 200 },
    );
    assert.ok(checked > 20, `only ${checked} figures had something to hide`);
  });

  it("hides what would give a hidden quantity away, and nothing else", () => {
    const hidden = (quantity: Quantity): boolean => quantity.kind === "gradient" && quantity.node === 3;
    const { words } = show(runningExample(), { hidden });
    // a has index 3: its gradient, which is also the output's local derivative by it, and what is made from that.
    assert.match(words, /∂z\/∂a = \?/);
    assert.match(words, /∂z\/∂x = \?/);
    assert.match(words, /∂z\/∂w = 1 · a = 1 · 5 = 5/);
  });
});

describe("marks", () => {
  const marked = show(twoPaths(), {
    marks: {
      marks: [
        {
          kind: "counted",
          wires: [
            { node: 2, position: 1 },
            { node: 5, position: 0 },
          ],
        },
        {
          kind: "missing",
          wires: [
            { node: 4, position: 0 },
            { node: 5, position: 1 },
          ],
          label: "missing path b → d → e",
        },
        { kind: "answer", node: 1, label: "yours ∂e/∂b = 2 ✗" },
      ],
      caption: { title: "One path is missing", tone: "wrong", rows: [[{ kind: "text", text: "b → d → e" }]] },
    },
  });

  it("colours the wires named and, from them, the way through the operation", () => {
    const count = (mark: string): number => rowsOf(marked).wires.filter((wire) => wire.m === mark).length;
    assert.deepEqual([count("missing"), count("counted"), count("none")], [3, 4, 2]);
  });

  it("puts every label where it covers no box, chip or other label", () => {
    const { boxes, chips, tags } = rowsOf(marked);
    assert.deepEqual(
      tags.map((tag) => tag.t),
      ["missing path b → d → e", "yours ∂e/∂b = 2 ✗"],
    );
    const covered = [...boxes, ...chips.map((chip) => ({ ...chip, y1: chip.y - 9, y2: chip.y + 9 }))];
    for (const tag of tags) {
      assert.ok(
        covered.every((box) => tag.x2 <= box.x1 || box.x2 <= tag.x1 || tag.y + 10 <= box.y1 || box.y2 <= tag.y - 10),
      );
    }
  });

  it("replaces the steps by the answer's caption", () => {
    assert.deepEqual(
      rowsOf(marked).heads.map((head) => head.t),
      ["One path is missing"],
    );
    assert.match(marked.words, /One path is missing\n {2}b → d → e$/);
  });

  it("draws nothing for a node or wire that is not there", () => {
    const lost = show(twoPaths(), {
      marks: {
        marks: [
          { kind: "answer", node: 99, label: "lost" },
          { kind: "wrong", wire: { node: 99, position: 0 }, label: "lost" },
        ],
      },
    });
    assert.deepEqual(rowsOf(lost).tags, []);
  });
});

describe("the palette", () => {
  it("writes every text with a contrast of at least 4.5 on what it stands on", () => {
    const { value, gradient, tangent, local, wrong, right, panel } = palette;
    const pairs = [
      ...[value, gradient, tangent, local, wrong].map(({ ink, chip }) => [ink, chip]),
      ...[
        palette.ink,
        palette.muted,
        palette.pathInk,
        palette.counted,
        value.ink,
        gradient.ink,
        tangent.ink,
        wrong.ink,
        right.ink,
      ].map((ink) => [ink, panel.fill]),
      ...Object.values(nodeColours).flatMap(({ fill }) => [
        [palette.ink, fill],
        [gradient.ink, fill],
        [tangent.ink, fill],
      ]),
      // Numbers in the cells of tensors, rows of a table, and its head.
      ...[...Array(21).keys()].map((step) => [palette.ink, mapColour(step / 10 - 1)]),
      [palette.ink, mapColour(Number.NaN)],
      ...[value.chip, gradient.chip].flatMap((chip) => [
        [palette.ink, chip],
        [palette.muted, chip],
      ]),
      ["#FFFFFF", palette.tableHead],
      ["#FFFFFF", wrong.ink],
    ] as [string, string][];
    for (const [ink, ground] of pairs)
      assert.ok(contrast(ink, ground) >= 4.5, `${ink} on ${ground}: ${contrast(ink, ground)}`);
  });

  it("draws lines that show on white and on dark pages", () => {
    for (const line of [
      palette.value.line,
      palette.gradient.line,
      palette.tangent.line,
      palette.path,
      palette.wrong.line,
      palette.wire,
    ]) {
      for (const page of ["#FFFFFF", "#111111"]) assert.ok(contrast(line, page) >= 3, `${line} on ${page}`);
    }
  });

  it("tells apart what must not be mixed up, also without cones for long, middle or short waves", () => {
    const { value, gradient, tangent, local, wrong, counted } = palette;
    // Distances in CIE Lab for normal eyes, protanopia, deuteranopia and tritanopia (Machado et al. 2009), rounded.
    const expected: readonly (readonly [string, string, string, ...number[]])[] = [
      ["value and gradient", value.line, gradient.line, 113, 96, 110, 105],
      ["counted and missing", value.line, wrong.line, 81, 35, 60, 110],
      ["counted and missing, in words", counted, wrong.ink, 82, 33, 58, 103],
      ["gradient and wrong", gradient.line, wrong.line, 59, 64, 50, 11],
      ["value and tangent", value.line, tangent.line, 69, 59, 57, 12],
      ["value and local derivative", value.ink, local.ink, 37, 35, 39, 24],
      ["gradient and local derivative", gradient.ink, local.ink, 74, 53, 63, 71],
      ["tangent and local derivative", tangent.ink, local.ink, 35, 20, 14, 23],
      ["above and below 0", mapColours.above, mapColours.below, 85, 72, 84, 87],
      ["above and 0", mapColours.above, mapColours.zero, 51, 47, 54, 50],
      ["below and 0", mapColours.below, mapColours.zero, 56, 49, 50, 57],
    ];
    for (const [pair, one, other, ...distances] of expected) {
      const seen = Object.values(visions).map((vision) => distance(one, other, vision));
      assert.deepEqual(seen.map(Math.round), distances, pair);
      assert.ok(Math.min(...seen) >= 10, pair);
    }
  });
});
