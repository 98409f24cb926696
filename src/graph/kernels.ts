import type { Window } from "./primitive.ts";
import { broadcastStrides, packedStrides, type Shape, sameShape, sizeOf, stretchedAxes } from "./shape.ts";
import { allocate, type DType, filled, forEachOffset, packed, promote, type Storage, viewOf } from "./storage.ts";

/**
 * Every loop over blocks, but for those that apply a function number by number (loops.ts), is behind this interface, so
 * that faster kernels can replace these without touching a primitive. All results are new storages.
 */
export interface Backend {
  /** Along `axes`, which are kept at size 1: sums, products, largest or smallest. */
  reduce(kind: Reducer, x: Storage, axes: readonly number[]): Storage;
  /** Where along `axis` the largest element is; the first of equal ones. */
  argmax(x: Storage, axis: number): Storage;
  /** Leading axes are a batch, the same for both; the last two are multiplied. */
  matmul(x: Storage, y: Storage, shape: Shape): Storage;
  concat(inputs: readonly Storage[], axis: number, shape: Shape): Storage;
  /** x in the middle of zeros, beginning at `starts`. */
  pad(x: Storage, starts: readonly number[], shape: Shape): Storage;
  /** Rows of x along axis 0, in the order of `indices`. */
  gather(x: Storage, indices: Storage, shape: Shape): Storage;
  /** The transpose of gather: rows are added to where they came from. */
  scatterAdd(rows: Storage, indices: Storage, shape: Shape): Storage;
  /** [N, C, H, W] → [N, C, KH · KW, OH · OW]: what each window sees, zeros outside. */
  unfold(x: Storage, window: Window, shape: Shape): Storage;
  /** The largest number in each window of [N, C, H, W]; what lies outside is none of them. */
  maxPool(x: Storage, window: Window, shape: Shape): Storage;
  /** The transpose of unfold: every window's numbers are added to where they came from. */
  fold(columns: Storage, window: Window, shape: Shape): Storage;
}

export type Reducer = "sum" | "prod" | "max" | "min";

const reducers: Readonly<Record<Reducer, { readonly start: number; combine(a: number, b: number): number }>> = {
  sum: { start: 0, combine: (a, b) => a + b },
  prod: { start: 1, combine: (a, b) => a * b },
  max: { start: Number.NEGATIVE_INFINITY, combine: Math.max },
  min: { start: Number.POSITIVE_INFINITY, combine: Math.min },
};

/** How many windows fit along an axis. */
export function windowsAlong(length: number, window: Window, axis: 0 | 1): number {
  const reach = window.dilation[axis] * (window.size[axis] - 1) + 1;
  return Math.floor((length + 2 * window.padding[axis] - reach) / window.stride[axis]) + 1;
}

/** For each element of the unfolded block, in order, where in [N, C, H, W] it comes from; −1 where outside. */
function forEachInWindows(shape: Shape, window: Window, visit: (unfolded: number, image: number) => void): void {
  const [count, channels, height, width] = shape as [number, number, number, number];
  const [kh, kw] = window.size;
  const [sh, sw] = window.stride;
  const [ph, pw] = window.padding;
  const [dh, dw] = window.dilation;
  const oh = windowsAlong(height, window, 0);
  const ow = windowsAlong(width, window, 1);
  let unfolded = 0;
  for (let plane = 0; plane < count * channels; plane++) {
    const start = plane * height * width;
    for (let i = 0; i < kh; i++) {
      for (let j = 0; j < kw; j++) {
        for (let row = 0; row < oh; row++) {
          const y = row * sh + i * dh - ph;
          if (y < 0 || y >= height) {
            unfolded += ow;
            continue;
          }
          const line = start + y * width;
          for (let column = 0; column < ow; column++, unfolded++) {
            const x = column * sw + j * dw - pw;
            if (x >= 0 && x < width) visit(unfolded, line + x);
          }
        }
      }
    }
  }
}

function matmulRows(
  out: Storage,
  o: number,
  x: Storage,
  a: number,
  y: Storage,
  b: number,
  [rows, inner, columns]: readonly [number, number, number],
  [ar, ak]: readonly [number, number],
): void {
  const result = out.data;
  const left = x.data;
  const right = y.data;
  for (let row = 0; row < rows; row++, o += columns) {
    let k = 0;
    // Four rows of y at a time: each number of the result is read and written once for four products.
    for (; k + 3 < inner; k += 4) {
      const at = a + row * ar + k * ak;
      const f0 = left[at]!;
      const f1 = left[at + ak]!;
      const f2 = left[at + 2 * ak]!;
      const f3 = left[at + 3 * ak]!;
      const r0 = b + k * columns;
      const r1 = r0 + columns;
      const r2 = r1 + columns;
      const r3 = r2 + columns;
      for (let c = 0; c < columns; c++) {
        result[o + c]! += f0 * right[r0 + c]! + f1 * right[r1 + c]! + f2 * right[r2 + c]! + f3 * right[r3 + c]!;
      }
    }
    for (; k < inner; k++) {
      const f = left[a + row * ar + k * ak]!;
      const from = b + k * columns;
      for (let c = 0; c < columns; c++) result[o + c]! += f * right[from + c]!;
    }
  }
}

