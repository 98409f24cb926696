import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { renderSvg } from "../../../../kernel/figures/svg.ts";
import {
  abs,
  constant,
  curve,
  datasets,
  decisionBoundary,
  div,
  type Figure,
  heatmap,
  histogram,
  log,
  lossSurface,
  matmul,
  mul,
  outerProduct,
  plotFunction,
  relu,
  sigmoid,
  sin,
  sub,
  type Value,
  variable,
} from "../../../../src/index.ts";
import { plots } from "../../../support/plots.ts";
import { compile, viewOf } from "../../../support/vega.ts";

const runs = { numRuns: 25 };
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const anyNumber = fc.oneof(
  finite,
  fc.double({ min: -10, max: 10, noNaN: true }),
  fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.MAX_VALUE, 5e-324),
);

/** It compiles without a warning, and what is drawn has no hole where a number should be. */
async function assertDrawable(figure: Figure): Promise<void> {
  assert.deepEqual(compile(figure.specification).warnings, []);
  const json = JSON.stringify(figure.specification);
  assert.deepEqual(JSON.parse(json), figure.specification, "the specification is not plain data");
  const svg = await renderSvg(figure.specification);
  const drawn = svg
    .replace(/<(title|desc)>[\s\S]*?<\/\1>/g, "")
    .replace(/<text[^>]*>[^<]*<\/text>/g, (text) => text.replace(/>[^<]*</, "><"));
  assert.doesNotMatch(drawn, /NaN|undefined|Infinity/);
  assert.match(svg, /^<svg[^>]*><title>[^<]+<\/title><desc>[^<]+<\/desc>/);
}

describe("every plot", () => {
  for (const [name, figure] of Object.entries(plots())) {
    it(`${name} is drawn as it was last looked at`, async () => {
      await assertDrawable(figure);
      const file = new URL(`../../../../../test/src/views/plots/snapshots/${name}.json`, import.meta.url);
      const text = `${figure.words}\n${JSON.stringify(figure.specification).replaceAll("},{", "},\n{")}\n`;
      if (process.env["UPDATE_SNAPSHOTS"] === "1") writeFileSync(file, text);
      assert.equal(text, readFileSync(file, "utf8"));
    });
  }

  it("says what it shows in its title, description and words, as a v5 specification on a page of any colour", () => {
    for (const [name, { specification, words }] of Object.entries(plots())) {
      const { $schema, background, usermeta, description } = specification as Readonly<Record<string, string>> & {
        readonly usermeta: { readonly title: string };
      };
      assert.equal($schema, "https://vega.github.io/schema/vega-lite/v5.json");
      assert.equal(background, "transparent");
      assert.ok(usermeta.title.length > 0 && words.split("\n").length > 1, name);
      assert.ok(description!.startsWith(words.split("\n")[0]!), name);
    }
  });

  it("is drawn whatever the numbers", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyNumber, { maxLength: 30 }), async (numbers) => {
        await assertDrawable(curve({ loss: numbers }));
        await assertDrawable(curve(numbers.map((x, index) => [x, numbers.at(-index)!])));
        await assertDrawable(curve({ a: numbers, b: [1] }, { logarithmic: "both" }));
        await assertDrawable(histogram({ a: numbers, b: [...numbers, 1] }));
        await assertDrawable(histogram(numbers, { logarithmic: true }));
        if (numbers.length === 0) return;
        await assertDrawable(heatmap(numbers));
        await assertDrawable(heatmap([numbers, numbers], { diverging: true }));
        await assertDrawable(outerProduct(numbers, [1, ...numbers]));
      }),
      runs,
    );
  });

  it("is drawn whatever the function", async () => {
    await fc.assert(
      fc.asyncProperty(anyNumber, anyNumber, fc.boolean(), async (a, b, flag) => {
        const f = (x: Value): Value => (flag ? mul(a, sin(mul(b, x))) : div(a, sub(x, b)));
        await assertDrawable(
          plotFunction(f, { from: -1, to: 2, tangent: Number.isFinite(b) ? b : true, derivative: flag }),
        );
        const loss = (x: Value, y: Value): Value => mul(f(x), flag ? y : f(y));
        await assertDrawable(
          lossSurface(loss, {
            a: [-1, 1],
            b: [0, 3],
            path: [
              [a, b],
              [0, 0],
              [b, 1],
            ],
            resolution: 9,
          }),
        );
        const points = [
          [0, 0],
          [a, b],
          [1, 1],
        ];
        const predict = (x: Value): Value => mul(matmul(x, constant([[1], [2]])), a);
        await assertDrawable(decisionBoundary(predict, { inputs: points, targets: [0, 1, 2], resolution: 9 }));
      }),
      runs,
    );
  });
});

