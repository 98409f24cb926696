import { type Binary, binary, called, noneAtAll, oneEach, type Unary, unary } from "../families.ts";
import { everywhere, smooth } from "../primitive.ts";
import type { Operand, Value } from "../value.ts";
import { add, mul, square, sub } from "./arithmetic.ts";
import { greater, lessEqual } from "./comparisons.ts";
import { erf, errorFunction, exp } from "./functions.ts";

function logistic(x: number): number {
  // The exponential of a negative number only: the other would overflow.
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

/**
 * σ(x) = 1/(1 + e⁻ˣ). ∂/∂x = s(1 − s), s the output.
 *
 * @example
 * ```ts
 * import { grad, sigmoid } from "gradbook";
 * sigmoid(0) // 0.5
 * grad(sigmoid)(0) // 0.25
 * ```
 */
export const sigmoid: Unary = unary({
  name: "sigmoid",
  label: "Sigmoid",
  symbol: "σ",
  notation: called("σ", "\\sigma"),
  onnx: "Sigmoid",
  multiplications: oneEach,
  result: "float",
  kink: smooth,
  domain: [everywhere],
  evaluate: (x) => logistic(x!),
  partials: [(_x, z) => mul(z!, sub(1, z!))],
});

/**
 * max(x, 0). ∂/∂x = 1 where x > 0, else 0.
 *
 * @example
 * ```ts
 * import { grad, relu, variable } from "gradbook";
 * relu(variable([-1, 2])) // [0, 2]
 * grad(relu)(2) // 1
 * ```
 */
export const relu: Unary = unary({
  name: "relu",
  label: "ReLU",
  symbol: "ReLU",
  notation: called("ReLU"),
  onnx: "Relu",
  multiplications: noneAtAll,
  result: "same",
  kink: (x) => Math.abs(x!),
  domain: [everywhere],
  evaluate: (x) => (x! > 0 ? x! : x! <= 0 ? 0 : Number.NaN),
  partials: [(x) => greater(x!, 0)],
});

const leaky: Binary = binary({
  name: "leakyRelu",
  label: "Leaky ReLU",
  symbol: "LReLU",
  notation: called("LeakyReLU"),
  onnx: "PRelu",
  multiplications: oneEach,
  result: "float",
  kink: (x) => Math.abs(x!),
  domain: [everywhere, everywhere],
  evaluate: (x, slope) => (x! > 0 ? x! : slope! * x!),
  partials: [(x, slope) => add(greater(x!, 0), mul(slope!, lessEqual(x!, 0))), (x) => mul(x!, lessEqual(x!, 0))],
});

/**
 * x where x > 0, else slope · x. ∂/∂x = 1 where x > 0, else the slope; ∂/∂slope = 0 where x > 0, else x.
 *
 * @example
 * ```ts
 * import { grad, leakyRelu, variable } from "gradbook";
 * leakyRelu(variable([-2, 2]), 0.1) // [-0.2, 2]
 * grad(leakyRelu)(-2) // 0.01
 * ```
 */
export function leakyRelu(x: Operand, slope: Operand = 0.01): Value {
  return leaky(x, slope);
}

const exponentialLinear: Binary = binary({
  name: "elu",
  label: "ELU",
  symbol: "ELU",
  notation: called("ELU"),
  onnx: "Elu",
  multiplications: oneEach,
  result: "float",
  kink: (x) => Math.abs(x!),
  domain: [everywhere, everywhere],
  evaluate: (x, alpha) => (x! > 0 ? x! : alpha! * Math.expm1(x!)),
  // Below 0 the output is α(eˣ − 1), so α·eˣ is the output plus α.
  partials: [
    (x, alpha, z) => add(greater(x!, 0), mul(add(z!, alpha!), lessEqual(x!, 0))),
    (x) => sub(exp(mul(x!, lessEqual(x!, 0))), 1),
  ],
});

/**
 * x where x > 0, else α(eˣ − 1). ∂/∂x = 1 where x > 0, else α·eˣ; ∂/∂α = 0 where x > 0, else eˣ − 1.
 *
 * @example
 * ```ts
 * import { elu, grad } from "gradbook";
 * elu(-1) // -0.6321
 * grad(elu)(-1) // 0.3679
 * ```
 */
export function elu(x: Operand, alpha: Operand = 1): Value {
  return exponentialLinear(x, alpha);
}

/**
 * x · Φ(x), Φ the share of a normal distribution below x: ½(1 + erf(x/√2)). ∂/∂x = Φ(x) + x·φ(x), φ(x) =
 * e^(−x²/2)/√(2π) (Hendrycks and Gimpel 2016).
 *
 * @example
 * ```ts
 * import { gelu, grad } from "gradbook";
 * gelu(1) // 0.8413
 * grad(gelu)(0) // 0.5
 * ```
 */
export const gelu: Unary = unary({
  name: "gelu",
  label: "GELU",
  symbol: "GELU",
  notation: called("GELU"),
  onnx: "Gelu",
  multiplications: oneEach,
  result: "float",
  kink: smooth,
  domain: [everywhere],
  evaluate: (x) => (x! * (1 + errorFunction(x! * Math.SQRT1_2))) / 2,
  partials: [
    (x) =>
      add(
        mul(0.5, add(1, erf(mul(Math.SQRT1_2, x!)))),
        mul(1 / Math.sqrt(2 * Math.PI), mul(x!, exp(mul(-0.5, square(x!))))),
      ),
  ],
});

/**
 * x · σ(x). ∂/∂x = σ(x) + z(1 − σ(x)), z the output.
 *
 * @example
 * ```ts
 * import { grad, silu } from "gradbook";
 * silu(1) // 0.7311
 * grad(silu)(0) // 0.5
 * ```
 */
export const silu: Unary = unary({
  name: "silu",
  label: "SiLU",
  symbol: "SiLU",
  notation: called("SiLU"),
  onnx: undefined,
  multiplications: oneEach,
  result: "float",
  kink: smooth,
  domain: [everywhere],
  evaluate: (x) => x! * logistic(x!),
  partials: [(x, z) => add(sigmoid(x!), mul(z!, sub(1, sigmoid(x!))))],
});

/**
 * ln(1 + eˣ). ∂/∂x = σ(x).
 *
 * @example
 * ```ts
 * import { grad, softplus } from "gradbook";
 * softplus(0) // 0.6931
 * grad(softplus)(0) // 0.5
 * ```
 */
export const softplus: Unary = unary({
  name: "softplus",
  label: "Softplus",
  symbol: "softplus",
  notation: called("softplus"),
  onnx: "Softplus",
  multiplications: oneEach,
  result: "float",
  kink: smooth,
  domain: [everywhere],
  // Of a large x, eˣ would overflow; ln(1 + eˣ) = x + ln(1 + e⁻ˣ).
  evaluate: (x) => Math.max(x!, 0) + Math.log1p(Math.exp(-Math.abs(x!))),
  partials: [(x) => sigmoid(x!)],
});
