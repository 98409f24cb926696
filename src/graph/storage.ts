import { type Shape, sizeOf, stridesOf } from "./shape.ts";

/** What numbers are stored as. */
export type DType = "float64" | "float32";
export type Numbers = Float64Array | Float32Array;

/** A block of numbers in row-major order. Never written after it was made. */
export interface Storage {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly data: Numbers;
}

/**
 * Every loop over numbers is behind this interface, so that faster kernels can replace these without touching a
 * primitive. All results are new storages.
 */
export interface Backend {
  map(x: Storage, f: (x: number) => number): Storage;
  /** `shape` is what the two broadcast to. */
  zip(x: Storage, y: Storage, shape: Shape, f: (x: number, y: number) => number): Storage;
  sum(x: Storage, axes: readonly number[], keepDims: boolean): Storage;
  broadcastTo(x: Storage, shape: Shape): Storage;
  transpose(x: Storage, axes: readonly number[]): Storage;
  reshape(x: Storage, shape: Shape): Storage;
  /** Leading axes are a batch and broadcast; the last two are multiplied. */
  matmul(x: Storage, y: Storage, shape: Shape): Storage;
}

export function allocate(dtype: DType, size: number): Numbers {
  return dtype === "float32" ? new Float32Array(size) : new Float64Array(size);
}

/** Double precision wins where the two meet. */
export function promote(a: DType, b: DType): DType {
  return a === "float32" && b === "float32" ? "float32" : "float64";
}

/** Strides of `from` seen as an array of shape `to`: 0 along every axis that is stretched. */
function broadcastStrides(from: Shape, to: Shape): number[] {
  const own = stridesOf(from);
  const lead = to.length - from.length;
  return to.map((_, axis) => (axis < lead || from[axis - lead] === 1 ? 0 : own[axis - lead]!));
}

/** Calls `visit` with a running offset for each of `strides`, in row-major order over `shape`. */
function walk(shape: Shape, a: readonly number[], b: readonly number[], visit: (i: number, j: number) => void): void {
  const rank = shape.length;
  const size = sizeOf(shape);
  const counter = new Int32Array(rank);
  let i = 0;
  let j = 0;
  for (let n = 0; n < size; n++) {
    visit(i, j);
    for (let axis = rank - 1; axis >= 0; axis--) {
      i += a[axis]!;
      j += b[axis]!;
      if (++counter[axis]! < shape[axis]!) break;
      counter[axis] = 0;
      i -= a[axis]! * shape[axis]!;
      j -= b[axis]! * shape[axis]!;
    }
  }
}

/** The plain JavaScript backend. */
export const javascript: Backend = {
  map(x, f) {
    const data = allocate(x.dtype, x.data.length);
    for (let i = 0; i < data.length; i++) data[i] = f(x.data[i]!);
    return { shape: x.shape, dtype: x.dtype, data };
  },

  zip(x, y, shape, f) {
    const dtype = promote(x.dtype, y.dtype);
    const size = sizeOf(shape);
    const data = allocate(dtype, size);
    if (x.data.length === size && y.data.length === size) {
      for (let i = 0; i < size; i++) data[i] = f(x.data[i]!, y.data[i]!);
    } else {
      let n = 0;
      walk(shape, broadcastStrides(x.shape, shape), broadcastStrides(y.shape, shape), (i, j) => {
        data[n++] = f(x.data[i]!, y.data[j]!);
      });
    }
    return { shape, dtype, data };
  },

  sum(x, axes, keepDims) {
    const kept = x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
    const data = allocate(x.dtype, sizeOf(kept));
    walk(x.shape, stridesOf(x.shape), broadcastStrides(kept, x.shape), (i, j) => {
      data[j]! += x.data[i]!;
    });
    return { shape: keepDims ? kept : x.shape.filter((_, axis) => !axes.includes(axis)), dtype: x.dtype, data };
  },

  broadcastTo(x, shape) {
    const data = allocate(x.dtype, sizeOf(shape));
    let n = 0;
    const strides = broadcastStrides(x.shape, shape);
    walk(shape, strides, strides, (i) => {
      data[n++] = x.data[i]!;
    });
    return { shape, dtype: x.dtype, data };
  },

  transpose(x, axes) {
    const own = stridesOf(x.shape);
    const shape = axes.map((axis) => x.shape[axis]!);
    const strides = axes.map((axis) => own[axis]!);
    const data = allocate(x.dtype, x.data.length);
    let n = 0;
    walk(shape, strides, strides, (i) => {
      data[n++] = x.data[i]!;
    });
    return { shape, dtype: x.dtype, data };
  },

  reshape(x, shape) {
    return { shape, dtype: x.dtype, data: x.data };
  },

  matmul(x, y, shape) {
    const rows = x.shape[x.shape.length - 2]!;
    const inner = x.shape[x.shape.length - 1]!;
    const columns = y.shape[y.shape.length - 1]!;
    const dtype = promote(x.dtype, y.dtype);
    const data = allocate(dtype, sizeOf(shape));
    const batch = shape.slice(0, -2);
    const scale = (strides: readonly number[], by: number): number[] => strides.map((stride) => stride * by);
    const left = scale(broadcastStrides(x.shape.slice(0, -2), batch), rows * inner);
    const right = scale(broadcastStrides(y.shape.slice(0, -2), batch), inner * columns);
    let out = 0;
    walk(batch, left, right, (a, b) => {
      for (let row = 0; row < rows; row++, out += columns) {
        // Row by row through y, so that both inner accesses run along memory.
        for (let k = 0; k < inner; k++) {
          const factor = x.data[a + row * inner + k]!;
          const from = b + k * columns;
          for (let column = 0; column < columns; column++) data[out + column]! += factor * y.data[from + column]!;
        }
      }
    });
    return { shape, dtype, data };
  },
};
