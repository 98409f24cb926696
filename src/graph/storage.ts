import { packedStrides, type Shape, sizeOf } from "./shape.ts";

/** What numbers are stored as; where two meet, the later one in this order is taken. */
export const dtypes = ["bool", "int32", "float32", "float64"] as const;
export type DType = (typeof dtypes)[number];

export type Numbers = Float64Array | Float32Array | Int32Array | Uint8Array;

/**
 * Numbers under a shape: a view of a block of memory, which others may share. Never written after it was made, so a
 * transpose, a slice or a broadcast is another view of the same block.
 */
export interface Storage {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly data: Numbers;
  /** Where in `data` the first element lies. */
  readonly offset: number;
  /** How far apart in `data` neighbours along each axis lie; 0 along an axis that repeats one element. */
  readonly strides: Shape;
  /** Whether the elements lie one after the other in row-major order. */
  readonly packed: boolean;
}

const arrays = { float64: Float64Array, float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

/** Small blocks are cut from a slab: making a typed array costs more than adding ten numbers. */
const slabSize = 16_384;
const largestCut = 512;
const slabs: Record<DType, { data: Numbers; used: number }> = {
  float64: { data: new Float64Array(0), used: slabSize },
  float32: { data: new Float32Array(0), used: slabSize },
  int32: { data: new Int32Array(0), used: slabSize },
  bool: { data: new Uint8Array(0), used: slabSize },
};

/** Room for float64 numbers, all zeros, and where in it they start. */
export function room(size: number): { readonly data: Float64Array; readonly offset: number } {
  const { data, used } = slabFor("float64", size);
  return { data: data as Float64Array, offset: used - size };
}

/** The slab that the last `size` numbers were cut from; of many numbers, a block of their own. */
function slabFor(dtype: DType, size: number): { readonly data: Numbers; readonly used: number } {
  if (size > largestCut) return { data: new arrays[dtype](size), used: size };
  const slab = slabs[dtype];
  if (slab.used + size > slabSize) {
    slab.data = new arrays[dtype](slabSize);
    slab.used = 0;
  }
  slab.used += size;
  return slab;
}

/** A new packed storage, filled with zeros; whoever asked for it fills it before anyone else sees it. */
export function allocate(dtype: DType, shape: Shape): Storage {
  const size = sizeOf(shape);
  return packedStorage(dtype, shape, packedStrides(shape), size);
}

/** A new storage of the shape of another that is packed. */
export function allocateLike(dtype: DType, { shape, strides }: Storage, size: number): Storage {
  return packedStorage(dtype, shape, strides, size);
}

function packedStorage(dtype: DType, shape: Shape, strides: Shape, size: number): Storage {
  const { data, used } = slabFor(dtype, size);
  return { shape, dtype, data, offset: used - size, strides, packed: true };
}

/** A storage over numbers that nobody else writes to. */
export function storageOver(dtype: DType, shape: Shape, data: Numbers): Storage {
  return { shape, dtype, data, offset: 0, strides: packedStrides(shape), packed: true };
}

export function filled(dtype: DType, shape: Shape, number: number): Storage {
  const storage = allocate(dtype, shape);
  storage.data.fill(number, storage.offset, storage.offset + sizeOf(shape));
  return storage;
}

/** Another view of the same block. */
export function viewOf(x: Storage, shape: Shape, strides: Shape, offset: number): Storage {
  return { shape, dtype: x.dtype, data: x.data, offset, strides, packed: isPacked(shape, strides) };
}

function isPacked(shape: Shape, strides: Shape): boolean {
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== stride) return false;
    stride *= shape[axis]!;
  }
  return true;
}

/** The elements in row-major order; a view of the block where they lie so already. */
export function numbersOf(x: Storage): Numbers {
  const { data, offset } = packed(x);
  return data.subarray(offset, offset + sizeOf(x.shape));
}

/** The same elements in row-major order, one after the other; copied only where they do not lie so already. */
export function packed(x: Storage): Storage {
  return x.packed ? x : converted(x, x.dtype);
}

/** The same elements under another type: fractions are cut off for int32, anything but 0 counts as true for bool. */
export function converted(x: Storage, dtype: DType): Storage {
  const result = allocate(dtype, x.shape);
  const { data } = result;
  let next = result.offset;
  const bool = dtype === "bool";
  forEachOffset(x, (offset) => {
    data[next++] = bool ? Number(x.data[offset] !== 0) : x.data[offset]!;
  });
  return result;
}

/** The element of a storage that has one. */
export function onlyNumber(x: Storage): number {
  return x.data[x.offset]!;
}

/** Calls `visit` with where in `data` each element lies, in row-major order. */
export function forEachOffset(x: Pick<Storage, "shape" | "strides" | "offset">, visit: (offset: number) => void): void {
  const { shape, strides } = x;
  const rank = shape.length;
  const size = sizeOf(shape);
  if (size === 0) return;
  const inner = rank === 0 ? 1 : shape[rank - 1]!;
  const step = rank === 0 ? 0 : strides[rank - 1]!;
  const counter = new Array<number>(rank).fill(0);
  let row = x.offset;
  for (let done = 0; done < size; done += inner) {
    for (let i = 0, offset = row; i < inner; i++, offset += step) visit(offset);
    for (let axis = rank - 2; axis >= 0; axis--) {
      row += strides[axis]!;
      if (++counter[axis]! < shape[axis]!) break;
      counter[axis] = 0;
      row -= strides[axis]! * shape[axis]!;
    }
  }
}

/** The type two operands meet in: float64 before float32 before int32 before bool. */
export function promote(a: DType, b: DType): DType {
  if (a === b) return a;
  return dtypes.indexOf(a) > dtypes.indexOf(b) ? a : b;
}

export function isFloat(dtype: DType): boolean {
  return dtype === "float64" || dtype === "float32";
}
