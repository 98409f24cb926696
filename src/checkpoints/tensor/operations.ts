import { ShapeError } from "../../graph/errors.ts";
import type { Primitive } from "../../graph/primitive.ts";
import {
  cast,
  gather,
  logSoftmax,
  logSumExp,
  matmul,
  max,
  mean,
  min,
  mul,
  pad,
  reshape,
  slice,
  softmax,
  sum,
  transpose,
} from "../../graph/primitives.ts";
import { broadcastShapes, normaliseAxes, type Shape, shapeText, sizeOf } from "../../graph/shape.ts";
import { constant, type Value } from "../../graph/value.ts";
import { windowFunctions } from "./window-operations.ts";

/** What an operation was told besides its operands. */
export interface Settings {
  readonly axes?: readonly number[];
  readonly keepDims?: boolean;
  /** Sizes, or a row's number for each row. */
  readonly numbers?: readonly number[];
  /** How a window moves. */
  readonly window?: WindowSettings;
}

export interface WindowSettings {
  readonly stride?: number;
  readonly padding?: number;
  readonly dilation?: number;
}

/** One thing an answer can do with tensors: its shape is known before anything is computed. */
export interface TensorOperation {
  readonly name: string;
  /** @throws {ShapeError} where the shapes do not fit. */
  readonly shape: (inputs: readonly Shape[], settings: Settings) => Shape;
  readonly compute: (inputs: readonly Value[], settings: Settings) => Value;
  /** About how many numbers are multiplied. */
  readonly work: (inputs: readonly Shape[], output: Shape) => number;
  /** Of those that the table of primitives applies number by number. */
  readonly primitive?: Primitive;
}

/** How an operation is called: by which words, with how many tensors, and what may follow them. */
export interface TensorFunction {
  readonly words: readonly string[];
  readonly operation: TensorOperation;
  readonly tensors: number;
  /** What numbers after the tensors mean, and lists; nothing may follow where nothing is said. A window has settings by name, too. */
  readonly takes?: "axes" | "numbers" | "window";
  /** Shown where it is called wrongly. */
  readonly example: string;
}

const outputSize = (_inputs: readonly Shape[], output: Shape): number => sizeOf(output);
const inputSize = ([x]: readonly Shape[]): number => sizeOf(x!);

const elementwise = new Map<Primitive, TensorOperation>();

/** A primitive of the table, applied number by number with broadcasting. Comparisons give 1 and 0. */
export function elementwiseOperation(primitive: Primitive): TensorOperation {
  let operation = elementwise.get(primitive);
  if (operation === undefined) {
    operation = {
      name: primitive.name,
      primitive,
      shape: (inputs) =>
        inputs.reduce((shape, input) => broadcastShapes(primitive.name, shape, input, () => ["the left", "the right"])),
      compute: (inputs) => {
        const result = primitive.apply(inputs, {});
        return result.dtype === "bool" ? cast(result, "float64") : result;
      },
      work: outputSize,
    };
    elementwise.set(primitive, operation);
  }
  return operation;
}

export const product: TensorOperation = {
  name: "matmul",
  shape: ([x, y]) => productShape(x!, y!),
  compute: ([x, y]) => matmul(x!, y!),
  work: ([x], output) => sizeOf(output) * x![x!.length - 1]!,
};

function productShape(x: Shape, y: Shape): Shape {
  if (x.length === 0 || y.length === 0) throw new ShapeError("a scalar is no matrix; write * to scale");
  const [rows, inner] = x.length === 1 ? [undefined, x[0]] : [x[x.length - 2], x[x.length - 1]];
  const [other, columns] = y.length === 1 ? [y[0], undefined] : [y[y.length - 2], y[y.length - 1]];
  if (inner !== other) throw new ShapeError(`${inner} = ${other}`);
  const batch = broadcastShapes("@", x.slice(0, -2), y.slice(0, -2), () => ["the left batch", "the right"]);
  return [...batch, ...(rows === undefined ? [] : [rows]), ...(columns === undefined ? [] : [columns])];
}

/** The last two axes exchanged, of each matrix in a batch, or axes in the order that is given. A vector stays one. */
export const transposition: TensorOperation = {
  name: "transpose",
  shape: ([x], { numbers }) => {
    if (numbers === undefined) return swapped(x!, x!);
    if (normaliseAxes("transpose", numbers, x!.length).join() !== [...x!.keys()].join()) {
      throw new ShapeError(`each of the ${x!.length} axes must be named once`);
    }
    return numbers.map((axis) => x!.at(axis)!);
  },
  compute: ([x], { numbers }) =>
    x!.shape.length < 2 ? x! : transpose(x!, numbers ?? swapped(x!.shape, [...x!.shape.keys()])),
  work: inputSize,
};

function swapped(shape: Shape, list: readonly number[]): number[] {
  const rank = shape.length;
  return rank < 2 ? [...list] : [...list.slice(0, rank - 2), list[rank - 1]!, list[rank - 2]!];
}

