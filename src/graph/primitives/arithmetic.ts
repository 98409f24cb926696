import { type Binary, binary, called, noneAtAll, oneEach, type Unary, unary } from "../families.ts";
import { everywhere, smooth } from "../primitive.ts";
import { equal, greater, less } from "./comparisons.ts";
import { log } from "./functions.ts";

/** x + y, with broadcasting. ∂/∂x = 1, ∂/∂y = 1. @throws {ShapeError} where the shapes do not broadcast. */
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

/** x − y, with broadcasting. ∂/∂x = 1, ∂/∂y = −1. @throws {ShapeError} where the shapes do not broadcast. */
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

/** x · y number by number, with broadcasting. ∂/∂x = y, ∂/∂y = x. @throws {ShapeError} where the shapes do not broadcast. */
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
 */
export const pow: Binary = binary({
  name: "pow",
  label: "Power",
  symbol: "xʸ",
  notation: { kind: "power" },
  onnx: "Pow",
  multiplications: oneEach,
  neutral: { right: 1 },
  result: "same",
  kink: smooth,
  domain: [everywhere, everywhere],
  evaluate: (x, y) => x! ** y!,
  partials: [(x, y) => mul(y!, pow(x!, sub(y!, 1))), (x, _y, z) => mul(z!, log(x!))],
});

/** x². ∂/∂x = 2x. */
export const square: Unary = unary({
  name: "square",
  label: "Square",
  symbol: "x²",
  notation: { kind: "superscript", exponent: 2 },
  onnx: undefined,
  multiplications: oneEach,
  result: "same",
  kink: smooth,
  domain: [everywhere],
  evaluate: (x) => x! * x!,
  partials: [(x) => mul(2, x!)],
});

/** −x. ∂/∂x = −1. */
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

/** |x|. ∂/∂x = 1 where x > 0, −1 where x < 0, 0 at 0. */
export const abs: Unary = unary({
  name: "abs",
  label: "Absolute value",
  symbol: "|x|",
  notation: called("abs", "\\left|#\\right|"),
  onnx: "Abs",
  multiplications: noneAtAll,
  result: "same",
  kink: (x) => Math.abs(x!),
  domain: [everywhere],
  evaluate: (x) => Math.abs(x!),
  partials: [(x) => sub(greater(x!, 0), less(x!, 0))],
});

/** The larger of two, with broadcasting. The gradient goes to the larger; equal ones take half each. */
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

/** The smaller of two, with broadcasting. The gradient goes to the smaller; equal ones take half each. */
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
