import { type Shape, sizeOf } from "../graph/shape.ts";
import { type Value, variable } from "../graph/value.ts";
import { Random } from "./random.ts";

/** What a layer with parameters may be told. */
export interface RandomOptions {
  /** Where its first weights come from; the same each time by default. */
  readonly random?: Random;
}

export function sourceOf({ random }: RandomOptions): Random {
  return random ?? new Random(0);
}

/** A parameter whose numbers lie between −bound and bound. */
export function uniformParameter(random: Random, shape: Shape, bound: number): Value {
  const data = Float64Array.from({ length: sizeOf(shape) }, () => random.uniform(-bound, bound));
  return variable({ data, shape });
}

/** A parameter filled with one number. */
export function filledParameter(shape: Shape, number: number): Value {
  return variable({ data: new Float64Array(sizeOf(shape)).fill(number), shape });
}
