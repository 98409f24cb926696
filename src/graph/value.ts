import "tsover-runtime";
import { GradientError, ShapeError } from "./errors.ts";
import type { ModuleScope } from "./modules.ts";
import { formatNumber } from "./number-text.ts";
import type { Parameters, Primitive } from "./primitive.ts";
import type { AxesOptions, AxisOptions, Indices, PoolOptions, Range } from "./primitives.ts";
import * as op from "./primitives.ts";
import { type Shape, shapeText, sizeOf } from "./shape.ts";
import {
  allocate,
  converted,
  type DType,
  filled,
  isFloat,
  type Numbers,
  numbersOf,
  type Storage,
  storageOver,
} from "./storage.ts";
import {
  closeGrownSegment,
  constantCode,
  gradientMark,
  none,
  openSegment,
  ownCode,
  positionAbroad,
  primitives,
  type Segment,
  tape,
  variableCode,
} from "./tape.ts";

/** What operations take: a Value, or a number that becomes a constant. */
export type Operand = Value | number;

export interface NestedNumberList extends ReadonlyArray<NestedNumbers> {}
/** A number, or arrays of numbers nested as deep as there are axes. */
export type NestedNumbers = number | NestedNumberList;
interface NestedBooleanList extends ReadonlyArray<NestedBooleans> {}
type NestedBooleans = boolean | NestedBooleanList;

/**
 * What variable and constant take: a number, nested arrays of numbers or of booleans, a typed array (of one axis, or
 * with a shape), or the numbers of a Value.
 */
export type Data =
  | NestedNumbers
  | NestedBooleans
  | Numbers
  | { readonly data: Numbers; readonly shape: Shape; readonly dtype?: DType }
  | Value;

/**
 * A number or tensor that remembers how it was made: a handle on one node of the tape. Immutable; two handles may name
 * one node (their ids are equal then).
 *
 * @example
 * ```ts
 * import { variable } from "gradbook";
 *
 * const x = variable([1, 2]);
 * const z = x.mul(3).sum();
 * z.item() // 9
 * z.kind // operation
 * z.primitive!.name // sum
 * z.inputs[0]!.toArray() // [3, 6]
 * ```
 */
export class Value {
  // Declared only: a class field would first be defined as undefined, which costs a scalar node a twentieth of its time.
  /** @internal Where the node is: the engine's walks read the tape by these. */
  declare readonly segment: Segment;
  /** @internal */
  declare readonly position: number;

  constructor(segment: Segment, position: number) {
    this.segment = segment;
    this.position = position;
  }

  /** Unique, and larger than the ids of its inputs. */
  get id(): number {
    return this.segment.base + this.position;
  }

  get shape(): Shape {
    return this.segment.shape(this.position);
  }

  get dtype(): DType {
    return this.segment.dtype(this.position);
  }

  /** The name given by `variable(data, name)` or by the variable of the code that holds it. */
  get name(): string | undefined {
    return this.segment.names?.get(this.position);
  }

  get kind(): "variable" | "constant" | "operation" {
    const code = this.segment.code(this.position);
    return code === variableCode ? "variable" : code === constantCode ? "constant" : "operation";
  }

  /** What made it; nothing made variables and constants. */
  get primitive(): Primitive | undefined {
    const code = this.segment.code(this.position);
    return code === ownCode ? this.segment.ownPrimitives!.get(this.position) : primitives[code];
  }

  get inputs(): readonly Value[] {
    const { words, furtherInputs } = this.segment;
    const first = words[3 * this.position + 1]!;
    const second = words[3 * this.position + 2]!;
    if (first === none) return [];
    if (second === none) return [this.follow(first)];
    const further = furtherInputs?.get(this.position);
    return further === undefined
      ? [this.follow(first), this.follow(second)]
      : [this.follow(first), this.follow(second), ...further];
  }

  /** What the operation was told besides its inputs: axes, a shape. */
  get parameters(): Parameters {
    return this.segment.parameters?.get(this.position) ?? {};
  }

  /** The call of a layer in which it was made. */
  get module(): ModuleScope | undefined {
    return this.segment.scopeAt(this.position);
  }

  /** Whether a variable is among what it was computed from (or is one), and derivatives exist on the way. */
  get needsGradient(): boolean {
    return this.segment.needsGradient(this.position);
  }

  /** @internal The block that holds its numbers. */
  get storage(): Storage {
    return this.segment.storage(this.position);
  }

  /** The numbers in row-major order; not to be written. True is 1 and false 0. */
  get data(): Numbers {
    read(this);
    return numbersOf(this.storage);
  }

