import { type Binary, binary, called, noneAtAll, oneEach, type Unary, unary } from "../families.ts";
import { everywhere, smooth } from "../primitive.ts";
import type { Value } from "../value.ts";
import { equal, greater, less } from "./comparisons.ts";
import { log } from "./functions.ts";

/**
 * x + y, with broadcasting. ∂/∂x = 1, ∂/∂y = 1.
 *
 * @throws {ShapeError} where the shapes do not broadcast.
 *
 * @example
 * ```ts
 * import { add, grad, variable } from "gradbook";
 * add(variable([1, 2]), 10) // [11, 12]
 * grad(add, { argnums: [0, 1] })(2, 3) // [1, 1]
 * ```
 */
export const add: Binary = binary({
  name: "add",
  label: "Addition",
  symbol: "+",
  notation: { kind: "infix", text: " + ", latex: " + ", precedence: 1 },
  onnx: "Add",
  multiplications: noneAtAll,
  neutral: { left: 0, right: 0 },
  result: "same",
  kink: smooth,
  domain: [everywhere, everywhere],
  evaluate: (x, y) => x! + y!,
  partials: [() => 1, () => 1],
});

/**
 * x − y, with broadcasting. ∂/∂x = 1, ∂/∂y = −1.
 *
 * @throws {ShapeError} where the shapes do not broadcast.
 *
 * @example
 * ```ts
 * import { grad, sub, variable } from "gradbook";
 * sub(10, variable([1, 2])) // [9, 8]
 * grad(sub, { argnums: [0, 1] })(2, 3) // [1, -1]
 * ```
 */
export const sub: Binary = binary({
  name: "sub",
  label: "Subtraction",
  symbol: "−",
  notation: { kind: "infix", text: " − ", latex: " - ", precedence: 1 },
  onnx: "Sub",
  multiplications: noneAtAll,
  neutral: { right: 0 },
  result: "same",
  kink: smooth,
  domain: [everywhere, everywhere],
  evaluate: (x, y) => x! - y!,
  partials: [() => 1, () => -1],
});

/**
 * x · y number by number, with broadcasting. ∂/∂x = y, ∂/∂y = x.
 *
 * @throws {ShapeError} where the shapes do not broadcast.
 *
 * @example
 * ```ts
 * import { grad, mul, variable } from "gradbook";
 * mul(variable([[1], [2]]), variable([3, 4])) // [[3, 4], [6, 8]]
 * grad(mul, { argnums: [0, 1] })(2, 3) // [3, 2]
 * ```
 */
export const mul: Binary = binary({
  name: "mul",
  label: "Multiplication",
  symbol: "×",
  notation: { kind: "infix", text: " · ", latex: " \\cdot ", precedence: 2 },
  onnx: "Mul",
  multiplications: oneEach,
  neutral: { left: 1, right: 1 },
  result: "same",
  kink: smooth,
  domain: [everywhere, everywhere],
  evaluate: (x, y) => x! * y!,
  partials: [(_x, y) => y!, (x) => x!],
});

/**
 * x / y, with broadcasting; of whole numbers float64. ∂/∂x = 1/y, ∂/∂y = −x/y².
 *
 * @throws {ShapeError} where the shapes do not broadcast.
 *
 * @example
 * ```ts
 * import { div, grad, variable } from "gradbook";
 * div(1, variable([2, 4])) // [0.5, 0.25]
 * grad(div, { argnums: [0, 1] })(6, 2) // [0.5, -1.5]
 * ```
 */
export const div: Binary = binary({
  name: "div",
  label: "Division",
  symbol: "÷",
  notation: { kind: "fraction" },
  onnx: "Div",
  multiplications: oneEach,
  neutral: { right: 1 },
  result: "float",
  kink: (_x, y) => Math.abs(y!),
  domain: [everywhere, everywhere],
  evaluate: (x, y) => x! / y!,
  partials: [(_x, y) => div(1, y!), (x, y) => neg(div(x!, square(y!)))],
});

/**
 * x to the power y, with broadcasting. ∂/∂x = y · x^(y − 1), ∂/∂y = xʸ · ln x (where y is not a constant, x must be
 * positive).
 *
 * @throws {ShapeError} where the shapes do not broadcast.
 *
 * @example
 * ```ts
 * import { grad, pow, variable } from "gradbook";
 * pow(variable([2, 3]), 2) // [4, 9]
 * grad(pow, { argnums: [0, 1] })(2, 3) // [12, 5.545]
 * ```
 */
