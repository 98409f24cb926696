import assert from "node:assert/strict";
import fc from "fast-check";
import { datasets, mean, Random, square, sub, variable } from "../../../src/index.ts";
import { assertClose } from "../../support/close.ts";

describe("Random", () => {
  it("repeats to the bit with its seed, and differs with another", () => {
    const draw = (seed: number): number[] => {
      const random = new Random(seed);
      return [random.uniform(), random.normal(), random.integer(10), ...random.permutation(5), random.fork().uniform()];
    };
    assert.deepEqual(draw(1986), draw(1986));
    assert.notDeepEqual(draw(1986), draw(1987));
  });

  it("is uniform and normal as it says", () => {
    const random = new Random(4);
    const uniform = variable(Array.from({ length: 40_000 }, () => random.uniform(-1, 3)));
    assertClose(mean(uniform).item(), 1, 0.03);
    assertClose(mean(square(sub(uniform, 1))).item(), 16 / 12, 0.03);
    const normal = variable(Array.from({ length: 40_000 }, () => random.normal(2, 3)));
    assertClose(mean(normal).item(), 2, 0.05);
    assertClose(mean(square(sub(normal, 2))).item(), 9, 0.2);
  });

  it("puts every number in its permutations once", () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(50), (seed, n) => {
        const order = new Random(seed).permutation(n);
        assert.deepEqual(
          [...order].sort((a, b) => a - b),
          Array.from({ length: n }, (_, i) => i),
        );
      }),
    );
    assert.throws(() => new Random(1).integer(0), RangeError);
  });
});

describe("data sets", () => {
  it("xor has four points", () => {
    const { inputs, targets } = datasets.xor();
    assert.deepEqual(
      [inputs.toArray(), targets.toArray()],
      [
        [
          [0, 0],
          [0, 1],
          [1, 0],
          [1, 1],
        ],
        [0, 1, 1, 0],
      ],
    );
  });

  it("moons and spirals have as many points as asked for, their classes by turns, and repeat with their seed", () => {
    for (const make of [datasets.moons, datasets.spirals]) {
      const [a, b] = [1, 1].map((seed) => make({ count: 60, random: new Random(seed) }));
      assert.deepEqual(a!.inputs.shape, [60, 2]);
      assert.deepEqual(a!.inputs.data, b!.inputs.data);
      assert.deepEqual([...a!.targets.data.slice(0, 3)], [0, 1, a!.classes === 2 ? 0 : 2]);
    }
  });

  it("moons without noise lie on their half circles", () => {
    const { inputs, targets } = datasets.moons({ count: 40, noise: 0 });
    (inputs.toArray() as number[][]).forEach(([x, y], i) => {
      const radius = targets.data[i] === 0 ? Math.hypot(x!, y!) : Math.hypot(x! - 1, y! - 0.5);
      assertClose(radius, 1);
    });
  });

  it("digits are the 1,797 images of the UCI set", async () => {
    const { inputs, targets, classes } = await datasets.digits();
    assert.deepEqual([inputs.shape, classes], [[1797, 8, 8], 10]);
    const counts = new Array<number>(10).fill(0);
    for (const target of targets.data) counts[target]!++;
    assert.deepEqual(counts, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
    assert.deepEqual([...inputs.data.slice(0, 8)], [0, 0, 5, 13, 9, 1, 0, 0]);
    assert.equal(Math.max(...inputs.data), 16);
  });

  it("are split by class, without an example in both parts", async () => {
    const digits = await datasets.digits();
    const { train, test } = datasets.split(digits, { test: 0.2, random: new Random(2) });
    assert.equal(train.targets.shape[0]! + test.targets.shape[0]!, 1797);
    for (let digit = 0; digit < 10; digit++) {
      const share = test.targets.data.filter((target) => target === digit).length;
      const all = digits.targets.data.filter((target) => target === digit).length;
      assert.equal(share, Math.round(0.2 * all));
    }
    assert.throws(() => datasets.take(digits, [1797]), RangeError);
  });

  it("come in batches that hold each example once", () => {
    const parts = datasets.batches(10, 4, new Random(3));
    assert.deepEqual(
      parts.map((part) => part.length),
      [4, 4, 2],
    );
    assert.deepEqual(
      parts.flat().sort((a, b) => a - b),
      Array.from({ length: 10 }, (_, i) => i),
    );
  });
});