  /** The number of a scalar, or of a tensor with one element. @throws {ShapeError} of any other. */
  item(): number {
    read(this);
    if (this.segment.isScalar(this.position)) return this.segment.scalars[this.position]!;
    const size = sizeOf(this.shape);
    if (size !== 1) {
      throw new ShapeError(
        `item: ${nameOf(this)} has ${size} elements (${shapeText(this.shape)}); item() reads a single one. Use toArray().`,
      );
    }
    return this.segment.number(this.position);
  }

  /** The numbers as arrays nested as deep as there are axes; a number for a scalar. */
  toArray(): NestedNumbers {
    const { shape, data } = this;
    let offset = 0;
    const build = (axis: number): NestedNumbers =>
      axis === shape.length ? data[offset++]! : Array.from({ length: shape[axis]! }, () => build(axis + 1));
    return build(0);
  }

  add(other: Operand): Value {
    return op.add(this, other);
  }
  sub(other: Operand): Value {
    return op.sub(this, other);
  }
  mul(other: Operand): Value {
    return op.mul(this, other);
  }
  div(other: Operand): Value {
    return op.div(this, other);
  }
  maximum(other: Operand): Value {
    return op.maximum(this, other);
  }
  minimum(other: Operand): Value {
    return op.minimum(this, other);
  }
  less(other: Operand): Value {
    return op.less(this, other);
  }
  lessEqual(other: Operand): Value {
    return op.lessEqual(this, other);
  }
  greater(other: Operand): Value {
    return op.greater(this, other);
  }
  greaterEqual(other: Operand): Value {
    return op.greaterEqual(this, other);
  }
  equal(other: Operand): Value {
    return op.equal(this, other);
  }
  pow(exponent: Operand): Value {
    return op.pow(this, exponent);
  }
  neg(): Value {
    return op.neg(this);
  }
  exp(): Value {
    return op.exp(this);
  }
  log(): Value {
    return op.log(this);
  }
  sqrt(): Value {
    return op.sqrt(this);
  }
  square(): Value {
    return op.square(this);
  }
  abs(): Value {
    return op.abs(this);
  }
  sin(): Value {
    return op.sin(this);
  }
  cos(): Value {
    return op.cos(this);
  }
  tan(): Value {
    return op.tan(this);
  }
  tanh(): Value {
    return op.tanh(this);
  }
  sigmoid(): Value {
    return op.sigmoid(this);
  }
  relu(): Value {
    return op.relu(this);
  }
  gelu(): Value {
    return op.gelu(this);
  }
  silu(): Value {
    return op.silu(this);
  }
  softplus(): Value {
    return op.softplus(this);
  }
  erf(): Value {
    return op.erf(this);
  }
  leakyRelu(slope?: Operand): Value {
    return op.leakyRelu(this, slope);
  }
  elu(alpha?: Operand): Value {
    return op.elu(this, alpha);
  }
  /** `this` as the condition: a where it holds, b elsewhere. */
  where(a: Operand, b: Operand): Value {
    return op.where(this, a, b);
  }
  sum(options?: AxesOptions): Value {
    return op.sum(this, options);
  }
  mean(options?: AxesOptions): Value {
    return op.mean(this, options);
  }
  max(options?: AxesOptions): Value {
    return op.max(this, options);
  }
  min(options?: AxesOptions): Value {
    return op.min(this, options);
  }
  prod(options?: AxesOptions): Value {
    return op.prod(this, options);
  }
  logSumExp(options?: AxesOptions): Value {
    return op.logSumExp(this, options);
  }
  argmax(options?: AxisOptions): Value {
    return op.argmax(this, options);
  }
  softmax(options?: AxisOptions): Value {
    return op.softmax(this, options);
  }
  logSoftmax(options?: AxisOptions): Value {
    return op.logSoftmax(this, options);
  }
  matmul(other: Value): Value {
    return op.matmul(this, other);
  }
  transpose(axes?: readonly number[]): Value {
    return op.transpose(this, axes);
  }
  reshape(shape: Shape): Value {
    return op.reshape(this, shape);
  }
  broadcastTo(shape: Shape): Value {
    return op.broadcastTo(this, shape);
  }
  slice(ranges: readonly Range[]): Value {
    return op.slice(this, ranges);
  }
  gather(indices: Indices): Value {
    return op.gather(this, indices);
  }
  pad(widths: readonly (readonly [before: number, after: number])[]): Value {
    return op.pad(this, widths);
  }
  conv2d(weight: Value, options?: op.ConvolutionOptions): Value {
    return op.conv2d(this, weight, options);
  }
  maxPool2d(options: PoolOptions): Value {
    return op.maxPool2d(this, options);
  }
  avgPool2d(options: PoolOptions): Value {
    return op.avgPool2d(this, options);
  }

