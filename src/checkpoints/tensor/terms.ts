import type { Graph } from "../../graph/graph.ts";
import { primitiveNamed } from "../../graph/primitives.ts";
import { type Shape, sameShape, sizeOf, stretchedAxes } from "../../graph/shape.ts";
import type { Value } from "../../graph/value.ts";
import {
  elementwiseOperation,
  oneHot,
  ones,
  outer,
  padding,
  product,
  reshaping,
  type Settings,
  slicing,
  type TensorOperation,
  tensorFunctions,
  total,
  transposition,
} from "./operations.ts";
import { applyTerm, elementTerm, numberTerm, type TensorTerm } from "./term.ts";

/** The node as another formula names it; an unnamed transpose or reshape by what it is made of. */
export function graphTerm(graph: Graph, index: number): TensorTerm {
  const { kind, named, name, value, primitive, inputs } = graph.nodes[index]!;
  if (kind === "constant" && !named && value.shape.length === 0) return numberTerm(value.item());
  if (!named && (primitive?.name === "transpose" || primitive?.name === "reshape")) {
    const [inner] = inputs;
    const from = graphTerm(graph, inner!);
    // A vector seen as a row or a column is still that vector.
    if (primitive.name === "reshape") return { ...from, shape: value.shape };
    if (value.shape.length === 2) return applyTerm(transposition, [from]);
  }
  return { kind: "name", name, source: { kind: "value", node: index }, shape: value.shape };
}

/** The right-hand side of an operation in the names of its inputs: X @ W. */
export function operationTerm(graph: Graph, index: number): TensorTerm {
  const { value, inputs } = graph.nodes[index]!;
  return applied(
    value,
    inputs.map((input) => graphTerm(graph, input)),
  );
}

/** A value in terms of those that `nameOf` knows; constants become numbers. */
export function valueTerm(value: Value, nameOf: (value: Value) => TensorTerm | undefined): TensorTerm {
  const known = nameOf(value);
  if (known !== undefined) return known;
  if (value.primitive !== undefined) {
    return applied(
      value,
      value.inputs.map((input) => valueTerm(input, nameOf)),
    );
  }
  if (value.shape.length === 0) return numberTerm(value.item());
  const [first] = value.data;
  // What is filled with one number is that number; what it stands beside stretches it.
  return value.data.every((number) => number === first)
    ? spread(numberTerm(first!), value)
    : { kind: "literal", numbers: value.toArray(), shape: value.shape };
}

function spread(given: TensorTerm, { shape }: Value): TensorTerm {
  const inner = unspread(given);
  const term = inner.shape.length === 0 ? inner : given;
  return sameShape(term.shape, shape) ? term : { ...foreign("broadcast", [term], {}), shape };
}

const words: ReadonlyMap<string, TensorOperation> = new Map(
  tensorFunctions.map(({ operation }) => [operation.name, operation]),
);

/** One operation of a graph on terms, tidied: neutral factors go, a sum over an axis is written as one. */
function applied(value: Value, inputs: readonly TensorTerm[]): TensorTerm {
  const { parameters, shape } = value;
  const primitive = value.primitive!;
  const { name } = primitive;
  const [left, right] = inputs;
  if (primitive.family === "elementwise") return tidied(name, inputs.map(unspread), value);
  switch (name) {
    case "matmul":
      return productOf(left!, right!, value);
    case "cast":
    case "identity":
      return left!;
    case "reshape":
      return reshapedTo(left!, shape);
    case "broadcastTo":
      return spread(left!, value);
    case "transpose":
      return isSwap(parameters.axes!)
        ? transposeOf(left!)
        : applyTerm(transposition, [left!], { numbers: parameters.axes! });
    case "slice":
      return alongAxes(slicing, left!, parameters.ranges!, (axis) => [0, left!.shape[axis]!]);
    case "pad":
      return alongAxes(padding, left!, parameters.ranges!, () => [0, 0]);
    case "conv2d":
    case "maxPool2d":
    case "avgPool2d":
      return windowed(value, inputs) ?? { ...foreign(name, inputs, {}), shape };
    case "scatterAdd":
      return rowsBack(left!, value) ?? { ...foreign(name, inputs, {}), shape };
    default: {
      const operation = words.get(name) ?? reductions.get(name);
      const { axes, keepDims } = parameters;
      if (operation === undefined) return { ...foreign(name, inputs, {}), shape };
      const lastOnly = axes?.length === 1 && axes[0] === left!.shape.length - 1;
      const all = axes === undefined || axes.length === left!.shape.length;
      const softmaxLike = name === "softmax" || name === "logSoftmax";
      const settings: Settings = {
        ...(axes !== undefined && !(softmaxLike ? lastOnly : all && keepDims !== true) && { axes }),
        ...(keepDims === true && { keepDims }),
      };
      return left!.shape.length === 0 ? left! : applyTerm(operation, [left!], settings);
    }
  }
}

