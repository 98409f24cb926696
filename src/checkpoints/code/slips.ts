import { close } from "../verdict.ts";
import type { Numbers } from "./parts.ts";

/** One part of a result at one input: the learner's, what is right, and what there is to take it for. */
export interface Compared {
  readonly yours: Numbers;
  readonly right: Numbers;
  /** The right ones of the other parts, by name. */
  readonly others: ReadonlyMap<string, Numbers>;
  /** The function's arguments that are numbers, by name. */
  readonly inputs: ReadonlyMap<string, Numbers>;
}

export function sameShape(a: Numbers, b: Numbers): boolean {
  return a.shape.length === b.shape.length && a.shape.every((size, axis) => size === b.shape[axis]);
}

/** Whether two arrays hold the same numbers, whatever their shape, as far as their digits go. */
export function sameNumbers(a: Numbers, b: Numbers, tolerance?: number): boolean {
  if (a.data.length !== b.data.length) return false;
  const scale = Math.max(1e-300, ...b.data.map(Math.abs));
  const near = tolerance ?? (a.single || b.single ? 1e-4 : undefined);
  return a.data.every((number, i) => {
    const right = b.data[i]!;
    if (near === undefined) return close(number, right, scale);
    return Number.isFinite(number) && Math.abs(number - right) <= near * Math.max(scale, Math.abs(right));
  });
}

/**
 * What may have slipped, where that is cheap to see: it must fit at every input. A slip that changes nothing at these
 * inputs is none.
 */
export function slipOf(all: readonly Compared[]): string | undefined {
  if (all.length === 0) return undefined;
  const everywhere = (fits: (one: Compared) => boolean): boolean => all.every(fits);
  return shapeSlip(everywhere, all[0]!) ?? factorSlip(all) ?? otherSlip(everywhere, all[0]!);
}

type Everywhere = (fits: (one: Compared) => boolean) => boolean;

function shapeSlip(everywhere: Everywhere, first: Compared): string | undefined {
  const { yours, right } = first;
  if (everywhere((one) => is(transposed(one.yours), one.right))) return "It is the transpose of the right one.";
  if (sameShape(yours, right)) return undefined;
  for (let axis = 0; axis < yours.shape.length; axis++) {
    if (everywhere((one) => is(summed(one.yours, axis), one.right))) {
      const what = axis === 0 ? "the examples of the batch" : `axis ${axis}`;
      return `A sum is missing: add up over ${what} (axis ${axis} of yours).`;
    }
    if (everywhere((one) => is(scaled(summed(one.yours, axis), 1 / (one.yours.shape[axis] ?? 1)), one.right))) {
      return `A mean is missing: over axis ${axis} of yours.`;
    }
  }
  for (let axis = 0; axis < right.shape.length; axis++) {
    if (everywhere((one) => is(one.yours, summed(one.right, axis))))
      return `You added up over axis ${axis} of what is right.`;
  }
  if (everywhere((one) => sameNumbers(one.yours, one.right))) return "The numbers are right; their shape is not.";
  return undefined;
}

/** Yours is the right one times something. */
function factorSlip(all: readonly Compared[]): string | undefined {
  const factors = all.map(({ yours, right }) => factorBetween(yours, right));
  if (factors.some((factor) => factor === undefined)) return undefined;
  const known = factors as readonly number[]; // just looked at
  const each = (wanted: (one: Compared) => number | undefined): boolean =>
    all.every((one, i) => {
      const factor = wanted(one);
      return factor !== undefined && Math.abs(known[i]! - factor) <= 1e-6 * Math.abs(factor);
    });
  for (const [factor, sentence] of plainFactors) if (each(() => factor)) return sentence;
  for (const name of all[0]!.inputs.keys()) {
    const { shape } = all[0]!.inputs.get(name)!;
    for (const axis of shape.keys()) {
      const size = (one: Compared): number | undefined => one.inputs.get(name)?.shape[axis];
      const inverse = (one: Compared): number | undefined => 1 / (size(one) ?? Number.NaN);
      const count = `${shape[axis]}, the size of ${name} along axis ${axis}`;
      if (each(size))
        return `It is too large by the factor ${count}: is a mean taken for a sum, or a division left out?`;
      if (each(inverse)) return `It is too small by the factor ${count}: is it divided where it should not be?`;
    }
  }
  const [first] = known;
  // Any one number is some number times the right one: only where it is the same at several inputs does it say something.
  if (all.length > 1 && each(() => first)) return `It is always ${Number(first!.toPrecision(4))} times the right one.`;
  return undefined;
}

