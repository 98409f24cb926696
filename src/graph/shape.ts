import { ShapeError } from "./errors.ts";

/** Sizes along each axis; `[]` is a scalar. */
export type Shape = readonly number[];

export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return false;
  return true;
}

/** Where the element at a position in row-major order stands, axis by axis. */
export function placeOf(index: number, shape: Shape): readonly number[] {
  const place: number[] = [];
  let rest = index;
  for (const size of shape.toReversed()) {
    place.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return place;
}

/** A shape as one reads it aloud: 3×4; a scalar is "a scalar". */
export function shapeText(shape: Shape): string {
  if (shape.length === 0) return "a scalar";
  return shape.length === 1 ? `[${shape[0]}]` : shape.join("×");
}

const noStrides: Shape = [];
const unitStride: Shape = [1];

/** How far apart neighbours along each axis lie in row-major order. */
export function packedStrides(shape: Shape): Shape {
  if (shape.length < 2) return shape.length === 0 ? noStrides : unitStride;
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/** Strides of something of shape `from` seen as an array of shape `to`: 0 along every axis that is stretched. */
export function broadcastStrides(from: Shape, strides: Shape, to: Shape): Shape {
  if (sameShape(from, to)) return strides;
  const lead = to.length - from.length;
  return to.map((_, axis) => (axis < lead || from[axis - lead] === 1 ? 0 : strides[axis - lead]!));
}

/**
 * The shape that two shapes broadcast to, by NumPy's rule: aligned at the last axis, a size of 1 stretches.
 *
 * @throws {ShapeError} where two sizes differ and neither is 1.
 */
export function broadcastShapes(what: string, a: Shape, b: Shape, names: () => readonly [string, string]): Shape {
  if (sameShape(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  const result = new Array<number>(rank);
  for (let back = 1; back <= rank; back++) {
    const left = a[a.length - back] ?? 1;
    const right = b[b.length - back] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      const [first, second] = names();
      throw new ShapeError(
        `${what}: the shapes do not fit: ${first} is ${shapeText(a)}, ${second} is ${shapeText(b)}. ` +
          `Counted from the last axis, sizes must be equal or 1; here ${left} meets ${right}.`,
      );
    }
    result[rank - back] = left === 1 ? right : left;
  }
  return result;
}

/** One axis as a whole number from 0; a negative one counts from the end. @throws {ShapeError} where there is no such axis. */
export function normaliseAxis(what: string, axis: number, rank: number, name: string = "the value"): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    const has = rank === 0 ? "is a scalar and has none" : `has ${rank} ${rank === 1 ? "axis" : "axes"}`;
    throw new ShapeError(`${what}: axis ${axis} does not exist; ${name} ${has}.`);
  }
  return axis < 0 ? axis + rank : axis;
}

/** Axes of `to` along which `from` was stretched to it. */
export function stretchedAxes(to: Shape, from: Shape): number[] {
  const lead = to.length - from.length;
  return [...to.keys()].filter((axis) => axis < lead || (from[axis - lead] === 1 && to[axis] !== 1));
}

/** Axes as whole numbers from 0, sorted; negative ones count from the end, none given means all. */
export function normaliseAxes(
  what: string,
  axes: number | readonly number[] | undefined,
  rank: number,
  name?: string,
): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  const list = typeof axes === "number" ? [axes] : [...axes];
  const result = list.map((axis) => normaliseAxis(what, axis, rank, name));
  if (new Set(result).size !== result.length)
    throw new ShapeError(`${what}: an axis is named twice in [${list.join(", ")}].`);
  return result.sort((a, b) => a - b);
}
