import { backward, constant, jvp, type Value, variable } from "../../src/index.ts";
import { type Measurement, median } from "./report.ts";

const sizes = [1, 4, 16, 64, 256];
const rounds = 11;
const hidden = 64;

/**
 * What all the derivatives of one loss cost, in multiples of computing the loss: by one backward pass, by forward mode
 * (one pass an input) and by central differences (two an input), for more and more inputs.
 */
export function benchCost(): readonly Measurement[] {
  return sizes.map((inputs) => {
    const numbers = numbersFrom(inputs);
    const first = constant({ data: numbersFrom(inputs * hidden), shape: [inputs, hidden] });
    const second = constant({ data: numbersFrom(hidden * hidden), shape: [hidden, hidden] });
    const loss = (x: Value): Value => x.reshape([1, inputs]).matmul(first).tanh().matmul(second).tanh().sum();
    const forward = (): ArrayLike<number> => loss(variable(numbers)).data.slice();
    const ways = {
      "forward and backward": () => {
        const x = variable(numbers);
        return backward(loss(x)).of(x).data;
      },
      "one forward-mode pass an input": () =>
        numbers.map((_, i) => jvp(loss, [variable(numbers)], [constant(one(inputs, i))])[1].item()),
      "central differences": () => {
        const at = (i: number, step: number): number =>
          loss(variable(numbers.map((x, j) => (i === j ? x + step : x)))).item();
        return numbers.map((_, i) => (at(i, 1e-6) - at(i, -1e-6)) / 2e-6);
      },
    } satisfies Readonly<Record<string, () => ArrayLike<number>>>;
    assertAgree(
      ways["forward and backward"](),
      ways["one forward-mode pass an input"](),
      ways["central differences"](),
    );

    // Each against the forward pass of its own round: what slows the processor down for a while slows both.
    const ratios = new Map<string, number[]>();
    for (let round = 0; round <= rounds; round++) {
      const unit = time(forward);
      for (const [name, way] of Object.entries(ways)) {
        const ratio = time(way) / unit;
        if (round > 0) ratios.set(name, [...(ratios.get(name) ?? []), ratio]);
      }
    }
    const medians = Object.fromEntries([...ratios].map(([name, each]) => [name, median(each)]));
    return { what: `all derivatives by ${inputs} inputs`, unit: "forward passes", medians };
  });
}

function numbersFrom(count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => Math.sin(1 + 12.9898 * i) / 4);
}

function one(length: number, position: number): Float64Array {
  const numbers = new Float64Array(length);
  numbers[position] = 1;
  return numbers;
}

function assertAgree(...results: readonly ArrayLike<number>[]): void {
  const [expected, ...others] = results;
  for (const other of others) {
    for (let i = 0; i < expected!.length; i++) {
      if (!(Math.abs(expected![i]! - other[i]!) <= 1e-6)) throw new Error(`Derivative ${i} differs between the ways.`);
    }
  }
}

/** Microseconds of processor time a call, over at least 10 ms of calls; what else the machine does is not counted. */
function time(run: () => ArrayLike<number>): number {
  const started = process.cpuUsage();
  let taken = 0;
  let calls = 0;
  let total = 0;
  do {
    total += run()[0]!;
    calls++;
    const { user, system } = process.cpuUsage(started);
    taken = user + system;
  } while (taken < 10_000);
  if (Number.isNaN(total)) throw new Error("The loss is not a number.");
  return taken / calls;
}
