import assert from "node:assert/strict";
import fc from "fast-check";
import type { ExerciseOptions } from "../../../src/checkpoints/code/code-exercise.ts";
import { parameterNames } from "../../../src/checkpoints/code/code-exercise.ts";
import type { ExerciseOutcome } from "../../../src/checkpoints/results.ts";
import { CheckpointSession } from "../../../src/checkpoints/session.ts";
import {
  grad,
  matmul,
  mul,
  type NestedNumbers,
  type Random,
  sum,
  transpose,
  Value,
  variable,
} from "../../../src/index.ts";
import { contentOf } from "./shown.ts";

function tried<Given extends readonly unknown[]>(f: unknown, options: ExerciseOptions<Given>): ExerciseOutcome {
  return new CheckpointSession().exercise("it", f, options);
}

/** What is said about the one part of a result that has no parts, at random numbers. */
function saidOf(f: (x: number, y: number) => unknown): readonly string[] {
  const reference = (x: number, y: number): number => 2 * x * y;
  const outcome = tried(f, { reference, inputs: (random) => [random.uniform(1, 3), random.uniform(1, 3)] as const });
  return outcome.entries[0]!.because;
}

const matrix = (random: Random, rows: number, columns: number): Value =>
  variable(Array.from({ length: rows }, () => Array.from({ length: columns }, () => random.normal())));
const layer = {
  reference: (X: Value, W: Value, G: Value) => ({
    X: matmul(G, transpose(W)),
    W: matmul(transpose(X), G),
    b: sum(G, { axes: [0] }),
  }),
  inputs: (random: Random) => [matrix(random, 4, 3), matrix(random, 3, 2), matrix(random, 4, 2)] as const,
};