/** The same where neighbours down the right factor's columns lie side by side: each number of the result is one sum. */
function matmulColumns(
  out: Storage,
  o: number,
  x: Storage,
  a: number,
  y: Storage,
  b: number,
  [rows, inner, columns]: readonly [number, number, number],
  [ar, ak]: readonly [number, number],
): void {
  const result = out.data;
  const left = x.data;
  const right = y.data;
  const step = y.strides[y.shape.length - 1]!;
  for (let row = 0; row < rows; row++) {
    let column = 0;
    // Four sums at a time: none waits for another's last addition.
    for (; column + 3 < columns; column += 4) {
      let i = a + row * ar;
      let j = b + column * step;
      const end = j + inner;
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (; j < end; j++, i += ak) {
        const f = left[i]!;
        s0 += f * right[j]!;
        s1 += f * right[j + step]!;
        s2 += f * right[j + 2 * step]!;
        s3 += f * right[j + 3 * step]!;
      }
      result[o] = s0;
      result[o + 1] = s1;
      result[o + 2] = s2;
      result[o + 3] = s3;
      o += 4;
    }
    for (; column < columns; column++) {
      let i = a + row * ar;
      let j = b + column * step;
      const end = j + inner;
      let sum = 0;
      for (; j < end; j++, i += ak) sum += left[i]! * right[j]!;
      result[o++] = sum;
    }
  }
}

