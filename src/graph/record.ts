import type { Bilinear, Elementwise, Linear, Parameters } from "./primitive.ts";
import { broadcastShapes } from "./shape.ts";
import { javascript, type Storage } from "./storage.ts";
import { constantCode, none, openSegment, primitives } from "./tape.ts";
import { nameOf, type Operand, scalarLeaf, storageLeaf, Value } from "./value.ts";

/** Adds a primitive to the table and returns its code. */
export function register(primitive: Elementwise | Linear | Bilinear): number {
  if (primitives.length >= constantCode) throw new RangeError("The table of primitives is full.");
  primitives.push(primitive);
  return primitives.length - 1;
}

/** @throws {TypeError} where an operand is neither a Value nor a number. */
export function lift(what: string, x: Operand, beside?: Operand): Value {
  if (x instanceof Value) return x;
  if (typeof x !== "number") {
    throw new TypeError(
      `${what} takes Values and numbers; this operand is ${x === null ? "null" : `of type ${typeof x}`}.`,
    );
  }
  // A bare number takes the precision of the Value beside it.
  if (beside instanceof Value && beside.dtype === "float32") {
    return storageLeaf({ shape: [], dtype: "float32", data: Float32Array.of(x) }, constantCode);
  }
  return scalarLeaf(x, constantCode);
}

export function recordUnary(primitive: Elementwise, code: number, x: Operand): Value {
  const a = lift(primitive.name, x);
  if (a.segment.isScalar(a.position)) {
    return scalarNode(code, primitive.evaluate(a.segment.scalars[a.position]!), a, undefined);
  }
  return storageNode(code, javascript.map(a.segment.storage(a.position), primitive.evaluate), a, undefined);
}

export function recordBinary(primitive: Elementwise, code: number, x: Operand, y: Operand): Value {
  const a = lift(primitive.name, x, y);
  const b = lift(primitive.name, y, x);
  if (a.segment.isScalar(a.position) && b.segment.isScalar(b.position)) {
    return scalarNode(code, primitive.evaluate(a.segment.scalars[a.position]!, b.segment.scalars[b.position]!), a, b);
  }
  const left = a.segment.storage(a.position);
  const right = b.segment.storage(b.position);
  const shape = broadcastShapes(primitive.name, left.shape, right.shape, [nameOf(a), nameOf(b)]);
  return storageNode(code, javascript.zip(left, right, shape, primitive.evaluate), a, b);
}

export function recordLinear(primitive: Linear, code: number, x: Value, parameters: Parameters): Value {
  const value = storageNode(code, primitive.forward(x.segment.storage(x.position), parameters), x, undefined);
  value.segment.parameters.set(value.position, parameters);
  return value;
}

export function recordBilinear(primitive: Bilinear, code: number, x: Value, y: Value): Value {
  return storageNode(code, primitive.forward(x.segment.storage(x.position), y.segment.storage(y.position)), x, y);
}

function scalarNode(code: number, result: number, x: Value, y: Value | undefined): Value {
  const segment = openSegment();
  const position = segment.length++;
  segment.codes[position] = code;
  segment.first[position] = segment.reference(x);
  segment.second[position] = y === undefined ? none : segment.reference(y);
  segment.scalars[position] = result;
  segment.needsGradient[position] =
    x.segment.needsGradient[x.position]! | (y === undefined ? 0 : y.segment.needsGradient[y.position]!);
  return new Value(segment, position);
}

function storageNode(code: number, storage: Storage, x: Value, y: Value | undefined): Value {
  const scalar = storage.shape.length === 0 && storage.dtype === "float64";
  const value = scalarNode(code, scalar ? storage.data[0]! : Number.NaN, x, y);
  if (!scalar) value.segment.storages.set(value.position, storage);
  return value;
}
