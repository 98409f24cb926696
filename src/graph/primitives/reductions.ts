import { ShapeError } from "../errors.ts";
import {
  type AxesOptions,
  type AxisOptions,
  along,
  axesBehindBatch,
  called,
  general,
  linear,
  noneAtAll,
  reducedShape,
  reducing,
  reduction,
} from "../families.ts";
import { javascript, reshaped } from "../kernels.ts";
import { ElementLoop } from "../loops.ts";
import type { Parameters } from "../primitive.ts";
import { type Shape, shapeText, sizeOf } from "../shape.ts";
import { isFloat, type Storage } from "../storage.ts";
import { constant, type Operand, type Value } from "../value.ts";
import { add, div, mul, sub } from "./arithmetic.ts";
import { equal } from "./comparisons.ts";
import { exp } from "./functions.ts";
import { broadcastTo, cast, reshape } from "./layout.ts";

const recordSum = linear({
  name: "sum",
  label: "Sum",
  symbol: "Σ",
  notation: called("sum", "\\operatorname{sum}"),
  onnx: "ReduceSum",
  pullback: ["# spread out"],
  multiplications: noneAtAll,
  shape: reducedShape,
  forward: ([x], { axes }, shape) => reshaped(javascript.reduce("sum", x!, axes!), shape),
  transpose: (cotangent, [x], parameters) => broadcastTo(withReducedAxes(cotangent, x!.shape, parameters), x!.shape),
  batch: ([x], _batched, parameters) => recordSum([x!], axesBehindBatch(parameters)),
});

const recordMean = linear({
  name: "mean",
  label: "Mean",
  symbol: "mean",
  notation: called("mean"),
  onnx: "ReduceMean",
  pullback: ["# · 1/{count}, spread out"],
  multiplications: (_inputs, output) => sizeOf(output),
  shape: reducedShape,
  forward: ([x], { axes }, shape) => {
    const count = countAlong(x!.shape, axes!);
    const total = javascript.reduce("sum", x!, axes!);
    const average = new ElementLoop((sum) => sum! / count);
    return reshaped(average.run(isFloat(total.dtype) ? total.dtype : "float64", total.shape, [total]), shape);
  },
  transpose: (cotangent, [x], parameters) =>
    broadcastTo(
      div(withReducedAxes(cotangent, x!.shape, parameters), countAlong(x!.shape, parameters.axes!)),
      x!.shape,
    ),
  batch: ([x], _batched, parameters) => recordMean([x!], axesBehindBatch(parameters)),
});

function countAlong(shape: Shape, axes: readonly number[]): number {
  return axes.reduce((count, axis) => count * shape[axis]!, 1);
}

/** The cotangent of a reduction with its reduced axes back, at size 1, so that it broadcasts. */
export function withReducedAxes(cotangent: Value, shape: Shape, { axes, keepDims }: Parameters): Value {
  if (keepDims === true) return cotangent;
  return reshape(
    cotangent,
    shape.map((length, axis) => (axes!.includes(axis) ? 1 : length)),
  );
}

/**
 * The sum over `axes` (all by default). ∂/∂x = 1 for each element: its transpose spreads the cotangent over them.
 *
 * @example
 * ```ts
 * import { backward, sum, variable } from "gradbook";
 * const x = variable([[1, 2, 3], [4, 5, 6]]);
 * sum(x) // 21
 * sum(x, { axes: 0 }) // [5, 7, 9]
 * sum(x, { axes: -1, keepDims: true }) // [[6], [15]]
 * backward(sum(x)).of(x) // [[1, 1, 1], [1, 1, 1]]
 * ```
 */
export function sum(x: Operand, options: AxesOptions = {}): Value {
  return recordSum(...reducing("sum", x, options));
}

/**
 * The mean over `axes` (all by default) of n elements. ∂/∂x = 1/n for each element.
 *
 * @example
 * ```ts
 * import { grad, mean, variable } from "gradbook";
 * const x = variable([[1, 2, 3], [4, 5, 6]]);
 * mean(x, { axes: 0 }) // [2.5, 3.5, 4.5]
 * grad((v) => mean(v))(variable([1, 2])) // [0.5, 0.5]
 * ```
 */