  // The operators of cells. Text on one side ("loss " + x) is left to the language.
  [Symbol.operatorPlus](a: Operand, b: Operand): Value {
    return isOperand(a) && isOperand(b) ? op.add(a, b) : defer();
  }
  [Symbol.operatorMinus](a: Operand, b: Operand): Value {
    return isOperand(a) && isOperand(b) ? op.sub(a, b) : defer();
  }
  [Symbol.operatorStar](a: Operand, b: Operand): Value {
    return isOperand(a) && isOperand(b) ? op.mul(a, b) : defer();
  }
  [Symbol.operatorSlash](a: Operand, b: Operand): Value {
    return isOperand(a) && isOperand(b) ? op.div(a, b) : defer();
  }
  [Symbol.operatorStarStar](a: Operand, b: Operand): Value {
    return isOperand(a) && isOperand(b) ? op.pow(a, b) : defer();
  }
  [Symbol.operatorPreMinus](a: Value): Value {
    return op.neg(a);
  }

  /** Values in text read as text; a plain operator on a Value would lose the graph, so it says what to write. */
  [Symbol.toPrimitive](hint: "number" | "string" | "default"): string {
    if (hint === "number") {
      throw new TypeError(
        `${nameOf(this)} is a Value: write ${nameOf(this)}.item() for its number, or add(x, y), mul(x, y) … outside of cells.`,
      );
    }
    return this.toString();
  }

  /** The number of a scalar; name and shape of a tensor. */
  toString(): string {
    return this.segment.isScalar(this.position)
      ? formatNumber(this.item())
      : `${nameOf(this)} (${shapeText(this.shape)}, ${this.dtype})`;
  }

  private follow(reference: number): Value {
    return reference >= 0
      ? new Value(this.segment, reference)
      : new Value(this.segment.segmentAbroad(reference), positionAbroad(reference));
  }
}
tape.Handle = Value;

function isOperand(x: unknown): x is Operand {
  return typeof x === "number" || x instanceof Value;
}

/** The runtime's sign for "not mine": the language's own operator is used instead. */
function defer(): Value {
  return Symbol.deferOperation as never;
}

/** Its name in messages. */
export function nameOf(value: Value): string {
  return (
    value.name ??
    (value.kind === "constant" && value.shape.length === 0
      ? formatNumber(value.segment.number(value.position))
      : "the value")
  );
}

/** What happens when a number is read out of a graph. */
function read(value: Value): void {
  reading.guard?.(value);
  // Most often a computation ends with it: what comes next will not hold on to what came before.
  closeGrownSegment();
}

/** @internal Who must know when a number is read out of a graph; inside `vmap` a reader would see one of many. */
export const reading: { guard: ((value: Value) => void) | undefined } = { guard: undefined };

/**
 * A leaf that gradients are asked for.
 *
 * @param data a number, nested arrays, a typed array (with a shape where it has more than one axis), or a Value, whose
 * numbers it begins with; a Float32Array gives float32, numbers float64.
 * @param name what figures, tables and messages call it; in cells the variable's own name is taken.
 * @throws {ShapeError} where rows differ in length, or a shape does not fit its data.
 * @throws {GradientError} where the numbers are whole by type (int32) or true and false: they cannot move a little.
 *
 * @example
 * ```ts
 * import { variable } from "gradbook";
 * variable(2, "x").name // x
 * variable([[1, 2], [3, 4]]).shape // [2, 2]
 * variable({ data: new Float32Array([1, 2]), shape: [2, 1] }).dtype // float32
 * variable([[1, 2], [3]]) // throws ShapeError: Rows must have equal lengths…
 * ```
 */
export function variable(data: Data, name?: string): Value {
  return leaf(data, variableCode, name);
}

/**
 * A leaf that does not move: it has no gradient. Takes what `variable` takes, also an Int32Array (int32) and booleans
 * (bool).
 *
 * @example
 * ```ts
 * import { backward, constant, mul, sum, variable } from "gradbook";
 * const w = constant([3, 4]);
 * const z = sum(mul(variable([1, 2]), w));
 * z // 11
 * backward(z).of(w) // throws GradientError: w is a constant…
 * ```
 */
export function constant(data: Data, name?: string): Value {
  return leaf(data, constantCode, name);
}

/** @internal Names a Value that has no name yet; anything else is left as it is. The kernel calls it for each binding. */
export function bindName(value: unknown, name: string): void {
  if (value instanceof Value && value.name === undefined) setName(value, name);
}

function setName({ segment, position }: Value, name: string): void {
  segment.names ??= new Map();
  segment.names.set(position, name);
}

function leaf(data: Data, code: number, name: string | undefined): Value {
  const value = typeof data === "number" ? scalarLeaf(data, code) : blockLeaf(storageFor(data), code, name);
  if (name !== undefined) setName(value, name);
  return value;
}