const reductions: ReadonlyMap<string, TensorOperation> = new Map(
  ["max", "min"].map((name) => [name, foreignReduction(name)]),
);

function foreignReduction(name: string): TensorOperation {
  return { ...total, name };
}

/** The transpose, brought inside of products that have one already: (Aᵀ @ B)ᵀ is Bᵀ @ A. */
function transposeOf(term: TensorTerm): TensorTerm {
  if (term.kind === "apply" && isTransposed(term)) return term.inputs[0]!;
  if (term.kind === "apply" && term.operation === product && term.inputs.some(isTransposed)) {
    const [left, right] = term.inputs;
    return applyTerm(product, [transposeOf(right!), transposeOf(left!)]);
  }
  return applyTerm(transposition, [term]);
}

function isTransposed(term: TensorTerm): boolean {
  return term.kind === "apply" && term.operation === transposition && term.settings.numbers === undefined;
}

/** A slice or a padding of several axes, one after the other; axes that keep their size are left out. */
function alongAxes(
  operation: TensorOperation,
  term: TensorTerm,
  ranges: readonly (readonly [number, number])[],
  unchanged: (axis: number) => readonly [number, number],
): TensorTerm {
  return ranges.reduce(
    (result, range, axis) =>
      range.join() === unchanged(axis).join() ? result : applyTerm(operation, [result], { numbers: [axis, ...range] }),
    term,
  );
}

/** A convolution or a pooling as an answer writes it; undefined where it has more to it than answers have words for. */
function windowed(value: Value, inputs: readonly TensorTerm[]): TensorTerm | undefined {
  const settings = windowSettings(value);
  return settings && applyTerm(words.get(value.primitive!.name)!, inputs, settings);
}

/** What was said of a window, as an answer says it; undefined where it is not the same in both directions. */
export function windowSettings({ parameters: { window, convolution } }: Value): Settings | undefined {
  const { stride, padding, dilation } = (convolution ?? window)!;
  const pairs = [stride, padding, dilation, window?.size ?? [1, 1]];
  if ((convolution?.groups ?? 1) > 1 || pairs.some(([height, width]) => height !== width)) return undefined;
  const size = window?.size[0];
  return {
    ...(size !== undefined && { numbers: [size] }),
    window: {
      ...(stride[0] !== (size ?? 1) && { stride: stride[0] }),
      ...(padding[0] !== 0 && { padding: padding[0] }),
      ...(dilation[0] !== 1 && { dilation: dilation[0] }),
    },
  };
}

/** What comes back to a table from rows that were taken of it, as a product of matrices. */
function rowsBack(term: TensorTerm, { parameters, shape }: Value): TensorTerm | undefined {
  const { indices } = parameters;
  if (indices === undefined || shape.length !== 2) return undefined;
  const count = sizeOf(indices.shape);
  const rows = [...indices.data.slice(indices.offset, indices.offset + count)];
  const taken = applyTerm(oneHot, [], { numbers: [shape[0]!, ...rows] });
  const back = indices.shape.length === 1 ? term : applyTerm(reshaping, [term], { numbers: [count, shape[1]!] });
  return applyTerm(product, [applyTerm(transposition, [taken]), back]);
}