describe("curve", () => {
  it("draws ten thousand points with few, among them the first, last, least and largest", () => {
    const loss = Array.from({ length: 10_000 }, (_, index) => Math.exp(-index / 2000) + 0.1 * Math.sin(index * index));
    loss[4321] = 9;
    loss[8765] = -3;
    const { specification, words } = curve({ loss });
    const size = JSON.stringify(specification).length;
    assert.ok(size < 60_000, `${size} characters`);
    assert.match(
      words,
      /10000 points, from .* at step 0 to .* at step 9999; least −3 at step 8765, largest 9 at step 4321/,
    );
    const line = linesOf(specification)[0]!;
    const ys = line.map(({ y }) => y);
    const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
    // The axis leaves a twentieth free at both ends of twelve: from −3.6 to 9.6.
    assert.ok(bottom - top > 230, `the line covers ${bottom - top} of 260 pixels`);
    assert.ok(line.length <= 700, `${line.length} points`);
  });

  it("leaves a gap where a number is missing, and says so", () => {
    const { specification, words } = curve([1, 2, Number.NaN, 3, 4]);
    assert.deepEqual(
      linesOf(specification).map((line) => line.length),
      [2, 2],
    );
    assert.match(words, /1 NaN left out, the first at 2\./);
  });

  it("starts with nothing", () => {
    assert.match(curve({ loss: [] }).words, /There are no numbers to draw yet\./);
  });

  it("takes losses as training leaves them: a list of scalars", () => {
    assert.match(curve({ loss: [variable(3), variable(1)] }).words, /from 3 at step 0 to 1 at step 1/);
  });

  it("says what it cannot draw", () => {
    assert.throws(
      () => curve({ loss: [[1, 2, 3]] }),
      /curve: the series loss, where it is not a list of numbers, must be rows of 2 numbers, \[n, 2\]; the shape is 1×3/,
    );
    assert.throws(() => curve({}), /there is no series/);
    assert.throws(() => curve("loss" as unknown as number[]), TypeError);
  });
});

describe("plotFunction", () => {
  it("computes slopes by differentiation: the tangent's text is the derivative's number", async () => {
    const view = await viewOf(plotFunction((x) => mul(x, mul(x, x)), { from: -2, to: 2, tangent: 1 }).specification);
    const at = async (x: unknown): Promise<string> => {
      await view.signal("at_v", x).runAsync();
      return await view.toSVG();
    };
    assert.match(await at(1), />At x = 1: f\(x\) = 1<[\s\S]*>slope 3</);
    assert.match(await at("-1.5"), />At x = −1.5: f\(x\) = −3.38<[\s\S]*>slope 6.75</);
    assert.match(await at(99), />At x = 2: f\(x\) = 8<[\s\S]*>slope 12</);
    view.finalize();
  });

  it("draws no slope across a kink or a pole", () => {
    const words = plotFunction({ abs }, { from: -1, to: 1, derivative: true, tangent: 0 }).words;
    assert.match(words, /abs has a kink at x = 0: slope −1 from the left, 1 from the right/);
    assert.match(words, /differentiation takes 0/);
    const kinked = plotFunction({ relu }, { from: -1, to: 1, derivative: true });
    assert.match(kinked.words, /relu has a kink at x = 0: slope 0 from the left, 1 from the right/);
    // The function is one line, its slope two that share no place.
    const [whole, slope] = pathsOf(kinked.specification);
    assert.equal(whole!.split("M").length - 1, 1);
    assert.equal(slope!.split("M").length - 1, 2);
    const pole = plotFunction({ inverse: (x) => div(1, sub(x, 0.1234)) }, { from: -1, to: 1 });
    assert.match(pole.words, /inverse jumps at x = 0\.123/);
    assert.equal(pathsOf(pole.specification)[0]!.split("M").length - 1, 2);
  });

  it("takes what is steep for what it is: no kink", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.5, max: 40, noNaN: true }),
        fc.double({ min: -1, max: 1, noNaN: true }),
        (a, b) => {
          const { words } = plotFunction((x) => sigmoid(mul(a, sub(x, b))), { from: -2, to: 2 });
          assert.doesNotMatch(words, /kink|jump/);
        },
      ),
      runs,
    );
  });

  it("finds a kink wherever it is", () => {
    fc.assert(
      fc.property(fc.double({ min: -1.9, max: 1.9, noNaN: true }), (at) => {
        const { words } = plotFunction((x) => abs(sub(x, at)), { from: -2, to: 2 });
        assert.match(words, /f has a kink at x = [^:]+: slope −1 from the left, 1 from the right/);
        assert.equal(words.split("kink").length - 1, 1);
      }),
      runs,
    );
  });

  it("says where a function has no value, and what it cannot draw", () => {
    assert.match(
      plotFunction({ log }, { from: -1, to: 1 }).words,
      /log is not a finite number at \d+ of \d+ points, between x = −1 and/,
    );
    assert.throws(
      () => plotFunction(relu, { from: 1, to: 1 }),
      /must go from a number to a larger one; it goes from 1 to 1/,
    );
    assert.throws(
      () => plotFunction(() => constant([1, 2]), { from: 0, to: 1 }),
      /must return one number; it returned \[?2/,
    );
    assert.throws(
      () => plotFunction((() => "1") as unknown as (x: Value) => Value, { from: 0, to: 1 }),
      /returned a value of type string/,
    );
  });
});