/** The plain JavaScript backend. */
export const javascript: Backend = {
  reduce(kind, x, axes) {
    const { start, combine } = reducers[kind];
    const kept = x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
    // Whole numbers and truth values add up to whole numbers.
    const dtype: DType = x.dtype === "bool" ? "int32" : x.dtype;
    // A block of whole numbers has no infinity to start from.
    const begin = dtype === "int32" ? Math.min(Math.max(start, -(2 ** 31)), 2 ** 31 - 1) : start;
    const out = start === 0 ? allocate(dtype, kept) : filled(dtype, kept, begin);
    const { data } = out;
    const into = { shape: x.shape, strides: broadcastStrides(kept, out.strides, x.shape), offset: out.offset };
    const inner = x.shape[x.shape.length - 1] ?? 1;
    const innerAxis = x.shape.length - 1;
    if (dtype !== "float32" && x.packed && axes.length === x.shape.length) {
      // Everything into one number: no offsets to keep.
      let total = start;
      const end = x.offset + sizeOf(x.shape);
      if (kind === "sum") for (let i = x.offset; i < end; i++) total += x.data[i]!;
      else for (let i = x.offset; i < end; i++) total = combine(total, x.data[i]!);
      data[out.offset] = total;
      return out;
    }
    if (sizeOf(x.shape) === 0) return out;
    // Sums of float32 are carried in double precision and rounded once.
    const precise = dtype === "float32" ? filled("float64", kept, start) : out;
    const rows = { shape: x.shape.slice(0, -1), strides: x.strides.slice(0, -1), offset: x.offset };
    const rowsInto = { shape: rows.shape, strides: into.strides.slice(0, -1), offset: precise.offset };
    const from: number[] = [];
    forEachOffset(rows, (offset) => from.push(offset));
    const step = x.strides[innerAxis] ?? 0;
    const stepInto = into.strides[innerAxis] ?? 0;
    let row = 0;
    const target = precise.data;
    forEachOffset(rowsInto, (o) => {
      let i = from[row++]!;
      if (kind === "sum") {
        if (stepInto === 0) {
          let total = target[o]!;
          for (let k = 0; k < inner; k++, i += step) total += x.data[i]!;
          target[o] = total;
        } else for (let k = 0; k < inner; k++, i += step) target[o + k * stepInto]! += x.data[i]!;
      } else {
        for (let k = 0; k < inner; k++, i += step) {
          const at = o + k * stepInto;
          target[at] = combine(target[at]!, x.data[i]!);
        }
      }
    });
    if (precise !== out) {
      const size = sizeOf(kept);
      for (let i = 0; i < size; i++) data[out.offset + i] = target[precise.offset + i]!;
    }
    return out;
  },

  argmax(x, axis) {
    const kept = x.shape.map((length, i) => (i === axis ? 1 : length));
    const out = allocate("int32", kept);
    const along = x.strides[axis]!;
    let next = out.offset;
    forEachOffset({ shape: kept, strides: x.strides, offset: x.offset }, (offset) => {
      let best = 0;
      for (let i = 1; i < x.shape[axis]!; i++) {
        const [candidate, leader] = [x.data[offset + i * along]!, x.data[offset + best * along]!];
        if (candidate > leader || (Number.isNaN(candidate) && !Number.isNaN(leader))) best = i;
      }
      out.data[next++] = best;
    });
    return out;
  },

  matmul(x, y, shape) {
    const rank = shape.length;
    const sizes = [shape[rank - 2]!, x.shape[x.shape.length - 1]!, shape[rank - 1]!] as const;
    const out = allocate(promote(x.dtype, y.dtype), shape);
    if (sizeOf(shape) === 0 || sizes[1] === 0) return out;
    // A transposed right factor is read along its columns as it lies; any other is read row by row.
    const columns = !y.packed && y.strides[y.shape.length - 2] === 1;
    const right = columns ? y : packed(y);
    const steps = [x.strides[x.shape.length - 2]!, x.strides[x.shape.length - 1]!] as const;
    const batch = shape.slice(0, -2);
    const lefts: number[] = [];
    const batchOf = (s: Storage): Pick<Storage, "shape" | "strides" | "offset"> => ({
      shape: batch,
      strides: broadcastStrides(s.shape.slice(0, -2), s.strides.slice(0, -2), batch),
      offset: s.offset,
    });
    forEachOffset(batchOf(x), (offset) => lefts.push(offset));
    let item = 0;
    let o = out.offset;
    forEachOffset(batchOf(right), (b) => {
      const a = lefts[item++]!;
      if (columns) matmulColumns(out, o, x, a, right, b, sizes, steps);
      else matmulRows(out, o, x, a, right, b, sizes, steps);
      o += sizes[0] * sizes[2];
    });
    return out;
  },

  concat(inputs, axis, shape) {
    const out = allocate(inputs.map((input) => input.dtype).reduce(promote), shape);
    let start = out.offset;
    for (const input of inputs) {
      const part = { shape: input.shape, strides: out.strides, offset: start };
      copyInto(out, part, input);
      start += input.shape[axis]! * out.strides[axis]!;
    }
    return out;
  },

  pad(x, starts, shape) {
    const out = allocate(x.dtype, shape);
    const offset = starts.reduce((at, start, axis) => at + start * out.strides[axis]!, out.offset);
    copyInto(out, { shape: x.shape, strides: out.strides, offset }, x);
    return out;
  },

  gather(x, indices, shape) {
    const out = allocate(x.dtype, shape);
    const rows = packed(x);
    const size = sizeOf(x.shape.slice(1));
    let to = out.offset;
    forEachOffset(indices, (at) => {
      const from = rows.offset + indices.data[at]! * size;
      for (let i = 0; i < size; i++) out.data[to++] = rows.data[from + i]!;
    });
    return out;
  },

  scatterAdd(rows, indices, shape) {
    const out = allocate(rows.dtype, shape);
    const source = packed(rows);
    const size = sizeOf(shape.slice(1));
    let from = source.offset;
    forEachOffset(indices, (at) => {
      const to = out.offset + indices.data[at]! * size;
      for (let i = 0; i < size; i++) out.data[to + i]! += source.data[from++]!;
    });
    return out;
  },

  unfold(x, window, shape) {
    const out = allocate(x.dtype, shape);
    const image = packed(x);
    forEachInWindows(x.shape, window, (unfolded, at) => {
      out.data[out.offset + unfolded] = image.data[image.offset + at]!;
    });
    return out;
  },

  maxPool(x, window, shape) {
    const out = filled(x.dtype, shape, Number.NEGATIVE_INFINITY);
    const image = packed(x);
    const places = shape[2]! * shape[3]!;
    const seen = window.size[0] * window.size[1] * places;
    forEachInWindows(x.shape, window, (unfolded, at) => {
      const o = out.offset + Math.floor(unfolded / seen) * places + (unfolded % places);
      out.data[o] = Math.max(out.data[o]!, image.data[image.offset + at]!);
    });
    return out;
  },

  fold(columns, window, shape) {
    const out = allocate(columns.dtype, shape);
    const source = packed(columns);
    forEachInWindows(shape, window, (unfolded, at) => {
      out.data[out.offset + at]! += source.data[source.offset + unfolded]!;
    });
    return out;
  },
};

function copyInto(out: Storage, part: Pick<Storage, "shape" | "strides" | "offset">, x: Storage): void {
  const from: Storage = packed(x);
  let next = from.offset;
  forEachOffset(part, (offset) => {
    out.data[offset] = from.data[next++]!;
  });
}

/** Views: the same block read in another order. */
export function transposed(x: Storage, axes: readonly number[]): Storage {
  return viewOf(
    x,
    axes.map((axis) => x.shape[axis]!),
    axes.map((axis) => x.strides[axis]!),
    x.offset,
  );
}

export function reshaped(x: Storage, shape: Shape): Storage {
  const block = packed(x);
  return viewOf(block, shape, packedStrides(shape), block.offset);
}

export function broadcasted(x: Storage, shape: Shape): Storage {
  return viewOf(x, shape, broadcastStrides(x.shape, x.strides, shape), x.offset);
}

export function sliced(x: Storage, ranges: readonly (readonly [number, number])[]): Storage {
  return viewOf(
    x,
    ranges.map(([start, end]) => end - start),
    x.strides,
    ranges.reduce((at, [start], axis) => at + start * x.strides[axis]!, x.offset),
  );
}

/** The sum over every axis along which `shape` was stretched to x's. */
export function sumStorageTo(x: Storage, shape: Shape): Storage {
  if (sameShape(x.shape, shape)) return x;
  return reshaped(javascript.reduce("sum", x, stretchedAxes(x.shape, shape)), shape);
}