describe("a function to be written", () => {
  it("is right where it gives what the reference gives, whatever form the numbers have", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: 2, maxLength: 2 }), {
          minLength: 1,
        }),
        (rows) => {
          const forms: readonly (() => unknown)[] = [
            () => rows,
            () => variable(rows),
            () => rows.map((row) => Float64Array.from(row)),
          ];
          for (const reference of forms) {
            for (const f of forms.slice(0, 2)) assert.equal(tried(f, { reference, inputs: [[]] }).kind, "correct");
          }
        },
      ),
    );
  });

  it("may be compared with a gradient of this library", () => {
    const options = { reference: grad((x) => mul(x, x)), inputs: (random: Random) => [random.uniform(-2, 2)] as const };
    assert.equal(tried((x: number) => 2 * x, options).kind, "correct");
    assert.equal(tried((x: number) => x, options).kind, "incorrect");
  });

  it("is not right where one number of any part is off, and the part is named", () => {
    fc.assert(
      fc.property(fc.constantFrom("X", "W", "b"), fc.nat(5), fc.double({ min: 0.01, max: 5 }), (part, place, by) => {
        const outcome = tried((...given: [Value, Value, Value]) => {
          const right: Record<string, unknown> = layer.reference(...given);
          const numbers = (right[part] as Value).toArray() as number[][];
          const flat = numbers.flat();
          flat[place % flat.length]! += by;
          const columns = Array.isArray(numbers[0]) ? numbers[0].length : 0;
          const again = columns === 0 ? flat : numbers.map((_, i) => flat.slice(i * columns, (i + 1) * columns));
          return { ...right, [part]: again };
        }, layer);
        assert.deepEqual(
          outcome.entries.filter(({ kind }) => kind === "incorrect").map(({ key }) => key),
          [part],
        );
        assert.equal(outcome.right, 2);
      }),
      { numRuns: 20 },
    );
  });

  it("is given arrays where it is to work with arrays", () => {
    const backwardOf = (X: number[][], W: number[][], G: number[][]): object => ({
      X: G.map((row) => W.map((w) => w.reduce((total, one, k) => total + one * row[k]!, 0))),
      W: X[0]!.map((_, i) => G[0]!.map((_, j) => X.reduce((total, x, n) => total + x[i]! * G[n]![j]!, 0))),
      b: G[0]!.map((_, j) => G.reduce((total, row) => total + row[j]!, 0)),
    });
    assert.equal(tried(backwardOf, { ...layer, arrays: true }).kind, "correct");
  });

  it("hears what kind and shape are expected before anything else", () => {
    const outcome = tried(
      (X: Value, _W: Value, G: Value) => ({ X: 3, W: matmul(transpose(G), X), b: G }) satisfies object as unknown,
      layer,
    );
    assert.deepEqual(
      outcome.entries.map(({ because }) => because.slice(0, 2)),
      [
        ["Expected is a matrix 4×3; yours is a number.", outcome.entries[0]!.because[1]],
        ["Expected is a matrix 3×2; yours is a matrix 2×3.", "It is the transpose of the right one."],
        [
          "Expected is an array of 2 numbers; yours is a matrix 4×2.",
          "A sum is missing: add up over the examples of the batch (axis 0 of yours).",
        ],
      ],
    );
  });

  const slips: readonly (readonly [(x: number, y: number) => unknown, RegExp])[] = [
    [(x, y) => -2 * x * y, /^Its sign is the other one/],
    [(x, y) => x * y, /^It is half the right one: a factor 2 is missing/],
    [(x, y) => 4 * x * y, /^It is twice the right one/],
    [(x, y) => 6 * x * y, /^It is always 3 times the right one/],
    [(x) => x, /^This is x itself/],
    [() => 0, /^It is zero everywhere/],
    [(x, y) => 1 / (2 * x * y), /^It is the reciprocal/],
    [(x, y) => ({ x, y }), /^$/],
  ];
  for (const [f, expected] of slips) {
    it(`is told the slip in ${f}`, () => assert.match(saidOf(f)[0] ?? "", expected));
  }

  it("is told of a factor where it is the same at several wrong inputs, not where one alone is wrong", () => {
    const reference = (x: number): number => x + 9;
    const wrongAt = (wrong: readonly number[]): readonly string[] =>
      tried((x: number) => (wrong.includes(x) ? 0.4545 * reference(x) : reference(x)), {
        reference,
        inputs: [[1], [2], [3]],
      }).entries[0]!.because;
    assert.doesNotMatch(wrongAt([2]).join("\n"), /always/);
    assert.match(wrongAt([2, 3]).join("\n"), /It is always 0\.4545 times the right one/);
  });

  it("has no hint of its own where the author gave none, and says where one may be", () => {
    const session = new CheckpointSession();
    session.exercise("it", (x: number) => x, { reference: (x: number) => 2 * x, inputs: [[1]] });
    assert.equal(
      session.hint("it").text,
      "There is no hint for “it” here; there may be one in the lesson's text beside it.",
    );
  });

  it("is told of a factor that is a size: a mean taken for a sum", () => {
    const outcome = tried((x: number[]) => x.reduce((total, one) => total + one, 0) / x.length, {
      reference: (x: readonly number[]) => x.reduce((total, one) => total + one, 0),
      inputs: [[[1, 2, 3]], [[4, 5, 7]]],
    });
    assert.match(outcome.entries[0]!.because[0]!, /too small by the factor 3, the size of x along axis 0/);
  });

  it("is told the input, its own value and the right one, unless that is hidden", () => {
    const shown = saidOf((x, y) => x + y).at(-1)!;
    assert.match(shown, /^At x = [\d.]+, y = [\d.]+ yours gives [\d.]+; computed: [\d.]+\.$/);
    const options = { reference: (x: number) => 12345 * x, inputs: [[1]] as const, hidden: true };
    const outcome = tried((x: number) => x + 3, options);
    assert.match(outcome.entries[0]!.because.at(-1)!, /^At x = 1 yours gives 4\.$/);
    assert.doesNotMatch(JSON.stringify([outcome, contentOf(outcome)]), /12345|12 345/);
  });

  it("is not attempted where it is still the stub: that counts as nothing", () => {
    const session = new CheckpointSession();
    const stub = (): never => {
      throw new Error("Not written yet.");
    };
    for (const f of [stub, undefined]) {
      assert.equal(session.exercise("it", f, { reference: () => 1, inputs: [[]] }).kind, "not-attempted");
    }
    assert.deepEqual(session.record.checkpoints, {});
  });

  it("is told of an error with the input at which it comes", () => {
    const f = (x: number): number => {
      if (x < 0) throw new RangeError("x is below 0");
      return x;
    };
    const outcome = tried(f, { reference: (x: number) => x, inputs: [[2], [-3], [4]] });
    assert.deepEqual(outcome.remarks, ["It fails at 1 of 3 inputs: RangeError: x is below 0", "First at x = −3."]);
    assert.deepEqual(outcome.entries[0]!.because, ["It is right at 2 of 3 inputs: is a case left out?"]);
  });

  it("is told that it returns nothing, or changes what it is given", () => {
    const nothing = tried((x: number) => void x, { reference: (x: number) => x, inputs: [[2]] });
    assert.deepEqual(nothing.remarks, ["It returns nothing: is a return missing?"]);
    const sorted = tried((x: number[]) => x.sort((a, b) => a - b)[0], {
      reference: (x: readonly number[]) => Math.min(...x),
      inputs: [[[3, 1, 2]]],
    });
    assert.equal(sorted.kind, "correct");
    assert.match(sorted.remarks[0]!, /It changes its argument x/);
  });

  it("never counts what has no value", () => {
    for (const odd of [Number.NaN, Number.POSITIVE_INFINITY, "2", [2], null, undefined, {}, () => 2]) {
      assert.equal(tried(() => odd, { reference: () => 2, inputs: [[]] }).kind, "incorrect");
    }
  });

  it("earns points by its parts, and none for a solution that was taken", () => {
    const session = new CheckpointSession();
    const options = { reference: (x: number) => ({ a: x, b: 2 * x }), inputs: [[2], [5]] as const, points: 3 };
    session.exercise("it", (x: number) => ({ a: x, b: x }), options);
    assert.equal(session.points("it"), 1.5);
    session.begin({ solutionOf: (id) => (id === "it" ? "function it() {}" : undefined) });
    assert.match(session.solution("it").text, /function it\(\) \{\}/);
    assert.equal(session.exercise("it", options.reference, options).kind, "correct");
    assert.equal(session.points("it"), 1.5);
    assert.deepEqual(session.record.checkpoints["it"]?.solutions, ["b"]);
  });

  it("says that there is no solution where the notebook has none, and counts none", () => {
    const session = new CheckpointSession();
    session.exercise("it", undefined, { reference: () => 1, inputs: [[]] });
    assert.match(session.solution("it").text, /There is no solution of “it” in this notebook/);
    assert.deepEqual(session.record.checkpoints, {});
  });

  it("meets other random inputs for another learner, the same for the same", () => {
    const seen = (learner: string): string => {
      const given: NestedNumbers[] = [];
      new CheckpointSession(learner).exercise("it", (x: number) => given.push(x), {
        reference: (x: number) => x,
        inputs: (random) => [random.uniform()],
      });
      return given.join();
    };
    assert.equal(seen("ann"), seen("ann"));
    assert.notEqual(seen("ann"), seen("bob"));
  });

  it("is the author's affair where reference or inputs are at fault", () => {
    const broken =
      (options: object): (() => unknown) =>
      () =>
        tried(() => 1, options as never);
    assert.throws(broken({ reference: 3, inputs: [[1]] }), /reference must be a function/);
    assert.throws(broken({ reference: () => 1, inputs: [] }), /inputs are lists of arguments/);
    assert.throws(broken({ reference: () => 1, inputs: [2] }), /each input is a list of arguments/);
    assert.throws(broken({ reference: () => Number.NaN, inputs: [[1]] }), /gives no finite number/);
    assert.throws(broken({ reference: () => undefined, inputs: [[1]] }), /the reference returns nothing/);
    assert.throws(() => new CheckpointSession().points("it"), /There is no checkpoint “it” yet/);
  });

  it("is asked about by the names of its parameters", () => {
    assert.deepEqual(
      parameterNames((x: number, ŷ = 2) => x + ŷ, 2),
      ["x", "ŷ"],
    );
    assert.deepEqual(
      parameterNames(function f([a]: number[], ...rest: number[]) {
        return [a, rest];
      }, 2),
      ["argument 1", "argument 2"],
    );
    assert.ok(variable(1) instanceof Value);
  });
});