export function mean(x: Operand, options: AxesOptions = {}): Value {
  return recordMean(...reducing("mean", x, options));
}

/**
 * The largest along `axes` (all by default). The gradient goes to it; equal ones share it.
 *
 * @example
 * ```ts
 * import { grad, max, variable } from "gradbook";
 * const x = variable([1, 3, 3]);
 * max(x) // 3
 * grad((v) => max(v))(x) // [0, 0.5, 0.5]
 * ```
 */
export const max: (x: Operand, options?: AxesOptions) => Value = reduction({
  name: "max",
  label: "Largest",
  symbol: "max",
  notation: called("max", "\\max"),
  onnx: "ReduceMax",
  pullback: ["# ⊙ [{x} = {out}]"],
  multiplications: noneAtAll,
  forward: ([x], { axes }, shape) => reshaped(javascript.reduce("max", notEmpty("max", x!, axes!), axes!), shape),
  partial: shareOfEqual,
});

/**
 * The smallest along `axes` (all by default). The gradient goes to it; equal ones share it.
 *
 * @example
 * ```ts
 * import { grad, min, variable } from "gradbook";
 * const x = variable([[1, 3], [4, 2]]);
 * min(x, { axes: 1 }) // [1, 2]
 * grad((v) => min(v))(x) // [[1, 0], [0, 0]]
 * ```
 */
export const min: (x: Operand, options?: AxesOptions) => Value = reduction({
  name: "min",
  label: "Smallest",
  symbol: "min",
  notation: called("min", "\\min"),
  onnx: "ReduceMin",
  pullback: ["# ⊙ [{x} = {out}]"],
  multiplications: noneAtAll,
  forward: ([x], { axes }, shape) => reshaped(javascript.reduce("min", notEmpty("min", x!, axes!), axes!), shape),
  partial: shareOfEqual,
});

/** @throws {ShapeError} where a largest or smallest is asked for and there is nothing to choose from. */
function notEmpty(what: string, x: Storage, axes: readonly number[]): Storage {
  const results = sizeOf(x.shape.filter((_, axis) => !axes.includes(axis)));
  if (results > 0 && countAlong(x.shape, axes) === 0) {
    throw new ShapeError(`${what}: there is nothing to choose from: the shape is ${shapeText(x.shape)}.`);
  }
  return x;
}

/** 1 for the one element that equals the output, 1/n for each of n. */
function shareOfEqual(x: Value, output: Value, { axes }: Parameters): Value {
  const chosen = cast(equal(x, output), x.dtype);
  return div(chosen, sum(chosen, { axes: axes!, keepDims: true }));
}

/**
 * The product along `axes` (all by default). ∂/∂x is the product of all the others, also where some are 0.
 *
 * @example
 * ```ts
 * import { grad, prod, variable } from "gradbook";
 * const x = variable([2, 0, 4]);
 * prod(x) // 0
 * grad((v) => prod(v))(x) // [0, 8, 0]
 * ```
 */
export const prod: (x: Operand, options?: AxesOptions) => Value = reduction({
  name: "prod",
  label: "Product",
  symbol: "Π",
  notation: called("prod", "\\operatorname{prod}"),
  onnx: "ReduceProd",
  pullback: ["# ⊙ {out}/{x}"],
  multiplications: ([x]) => sizeOf(x!),
  forward: ([x], { axes }, shape) => reshaped(javascript.reduce("prod", x!, axes!), shape),
  partial: (x, _output, { axes }) => {
    // Beside each element a copy of all of them, with 1 in its own place: no division, so a 0 does no harm.
    const order = [...x.shape.keys()].filter((axis) => !axes!.includes(axis)).concat(axes!);
    const kept = order.slice(0, order.length - axes!.length).map((axis) => x.shape[axis]!);
    const count = countAlong(x.shape, axes!);
    const rows = reshape(order.length === 0 ? x : transposeTo(x, order), [...kept, 1, count]);
    const own = constant({ data: identityMatrix(count), shape: [count, count] });
    const others = prod(add(mul(rows, cast(sub(1, own), x.dtype)), cast(own, x.dtype)), { axes: -1 });
    const back = reshape(
      others,
      order.map((axis) => x.shape[axis]!),
    );
    return order.length === 0
      ? back
      : transposeTo(
          back,
          order.map((_, axis) => order.indexOf(axis)),
        );
  },
});

