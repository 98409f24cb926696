// The table of primitives, by what they do. Everything else is a walk over the graph that never names one of them.
//
// Each entry states its arithmetic, its derivative, how it is written and where it holds; what its family knows is said
// once, in families.ts and record.ts. Partials are rules in the graph's own operations, of the inputs and, last, the
// output; so a derivative is a graph, can be drawn, and can be differentiated again.

import type { Primitive } from "./primitive.ts";
import { primitives } from "./tape.ts";

export type { AxesOptions, AxisOptions } from "./families.ts";
export { elu, gelu, leakyRelu, relu, sigmoid, silu, softplus } from "./primitives/activations.ts";
export { abs, add, div, maximum, minimum, mul, neg, pow, square, sub } from "./primitives/arithmetic.ts";
export { equal, greater, greaterEqual, less, lessEqual, where } from "./primitives/comparisons.ts";
export { cos, erf, exp, log, sin, sqrt, tan, tanh } from "./primitives/functions.ts";
export {
  broadcastTo,
  cast,
  concat,
  gather,
  type Indices,
  identity,
  pad,
  type Range,
  reshape,
  slice,
  stack,
  stopGradient,
  sumTo,
  transpose,
} from "./primitives/layout.ts";
export { matmul } from "./primitives/products.ts";
export {
  argmax,
  logSoftmax,
  logSumExp,
  max,
  mean,
  min,
  prod,
  softmax,
  sum,
  withReducedAxes,
} from "./primitives/reductions.ts";
export {
  avgPool2d,
  type ConvolutionOptions,
  conv2d,
  maxPool2d,
  type Pair,
  type PoolOptions,
} from "./primitives/windows.ts";

/** The primitive of that name. */
export function primitiveNamed(name: string): Primitive {
  const found = primitives.find((primitive) => primitive.name === name);
  if (found === undefined) throw new RangeError(`There is no primitive named ${name}.`);
  return found;
}