function reductionOver(
  name: string,
  reduce: (x: Value, options: { readonly axes?: readonly number[]; readonly keepDims: boolean }) => Value,
): TensorOperation {
  return {
    name,
    shape: ([x], { axes, keepDims }) => {
      const over = normaliseAxes(name, axes, x!.length);
      if (keepDims === true) return x!.map((length, axis) => (over.includes(axis) ? 1 : length));
      return x!.filter((_, axis) => !over.includes(axis));
    },
    compute: ([x], { axes, keepDims }) => reduce(x!, { ...(axes && { axes }), keepDims: keepDims ?? false }),
    work: inputSize,
  };
}

function alongAxis(name: string, apply: (x: Value, options: { readonly axis: number }) => Value): TensorOperation {
  const axisOf = ({ axes }: Settings): number => axes?.[0] ?? -1;
  return {
    name,
    shape: ([x], settings) => {
      if ((settings.axes?.length ?? 1) !== 1) throw new ShapeError(`${name} goes along one axis`);
      normaliseAxes(name, axisOf(settings), x!.length);
      return x!;
    },
    compute: ([x], settings) => apply(x!, { axis: axisOf(settings) }),
    work: ([x]) => 2 * sizeOf(x!),
  };
}

export const total: TensorOperation = reductionOver("sum", sum);

export const outer: TensorOperation = {
  name: "outer",
  shape: ([x, y]) => {
    if (x!.length !== 1 || y!.length !== 1) throw new ShapeError("outer takes two vectors");
    return [x![0]!, y![0]!];
  },
  compute: ([x, y]) => mul(reshape(x!, [-1, 1]), y!),
  work: outputSize,
};

const diagonal: TensorOperation = {
  name: "diag",
  shape: ([x]) => {
    const [rows, columns] = x!;
    if (x!.length === 1) return [rows!, rows!];
    if (x!.length === 2 && rows === columns) return [rows!];
    throw new ShapeError("diag makes a matrix of a vector, or takes the diagonal of a square matrix");
  },
  compute: ([x]) => {
    const count = x!.shape[0]!;
    const data = Float64Array.from({ length: count * count }, (_, i) => Number(i % (count + 1) === 0));
    const masked = mul(x!, constant({ data, shape: [count, count] }));
    return x!.shape.length === 1 ? masked : sum(masked, { axes: 1 });
  },
  work: outputSize,
};

function filledWith(name: string, number: number): TensorOperation {
  return {
    name,
    shape: ([x]) => x!,
    compute: ([x]) => constant({ data: new Float64Array(sizeOf(x!.shape)).fill(number), shape: x!.shape }),
    work: inputSize,
  };
}

export const ones: TensorOperation = filledWith("ones", 1);

export const reshaping: TensorOperation = {
  name: "reshape",
  shape: ([x], { numbers }) => {
    const sizes = [...(numbers ?? [])];
    const open = sizes.indexOf(-1);
    const known = sizes.reduce((size, length) => (length === -1 ? size : size * length), 1);
    if (open >= 0) sizes[open] = sizeOf(x!) / known;
    if (sizes.some((length) => !Number.isInteger(length) || length < 1) || sizeOf(sizes) !== sizeOf(x!)) {
      throw new ShapeError(`${sizeOf(x!)} numbers do not fit ${shapeText(numbers ?? [])}`);
    }
    return sizes;
  },
  compute: ([x], { numbers }) => reshape(x!, numbers ?? []),
  work: () => 0,
};

/** onehot([1, 0], 3): a row for each number, 1 at its place. */
export const oneHot: TensorOperation = {
  name: "onehot",
  shape: (_inputs, { numbers }) => {
    const [count, ...rows] = numbers ?? [];
    if (rows.length === 0) throw new ShapeError("onehot takes a list and how many there are: onehot([1, 0], 3)");
    if (rows.some((row) => row < 0 || row >= count!)) throw new ShapeError(`the numbers go from 0 to ${count! - 1}`);
    return [rows.length, count!];
  },
  compute: (_inputs, { numbers }) => {
    const [count, ...rows] = numbers!;
    const data = new Float64Array(rows.length * count!);
    rows.forEach((row, i) => {
      data[i * count! + row] = 1;
    });
    return constant({ data, shape: [rows.length, count!] });
  },
  work: outputSize,
};

const rowsOf: TensorOperation = {
  name: "rows",
  shape: ([x], { numbers }) => {
    const count = x![0];
    if (count === undefined) throw new ShapeError("a scalar has no rows");
    if (numbers!.some((row) => row < 0 || row >= count)) throw new ShapeError(`the rows go from 0 to ${count - 1}`);
    return [numbers!.length, ...x!.slice(1)];
  },
  compute: ([x], { numbers }) => gather(x!, [...numbers!]),
  work: outputSize,
};

