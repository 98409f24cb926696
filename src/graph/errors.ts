/**
 * Thrown where shapes do not fit a primitive; the message gives shapes, names and the primitive.
 *
 * @example
 * ```ts
 * import { add, constant } from "gradbook";
 *
 * add(constant([1, 2]), constant([1, 2, 3])) // throws ShapeError: add…
 * ```
 */
export class ShapeError extends Error {
  override readonly name: string = "ShapeError";
}

/**
 * Thrown where a derivative is asked for that does not exist: of a constant, of a result that is not a scalar …
 *
 * @example
 * ```ts
 * import { backward, variable } from "gradbook";
 *
 * const x = variable([1, 2]);
 * backward(x.mul(2)) // throws GradientError: backward…
 * ```
 */
export class GradientError extends Error {
  override readonly name: string = "GradientError";
}