describe("decisionBoundary", () => {
  const { inputs, targets } = datasets.xor();

  it("takes one score for each point, or one for each class, for the same", () => {
    const one = (x: Value): Value => sub(matmul(x, constant([[2], [1]])), 1.5);
    const two = (x: Value): Value => matmul(one(x), constant([[-0.5, 0.5]]));
    const flat = (x: Value): Value => one(x).reshape([x.shape[0]!]);
    const [a, b, c] = [one, two, flat].map((predict) => decisionBoundary(predict, { inputs, targets }));
    assert.equal(a!.words, b!.words);
    assert.equal(a!.words, c!.words);
    assert.match(a!.words, /2 of 4 points lie in the region of their class\./);
  });

  it("puts the boundary where the score is the threshold", () => {
    const { specification } = decisionBoundary((x) => matmul(x, constant([[1], [0]])), {
      inputs,
      targets,
      threshold: 0.5,
    });
    const boundary = pathsOf(specification).find((path) => path.split("L").length > 10 && !path.includes("Z"))!;
    const xs = [...boundary.matchAll(/[ML]([\d.]+),/g)].map(([, x]) => Number(x));
    assert.ok(Math.max(...xs) - Math.min(...xs) < 0.2, "it is upright");
  });

  it("says what does not fit", () => {
    const options = { inputs, targets };
    assert.throws(() => decisionBoundary((x) => x.sum(), options), /must return as many scores/);
    assert.throws(
      () => decisionBoundary((x) => x, { inputs, targets: [0, 1] }),
      /4 inputs need as many targets; there are 2/,
    );
    assert.throws(() => decisionBoundary((x) => x, { inputs: [[1, 2, 3]], targets: [0] }), /rows of 2 numbers/);
    assert.throws(
      () => decisionBoundary((x) => x, { inputs, targets: [0, 1, 0.5, 1] }),
      /whole numbers from 0; one is 0.5/,
    );
  });
});

describe("lossSurface", () => {
  it("finds the least place, and follows the path", () => {
    const { words } = lossSurface((a, b) => sub(a, 1).square().add(b.square()), {
      a: [-2, 2],
      b: [-2, 2],
      path: [
        [-2, -2],
        [0, 0],
        [5, 0],
      ],
      names: ["w", "c"],
    });
    assert.match(words, /least 0 at w = 1, c = 0/);
    assert.match(words, /The path of 3 points goes from w = −2, c = −2 \(13\) to w = 5, c = 0 \(16\)/);
    assert.match(words, /1 point of the path lies outside\./);
  });

  it("says what is no range and no path", () => {
    assert.throws(
      () => lossSurface((a) => a, { a: [1, 0], b: [0, 1] }),
      /lossSurface: a must go from a number to a larger one/,
    );
    assert.throws(
      () => lossSurface((a) => a, { a: [0, 1], b: [0, 1], path: [1, 2] }),
      /path must be rows of 2 numbers/,
    );
  });
});