function transposeTo(x: Value, order: readonly number[]): Value {
  return order.every((axis, i) => axis === i) ? x : x.transpose(order);
}

function identityMatrix(n: number): Float64Array {
  const data = new Float64Array(n * n);
  for (let i = 0; i < n; i++) data[i * (n + 1)] = 1;
  return data;
}

const exponential = new ElementLoop((x, shift) => Math.exp(x! - shift!));
const quotient = new ElementLoop((x, y) => x! / y!);
const logarithm = new ElementLoop((total) => Math.log(total!));
const shiftedLogarithm = new ElementLoop((total, shift) => Math.log(total!) + shift!);
const difference = new ElementLoop((x, y) => x! - y!);

/** eˣ by its largest, so that nothing overflows, and the sum of that: with the axes kept. */
function exponentials(x: Storage, axes: readonly number[]): { shift: Storage; powers: Storage; total: Storage } {
  const dtype = isFloat(x.dtype) ? x.dtype : "float64";
  const largest = javascript.reduce("max", x, axes);
  const shift = finite.run(largest.dtype, largest.shape, [largest]);
  const powers = exponential.run(dtype, x.shape, [x, shift]);
  return { shift, powers, total: javascript.reduce("sum", powers, axes) };
}

/** Of nothing, or of −∞ alone, the largest is −∞; subtracting that would be no number. */
const finite = new ElementLoop((x) => (Number.isFinite(x) ? x! : 0));

/**
 * ln Σ eˣ along `axes` (all by default), without overflow. ∂/∂x = eˣ / Σ eˣ, the softmax.
 *
 * @example
 * ```ts
 * import { grad, logSumExp, variable } from "gradbook";
 * logSumExp(variable([1000, 1000])) // 1000.6931
 * grad((v) => logSumExp(v))(variable([0, Math.log(3)])) // [0.25, 0.75]
 * ```
 */
export const logSumExp: (x: Operand, options?: AxesOptions) => Value = reduction({
  name: "logSumExp",
  label: "Log-sum-exp",
  symbol: "lnΣexp",
  notation: called("logSumExp"),
  onnx: "ReduceLogSumExp",
  pullback: ["# ⊙ exp({x} − {out})"],
  multiplications: ([x], output) => sizeOf(x!) + sizeOf(output),
  forward: ([x], { axes }, shape) => {
    const { shift, total } = exponentials(x!, axes!);
    return reshaped(shiftedLogarithm.run(total.dtype, total.shape, [total, shift]), shape);
  },
  partial: (x, output) => exp(sub(x, output)),
});

const recordSoftmax = general({
  name: "softmax",
  label: "Softmax",
  symbol: "softmax",
  notation: called("softmax"),
  onnx: "Softmax",
  pullback: ["{out} ⊙ (# − Σ # ⊙ {out})"],
  multiplications: ([x]) => 2 * sizeOf(x!),
  shape: ([x]) => x!,
  forward: ([x], { axes }) => {
    const { powers, total } = exponentials(x!, axes!);
    return quotient.run(powers.dtype, powers.shape, [powers, total]);
  },
  jvp: ([tangent], _inputs, s, parameters) => softmaxProduct(tangent!, s, parameters),
  // The Jacobian, diag(s) − s·sᵀ, is symmetric.
  vjp: (cotangent, _inputs, s, parameters) => [softmaxProduct(cotangent, s, parameters)],
  batch: ([x], _batched, parameters) => recordSoftmax([x!], axesBehindBatch(parameters)),
});

