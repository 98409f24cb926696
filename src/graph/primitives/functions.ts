import { called, oneEach, type Unary, unary } from "../families.ts";
import { everywhere, type Interval, positive, smooth } from "../primitive.ts";
import { add, div, mul, neg, square, sub } from "./arithmetic.ts";

/**
 * eˣ. ∂/∂x = eˣ, the output itself.
 *
 * @example
 * ```ts
 * import { exp, grad } from "gradbook";
 * exp(1) // 2.71828
 * grad(exp)(0) // 1
 * ```
 */
export const exp: Unary = unary({
  name: "exp",
  label: "Exponential",
  symbol: "exp",
  notation: called("exp", "\\exp"),
  onnx: "Exp",
  multiplications: oneEach,
  result: "float",
  kink: smooth,
  domain: [everywhere],
  evaluate: (x) => Math.exp(x!),
  partials: [(_x, z) => z!],
});

/**
 * The natural logarithm, of positive x. ∂/∂x = 1/x.
 *
 * @example
 * ```ts
 * import { grad, log } from "gradbook";
 * log(Math.E) // 1
 * grad(log)(4) // 0.25
 * ```
 */
export const log: Unary = unary({
  name: "log",
  label: "Logarithm",
  symbol: "ln",
  notation: called("ln", "\\ln"),
  onnx: "Log",
  multiplications: oneEach,
  result: "float",
  kink: smooth,
  domain: [positive],
  evaluate: (x) => Math.log(x!),
  partials: [(x) => div(1, x!)],
});

/**
 * √x, of positive x. ∂/∂x = 1/(2√x).
 *
 * @example
 * ```ts
 * import { grad, sqrt } from "gradbook";
 * sqrt(9) // 3
 * grad(sqrt)(4) // 0.25
 * ```
 */
export const sqrt: Unary = unary({
  name: "sqrt",
  label: "Square root",
  symbol: "√",
  notation: called("√", "\\sqrt{#}"),
  onnx: "Sqrt",
  multiplications: oneEach,
  result: "float",
  kink: smooth,
  domain: [positive],
  evaluate: (x) => Math.sqrt(x!),
  partials: [(_x, z) => div(1, mul(2, z!))],
});

/**
 * sin x, x in radians. ∂/∂x = cos x.
 *
 * @example
 * ```ts
 * import { grad, sin } from "gradbook";
 * sin(Math.PI / 2) // 1
 * grad(sin)(0) // 1
 * ```
 */
export const sin: Unary = unary({
  name: "sin",
  label: "Sine",
  symbol: "sin",
  notation: called("sin", "\\sin"),
  onnx: "Sin",
  multiplications: oneEach,
  result: "float",
  kink: smooth,
  domain: [everywhere],
  evaluate: (x) => Math.sin(x!),
  partials: [(x) => cos(x!)],
});

/**
 * cos x, x in radians. ∂/∂x = −sin x.
 *
 * @example
 * ```ts
 * import { cos, grad } from "gradbook";
 * cos(0) // 1
 * grad(cos)(Math.PI / 2) // -1
 * ```
 */
export const cos: Unary = unary({
  name: "cos",
  label: "Cosine",
  symbol: "cos",
  notation: called("cos", "\\cos"),
  onnx: "Cos",
  multiplications: oneEach,
  result: "float",
  kink: smooth,
  domain: [everywhere],
  evaluate: (x) => Math.cos(x!),
  partials: [(x) => neg(sin(x!))],
});

/** Between two poles of the tangent. */
const betweenPoles: Interval = { above: -Math.PI / 2, below: Math.PI / 2 };

/**
 * tan x, x in radians. ∂/∂x = 1 + t², t the output.
 *
 * @example
 * ```ts
 * import { grad, tan } from "gradbook";
 * tan(1) // 1.5574
 * grad(tan)(0) // 1
 * ```
 */
export const tan: Unary = unary({
  name: "tan",
  label: "Tangent",
  symbol: "tan",
  notation: called("tan", "\\tan"),
  onnx: "Tan",
  multiplications: oneEach,
  result: "float",
  kink: (x) => Math.abs(Math.cos(x!)),
  domain: [betweenPoles],
  evaluate: (x) => Math.tan(x!),
  partials: [(_x, z) => add(1, square(z!))],
});

/**
 * tanh x. ∂/∂x = 1 − t², t the output.
 *
 * @example
 * ```ts
 * import { grad, tanh } from "gradbook";
 * tanh(0.5) // 0.4621
 * grad(tanh)(0) // 1
 * ```
 */
export const tanh: Unary = unary({
  name: "tanh",
  label: "Hyperbolic tangent",
  symbol: "tanh",
  notation: called("tanh", "\\tanh"),
  onnx: "Tanh",
  multiplications: oneEach,
  result: "float",
  kink: smooth,
  domain: [everywhere],
  evaluate: (x) => Math.tanh(x!),
  partials: [(_x, z) => sub(1, square(z!))],
});

/**
 * The error function, 2/√π · ∫₀ˣ e^(−t²) dt. ∂/∂x = 2/√π · e^(−x²).
 *
 * @example
 * ```ts
 * import { erf, grad } from "gradbook";
 * erf(1) // 0.8427
 * grad(erf)(0) // 1.1284
 * ```
 */
export const erf: Unary = unary({
  name: "erf",
  label: "Error function",
  symbol: "erf",
  notation: called("erf"),
  onnx: "Erf",
  multiplications: oneEach,
  result: "float",
  kink: smooth,
  domain: [everywhere],
  evaluate: (x) => errorFunction(x!),
  partials: [(x) => mul(2 / Math.sqrt(Math.PI), exp(neg(square(x!))))],
});

/** erf x to double precision. */
export function errorFunction(x: number): number {
  const size = Math.abs(x);
  if (!(size < 6)) return Number.isNaN(x) ? x : Math.sign(x);
  const scale = (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x);
  if (size < 2.5) {
    // x · Σ (2x²)ⁿ / (1·3·5 … (2n + 1)): all terms have one sign, so nothing cancels.
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return scale * sum;
  }
  // The continued fraction of 1 − erf, from its far end: x + (1/2)/(x + 1/(x + (3/2)/(x + …))).
  let tail = size;
  for (let n = 60; n >= 1; n--) tail = size + n / 2 / tail;
  return Math.sign(x) * (1 - scale / 2 / tail);
}