export const pow: Binary = binary({
  name: "pow",
  label: "Power",
  symbol: "power",
  notation: { kind: "power" },
  onnx: "Pow",
  multiplications: oneEach,
  neutral: { right: 1 },
  result: "same",
  kink: smooth,
  domain: [everywhere, everywhere],
  evaluate: (x, y) => x! ** y!,
  // At x = 0, a fixed exponent of 0 or 1 would leave 0 · 0⁻¹ behind, here or one derivative further.
  partials: [
    (x, y) => (fixedNumber(y!) === 0 || fixedNumber(y!) === 1 ? fixedNumber(y!)! : mul(y!, pow(x!, sub(y!, 1)))),
    (x, _y, z) => mul(z!, log(x!)),
  ],
});

/** The number of a scalar that does not move. */
function fixedNumber(x: Value): number | undefined {
  return x.shape.length === 0 && !x.needsGradient ? x.segment.number(x.position) : undefined;
}

/**
 * x². ∂/∂x = 2x.
 *
 * @example
 * ```ts
 * import { grad, square } from "gradbook";
 * square(3) // 9
 * grad(square)(3) // 6
 * ```
 */
export const square: Unary = unary({
  name: "square",
  label: "Square",
  symbol: "( )²",
  notation: { kind: "superscript", exponent: 2 },
  onnx: undefined,
  multiplications: oneEach,
  result: "same",
  kink: smooth,
  domain: [everywhere],
  evaluate: (x) => x! * x!,
  partials: [(x) => mul(2, x!)],
});

/**
 * −x. ∂/∂x = −1.
 *
 * @example
 * ```ts
 * import { grad, neg } from "gradbook";
 * neg(3) // -3
 * grad(neg)(3) // -1
 * ```
 */
export const neg: Unary = unary({
  name: "neg",
  label: "Negation",
  symbol: "−",
  notation: { kind: "prefix", text: "−", latex: "-", precedence: 2 },
  onnx: "Neg",
  multiplications: noneAtAll,
  result: "same",
  kink: smooth,
  domain: [everywhere],
  evaluate: (x) => -x!,
  partials: [() => -1],
});

/**
 * |x|. ∂/∂x = 1 where x > 0, −1 where x < 0, 0 at 0.
 *
 * @example
 * ```ts
 * import { abs, grad } from "gradbook";
 * abs(-3) // 3
 * grad(abs)(-3) // -1
 * ```
 */
export const abs: Unary = unary({
  name: "abs",
  label: "Absolute value",
  symbol: "| |",
  notation: called("abs", "\\left|#\\right|"),
  onnx: "Abs",
  multiplications: noneAtAll,
  result: "same",
  kink: (x) => Math.abs(x!),
  domain: [everywhere],
  evaluate: (x) => Math.abs(x!),
  partials: [(x) => sub(greater(x!, 0), less(x!, 0))],
});

/**
 * The larger of two, with broadcasting. The gradient goes to the larger; equal ones take half each.
 *
 * @example
 * ```ts
 * import { grad, maximum, variable } from "gradbook";
 * maximum(2, variable([1, 3])) // [2, 3]
 * grad(maximum, { argnums: [0, 1] })(2, 2) // [0.5, 0.5]
 * ```
 */
export const maximum: Binary = binary({
  name: "maximum",
  label: "Maximum",
  symbol: "max",
  notation: called("max", "\\max"),
  onnx: "Max",
  multiplications: noneAtAll,
  result: "same",
  kink: (x, y) => Math.abs(x! - y!),
  domain: [everywhere, everywhere],
  evaluate: (x, y) => Math.max(x!, y!),
  partials: [
    (x, y) => add(greater(x!, y!), div(equal(x!, y!), 2)),
    (x, y) => add(greater(y!, x!), div(equal(x!, y!), 2)),
  ],
});

/**
 * The smaller of two, with broadcasting. The gradient goes to the smaller; equal ones take half each.
 *
 * @example
 * ```ts
 * import { grad, minimum, variable } from "gradbook";
 * minimum(2, variable([1, 3])) // [1, 2]
 * grad(minimum, { argnums: [0, 1] })(2, 3) // [1, 0]
 * ```
 */
export const minimum: Binary = binary({
  name: "minimum",
  label: "Minimum",
  symbol: "min",
  notation: called("min", "\\min"),
  onnx: "Min",
  multiplications: noneAtAll,
  result: "same",
  kink: (x, y) => Math.abs(x! - y!),
  domain: [everywhere, everywhere],
  evaluate: (x, y) => Math.min(x!, y!),
  partials: [(x, y) => add(less(x!, y!), div(equal(x!, y!), 2)), (x, y) => add(less(y!, x!), div(equal(x!, y!), 2))],
});
