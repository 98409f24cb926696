import assert from "node:assert/strict";
import fc from "fast-check";
import {
  backward,
  constant,
  costOf,
  matmul,
  mul,
  relu,
  remat,
  sum,
  tanh,
  transpose,
  type Value,
  variable,
} from "../../../src/index.ts";
import { assertClose } from "../../support/close.ts";
import { build, recipes, runningExample } from "../../support/graphs.ts";

describe("costOf", () => {
  it("counts the running example: what is kept, by whom it is read, and three ways to the gradient", () => {
    const cost = costOf(runningExample());
    assert.deepEqual(cost.forward, { multiplications: 1, bytes: 16 });
    assert.deepEqual(cost.backward, { multiplications: 2, bytes: 16 });
    assert.deepEqual(
      cost.stored.map(({ node, bytes, readBy }) => [node.name, bytes, readBy.map(({ name }) => name)]),
      [
        ["w", 8, ["z"]],
        ["a", 8, ["z"]],
      ],
    );
    assert.equal(cost.storedBytes, 16);
    assert.deepEqual(cost.ways, { reverse: 3, forwardMode: 4, differences: 6 });
  });

  it("leaves what a sum does not read: nothing is stored for additions", () => {
    const x = variable([1, 2, 3]);
    assert.deepEqual(costOf(sum(x.add(x))).stored, []);
    const { stored } = costOf(sum(mul(x, x)));
    assert.deepEqual(
      stored.map(({ bytes }) => bytes),
      [24],
    );
  });

  it("counts a matrix product as m·k·n, and twice that for its two gradients", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        (m, k, n) => {
          const [x, w] = [
            variable({ data: new Float64Array(m * k).fill(0.5), shape: [m, k] }),
            variable({ data: new Float64Array(k * n).fill(0.5), shape: [k, n] }),
          ];
          const cost = costOf(sum(matmul(x, w)));
          assert.equal(cost.forward.multiplications, m * k * n);
          assert.equal(cost.backward.multiplications, 2 * m * k * n);
          assert.equal(cost.ways.differences, 2 * (m * k + k * n) * m * k * n);
        },
      ),
      { numRuns: 20 },
    );
  });

  it("writes no bytes for a view", () => {
    const x = variable({ data: new Float64Array(12), shape: [3, 4] });
    assert.equal(costOf(sum(transpose(x))).forward.bytes, 8);
    assert.equal(costOf(sum(mul(transpose(x), 2))).forward.bytes, 12 * 8 + 8);
  });

  it("backward costs at most a small constant times forward, however many inputs there are", () => {
    fc.assert(
      fc.property(recipes(30), (recipe) => {
        const z = build(recipe);
        fc.pre(z.needsGradient);
        const { forward, backward: back, ways } = costOf(z);
        assert.ok(
          back.multiplications <= 4 * forward.multiplications + 4,
          `${back.multiplications} to ${forward.multiplications}`,
        );
        assert.equal(ways.reverse, forward.multiplications + back.multiplications);
        assert.ok(ways.differences >= 2 * forward.multiplications);
      }),
    );
    // Of n inputs, reverse mode grows with n, the two other ways with n².
    const ways = [10, 100].map((n) => costOf(sum(tanh(variable(new Float64Array(n).fill(0.5))))).ways);
    assert.equal(ways[1]!.reverse, 10 * ways[0]!.reverse);
    assert.ok(ways[1]!.forwardMode >= 90 * ways[0]!.forwardMode);
    assert.equal(ways[1]!.differences, 100 * ways[0]!.differences);
  });

  it("shows what remat saves in bytes and spends in multiplications", () => {
    const w = variable({ data: Float64Array.from({ length: 256 }, (_, i) => Math.sin(i) / 8), shape: [16, 16] }, "w");
    const x = constant({ data: new Float64Array(128).fill(0.5), shape: [8, 16] });
    const block = (h: Value): Value => tanh(matmul(relu(matmul(h, w)), w));
    const loss = (f: (h: Value) => Value): Value => sum([1, 2, 3, 4].reduce((h) => f(h), x as Value));
    const [plain, again] = [loss(block), loss(remat(block))];
    const [kept, run] = [costOf(plain), costOf(again)];
    assert.equal(run.forward.multiplications, kept.forward.multiplications);
    assert.ok(run.storedBytes < kept.storedBytes / 2, `${run.storedBytes} of ${kept.storedBytes}`);
    // The backward pass runs the forward pass once more.
    assert.ok(run.backward.multiplications >= kept.backward.multiplications + kept.forward.multiplications);
    assert.ok(run.backward.multiplications <= kept.backward.multiplications + 1.5 * kept.forward.multiplications);
    assertClose(backward(again).of(w).data, backward(plain).of(w).data, 1e-12);
  });
});