describe("histogram", () => {
  it("counts every finite number once", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1 }), (numbers) => {
        const { specification } = histogram(numbers);
        const counts = layersOf(specification)
          .flatMap(({ data }) => data?.values ?? [])
          .flatMap(({ t }) => /^(\d+) numbers? from/.exec(String(t ?? ""))?.[1] ?? []);
        assert.equal(
          counts.map(Number).reduce((sum, count) => sum + count, 0),
          numbers.length,
        );
      }),
      runs,
    );
  });

  it("counts zeros and what is no number apart", () => {
    assert.match(
      histogram({ a: [0, 0, 1, Number.NaN, -1 / 0] }).words,
      /a: 3 numbers from 0 to 1, .*; 2 zero, 1 NaN and 1 infinite/,
    );
  });
});

describe("heatmap", () => {
  it("shows batches of images as tiles, and says how many it leaves out", () => {
    const batch = constant({ data: new Float64Array(70 * 16).fill(1), shape: [70, 1, 4, 4] });
    assert.match(
      heatmap(batch).words,
      /^70 heat maps of 4 rows by 4 columns: numbers from 1 to 1\n6 more of 70 are not shown\./,
    );
  });

  it("makes a large matrix smaller, and says so", () => {
    const { specification, words } = heatmap(
      constant({ data: new Float64Array(512 * 300).fill(2), shape: [512, 300] }),
    );
    assert.match(words, /Drawn as means, 128 rows by 75 columns\./);
    assert.ok(JSON.stringify(specification).length < 250_000);
  });

  it("centres its colours on zero where numbers lie below it", () => {
    const scales = JSON.stringify(heatmap([[-1, 4]]).specification);
    assert.match(scales, /"domain":\[-4,0,4\],"range":\["#A84300","#FFFFFF","#0B62A8"\],"interpolate":"lab"/);
  });

  it("says what it cannot draw", () => {
    assert.throws(() => heatmap(variable(1, "x")), /heatmap: x is .*reshape/);
    assert.throws(() => heatmap([]), /there are no numbers to draw/);
    assert.throws(() => heatmap([[1, 2]], { columns: ["a"] }), /there are 2 columns, but 1 names for them/);
  });
});

describe("outerProduct", () => {
  it("shows each product with both of its factors", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 6 }),
        fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 6 }),
        (left, right) => {
          const { specification } = outerProduct(left, right, { names: { product: "W" } });
          const texts = layersOf(specification).flatMap(({ data }) => (data?.values ?? []).map(({ t }) => String(t)));
          const minus = (x: number): string => String(x).replace("-", "−");
          for (const [i, l] of left.entries()) {
            for (const [j, r] of right.entries()) {
              const product = l * r === 0 ? 0 : l * r;
              assert.ok(
                texts.includes(`W[${i}, ${j}] = δ[${i}] · a[${j}] = ${minus(l)} · ${minus(r)} = ${minus(product)}`),
              );
            }
          }
        },
      ),
      runs,
    );
  });

  it("lights the factors of the number under the pointer", async () => {
    const view = await viewOf(outerProduct([1, 2], [3, 4, 5]).specification);
    await view.data("hover_store", [{ unit: "", fields: [{ type: "E", field: "id" }], values: [4] }]).runAsync();
    assert.match(await view.toSVG(), />δ · aᵀ\[1, 1\] = δ\[1\] · a\[1\] = 2 · 4 = 8</);
    view.finalize();
  });

  it("wants one row and one column", () => {
    assert.throws(
      () =>
        outerProduct(
          [
            [1, 2],
            [3, 4],
          ],
          [1],
        ),
      /outerProduct: left must be one row or column of numbers; the shape is 2×2/,
    );
  });
});

interface Layer {
  readonly mark?: { readonly type: string };
  readonly data?: { readonly values?: readonly Readonly<Record<string, unknown>>[] };
}

function layersOf(specification: Figure["specification"]): readonly Layer[] {
  return specification["layer"] as readonly Layer[];
}

function linesOf(specification: Figure["specification"]): readonly (readonly { readonly y: number }[])[] {
  return layersOf(specification)
    .filter(({ mark }) => mark?.type === "line")
    .map(({ data }) => data!.values as unknown as readonly { readonly y: number }[]);
}

/** What is drawn as paths, in order. */
function pathsOf(specification: Figure["specification"]): readonly string[] {
  return layersOf(specification).flatMap(({ mark, data }) =>
    mark?.type === "point"
      ? (data?.values ?? []).flatMap(({ d, x }) => (d === undefined || x !== undefined ? [] : [String(d)]))
      : [],
  );
}
