import { GradientError, ShapeError } from "../graph/errors.ts";
import { type NumericPartial, numericPartialsOf } from "../graph/formula.ts";
import type { Elementwise, Primitive } from "../graph/primitive.ts";
import { add, mul, neg, sumTo } from "../graph/primitives.ts";
import { sameShape, shapeText, sizeOf } from "../graph/shape.ts";
import { allocate } from "../graph/storage.ts";
import { closeSegment, constantCode, none, primitives, type Segment } from "../graph/tape.ts";
import { constant, nameOf, type Operand, storageLeaf, Value } from "../graph/value.ts";
import { type ChainStep, chainSteps } from "./steps.ts";

export interface BackwardOptions {
  /** The cotangent of the output; 1 by default, and needed where the output is not a scalar. */
  readonly seed?: Operand;
  /** Records the gradients as a graph, so that they can be drawn and differentiated again. */
  readonly graph?: boolean;
}

/** What a backward pass returns: a map from value to gradient. Nothing is stored on the values. */
export interface Gradients {
  readonly output: Value;
  /**
   * The gradient of the output with respect to `x`, of x's shape; zeros where the output does not depend on it.
   *
   * @throws {GradientError} for a constant.
   */
  of(x: Value): Value;
  /** The pass, operation by operation, in the order it visited them: the chain rule term by term. */
  readonly steps: readonly ChainStep[];
}

/**
 * Reverse mode: walks the graph above `z` once, from the output to the inputs, and multiplies and adds local
 * derivatives by the chain rule (Baydin et al. 2017, section 3.2).
 *
 * @throws {GradientError} where z does not depend on a variable, or is not a scalar and no seed is given.
 */
export function backward(z: Value, options: BackwardOptions = {}): Gradients {
  if (!z.needsGradient) {
    throw new GradientError(
      `backward: ${nameOf(z)} does not depend on a variable. Make what you want a gradient of with variable(…).`,
    );
  }
  const seed = seedFor(z, options.seed);
  const gradients =
    options.graph === true ? graphCotangents(z, seed) : (scalarCotangents(z, seed) ?? detachedCotangents(z, seed));
  let steps: readonly ChainStep[] | undefined;
  return {
    output: z,
    of(x) {
      if (!x.needsGradient) {
        throw new GradientError(
          `${nameOf(x)} is a constant: it does not move, so it has no gradient. Make it with variable(…) to ask for one.`,
        );
      }
      return gradients(x) ?? zerosLike(x);
    },
    get steps() {
      steps ??= chainSteps(z, (x) => gradients(x) ?? zerosLike(x));
      return steps;
    },
  };
}

/** The gradient of a node, or undefined where the output does not depend on it. */
export type GradientLookup = (x: Value) => Value | undefined;

function seedFor(z: Value, seed: Operand | undefined): Value {
  if (seed === undefined) {
    if (sizeOf(z.shape) !== 1) {
      throw new GradientError(
        `backward: ${nameOf(z)} has ${sizeOf(z.shape)} elements (${shapeText(z.shape)}). Start from a scalar, such as ` +
          `sum(${nameOf(z)}), or give the output's gradient: backward(${nameOf(z)}, { seed }).`,
      );
    }
    return filled(z, 1);
  }
  const value = typeof seed === "number" && z.shape.length === 0 ? filled(z, seed) : seed;
  if (!(value instanceof Value) || !sameShape(value.shape, z.shape)) {
    const got = value instanceof Value ? shapeText(value.shape) : "a number";
    throw new ShapeError(`backward: the seed must have the output's shape, ${shapeText(z.shape)}; it is ${got}.`);
  }
  return value;
}

function filled(like: Value, number: number): Value {
  const data = allocate(like.dtype, sizeOf(like.shape)).fill(number);
  return storageLeaf({ shape: like.shape, dtype: like.dtype, data }, constantCode);
}

export function zerosLike(x: Value): Value {
  return filled(x, 0);
}

/** Segments still to be walked, newest first. */
class Frontier {
  private readonly segments: Segment[] = [];
  add(segment: Segment): void {
    if (!this.segments.includes(segment)) this.segments.push(segment);
  }
  take(): Segment | undefined {
    let newest = 0;
    for (let i = 1; i < this.segments.length; i++) {
      if (this.segments[i]!.base > this.segments[newest]!.base) newest = i;
    }
    return this.segments.splice(newest, 1)[0];
  }
}

let partialTable: readonly (readonly NumericPartial[])[] = [];

/** The numeric partials of every primitive by its code; derived from the rules at first use. */
function partialsByCode(): readonly (readonly NumericPartial[])[] {
  if (partialTable.length !== primitives.length) {
    partialTable = primitives.map((primitive) =>
      primitive.family === "elementwise" ? numericPartialsOf(primitive) : [],
    );
  }
  return partialTable;
}

/**
 * The pass over numbers alone: a reverse loop over columns of the tape. For graphs of float64 scalars; `undefined`
 * where another node is met.
 */
