import "tsover-runtime";
import { ShapeError } from "./errors.ts";
import { formatNumber } from "./number-text.ts";
import type { Parameters, Primitive } from "./primitive.ts";
import type { AxesOptions } from "./primitives.ts";
import * as op from "./primitives.ts";
import { type Shape, shapeText, sizeOf } from "./shape.ts";
import { allocate, type DType, type Numbers, type Storage } from "./storage.ts";
import { constantCode, none, openSegment, primitives, type Segment, variableCode } from "./tape.ts";

/** What operations take: a Value, or a number that becomes a constant. */
export type Operand = Value | number;

export interface NestedNumberList extends ReadonlyArray<NestedNumbers> {}
/** A number, or arrays of numbers nested as deep as there are axes. */
export type NestedNumbers = number | NestedNumberList;

/** What variable and constant take: nested numbers, a typed array, or a typed array with a shape. */
export type Data = NestedNumbers | Numbers | { readonly data: Numbers; readonly shape: Shape };

/**
 * A number or tensor that remembers how it was made: a handle on one node of the tape. Immutable; two handles may name
 * one node (their ids are equal then).
 */
export class Value {
  /** @internal Where the node is: the engine's walks read the tape by these. */
  readonly segment: Segment;
  /** @internal */
  readonly position: number;

  constructor(segment: Segment, position: number) {
    this.segment = segment;
    this.position = position;
  }

  /** Unique, and larger than the ids of its inputs. */
  get id(): number {
    return this.segment.base + this.position;
  }

  get shape(): Shape {
    return this.segment.isScalar(this.position) ? [] : this.segment.storage(this.position).shape;
  }

  get dtype(): DType {
    return this.segment.dtype(this.position);
  }

  /** The name given by `variable(data, name)` or by the variable of the code that holds it. */
  get name(): string | undefined {
    return this.segment.names.get(this.position);
  }

  get kind(): "variable" | "constant" | "operation" {
    const code = this.segment.codes[this.position];
    return code === variableCode ? "variable" : code === constantCode ? "constant" : "operation";
  }

  /** What made it; nothing made variables and constants. */
  get primitive(): Primitive | undefined {
    return primitives[this.segment.codes[this.position]!];
  }

  get inputs(): readonly Value[] {
    const { first, second } = this.segment;
    return [first[this.position]!, second[this.position]!]
      .filter((reference) => reference !== none)
      .map((reference) => this.follow(reference));
  }

  /** What the operation was told besides its inputs: axes, a shape. */
  get parameters(): Parameters {
    return this.segment.parameters.get(this.position) ?? {};
  }

  /** Whether a variable is among what it was computed from (or is one). */
  get needsGradient(): boolean {
    return this.segment.needsGradient[this.position] === 1;
  }

  /** The numbers in row-major order; not to be written. */
  get data(): Numbers {
    return this.segment.storage(this.position).data;
  }

  /** The number of a scalar, or of a tensor with one element. @throws {ShapeError} of any other. */
  item(): number {
    if (this.segment.isScalar(this.position)) return this.segment.scalars[this.position]!;
    const { shape, data } = this.segment.storage(this.position);
    if (data.length !== 1) {
      throw new ShapeError(
        `item: ${nameOf(this)} has ${data.length} elements (${shapeText(shape)}); item() reads a single one. Use toArray().`,
      );
    }
    return data[0]!;
  }

  /** The numbers as arrays nested as deep as there are axes; a number for a scalar. */
  toArray(): NestedNumbers {
    const { shape, data } = this.segment.storage(this.position);
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
  sin(): Value {
    return op.sin(this);
  }
  cos(): Value {
    return op.cos(this);
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
  maximum(other: Operand): Value {
    return op.maximum(this, other);
  }
  greater(other: Operand): Value {
    return op.greater(this, other);
  }
  equal(other: Operand): Value {
    return op.equal(this, other);
  }
  sum(options?: AxesOptions): Value {
    return op.sum(this, options);
  }
  mean(options?: AxesOptions): Value {
    return op.mean(this, options);
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
    return reference >= 0 ? new Value(this.segment, reference) : this.segment.foreign[-1 - reference]!;
  }
}

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
    value.name ?? (value.kind === "constant" && value.shape.length === 0 ? formatNumber(value.item()) : "the value")
  );
}