function isSwap(axes: readonly number[]): boolean {
  const rank = axes.length;
  return axes.every((axis, i) => axis === (i === rank - 1 ? rank - 2 : i === rank - 2 ? rank - 1 : i));
}

/** An operation that answers have no word for; it is shown and not computed. */
function foreign(name: string, inputs: readonly TensorTerm[], settings: Settings): TensorTerm {
  const operation: TensorOperation = {
    name,
    shape: () => [],
    compute: () => {
      throw new RangeError(`${name} cannot be computed in an answer.`);
    },
    work: () => 0,
  };
  return { kind: "apply", operation, inputs, settings, shape: [] };
}

/** The term without a broadcast around it: what it stands beside stretches it again. */
function unspread(term: TensorTerm): TensorTerm {
  return term.kind === "apply" && term.operation.name === "broadcast" ? unspread(term.inputs[0]!) : term;
}

const neutral: Readonly<Record<string, { readonly left?: number; readonly right?: number }>> = {
  add: { left: 0, right: 0 },
  sub: { right: 0 },
  mul: { left: 1, right: 1 },
  div: { right: 1 },
};

function tidied(name: string, inputs: readonly TensorTerm[], value: Value): TensorTerm {
  const [left, right] = inputs;
  // 2 · A/8 is A/4.
  if (name === "div" && right?.kind === "number" && left?.kind === "apply" && left.operation === timesOperation()) {
    const [factor, rest] = left.inputs;
    if (factor?.kind === "number" && Number.isInteger(right.value / factor.value)) {
      return tidied("div", [rest!, numberTerm(right.value / factor.value)], value);
    }
  }
  const rules = neutral[name];
  let result: TensorTerm;
  if (right?.kind === "number" && right.value === rules?.right) result = left!;
  else if (left?.kind === "number" && right !== undefined && left.value === rules?.left) result = right;
  else if (name === "mul" && left?.kind === "number" && left.value === -1) result = elementTerm("neg", right!);
  else if (name === "mul" && right?.kind === "number" && right.value === -1) result = elementTerm("neg", left!);
  else if (name === "neg" && left?.kind === "number") result = numberTerm(-left.value);
  else if (name === "mul" && right !== undefined && isOver(right)) {
    result = tidied("div", [tidied("mul", [left!, right.inputs[0]!], value), right.inputs[1]!].map(unspread), value);
  } else if (name === "mul" && left !== undefined && isOver(left)) {
    result = tidied("div", [tidied("mul", [right!, left.inputs[0]!], value), left.inputs[1]!].map(unspread), value);
  } else if (name === "mul" && right !== undefined && isMultiple(right)) {
    result = elementTerm("mul", right.inputs[0]!, tidied("mul", [left!, right.inputs[1]!], value));
  } else if (name === "mul" && right?.kind === "number" && left?.kind !== "number") {
    result = elementTerm("mul", right, left!);
  } else result = elementTerm(name, ...inputs);
  return spread(result, value);
}

function timesOperation(): TensorOperation {
  return elementwiseOperation(primitiveNamed("mul"));
}

/** A number times a tensor. */
function isMultiple(term: TensorTerm): term is Extract<TensorTerm, { kind: "apply" }> {
  return term.kind === "apply" && term.operation === timesOperation() && term.inputs[0]!.kind === "number";
}

/** A number over something: 1/12, 1/P. */
function isOver(term: TensorTerm): term is Extract<TensorTerm, { kind: "apply" }> {
  return (
    term.kind === "apply" &&
    term.operation === elementwiseOperation(primitiveNamed("div")) &&
    term.inputs[0]!.kind === "number"
  );
}