function scalarCotangents(z: Value, seed: Value): GradientLookup | undefined {
  if (z.shape.length !== 0 || z.dtype !== "float64") return undefined;
  const partials = partialsByCode();
  const columns = new Map<Segment, { cotangents: Float64Array; last: number }>();
  const frontier = new Frontier();
  const reach = (segment: Segment, position: number, amount: number): void => {
    let column = columns.get(segment);
    if (column === undefined) {
      column = { cotangents: new Float64Array(segment.length), last: position };
      columns.set(segment, column);
      frontier.add(segment);
    }
    column.last = Math.max(column.last, position);
    column.cotangents[position]! += amount;
  };
  reach(z.segment, z.position, seed.item());
  for (let segment = frontier.take(); segment !== undefined; segment = frontier.take()) {
    if (segment.storages.size > 0) return undefined;
    const { codes, first, second, scalars, needsGradient, foreign } = segment;
    const { cotangents, last } = columns.get(segment)!;
    for (let position = last; position >= 0; position--) {
      const cotangent = cotangents[position]!;
      const code = codes[position]!;
      if (cotangent === 0 || code >= constantCode || needsGradient[position] === 0) continue;
      const rules = partials[code]!;
      if (rules.length === 0) return undefined;
      const a = first[position]!;
      const b = second[position]!;
      const x = a >= 0 ? scalars[a]! : foreignScalar(foreign[-1 - a]!);
      const y = b === none ? 0 : b >= 0 ? scalars[b]! : foreignScalar(foreign[-1 - b]!);
      const output = scalars[position]!;
      if (a >= 0) {
        if (needsGradient[a] === 1) cotangents[a]! += cotangent * rules[0]!(x, y, output);
      } else {
        const input = foreign[-1 - a]!;
        if (input.needsGradient) reach(input.segment, input.position, cotangent * rules[0]!(x, y, output));
      }
      if (b === none) continue;
      if (b >= 0) {
        if (needsGradient[b] === 1) cotangents[b]! += cotangent * rules[1]!(x, y, output);
      } else {
        const input = foreign[-1 - b]!;
        if (input.needsGradient) reach(input.segment, input.position, cotangent * rules[1]!(x, y, output));
      }
    }
  }
  closeSegment();
  return (x) => {
    const column = columns.get(x.segment);
    return column === undefined || x.position > column.last ? undefined : constant(column.cotangents[x.position]!);
  };
}

function foreignScalar(value: Value): number {
  return value.segment.scalars[value.position]!;
}

/** The pass in the graph's own operations: its results are a graph above the nodes it read. */
function graphCotangents(z: Value, seed: Value): GradientLookup {
  const cotangents = new Map<number, Value>([[z.id, seed]]);
  for (const node of dependents(z)) {
    const cotangent = cotangents.get(node.id);
    const { primitive } = node;
    if (cotangent === undefined || primitive === undefined) continue;
    const inputs = node.inputs;
    inputs.forEach((input, position) => {
      if (!input.needsGradient) return;
      const part = contribution(primitive, position, cotangent, inputs, node);
      const sum = cotangents.get(input.id);
      cotangents.set(input.id, sum === undefined ? part : add(sum, part));
    });
  }
  return (x) => cotangents.get(x.id);
}

/** The pass over tensors where nobody will differentiate its results: the same rules, on a stretch of tape of their own. */
function detachedCotangents(z: Value, seed: Value): GradientLookup {
  closeSegment();
  const lookup = graphCotangents(z, seed);
  closeSegment();
  return (x) => {
    const gradient = lookup(x);
    return gradient === undefined ? undefined : detached(gradient);
  };
}

/** The same numbers as a constant: nothing of its graph is kept. */
export function detached(value: Value): Value {
  return storageLeaf(value.segment.storage(value.position), constantCode);
}

/** What `z` was computed from and itself, where a gradient flows; users before inputs. */
export function dependents(z: Value): readonly Value[] {
  const found = new Map<number, Value>();
  const open: Value[] = [z];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (found.has(value.id) || !value.needsGradient) continue;
    found.set(value.id, value);
    open.push(...value.inputs);
  }
  return [...found.values()].sort((a, b) => b.id - a.id);
}

/** What reaches the input at `position` by way of `node`: cotangent times local derivative, summed to the input's shape. */
export function contribution(
  primitive: Primitive,
  position: number,
  cotangent: Value,
  inputs: readonly Value[],
  node: Value,
): Value {
  const input = inputs[position]!;
  switch (primitive.family) {
    case "elementwise":
      return sumTo(times(cotangent, primitive.partials[position]!(...inputs, node)), input.shape);
    case "linear":
      return primitive.transpose(cotangent, input, node.parameters);
    case "bilinear":
      return primitive.transposes[position]!(cotangent, inputs[0]!, inputs[1]!);
  }
}

/** A product that leaves factors of 1 and −1 out of the graph. */
export function times(x: Value, factor: Operand): Value {
  if (factor === 1) return x;
  return factor === -1 ? neg(x) : mul(x, factor);
}

/** An elementwise primitive's local derivative at a node, as a Value. */
export function localValue(primitive: Elementwise, position: number, inputs: readonly Value[], node: Value): Value {
  const local = primitive.partials[position]!(...inputs, node);
  return local instanceof Value ? local : constant(local);
}
