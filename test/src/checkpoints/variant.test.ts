import assert from "node:assert/strict";
import fc from "fast-check";
import { CheckpointSession } from "../../../src/checkpoints/session.ts";
import type { Variant } from "../../../src/checkpoints/variant.ts";

const variantFor = (learner: string, seed: string): Variant => new CheckpointSession(learner).variant(seed);
const drawn = (variant: Variant): unknown[] => [
  variant.number(),
  variant.integer(2, 9),
  variant.distinct(3, -6, 6),
  variant.pick(["a", "b", "c"]),
  variant.names(3),
];

describe("a variant", () => {
  it("is the same each time for one learner and one seed", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (learner, seed) =>
        assert.deepEqual(drawn(variantFor(learner, seed)), drawn(variantFor(learner, seed))),
      ),
    );
  });

  it("differs from learner to learner", () => {
    const seen = new Set(
      Array.from({ length: 30 }, (_, i) => JSON.stringify(drawn(variantFor(`learner-${i}`, "one")))),
    );
    assert.ok(seen.size >= 28, `${seen.size}`);
  });

  it("keeps numbers in their range and apart, so that no mistake hides behind them", () => {
    fc.assert(
      fc.property(fc.string(), (learner) => {
        const variant = variantFor(learner, "numbers");
        const numbers = [variant.integer(-9, 9), variant.number(), variant.integer(), ...variant.distinct(2, -9, 9)];
        assert.ok(numbers.every((number) => Math.abs(number) <= 9 && number !== 0 && Math.abs(number) !== 1));
        assert.equal(new Set(numbers.map(Math.abs)).size, numbers.length);
        assert.ok(Number.isInteger(numbers[0]) && Math.abs(numbers[1]! * 10 - Math.round(numbers[1]! * 10)) < 1e-9);
      }),
    );
  });

  it("gives distinct numbers and names also where there are only just enough", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 6 }), (learner, count) => {
        const variant = variantFor(learner, "few");
        const numbers = variant.distinct(count, 1, count);
        assert.deepEqual(
          [...numbers].sort((a, b) => a - b),
          Array.from({ length: count }, (_, i) => i + 1),
        );
        assert.equal(new Set(variant.names(19)).size, 19);
      }),
    );
    assert.throws(() => variantFor("", "few").distinct(4, -2, 2), /no 4 whole numbers/);
    assert.throws(() => variantFor("", "few").names(40), /from 1 to 19/);
    assert.throws(() => variantFor("", "few").number(2, 1), /the smaller one comes first/);
    assert.throws(() => variantFor("", "few").pick([]), /empty list/);
  });
});
