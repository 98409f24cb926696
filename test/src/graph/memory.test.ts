import assert from "node:assert/strict";
import { tape } from "../../../src/graph/tape.ts";
import { backward, constant, matmul, type Value, variable } from "../../../src/index.ts";
import { collectGarbage } from "../../support/garbage.ts";

/** Bytes that are still reachable, in JavaScript's heap and in typed arrays beside it. */
async function reachable(): Promise<number> {
  await collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!;
}

function numbers(length: number, seed: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => Math.sin(seed + 12.9898 * i));
}

/** A step of gradient descent: new parameters in place of the old ones. */
function descended(parameters: readonly Value[], loss: Value): Value[] {
  const gradients = backward(loss);
  return parameters.map((parameter) => {
    const gradient = gradients.of(parameter).data;
    const data = Float64Array.from(parameter.data, (number, i) => number - 0.05 * gradient[i]!);
    return parameter.shape.length === 0
      ? variable(data[0]!, parameter.name)
      : variable({ data, shape: parameter.shape }, parameter.name);
  });
}

interface Training {
  readonly start: () => Value[];
  readonly lossOf: (parameters: readonly Value[]) => Value;
  /** What a kept loss may keep: its graph holds some 3,000 numbers, or 300 nodes. */
  readonly mostKept: number;
}

const trainings: Readonly<Record<string, Training>> = {
  "of tensors": {
    start: () => [
      variable({ data: numbers(8 * 16, 1), shape: [8, 16] }, "W1"),
      variable({ data: numbers(16, 2), shape: [16] }, "b1"),
      variable({ data: numbers(16 * 4, 3), shape: [16, 4] }, "W2"),
    ],
    lossOf: ([first, bias, second]) => {
      const x = constant({ data: numbers(32 * 8, 4), shape: [32, 8] });
      const target = constant({ data: numbers(32 * 4, 5), shape: [32, 4] });
      return matmul(matmul(x, first!).add(bias!).tanh(), second!).sub(target).square().mean();
    },
    mostKept: 80_000,
  },
  "of scalars": {
    start: () => Array.from(numbers(17, 6), (number) => variable(number)),
    lossOf: (parameters) => {
      const points = numbers(30, 7);
      let loss = constant(0);
      for (let point = 0; point < 30; point += 3) {
        let out = parameters[16]!;
        for (let unit = 0; unit < 16; unit += 4) {
          const [a, b, c, d] = parameters.slice(unit, unit + 4) as [Value, Value, Value, Value];
          out = out.add(
            a
              .mul(points[point]!)
              .add(b.mul(points[point + 1]!))
              .add(c)
              .tanh()
              .mul(d),
          );
        }
        loss = loss.add(out.sub(points[point + 2]!).square());
      }
      return loss;
    },
    mostKept: 20_000,
  },
};

describe("memory", () => {
  const pauses = 30;

  for (const [name, { start, lossOf, mostKept }] of Object.entries(trainings)) {
    /** Trains for some steps; `after` sees each loss. Returns how much was reachable in each pause. */
    async function train(steps: number, after: (loss: Value) => void): Promise<readonly number[]> {
      let parameters = start();
      const sizes: number[] = [];
      let first: number | undefined;
      let last = 0;
      for (let step = 1; step <= steps; step++) {
        const loss = lossOf(parameters);
        first ??= loss.item();
        last = loss.item();
        after(loss);
        parameters = descended(parameters, loss);
        if (step % (steps / pauses) === 0) sizes.push(await reachable());
      }
      assert.ok(last < 0.9 * first!, `the loss went from ${first} to ${last}`);
      return sizes;
    }

    it(`a training ${name} does not grow`, async () => {
      const steps = 21_000;
      const sizes = await train(steps, () => {});
      const third = pauses / 3;
      const early = median(sizes.slice(0, third));
      const late = median(sizes.slice(-third));
      // A step that left a single node behind would keep its columns, too, and so leave more than the columns in use take, and the compiler.
      assert.ok(late - early <= 20 * tape.capacity + (steps * 2 * 80) / 3, `from ${early} to ${late} bytes`);
    });

    it(`a training ${name} whose losses are all kept grows by one graph a step`, async () => {
      const kept: Value[] = [];
      const steps = 3000;
      const sizes = await train(steps, (loss) => kept.push(loss));
      const growth = (from: number, to: number): number =>
        (sizes[to]! - sizes[from]!) / ((to - from) * (steps / pauses));
      const [early, late] = [growth(0, pauses / 2), growth(pauses / 2, pauses - 1)];
      assert.equal(kept.length, steps);
      console.log(`      ${(late / 1000).toFixed(1)} kB a step`);
      assert.ok(late <= 1.25 * early + 1000, `${early} bytes a step at first, ${late} at last`);
      assert.ok(late <= mostKept, `${late} bytes a step`);
    });
  }
});
