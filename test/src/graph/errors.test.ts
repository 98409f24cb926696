import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import * as g from "../../../src/index.ts";
import { GradientError, ShapeError, type Value } from "../../../src/index.ts";
import { cache, root } from "../../support/paths.ts";

/** A call that is not allowed, and what its message must say. */
type Refused = readonly [run: () => unknown, says: RegExp];

function block(shape: readonly number[], name: string): Value {
  return g.variable({ shape, data: new Float64Array(shape.reduce((size, n) => size * n, 1)) }, name);
}

const W = block([3, 4], "W");
const x = g.variable([1, 2, 3], "x");
const s = g.variable(2, "s");
const rows = g.constant(new Int32Array([0, 2]), "rows");
const flags = g.constant([true, false], "flags");
const image = block([1, 2, 4, 4], "image");
const kernel = block([3, 2, 3, 3], "kernel");

const groups: Readonly<Record<string, readonly [error: new (message?: string) => Error, refused: readonly Refused[]]>> =
  {
    "name both shapes and where they do not meet": [
      ShapeError,
      [
        [() => g.add(W, x), /^add: .*W is 3×4, x is \[3\]\. .*4 meets 3\.$/],
        [() => g.add(g.mul(x, 2), g.variable([1, 2])), /the left side is \[3\], the right side is \[2\]/],
        [() => g.where(g.greater(x, 1), g.variable([1, 2], "a"), 0), /^where: .*the condition is \[3\], a is \[2\]/],
        [() => g.matmul(W, x), /W is 3×4, x is \[3\] \(4 against 3\)\. Did you mean matmul\(transpose\(W\), x\)\?$/],
        [
          () => g.matmul(W, W.mul(2)),
          /W is 3×4, the right side is 3×4.*matmul\(transpose\(W\), y\) or matmul\(W, transpose\(y\)\)/,
        ],
        [() => g.matmul(x, s), /^matmul: s is a scalar; use mul\(x, y\), or x \* y in a cell/],
        [() => g.reshape(x, [2, 2]), /^reshape: x has 3 elements .* the shape \[2, 2\]\.$/],
        [() => g.reshape(x, [-1, -1]), /do not fit the shape \[-1, -1\]/],
        [() => g.broadcastTo(x, [2]), /^broadcastTo: .*x is \[3\], the shape asked for is \[2\]/],
        [() => g.broadcastTo(x, [3, 1]), /x is \[3\]; it does not stretch to 3×1/],
        [() => g.concat([x, W]), /^concat: x is \[3\], W is 3×4; along every axis but 0 they must be equal/],
        [() => g.concat([s, s]), /s is a scalar, which has no axis; stack makes one/],
        [() => g.concat([]), /the list is empty/],
        [() => g.stack([x, g.variable([1, 2], "u")]), /^stack: x is \[3\], u is \[2\]; they must be equal/],
        [() => g.stack([]), /the list is empty/],
        [() => x.item(), /^item: x has 3 elements \(\[3\]\); .*toArray\(\)/],
      ],
    ],
    "name the axis that is not there, and whose it is": [
      ShapeError,
      [
        [() => g.sum(x, { axes: 1 }), /^sum: axis 1 does not exist; x has 1 axis\.$/],
        [() => g.max(W, { axes: [0, -3] }), /^max: axis -3 does not exist; W has 2 axes\.$/],
        [() => g.sum(W, { axes: [0, -2] }), /^sum: an axis is named twice in \[0, -2\]\.$/],
        [() => g.softmax(s), /^softmax: axis -1 does not exist; s is a scalar and has none\.$/],
        [() => g.argmax(g.mul(x, 2), { axis: 0.5 }), /^argmax: axis 0\.5 does not exist; the value has 1 axis\.$/],
        [() => g.transpose(W, [0]), /^transpose: W has 2 axes; \[0\] must name each of them once\.$/],
        [() => g.transpose(W, [0, 2]), /^transpose: axis 2 does not exist; W has 2 axes\.$/],
        [() => g.concat([W, W], { axis: 2 }), /^concat: axis 2 does not exist; W has 2 axes\.$/],
        [
          () =>
            g.slice(x, [
              [0, 1],
              [0, 1],
            ]),
          /^slice: x is \[3\]; there are 2 ranges\.$/,
        ],
        [() => g.slice(x, [[2, 1]]), /along axis 0 the range \[2, 1\] ends before it starts; x is \[3\]/],
        [() => g.slice(x, [[0.5, 1]]), /along axis 0 the range \[0\.5, 1\] must be of whole numbers/],
        [
          () =>
            g.pad(x, [
              [1, 1],
              [0, 0],
            ]),
          /^pad: x is \[3\]; give \[before, after\] for each axis.*Got \[\[1, 1\], \[0, 0\]\]/,
        ],
        [() => g.pad(x, [[-1, 0]]), /whole numbers from 0\. Got \[\[-1, 0\]\]/],
      ],
    ],
    "say which rows there are": [
      ShapeError,
      [
        [() => g.gather(x, 3), /^gather: there is no row 3; x is \[3\], so rows are 0 … 2\.$/],
        [() => g.gather(W, [[0, -4]]), /there is no row -4; W is 3×4, so rows are 0 … 2/],
        [() => g.gather(x, [0.5]), /rows are counted in whole numbers/],
        [() => g.gather(s, 0), /s is a scalar; it has no rows/],
        [() => g.max(block([0], "nothing")), /^max: there is nothing to choose from: the shape is \[0\]\.$/],
        [() => g.min(block([2, 0], "nothing"), { axes: 1 }), /^min: .*the shape is 2×0/],
        [() => g.argmax(block([0], "nothing")), /^argmax: there is nothing to choose from/],
      ],
    ],
    "say what a window or a convolution needs": [
      ShapeError,
      [
        [() => g.conv2d(x, kernel), /^conv2d: x is \[3\]; it must have four axes, \[N, C, H, W\]/],
        [() => g.conv2d(image, x), /x is \[3\]; it must have four axes, \[O, C\/groups, KH, KW\]/],
        [
          () => g.conv2d(image, block([3, 1, 3, 3], "k")),
          /image is 1×2×4×4 and k is 3×1×3×3: with 1 group .* second size must be 2\./,
        ],
        [
          () => g.conv2d(image, kernel, { groups: 2 }),
          /with 2 groups .* second size must be 1 and its first a multiple of 2/,
        ],
        [() => g.conv2d(image, kernel, { groups: 0 }), /groups must be a whole number from 1; got 0/],
        [
          () => g.conv2d(image, kernel, { stride: 0 }),
          /stride must be a whole number from 1, or a pair of them; got 0/,
        ],
        [
          () => g.conv2d(image, kernel, { dilation: 2 }),
          /a window of 3×3 with a dilation of 2×2 does not fit into 4×4/,
        ],
        [() => g.maxPool2d(x, { size: 2 }), /^maxPool2d: x is \[3\]; it must have four axes/],
        [() => g.maxPool2d(image, { size: 5 }), /image is 1×2×4×4; a window of 5×5 does not fit into 4×4/],
        [
          () => g.avgPool2d(image, { size: 2, padding: 2 }),
          /^avgPool2d: a padding of 2×2 is more than half of the window, 2×2/,
        ],
      ],
    ],
    "say what data may be": [
      ShapeError,
      [
        [
          () => g.variable([[1, 2], [3]]),
          /^Rows must have equal lengths: by the first row the shape is 2×2, .* a row of 1\.$/,
        ],
        [() => g.variable([[1], 2]), /but axis 1 also holds a number/],
        [
          () => g.variable({ data: new Float64Array(3), shape: [2] }),
          /The shape \[2\] has room for 2 numbers; 3 were given/,
        ],
      ],
    ],
    "say what is no operand and no data": [
      TypeError,
      [
        [
          () => g.add([1, 2] as never, x),
          /^add takes Values and numbers; .*an array: make it a Value with constant\(…\) or variable\(…\)/,
        ],
        [() => g.exp("2" as never), /^exp takes Values and numbers; this operand is of type string\.$/],
        [() => g.mul(undefined as never, x), /this operand is of type undefined/],
        [
          () => g.variable(undefined as never),
          /take a number, arrays of numbers .*; found a value of type undefined\.$/,
        ],
        [() => g.variable([1, undefined] as never), /found a value of type undefined/],
        [() => g.variable([undefined] as never), /found a value of type undefined/],
        [() => g.constant("2" as never), /found a value of type string/],
        [() => g.constant(null as never), /found null/],
        [() => g.constant({ data: [1, 2], shape: [2] } as never), /found an object/],
        [() => g.constant(new Int16Array(2) as never), /Typed arrays may be Float64Array, Float32Array, Int32Array/],
        [() => g.backward(3 as never), /what is differentiated must be a Value; it is of type number/],
        [() => g.backward(s).of(3 as never), /gradients are asked of Values; this is of type number/],
        [() => Number(x), /^x is a Value: write x\.item\(\) for its number/],
      ],
    ],
    "say why there is no derivative": [
      GradientError,
      [
        [
          () => g.variable(new Int32Array([1]), "n"),
          /n holds whole numbers \(int32\), which cannot move a little.*constant\(…\)/,
        ],
        [() => g.variable([true]), /holds true and false \(bool\)/],
        [() => g.grad((y) => y)(rows), /^rows holds whole numbers \(int32\): it cannot move a little/],
        [() => g.jvp((y) => y, [flags], [flags]), /^flags holds true and false \(bool\)/],
        [() => g.backward(s).of(rows), /^rows holds whole numbers \(int32\)/],
        [() => g.backward(g.argmax(x)), /does not depend on a variable in a way that has a derivative: it is int32/],
        [() => g.backward(g.greater(s, 1)), /it is bool/],
        [() => g.backward(g.constant(1, "k")), /^backward: k does not depend on a variable\. .*variable\(…\)/],
        [() => g.backward(s).of(g.constant(1, "k")), /^k is a constant: it does not move/],
        [() => g.backward(s).of(g.constant(1).add(2)), /was computed from constants only/],
        [() => g.backward(x), /^backward: x has 3 elements .*sum\(x\), .*backward\(x, \{ seed \}\)/],
        [() => g.backward(x.mul(2)), /the value has 3 elements .*sum\(z\), .*backward\(z, \{ seed \}\)/],
        [() => g.grad((y) => y)(x), /^grad: the function must return a scalar; it returned \[3\]\. Return its sum/],
        [() => g.grad(() => 3 as never)(s), /^grad: the function must return a Value; it returned number/],
        [() => g.grad((y) => y, { argnums: 1 })(s), /there is no argument 1; the function was given 1/],
        [() => g.jvp((y) => y, [s], []), /1 primals need as many tangents; there are 0/],
        [() => g.jvp((y) => y, [s], [x]), /tangent 0 is \[3\]; its primal is a scalar/],
        [() => g.costOf(g.constant(1, "k")), /^costOf: k does not depend on a variable/],
      ],
    ],
    "say that a batch has many numbers where a function reads one": [
      GradientError,
      [
        [
          () => g.vmap((y) => (y.item() > 0 ? y : g.neg(y)))(x),
          /^vmap: the function reads numbers of its argument, which differ .*where\(/,
        ],
        [() => g.vmap((y) => g.constant(y.mul(2).data))(x), /reads numbers of the value/],
        [() => g.vmap((y) => g.grad((z) => z.mul(z.item()))(y))(x), /which differ from slice to slice/],
        [() => g.vmap((i) => g.gather(x, i))(rows), /reads numbers of its argument/],
        [() => g.vmap(() => 3 as never)(x), /^vmap: the function must return a Value; it returned number/],
      ],
    ],
    "say what a batch must be": [
      ShapeError,
      [
        [() => g.vmap((y) => y)(s), /^vmap: s is a scalar and has no axis to go along; say inAxes: null for it\.$/],
        [() => g.vmap((y) => y)(x, rows), /the batches differ in length: 3, 2/],
        [() => g.vmap((y) => y, { inAxes: null })(x), /no argument is batched/],
        [() => g.vmap((y) => y, { inAxes: 1 })(x), /axis 1 does not exist; the value has 1 axis/],
        [() => g.vmap((y) => y)(block([0], "nothing")), /the batch is empty/],
        [
          () => g.backward(s, { seed: g.constant([1]) }),
          /the seed must have the output's shape, a scalar; it is \[1\]/,
        ],
      ],
    ],
  };

describe("errors", () => {
  for (const [what, [kind, refused]] of Object.entries(groups)) {
    it(what, () => {
      for (const [run, says] of refused) {
        assert.throws(run, (error: Error) => {
          assert.ok(error instanceof kind, `${run}: ${error}`);
          assert.match(error.message, says);
          return true;
        });
      }
    });
  }

  it("say that a Value is another tape's", async () => {
    mkdirSync(cache, { recursive: true });
    const folder = mkdtempSync(path.join(cache, "copy-"));
    try {
      const outfile = path.join(folder, "gradbook.mjs");
      const entryPoints = [path.join(root, "src/index.ts")];
      await build({ entryPoints, outfile, bundle: true, platform: "node", format: "esm", keepNames: true });
      const other = (await import(pathToFileURL(outfile).href)) as typeof g;
      const foreign = other.variable(3);
      assert.throws(() => g.add(s, foreign), /a Value of another tape: it was made by another copy of gradbook/);
      assert.throws(() => g.backward(foreign), /a Value of another tape/);
      assert.throws(() => g.backward(s).of(foreign), /a Value of another tape/);
      assert.equal(g.add(s, g.constant(foreign)).item(), 5, "its numbers can be taken over");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
