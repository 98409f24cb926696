import { type Shape, sameShape, shapeText, sizeOf } from "../graph/shape.ts";
import { type DType, isFloat, type Numbers } from "../graph/storage.ts";
import { constant, type Value, variable } from "../graph/value.ts";
import type { Module } from "./module.ts";

/**
 * Thrown where parameters cannot be read from a file, or are not those of the module.
 *
 * @example
 * ```ts
 * import { loadParameters, nn } from "gradbook";
 *
 * loadParameters(new nn.Linear(2, 1), new Uint8Array(3)) // throws ParameterFileError…
 * ```
 */
export class ParameterFileError extends Error {
  override readonly name: string = "ParameterFileError";
}

// The safetensors format: the header's length (8 bytes, little endian), the header (JSON: name → type, shape, where from and where
// to in the rest), and the numbers, little endian.

const formats = {
  float64: ["F64", 8],
  float32: ["F32", 4],
  int32: ["I32", 4],
  bool: ["BOOL", 1],
} as const satisfies Record<DType, readonly [string, number]>;

interface Entry {
  readonly dtype: string;
  readonly shape: Shape;
  readonly data_offsets: readonly [number, number];
}

/**
 * All parameters and buffers of a module as a file in the safetensors format, which other libraries read too.
 *
 * @example
 * ```ts
 * import { loadParameters, nn, Random, saveParameters } from "gradbook";
 * const bytes = saveParameters(new nn.Linear(2, 1, { random: new Random(1) }));
 * const other = new nn.Linear(2, 1);
 * loadParameters(other, bytes);
 * other.weight.shape // [2, 1]
 * ```
 */
export function saveParameters(module: Module): Uint8Array {
  const values = [...module.namedParameters(), ...module.namedBuffers()];
  const header: Record<string, Entry> = {};
  let offset = 0;
  for (const [path, { dtype, shape }] of values) {
    const [format, width] = formats[dtype];
    const end = offset + sizeOf(shape) * width;
    header[path] = { dtype: format, shape, data_offsets: [offset, end] };
    offset = end;
  }
  let text = JSON.stringify(header);
  // Numbers begin where a multiple of 8 does.
  text += " ".repeat((8 - (new TextEncoder().encode(text).length % 8)) % 8);
  const head = new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 + head.length + offset);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(head.length), true);
  bytes.set(head, 8);
  let at = 8 + head.length;
  for (const [, { data, dtype }] of values) {
    for (const number of data) {
      write(view, at, dtype, number);
      at += formats[dtype][1];
    }
  }
  return bytes;
}

function write(view: DataView, at: number, dtype: DType, number: number): void {
  if (dtype === "float64") view.setFloat64(at, number, true);
  else if (dtype === "float32") view.setFloat32(at, number, true);
  else if (dtype === "int32") view.setInt32(at, number, true);
  else view.setUint8(at, number);
}

function read(view: DataView, at: number, dtype: DType): number {
  switch (dtype) {
    case "float64":
      return view.getFloat64(at, true);
    case "float32":
      return view.getFloat32(at, true);
    case "int32":
      return view.getInt32(at, true);
    case "bool":
      return view.getUint8(at);
  }
}

/**
 * Gives a module the parameters and buffers of a file in the safetensors format.
 *
 * @throws {ParameterFileError} where the file is broken, lacks a parameter, has one too many, or one of another shape or of
 * whole numbers; the module is left as it was then.
 *
 * @example
 * ```ts
 * import { loadParameters, nn, saveParameters } from "gradbook";
 * const bytes = saveParameters(new nn.Linear(2, 1));
 * loadParameters(new nn.Linear(3, 1), bytes) // throws ParameterFileError: weight is 2×1 in the file…
 * ```
 */
export function loadParameters(module: Module, bytes: Uint8Array): void {
  const found = parse(bytes);
  const values = [...module.namedParameters(), ...module.namedBuffers()];
  const wanted = new Map(values);
  for (const name of found.keys()) {
    if (!wanted.has(name)) {
      throw new ParameterFileError(
        `The file holds ${name}, which the module has not. It has ${[...wanted.keys()].join(", ")}.`,
      );
    }
  }
  const loaded = values.map(([path, before]): [string, Value] => {
    const stored = found.get(path);
    if (stored === undefined) throw new ParameterFileError(`The file lacks ${path}.`);
    if (!sameShape(stored.shape, before.shape)) {
      throw new ParameterFileError(
        `${path} is ${shapeText(stored.shape)} in the file; the module's is ${shapeText(before.shape)}.`,
      );
    }
    if (before.kind === "variable" && !isFloat(stored.dtype)) {
      throw new ParameterFileError(`${path} is ${stored.dtype} in the file; the module's is ${before.dtype}.`);
    }
    return [path, before.kind === "variable" ? variable(stored, before.name) : constant(stored, before.name)];
  });
  for (const [path, value] of loaded) module.setParameter(path, value);
}

interface Stored {
  readonly data: Numbers;
  readonly shape: Shape;
  readonly dtype: DType;
}

const arrays = { float64: Float64Array, float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

function parse(bytes: Uint8Array): ReadonlyMap<string, Stored> {
  const broken = (why: string): never => {
    throw new ParameterFileError(`This is no safetensors file: ${why}.`);
  };
  if (bytes.length < 8) broken("it is shorter than its first number");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > bytes.length - 8) broken(`its header should be ${length} bytes long, and the file ends before that`);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, 8 + length)));
  } catch {
    broken("its header is not JSON");
  }
  if (typeof header !== "object" || header === null || Array.isArray(header)) broken("its header is not a record");
  const start = 8 + length;
  const found = new Map<string, Stored>();
  for (const [name, entry] of Object.entries(header as Record<string, unknown>)) {
    if (name === "__metadata__") continue;
    found.set(name, stored(view, start, name, entry, broken));
  }
  return found;
}

function stored(view: DataView, start: number, name: string, entry: unknown, broken: (why: string) => never): Stored {
  const { dtype: format, shape, data_offsets: offsets } = (entry ?? {}) as Partial<Entry>;
  const isCount = (x: unknown): boolean => Number.isInteger(x) && (x as number) >= 0;
  if (
    !Array.isArray(shape) ||
    !shape.every(isCount) ||
    !Array.isArray(offsets) ||
    offsets.length !== 2 ||
    !offsets.every(isCount)
  ) {
    return broken(`its entry ${name} has no shape or no place`);
  }
  const dtype = (Object.keys(formats) as DType[]).find((known) => formats[known][0] === format);
  if (dtype === undefined) {
    throw new ParameterFileError(
      `${name} is stored as ${String(format)}; ${Object.values(formats)
        .map(([known]) => known)
        .join(", ")} can be read.`,
    );
  }
  const [from, to] = offsets as [number, number];
  const width = formats[dtype][1];
  const size = sizeOf(shape as number[]);
  if (to - from !== size * width || start + to > view.byteLength)
    return broken(`the numbers of ${name} are not where its header says`);
  const data = new arrays[dtype](size);
  for (let i = 0; i < size; i++) data[i] = read(view, start + from + i * width, dtype);
  return { data, shape: shape as number[], dtype };
}