/** @internal */
export function scalarLeaf(number: number, code: number): Value {
  const segment = openSegment();
  const position = segment.end++;
  const at = 3 * position;
  segment.words[at] = code === variableCode ? code | gradientMark : code;
  segment.words[at + 1] = none;
  segment.words[at + 2] = none;
  segment.scalars[position] = number;
  return new Value(segment, position);
}

/** @internal */
export function blockLeaf(storage: Storage, code: number, name?: string): Value {
  if (storage.shape.length === 0 && storage.dtype === "float64") return scalarLeaf(storage.data[storage.offset]!, code);
  if (code === variableCode && !isFloat(storage.dtype)) {
    throw new GradientError(
      `variable: ${name ?? "the data"} holds ${storage.dtype === "bool" ? "true and false" : "whole numbers"} ` +
        `(${storage.dtype}), which cannot move a little and have no gradient. Make it with constant(…).`,
    );
  }
  const value = scalarLeaf(Number.NaN, code);
  value.segment.hold(value.position, storage);
  return value;
}

/** @internal The same numbers as a constant: nothing of its graph is kept. */
export function detached(value: Value): Value {
  return blockLeaf(value.storage, constantCode);
}

/** @internal A constant of the same shape and type, filled with a number. */
export function filledLike(like: Value, number: number): Value {
  return like.segment.isScalar(like.position)
    ? scalarLeaf(number, constantCode)
    : blockLeaf(filled(like.dtype, like.shape, number), constantCode);
}

function storageFor(data: Exclude<Data, number>): Storage {
  if (data instanceof Value) return data.storage;
  if (ArrayBuffer.isView(data)) {
    // The caller may write to its array later.
    return storageOver(dtypeOf(data), [data.length], copyOf(data));
  }
  if (typeof data === "object" && data !== null && "shape" in data && "data" in data) {
    if (!ArrayBuffer.isView(data.data)) throw noData(data.data);
    if (sizeOf(data.shape) !== data.data.length) {
      throw new ShapeError(
        `The shape ${shapeText(data.shape)} has room for ${sizeOf(data.shape)} numbers; ${data.data.length} were given.`,
      );
    }
    const given = storageOver(dtypeOf(data.data), [...data.shape], copyOf(data.data));
    return data.dtype === undefined || data.dtype === given.dtype ? given : converted(given, data.dtype);
  }
  if (typeof data !== "boolean" && !Array.isArray(data)) throw noData(data);
  return nestedStorage(data as NestedNumberList | boolean);
}

function noData(found: unknown): TypeError {
  return new TypeError(
    "variable and constant take a number, arrays of numbers or of booleans nested in each other, a typed array, " +
      `{ data, shape } with a typed array, or a Value; found ${found === null ? "null" : typeof found === "object" ? "an object" : `a value of type ${typeof found}`}.`,
  );
}

function nestedStorage(data: NestedNumberList | NestedBooleans): Storage {
  type Level = NestedNumbers | NestedBooleans | undefined;
  const shape: number[] = [];
  let level: Level = data;
  for (; Array.isArray(level); level = (level as readonly Level[])[0]) shape.push(level.length);
  const kind = typeof level;
  if (level !== undefined && kind !== "number" && kind !== "boolean") throw noData(level);
  const storage = allocate(kind === "boolean" ? "bool" : "float64", shape);
  let offset = storage.offset;
  const fill = (part: Level, axis: number): void => {
    if (typeof part === kind && part !== undefined && !Array.isArray(part) && axis === shape.length) {
      storage.data[offset++] = Number(part);
    } else if (Array.isArray(part) && part.length === shape[axis]) {
      for (const next of part as readonly Level[]) fill(next, axis + 1);
    } else if (typeof part !== "number" && typeof part !== "boolean" && !Array.isArray(part)) {
      throw noData(part);
    } else {
      throw new ShapeError(
        `Rows must have equal lengths: by the first row the shape is ${shapeText(shape)}, but axis ${axis} also holds ` +
          `${Array.isArray(part) ? `a row of ${part.length}` : typeof part === "number" ? "a number" : typeof part}.`,
      );
    }
  };
  fill(data, 0);
  return storage;
}

/** Numbers that nobody else writes to; of truth values each is 0 or 1. */
function copyOf(data: Numbers): Numbers {
  return data instanceof Uint8Array ? data.map((number) => Number(number !== 0)) : data.slice();
}

function dtypeOf(data: Numbers): DType {
  if (data instanceof Float64Array) return "float64";
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Int32Array) return "int32";
  if (data instanceof Uint8Array) return "bool";
  throw new TypeError("Typed arrays may be Float64Array, Float32Array, Int32Array (int32) or Uint8Array (bool).");
}