/**
 * A leaf that gradients are asked for.
 *
 * @param data a number, nested arrays, or a typed array with a shape; a Float32Array gives float32, all else float64.
 * @param name what figures, tables and messages call it; in cells the variable's own name is taken.
 * @throws {ShapeError} where rows differ in length, or a shape does not fit its data.
 */
export function variable(data: Data, name?: string): Value {
  return leaf(data, variableCode, name);
}

/** A leaf that does not move: it has no gradient. Takes what `variable` takes. */
export function constant(data: Data, name?: string): Value {
  return leaf(data, constantCode, name);
}

/** @internal Names a Value that has no name yet; anything else is left as it is. The kernel calls it for each binding. */
export function bindName(value: unknown, name: string): void {
  if (value instanceof Value && value.name === undefined) value.segment.names.set(value.position, name);
}

function leaf(data: Data, code: number, name: string | undefined): Value {
  const value = typeof data === "number" ? scalarLeaf(data, code) : storageLeaf(storageOf(data), code);
  if (name !== undefined) value.segment.names.set(value.position, name);
  return value;
}

/** @internal */
export function scalarLeaf(number: number, code: number): Value {
  const segment = openSegment();
  const position = segment.length++;
  segment.codes[position] = code;
  segment.first[position] = none;
  segment.second[position] = none;
  segment.scalars[position] = number;
  segment.needsGradient[position] = code === variableCode ? 1 : 0;
  return new Value(segment, position);
}

/** @internal */
export function storageLeaf(storage: Storage, code: number): Value {
  if (storage.shape.length === 0 && storage.dtype === "float64") return scalarLeaf(storage.data[0]!, code);
  const value = scalarLeaf(Number.NaN, code);
  value.segment.storages.set(value.position, storage);
  return value;
}

function storageOf(data: Exclude<Data, number>): Storage {
  if (data instanceof Float64Array || data instanceof Float32Array) {
    return { shape: [data.length], dtype: dtypeOf(data), data: data.slice() };
  }
  if (isShaped(data)) {
    if (sizeOf(data.shape) !== data.data.length) {
      throw new ShapeError(
        `The shape ${shapeText(data.shape)} has room for ${sizeOf(data.shape)} numbers; ${data.data.length} were given.`,
      );
    }
    return { shape: [...data.shape], dtype: dtypeOf(data.data), data: data.data.slice() };
  }
  const shape: number[] = [];
  for (let level: NestedNumbers | undefined = data; Array.isArray(level); level = (level as NestedNumberList)[0]) {
    shape.push(level.length);
  }
  const numbers = allocate("float64", sizeOf(shape));
  let offset = 0;
  const fill = (level: NestedNumbers, axis: number): void => {
    if (typeof level === "number" && axis === shape.length) {
      numbers[offset++] = level;
    } else if (Array.isArray(level) && level.length === shape[axis]) {
      for (const part of level as NestedNumberList) fill(part, axis + 1);
    } else {
      throw new ShapeError(
        `Rows must have equal lengths: by the first row the shape is ${shapeText(shape)}, but axis ${axis} also holds ` +
          `${Array.isArray(level) ? `a row of ${level.length}` : typeof level === "number" ? "a number" : typeof level}.`,
      );
    }
  };
  fill(data, 0);
  return { shape, dtype: "float64", data: numbers };
}

function isShaped(data: Exclude<Data, number>): data is { readonly data: Numbers; readonly shape: Shape } {
  return "shape" in data && "data" in data;
}

function dtypeOf(data: Numbers): DType {
  return data instanceof Float32Array ? "float32" : "float64";
}