/** (diag(s) − s·sᵀ)·v = s·(v − Σ s·v). */
function softmaxProduct(v: Value, s: Value, { axes }: Parameters): Value {
  return mul(s, sub(v, sum(mul(s, v), { axes: axes!, keepDims: true })));
}

/**
 * eˣ / Σ eˣ along `axis` (the last by default), without overflow. ∂sᵢ/∂xⱼ = sᵢ(1 − sᵢ) where i = j, else −sᵢ·sⱼ.
 *
 * @example
 * ```ts
 * import { jacobian, softmax, variable } from "gradbook";
 * const s = softmax(variable([0, Math.log(3)]));
 * s // [0.25, 0.75]
 * jacobian((x) => softmax(x))(variable([0, Math.log(3)])) // [[0.1875, -0.1875], [-0.1875, 0.1875]]
 * ```
 */
export function softmax(x: Operand, { axis = -1 }: AxisOptions = {}): Value {
  return recordSoftmax(...along("softmax", x, axis));
}

const recordLogSoftmax = general({
  name: "logSoftmax",
  label: "Log-softmax",
  symbol: "ln softmax",
  notation: called("logSoftmax"),
  onnx: "LogSoftmax",
  pullback: ["# − exp({out}) ⊙ Σ #"],
  multiplications: ([x]) => sizeOf(x!),
  shape: ([x]) => x!,
  forward: ([x], { axes }) => {
    const { shift, total } = exponentials(x!, axes!);
    // Shifted first: far from 0 the small logarithm would be rounded away beside the shift.
    const shifted = difference.run(total.dtype, x!.shape, [x!, shift]);
    const logs = logarithm.run(total.dtype, total.shape, [total]);
    return difference.run(total.dtype, x!.shape, [shifted, logs]);
  },
  jvp: ([tangent], _inputs, z, { axes }) => sub(tangent!, sum(mul(exp(z), tangent!), { axes: axes!, keepDims: true })),
  vjp: (cotangent, _inputs, z, { axes }) => [
    sub(cotangent, mul(exp(z), sum(cotangent, { axes: axes!, keepDims: true }))),
  ],
  batch: ([x], _batched, parameters) => recordLogSoftmax([x!], axesBehindBatch(parameters)),
});

/**
 * x − ln Σ eˣ along `axis` (the last by default), without overflow. ∂zᵢ/∂xⱼ = 1 − sᵢ where i = j, else −sⱼ, s the
 * softmax.
 *
 * @example
 * ```ts
 * import { logSoftmax, variable } from "gradbook";
 * logSoftmax(variable([0, Math.log(3)])) // [-1.3863, -0.2877]
 * ```
 */
export function logSoftmax(x: Operand, { axis = -1 }: AxisOptions = {}): Value {
  return recordLogSoftmax(...along("logSoftmax", x, axis));
}

const recordArgmax = general({
  name: "argmax",
  label: "Place of the largest",
  symbol: "argmax",
  notation: called("argmax", "\\operatorname{arg\\,max}"),
  onnx: "ArgMax",
  multiplications: noneAtAll,
  shape: reducedShape,
  forward: ([x], { axes }, shape) => reshaped(javascript.argmax(notEmpty("argmax", x!, axes!), axes![0]!), shape),
  jvp: null,
  vjp: null,
  batch: ([x], _batched, parameters) => recordArgmax([x!], axesBehindBatch(parameters)),
});

/**
 * Where along `axis` the largest is, as whole numbers (int32), the first of equal ones; without an axis, where in
 * row-major order. No gradient passes.
 *
 * @example
 * ```ts
 * import { argmax, variable } from "gradbook";
 * const x = variable([[1, 5, 2], [7, 0, 3]]);
 * argmax(x, { axis: 1 }) // [1, 0]
 * argmax(x) // 3
 * ```
 */
export function argmax(x: Operand, { axis }: AxisOptions = {}): Value {
  const [[value]] = reducing("argmax", x, {});
  return axis === undefined
    ? recordArgmax(...along("argmax", reshape(value!, [-1]), 0))
    : recordArgmax(...along("argmax", value!, axis));
}
