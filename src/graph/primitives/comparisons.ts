import { type Binary, binary, called, noneAtAll, ternary } from "../families.ts";
import { everywhere, smooth } from "../primitive.ts";
import { lift } from "../record.ts";
import type { Operand, Value } from "../value.ts";
import { sub } from "./arithmetic.ts";
import { cast } from "./layout.ts";

/** True where the two compare so, with broadcasting. Constant almost everywhere: no gradient passes. */
function comparison(
  name: string,
  onnx: string,
  sign: string,
  latex: string,
  holds: (x: number, y: number) => boolean,
): Binary {
  return binary({
    name,
    label: "Comparison",
    symbol: sign,
    notation: { kind: "bracket", text: ` ${sign} `, latex: ` ${latex} ` },
    onnx,
    multiplications: noneAtAll,
    result: "bool",
    kink: (x, y) => Math.abs(x! - y!),
    domain: [everywhere, everywhere],
    evaluate: (x, y) => (holds(x!, y!) ? 1 : 0),
    partials: [() => 0, () => 0],
  });
}

/**
 * x < y as true and false (bool), with broadcasting. No gradient passes: its derivatives are 0.
 *
 * @example
 * ```ts
 * import { less, variable } from "gradbook";
 * less(variable([1, 2, 3]), 2) // [1, 0, 0]
 * ```
 */
export const less: Binary = comparison("less", "Less", "<", "<", (x, y) => x < y);
/**
 * x ≤ y as true and false (bool), with broadcasting. No gradient passes: its derivatives are 0.
 *
 * @example
 * ```ts
 * import { lessEqual, variable } from "gradbook";
 * lessEqual(variable([1, 2, 3]), 2) // [1, 1, 0]
 * ```
 */
export const lessEqual: Binary = comparison("lessEqual", "LessOrEqual", "≤", "\\le", (x, y) => x <= y);
/**
 * x > y as true and false (bool), with broadcasting. No gradient passes: its derivatives are 0.
 *
 * @example
 * ```ts
 * import { greater, variable } from "gradbook";
 * greater(variable([1, 2, 3]), 2) // [0, 0, 1]
 * ```
 */
export const greater: Binary = comparison("greater", "Greater", ">", ">", (x, y) => x > y);
/**
 * x ≥ y as true and false (bool), with broadcasting. No gradient passes: its derivatives are 0.
 *
 * @example
 * ```ts
 * import { greaterEqual, variable } from "gradbook";
 * greaterEqual(variable([1, 2, 3]), 2) // [0, 1, 1]
 * ```
 */
export const greaterEqual: Binary = comparison("greaterEqual", "GreaterOrEqual", "≥", "\\ge", (x, y) => x >= y);
/**
 * x = y as true and false (bool), with broadcasting. No gradient passes: its derivatives are 0.
 *
 * @example
 * ```ts
 * import { equal, variable } from "gradbook";
 * equal(variable([1, 2, 3]), 2) // [0, 1, 0]
 * ```
 */
export const equal: Binary = comparison("equal", "Equal", "=", "=", (x, y) => x === y);

const choose = ternary({
  name: "where",
  label: "Choice",
  symbol: "where",
  notation: called("where"),
  onnx: "Where",
  multiplications: noneAtAll,
  result: "same",
  kink: smooth,
  domain: [everywhere, everywhere, everywhere],
  evaluate: (condition, a, b) => (condition !== 0 ? a! : b!),
  partials: [() => 0, (condition) => condition!, (condition) => sub(1, condition!)],
});

/**
 * a where the condition holds (is not 0), b elsewhere, with broadcasting. ∂/∂a = 1 where it holds and 0 elsewhere, ∂/∂b
 * the other way round.
 *
 * @throws {ShapeError} where the shapes do not broadcast.
 *
 * @example
 * ```ts
 * import { backward, less, sum, variable, where } from "gradbook";
 * const x = variable([-1, 2]);
 * const z = where(less(x, 0), 0, x);
 * z // [0, 2]
 * backward(sum(z)).of(x) // [0, 1]
 * ```
 */
export function where(condition: Operand, a: Operand, b: Operand): Value {
  return choose(cast(lift("where", condition), "bool"), a, b);
}
