import { ShapeError } from "../../graph/errors.ts";
import { type Shape, shapeText, sizeOf } from "../../graph/shape.ts";
import { constant, type Value } from "../../graph/value.ts";
import { Random } from "../random.ts";

/** Examples to learn from: one row of `inputs` for each target. Made to be used as `datasets.moons()` and so on. */
export interface Dataset {
  /** [count, …], float64. */
  readonly inputs: Value;
  /** [count]: classes as whole numbers (int32). */
  readonly targets: Value;
  readonly classes: number;
}

export interface SampleOptions {
  readonly count?: number;
  /** The standard deviation of what is added to each coordinate. */
  readonly noise?: number;
  readonly random?: Random;
}

function dataset(rows: readonly (readonly number[])[], targets: readonly number[], classes: number): Dataset {
  return { inputs: constant(rows, "inputs"), targets: constant(Int32Array.from(targets), "targets"), classes };
}

/**
 * Exclusive or: four points, of class 1 where exactly one coordinate is 1.
 *
 * @example
 * ```ts
 * import { datasets } from "gradbook";
 * datasets.xor().targets // [0, 1, 1, 0]
 * ```
 */
export function xor(): Dataset {
  return dataset(
    [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ],
    [0, 1, 1, 0],
    2,
  );
}

/**
 * Two half circles that reach into one another, as many points on each, by turns.
 *
 * @example
 * ```ts
 * import { datasets, Random } from "gradbook";
 * const { inputs, targets } = datasets.moons({ count: 100, random: new Random(1) });
 * [inputs.shape, targets.shape] // [ [ 100, 2 ], [ 100 ] ]
 * ```
 */
export function moons({ count = 200, noise = 0.1, random = new Random(0) }: SampleOptions = {}): Dataset {
  const targets = Array.from({ length: count }, (_, i) => i % 2);
  const rows = targets.map((target) => {
    const angle = random.uniform(0, Math.PI);
    const [x, y] = target === 0 ? [Math.cos(angle), Math.sin(angle)] : [1 - Math.cos(angle), 0.5 - Math.sin(angle)];
    return [x + random.normal(0, noise), y + random.normal(0, noise)];
  });
  return dataset(rows, targets, 2);
}

/**
 * Arms that wind around the middle, one for each class, by turns.
 *
 * @example
 * ```ts
 * import { datasets } from "gradbook";
 * datasets.spirals({ count: 90, classes: 3 }).inputs.shape // [90, 2]
 * ```
 */
export function spirals({
  count = 300,
  classes = 3,
  noise = 0.05,
  random = new Random(0),
}: SampleOptions & { readonly classes?: number } = {}): Dataset {
  const targets = Array.from({ length: count }, (_, i) => i % classes);
  const rows = targets.map((target) => {
    const radius = random.uniform(0.05, 1);
    const angle = 4 * radius + (2 * Math.PI * target) / classes;
    return [
      radius * Math.sin(angle) + random.normal(0, noise * radius),
      radius * Math.cos(angle) + random.normal(0, noise * radius),
    ];
  });
  return dataset(rows, targets, classes);
}

/**
 * 1,797 handwritten digits, [1797, 8, 8] from 0 to 16, with their classes (E. Alpaydin and C. Kaynak, UCI Machine
 * Learning Repository, 1998; CC BY 4.0). Loaded when it is first asked for.
 *
 * @example
 * ```ts
 * import { datasets } from "gradbook";
 * const { inputs, targets } = await datasets.digits();
 * [inputs.shape, targets.shape] // [ [ 1797, 8, 8 ], [ 1797 ] ]
 * ```
 */
export async function digits(): Promise<Dataset> {
  const { digitLines } = await import("./digits-data.ts");
  const lines = digitLines.split("\n");
  const data = new Float64Array(lines.length * 64);
  const targets = lines.map((line, row) => {
    for (let i = 0; i < 64; i++) data[row * 64 + i] = line.charCodeAt(i) - "a".charCodeAt(0);
    return Number(line[64]);
  });
  return {
    inputs: constant({ data, shape: [lines.length, 8, 8] }, "inputs"),
    targets: constant(Int32Array.from(targets), "targets"),
    classes: 10,
  };
}

/**
 * The examples at some places, in that order.
 *
 * @throws {RangeError} where there is no such place.
 *
 * @example
 * ```ts
 * import { datasets } from "gradbook";
 * datasets.take(datasets.xor(), [3, 1]).inputs // [[1, 1], [0, 1]]
 * ```
 */
export function take({ inputs, targets, classes }: Dataset, places: readonly number[]): Dataset {
  const rowShape: Shape = inputs.shape.slice(1);
  const size = sizeOf(rowShape);
  const [from, labels] = [inputs.data, targets.data];
  const data = new Float64Array(places.length * size);
  const chosen = Int32Array.from(places, (place, row) => {
    if (!(Number.isInteger(place) && place >= 0 && place < labels.length)) {
      throw new RangeError(`There is no example ${place}; there are ${labels.length}.`);
    }
    data.set(from.subarray(place * size, (place + 1) * size), row * size);
    return labels[place]!;
  });
  return { inputs: constant({ data, shape: [places.length, ...rowShape] }), targets: constant(chosen), classes };
}

export interface SplitOptions {
  /** The share that is kept apart for the test. Default 0.2. */
  readonly test?: number;
  /** Whether each class has that share. Default true. */
  readonly stratified?: boolean;
  readonly random?: Random;
}

/**
 * Examples to train on and others to test with, in random order.
 *
 * @throws {ShapeError} where inputs and targets differ in number.
 *
 * @example
 * ```ts
 * import { datasets } from "gradbook";
 * const { train, test } = datasets.split(datasets.moons({ count: 100 }), { test: 0.3 });
 * [train.inputs.shape, test.inputs.shape] // [ [ 70, 2 ], [ 30, 2 ] ]
 * ```
 */
export function split(
  data: Dataset,
  { test = 0.2, stratified = true, random = new Random(0) }: SplitOptions = {},
): { readonly train: Dataset; readonly test: Dataset } {
  const { inputs, targets } = data;
  if (inputs.shape[0] !== targets.shape[0]) {
    throw new ShapeError(
      `split: inputs are ${shapeText(inputs.shape)}, targets ${shapeText(targets.shape)}; they need one target a row.`,
    );
  }
  const order = random.permutation(inputs.shape[0]!);
  const labels = targets.data;
  const groups = stratified
    ? Array.from({ length: data.classes }, (_, group) => order.filter((place) => labels[place] === group))
    : [order];
  const kept = new Set(groups.flatMap((group) => group.slice(0, Math.round(test * group.length))));
  return {
    train: take(
      data,
      order.filter((place) => !kept.has(place)),
    ),
    test: take(
      data,
      order.filter((place) => kept.has(place)),
    ),
  };
}

/**
 * The places of all examples in random order, cut into batches; the last may be shorter.
 *
 * @example
 * ```ts
 * import { datasets, Random } from "gradbook";
 * datasets.batches(10, 4, new Random(0)).map((places) => places.length) // [4, 4, 2]
 * ```
 */
export function batches(count: number, size: number, random: Random): readonly (readonly number[])[] {
  const order = random.permutation(count);
  return Array.from({ length: Math.ceil(count / size) }, (_, i) => order.slice(i * size, (i + 1) * size));
}