const plainFactors: readonly (readonly [number, string])[] = [
  [-1, "Its sign is the other one."],
  [2, "It is twice the right one: is a factor 2 too many, or ½ left out?"],
  [0.5, "It is half the right one: a factor 2 is missing."],
  [-2, "It is twice the right one, with the other sign."],
  [-0.5, "It is half the right one, with the other sign."],
];

function otherSlip(everywhere: Everywhere, first: Compared): string | undefined {
  for (const name of first.others.keys()) {
    if (everywhere((one) => is(one.yours, one.others.get(name)))) return `This is what ${name} should be.`;
  }
  if (everywhere(({ yours }) => yours.data.every((number) => number === 0))) return "It is zero everywhere.";
  for (const name of first.inputs.keys()) {
    if (everywhere((one) => is(one.yours, one.inputs.get(name)))) return `This is ${name} itself.`;
  }
  if (everywhere((one) => is(one.yours, mapped(one.right, Math.abs)))) return "The sign is lost.";
  if (
    everywhere((one) =>
      is(
        one.yours,
        mapped(one.right, (number) => 1 / number),
      ),
    )
  )
    return "It is the reciprocal of the right one.";
  if (
    everywhere((one) =>
      is(
        one.yours,
        mapped(one.right, (number) => number * number),
      ),
    )
  )
    return "It is the square of the right one.";
  return undefined;
}

function is(a: Numbers | undefined, b: Numbers | undefined): boolean {
  return a !== undefined && b !== undefined && sameShape(a, b) && sameNumbers(a, b);
}

/** The one number by which all of b are multiplied to give a. */
function factorBetween(a: Numbers, b: Numbers): number | undefined {
  if (!sameShape(a, b)) return undefined;
  const largest = b.data.reduce((best, number, i) => (Math.abs(number) > Math.abs(b.data[best]!) ? i : best), 0);
  const factor = (a.data[largest] ?? 0) / (b.data[largest] ?? 0);
  if (!Number.isFinite(factor) || factor === 0) return undefined;
  return sameNumbers(a, scaled(b, factor)!) ? factor : undefined;
}

export function mapped(numbers: Numbers, f: (number: number) => number): Numbers {
  return { ...numbers, data: numbers.data.map(f) };
}

export function scaled(numbers: Numbers | undefined, factor: number): Numbers | undefined {
  return numbers && mapped(numbers, (number) => number * factor);
}

export function transposed({ shape, data, single }: Numbers): Numbers | undefined {
  const [rows, columns] = shape;
  if (shape.length !== 2 || rows === undefined || columns === undefined) return undefined;
  const turned = data.map((_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!);
  return { shape: [columns, rows], data: turned, single };
}

function summed({ shape, data, single }: Numbers, axis: number): Numbers | undefined {
  const size = shape[axis];
  if (size === undefined) return undefined;
  const after = shape.slice(axis + 1).reduce((total, one) => total * one, 1);
  const sums = new Array<number>(data.length / Math.max(1, size)).fill(0);
  for (const [i, number] of data.entries()) {
    const outer = Math.floor(i / (size * after));
    sums[outer * after + (i % after)]! += number;
  }
  return { shape: shape.filter((_, other) => other !== axis), data: sums, single };
}