/** A reshape that only takes away axes of size 1 after a sum is that sum without them. */
function reshapedTo(term: TensorTerm, shape: Shape): TensorTerm {
  if (sameShape(term.shape, shape)) return term;
  if (term.shape.length === 0) return { ...foreign("broadcast", [term], {}), shape };
  const inner = unspread(term);
  if (inner !== term && inner.shape.length === 0) return { ...foreign("broadcast", [inner], {}), shape };
  const vector = vectorIn(term, "column") ?? vectorIn(term, "row");
  if (vector !== undefined && sameShape(vector.shape, shape)) return vector;
  if (term.kind === "apply") {
    const [from] = term.inputs;
    if (term.settings.keepDims === true && from !== undefined) {
      const axes = stretchedAxes(from.shape, term.shape);
      const bare = applyTerm(term.operation, [from], { axes: term.settings.axes ?? axes });
      if (sameShape(bare.shape, shape)) return bare;
    }
    if (term.operation === reshaping && from !== undefined && sameShape(from.shape, shape)) return from;
    // A number in front is no part of the shape.
    if (term.operation === timesOperation() && from!.shape.length === 0) {
      return elementTerm("mul", from!, reshapedTo(term.inputs[1]!, shape));
    }
    const bare = term.operation === product ? withVectors(term.inputs, shape) : undefined;
    if (bare !== undefined) return bare;
  }
  return applyTerm(reshaping, [term], { numbers: shape });
}

/** A product of a matrix and a vector that was seen as a column or a row, with the vector as it is. */
function withVectors([left, right]: readonly TensorTerm[], shape: Shape): TensorTerm | undefined {
  const [row, column] = [vectorIn(left!, "row"), vectorIn(right!, "column")];
  const bare =
    column !== undefined
      ? applyTerm(product, [row ?? left!, column])
      : row !== undefined
        ? applyTerm(product, [row, right!])
        : undefined;
  return bare !== undefined && sameShape(bare.shape, shape) ? bare : undefined;
}

/** A matrix product, of vectors seen as rows and columns as one writes it by hand. */
function productOf(left: TensorTerm, right: TensorTerm, value: Value): TensorTerm {
  const [a, b] = [vectorIn(left, "column"), vectorIn(right, "row")];
  if (a !== undefined && b !== undefined && value.shape.length === 2) return applyTerm(outer, [a, b]);
  // A 1×1 matrix scales.
  const [first, second] = [unspread(left), unspread(right)];
  if (first.shape.length === 0 && left.shape.join() === "1,1") return elementTerm("mul", first, right);
  if (second.shape.length === 0 && right.shape.join() === "1,1") return elementTerm("mul", second, left);
  return applyTerm(product, [left, right]);
}

/** The term with what is repeated written out, as a number times ones of the shape of something that has a name. */
export function spelledOut(term: TensorTerm, like: (shape: Shape) => TensorTerm | undefined): TensorTerm {
  if (term.kind !== "apply") return term;
  const [inner] = term.inputs;
  if (term.operation.name === "broadcast" && inner!.shape.length === 0) {
    const model = like(term.shape);
    if (model === undefined) return term;
    const filled = applyTerm(ones, [model]);
    const number = spelledOut(inner!, like);
    if (number.kind === "number" && number.value === 1) return filled;
    return isOver(number)
      ? elementTerm(
          "div",
          number.inputs[0]!.kind === "number" && number.inputs[0]!.value === 1
            ? filled
            : elementTerm("mul", number.inputs[0]!, filled),
          number.inputs[1]!,
        )
      : elementTerm("mul", number, filled);
  }
  return { ...term, inputs: term.inputs.map((input) => spelledOut(input, like)) };
}

/** The vector that stands as a column (n×1) or a row (1×n), transposed or not. */
function vectorIn(term: TensorTerm, as: "row" | "column"): TensorTerm | undefined {
  if (term.kind !== "apply") return undefined;
  if (isTransposed(term)) return vectorIn(term.inputs[0]!, as === "row" ? "column" : "row");
  const [from] = term.inputs;
  const one = as === "row" ? term.shape[0] : term.shape[1];
  return term.operation === reshaping && from!.shape.length === 1 && term.shape.length === 2 && one === 1
    ? from
    : undefined;
}
