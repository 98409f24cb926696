/** Thrown where shapes do not fit a primitive; the message gives shapes, names and the primitive. */
export class ShapeError extends Error {
  override readonly name: string = "ShapeError";
}

/** Thrown where a derivative is asked for that does not exist: of a constant, of a result that is not a scalar … */
export class GradientError extends Error {
  override readonly name: string = "GradientError";
}