/** slice(X, 1, 0, 2): along axis 1, from 0 up to 2. */
export const slicing: TensorOperation = {
  name: "slice",
  shape: ([x], { numbers }) => {
    const [axis, from, to] = axisAndRange("slice", x!, numbers);
    if (from < 0 || to <= from || to > x![axis]!)
      throw new ShapeError(`slice: axis ${axis} goes from 0 to ${x![axis]}`);
    return x!.map((length, i) => (i === axis ? to - from : length));
  },
  compute: ([x], { numbers }) => {
    const [axis, from, to] = axisAndRange("slice", x!.shape, numbers);
    return slice(
      x!,
      x!.shape.map((_, i) => (i === axis ? [from, to] : undefined)),
    );
  },
  work: outputSize,
};

/** pad(G, 1, 0, 2): zeros along axis 1, none before and two after. */
export const padding: TensorOperation = {
  name: "pad",
  shape: ([x], { numbers }) => {
    const [axis, before, after] = axisAndRange("pad", x!, numbers);
    if (before < 0 || after < 0) throw new ShapeError("pad adds zeros, it takes none away");
    return x!.map((length, i) => (i === axis ? before + length + after : length));
  },
  compute: ([x], { numbers }) => {
    const [axis, before, after] = axisAndRange("pad", x!.shape, numbers);
    return pad(
      x!,
      x!.shape.map((_, i) => (i === axis ? [before, after] : [0, 0])),
    );
  },
  work: outputSize,
};

function axisAndRange(name: string, shape: Shape, numbers: readonly number[] = []): readonly [number, number, number] {
  const [given, from, to] = numbers;
  if (given === undefined || from === undefined || to === undefined || numbers.length > 3) {
    throw new ShapeError(`${name} takes an axis and two numbers: ${name}(X, 0, 1, 2)`);
  }
  return [normaliseAxes(name, given, shape.length)[0]!, from, to];
}

/** The functions of tensors, besides those that the table of primitives applies number by number. */
export const tensorFunctions: readonly TensorFunction[] = [
  { words: ["sum"], operation: total, tensors: 1, takes: "axes", example: "sum(G, axis=0)" },
  { words: ["mean"], operation: reductionOver("mean", mean), tensors: 1, takes: "axes", example: "mean(G, axis=0)" },
  {
    words: ["transpose"],
    operation: transposition,
    tensors: 1,
    takes: "numbers",
    example: "transpose(X), or transpose(X, 0, 2, 1) for axes in that order",
  },
  { words: ["outer"], operation: outer, tensors: 2, example: "outer(d, a)" },
  { words: ["matmul", "dot"], operation: product, tensors: 2, example: "matmul(X, Y)" },
  { words: ["diag"], operation: diagonal, tensors: 1, example: "diag(v)" },
  { words: ["softmax"], operation: alongAxis("softmax", softmax), tensors: 1, takes: "axes", example: "softmax(Z)" },
  {
    words: ["logSoftmax", "log_softmax"],
    operation: alongAxis("logSoftmax", logSoftmax),
    tensors: 1,
    takes: "axes",
    example: "logSoftmax(Z)",
  },
  {
    words: ["logSumExp", "logsumexp"],
    operation: reductionOver("logSumExp", logSumExp),
    tensors: 1,
    takes: "axes",
    example: "logSumExp(Z, axis=1)",
  },
  { words: ["ones"], operation: ones, tensors: 1, example: "ones(Y), of the shape of Y" },
  { words: ["zeros"], operation: filledWith("zeros", 0), tensors: 1, example: "zeros(Y), of the shape of Y" },
  { words: ["reshape"], operation: reshaping, tensors: 1, takes: "numbers", example: "reshape(G, 2, 3)" },
  { words: ["onehot"], operation: oneHot, tensors: 0, takes: "numbers", example: "onehot([1, 0], 3)" },
  {
    words: ["slice"],
    operation: slicing,
    tensors: 1,
    takes: "numbers",
    example: "slice(X, 0, 1, 3), along axis 0 from 1 up to 3",
  },
  {
    words: ["pad"],
    operation: padding,
    tensors: 1,
    takes: "numbers",
    example: "pad(G, 0, 1, 2), along axis 0 one zero before and two after",
  },
  ...windowFunctions,
  { words: ["rows"], operation: rowsOf, tensors: 1, takes: "numbers", example: "rows(E, [1, 0])" },
];

/** max and min are of two tensors in the table; of one, or along an axis, they are these. */
export const extremes: Readonly<Record<string, TensorFunction>> = {
  maximum: {
    words: ["max"],
    operation: reductionOver("max", max),
    tensors: 1,
    takes: "axes",
    example: "max(X, axis=1)",
  },
  minimum: {
    words: ["min"],
    operation: reductionOver("min", min),
    tensors: 1,
    takes: "axes",
    example: "min(X, axis=1)",
  },
};
