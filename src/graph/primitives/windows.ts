import { ShapeError } from "../errors.ts";
import { bilinear, called, general, linear, noneAtAll } from "../families.ts";
import { javascript, reshaped, windowsAlong } from "../kernels.ts";
import { ElementLoop } from "../loops.ts";
import type { Convolution, Parameters, Window } from "../primitive.ts";
import { lift } from "../record.ts";
import { type Shape, shapeText, sizeOf } from "../shape.ts";
import { filledLike, nameOf, type Operand, type Value } from "../value.ts";
import { div, mul } from "./arithmetic.ts";
import { equal } from "./comparisons.ts";
import { broadcastTo, cast, reshape, transpose } from "./layout.ts";
import { matmul } from "./products.ts";
import { sum } from "./reductions.ts";

// A window moves over the last two axes of [N, C, H, W]. Unfolding writes down what it sees at each place; convolution
// and pooling are a product, a largest or a mean over that.

const recordUnfold = linear({
  name: "unfold",
  label: "Windows",
  symbol: "windows",
  notation: called("windows"),
  onnx: undefined,
  pullback: ["sum of windows of #"],
  multiplications: noneAtAll,
  shape: ([x], { window }) => unfoldedShape(x!, window!),
  forward: ([x], { window }, shape) => javascript.unfold(x!, window!, shape),
  transpose: (cotangent, [x], { window }) => recordFold([cotangent], { window: window!, shape: x!.shape }),
  batch: ([x], _batched, parameters, size) => splitFirst(recordUnfold([joinFirst(x!)], parameters), size),
});

const recordFold = linear({
  name: "fold",
  label: "Sum of windows",
  symbol: "from windows",
  notation: called("fromWindows"),
  onnx: "Col2Im",
  pullback: ["windows of #"],
  multiplications: noneAtAll,
  shape: (_inputs, { shape }) => shape!,
  forward: ([columns], { window }, shape) => javascript.fold(columns!, window!, shape),
  transpose: (cotangent, _inputs, { window }) => recordUnfold([cotangent], { window: window! }),
  batch: ([columns], _batched, { window, shape }, size) =>
    splitFirst(
      recordFold([joinFirst(columns!)], { window: window!, shape: [size * shape![0]!, ...shape!.slice(1)] }),
      size,
    ),
});

/** The first two axes as one: a batch of batches is a batch. */
function joinFirst(x: Value): Value {
  return reshape(x, [x.shape[0]! * x.shape[1]!, ...x.shape.slice(2)]);
}

function splitFirst(x: Value, size: number): Value {
  return reshape(x, [size, x.shape[0]! / size, ...x.shape.slice(1)]);
}

/** [N, C, KH · KW, OH · OW]. */
function unfoldedShape([count, channels, height, width]: Shape, window: Window): Shape {
  const places = windowsAlong(height!, window, 0) * windowsAlong(width!, window, 1);
  return [count!, channels!, window.size[0] * window.size[1], places];
}

/** One number for both directions, or height first. */
export type Pair = number | readonly [height: number, width: number];

export interface ConvolutionOptions {
  readonly stride?: Pair;
  readonly padding?: Pair;
  readonly dilation?: Pair;
  readonly groups?: number;
}

export interface PoolOptions {
  readonly size: Pair;
  /** The size by default: windows do not overlap. */
  readonly stride?: Pair;
  readonly padding?: Pair;
}

function pairOf(what: string, option: string, value: Pair, least: number): readonly [number, number] {
  const pair = typeof value === "number" ? ([value, value] as const) : value;
  if (pair.length !== 2 || pair.some((length) => !Number.isInteger(length) || length < least)) {
    throw new ShapeError(`${what}: ${option} must be a whole number from ${least}, or a pair of them; got ${value}.`);
  }
  return pair;
}

function checkFits(what: string, x: Value, window: Window): void {
  const { shape } = x;
  if (windowsAlong(shape[2]!, window, 0) < 1 || windowsAlong(shape[3]!, window, 1) < 1) {
    throw new ShapeError(
      `${what}: ${nameOf(x)} is ${shapeText(shape)}; a window of ${window.size.join("×")}` +
        `${window.dilation.some((apart) => apart > 1) ? ` with a dilation of ${window.dilation.join("×")}` : ""} does not fit into ${shape[2]}×${shape[3]} with a padding of ${window.padding.join("×")}.`,
    );
  }
}

function windowOf({ stride, padding, dilation }: Convolution, weight: Shape): Window {
  return { size: [weight[2]!, weight[3]!], stride, padding, dilation };
}

const recordConvolution = bilinear({
  name: "conv2d",
  label: "Convolution",
  symbol: "∗",
  notation: { kind: "infix", text: " ∗ ", latex: " * ", precedence: 2 },
  onnx: "Conv",
  pullback: ["# ∗ᵀ {y}", "{x} ∗ #"],
  multiplications: ([, weight], output) => sizeOf(output) * sizeOf(weight!.slice(1)),
  shape: ([x, weight], { convolution }) => {
    const window = windowOf(convolution!, weight!);
    return [x![0]!, weight![0]!, windowsAlong(x![2]!, window, 0), windowsAlong(x![3]!, window, 1)];
  },
  // [N, G, C/G · KH · KW, places] multiplied from the left by [G, O/G, C/G · KH · KW].
  forward: ([x, weight], { convolution }, shape) => {
    const { groups } = convolution!;
    const window = windowOf(convolution!, weight!.shape);
    const [count, , , places] = unfoldedShape(x!.shape, window);
    const inner = sizeOf(weight!.shape.slice(1));
    const columns = reshaped(javascript.unfold(x!, window, unfoldedShape(x!.shape, window)), [
      count!,
      groups,
      inner,
      places!,
    ]);
    const rows = reshaped(weight!, [groups, shape[1]! / groups, inner]);
    return reshaped(javascript.matmul(rows, columns, [count!, groups, shape[1]! / groups, places!]), shape);
  },
  transposes: [
    (cotangent, x, weight, { convolution }) => {
      const { groups } = convolution!;
      const window = windowOf(convolution!, weight.shape);
      const rows = grouped(weight, groups);
      const columns = matmul(transpose(rows, [0, 2, 1]), groupedPlaces(cotangent, groups));
      return recordFold([reshape(columns, unfoldedShape(x.shape, window))], { window, shape: x.shape });
    },
    (cotangent, x, weight, { convolution }) => {
      const { groups } = convolution!;
      const window = windowOf(convolution!, weight.shape);
      const [count, , , places] = unfoldedShape(x.shape, window);
      const inner = sizeOf(weight.shape.slice(1));
      const columns = reshape(recordUnfold([x], { window }), [count!, groups, inner, places!]);
      const each = matmul(groupedPlaces(cotangent, groups), transpose(columns, [0, 1, 3, 2]));
      return reshape(sum(each, { axes: 0 }), weight.shape);
    },
  ],
  batch: ([x, weight], [xBatched, weightBatched], parameters, size) => {
    if (!weightBatched) return splitFirst(recordConvolution([joinFirst(x!), weight!], parameters), size);
    // Every slice has weights of its own: the batch becomes groups.
    const { convolution } = parameters;
    const images = xBatched ? x! : broadcastTo(x!, [size, ...x!.shape]);
    const [, count, channels, height, width] = images.shape as [number, number, number, number, number];
    const together = reshape(transpose(images, [1, 0, 2, 3, 4]), [count, size * channels, height, width]);
    const result = recordConvolution([together, joinFirst(weight!)], {
      convolution: { ...convolution!, groups: size * convolution!.groups },
    });
    const [, outs, h, w] = result.shape as [number, number, number, number];
    return transpose(reshape(result, [count, size, outs / size, h, w]), [1, 0, 2, 3, 4]);
  },
});

/** [O, C/G, KH, KW] as [G, O/G, C/G · KH · KW]. */
function grouped(weight: Value, groups: number): Value {
  return reshape(weight, [groups, weight.shape[0]! / groups, sizeOf(weight.shape.slice(1))]);
}

/** [N, O, OH, OW] as [N, G, O/G, OH · OW]. */
function groupedPlaces(x: Value, groups: number): Value {
  const [count, outs, height, width] = x.shape as [number, number, number, number];
  return reshape(x, [count, groups, outs / groups, height * width]);
}

/**
 * The convolution (without flipping, as in all deep-learning libraries) of x [N, C, H, W] with weight [O, C/groups, KH,
 * KW]: [N, O, OH, OW], OH = ⌊(H + 2·padding − dilation·(KH − 1) − 1) / stride⌋ + 1. Each number is the sum of products
 * of a window with the weight; ∂/∂weight sums what the windows see times the cotangent, ∂/∂x spreads the cotangent
 * times the weight.
 *
 * @throws {ShapeError} where the shapes do not fit.
 *
 * @example
 * ```ts
 * import { backward, conv2d, sum, variable } from "gradbook";
 * const image = variable([[[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]]);
 * const weight = variable([[[[1, -1]]]]);
 * conv2d(image, weight) // [[[[-1, -1], [-1, -1], [-1, -1]]]]
 * backward(sum(conv2d(image, weight))).of(weight) // [[[[27, 33]]]]
 * ```
 */
export function conv2d(x: Value, weight: Value, options: ConvolutionOptions = {}): Value {
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  const [image, kernel] = [lift("conv2d", x), lift("conv2d", weight)];
  for (const [value, meaning] of [
    [image, "[N, C, H, W]"],
    [kernel, "[O, C/groups, KH, KW]"],
  ] as const) {
    if (value.shape.length !== 4) {
      throw new ShapeError(
        `conv2d: ${nameOf(value)} is ${shapeText(value.shape)}; it must have four axes, ${meaning}.`,
      );
    }
  }
  if (!Number.isInteger(groups) || groups < 1) {
    throw new ShapeError(`conv2d: groups must be a whole number from 1; got ${groups}.`);
  }
  const channels = image.shape[1]!;
  if (channels !== kernel.shape[1]! * groups || kernel.shape[0]! % groups !== 0) {
    throw new ShapeError(
      `conv2d: ${nameOf(image)} is ${shapeText(image.shape)} and ${nameOf(kernel)} is ${shapeText(kernel.shape)}: with ` +
        `${groups} ${groups === 1 ? "group" : "groups"} the weight's second size must be ${channels / groups}` +
        `${kernel.shape[0]! % groups === 0 ? "" : ` and its first a multiple of ${groups}`}.`,
    );
  }
  const convolution: Convolution = {
    stride: pairOf("conv2d", "stride", stride, 1),
    padding: pairOf("conv2d", "padding", padding, 0),
    dilation: pairOf("conv2d", "dilation", dilation, 1),
    groups,
  };
  checkFits("conv2d", image, windowOf(convolution, kernel.shape));
  return recordConvolution([image, kernel], { convolution });
}

function pooled([x]: readonly Shape[], { window }: Parameters): Shape {
  return [x![0]!, x![1]!, windowsAlong(x![2]!, window!, 0), windowsAlong(x![3]!, window!, 1)];
}

/** [N, C, OH, OW] beside the windows: [N, C, 1, OH · OW]. */
function besideWindows(x: Value): Value {
  return reshape(x, [x.shape[0]!, x.shape[1]!, 1, x.shape[2]! * x.shape[3]!]);
}

const recordMaxPool = general({
  name: "maxPool2d",
  label: "Max pooling",
  symbol: "max pool",
  notation: called("maxPool"),
  onnx: "MaxPool",
  pullback: ["# at the largest"],
  multiplications: noneAtAll,
  shape: pooled,
  forward: ([x], { window }, shape) => javascript.maxPool(x!, window!, shape),
  jvp: ([tangent], [x], output, { window }) => {
    const moved = mul(shareOfLargest(x!, output, window!), recordUnfold([tangent!], { window: window! }));
    return reshape(sum(moved, { axes: 2 }), output.shape);
  },
  vjp: (cotangent, [x], output, { window }) => [
    recordFold([mul(shareOfLargest(x!, output, window!), besideWindows(cotangent))], {
      window: window!,
      shape: x!.shape,
    }),
  ],
  batch: ([x], _batched, parameters, size) => splitFirst(recordMaxPool([joinFirst(x!)], parameters), size),
});

/** In every window 1 for the largest, 1/n for each of n equal ones. */
function shareOfLargest(x: Value, output: Value, window: Window): Value {
  let inside = cast(equal(recordUnfold([x], { window }), besideWindows(output)), x.dtype);
  // The zeros around x are not among those that may be the largest.
  if (window.padding.some((width) => width > 0)) inside = mul(inside, recordUnfold([filledLike(x, 1)], { window }));
  return div(inside, sum(inside, { axes: 2, keepDims: true }));
}

function poolingWindow(what: string, x: Value, { size, stride = size, padding = 0 }: PoolOptions): Window {
  if (x.shape.length !== 4) {
    throw new ShapeError(`${what}: ${nameOf(x)} is ${shapeText(x.shape)}; it must have four axes, [N, C, H, W].`);
  }
  const window: Window = {
    size: pairOf(what, "size", size, 1),
    stride: pairOf(what, "stride", stride, 1),
    padding: pairOf(what, "padding", padding, 0),
    dilation: [1, 1],
  };
  if (window.padding.some((width, i) => 2 * width > window.size[i]!)) {
    throw new ShapeError(
      `${what}: a padding of ${window.padding.join("×")} is more than half of the window, ${window.size.join("×")}.`,
    );
  }
  checkFits(what, x, window);
  return window;
}

/**
 * The largest number in each window of x [N, C, H, W]. The gradient goes to it; equal ones share it. What lies outside
 * is never the largest.
 *
 * @throws {ShapeError} where the window does not fit.
 *
 * @example
 * ```ts
 * import { maxPool2d, variable } from "gradbook";
 * const image = variable([[[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]]);
 * maxPool2d(image, { size: 2, stride: 1 }) // [[[[5, 6], [8, 9]]]]
 * ```
 */
export function maxPool2d(x: Operand, options: PoolOptions): Value {
  const value = lift("maxPool2d", x);
  return recordMaxPool([value], { window: poolingWindow("maxPool2d", value, options) });
}

const recordAveragePool = linear({
  name: "avgPool2d",
  label: "Average pooling",
  symbol: "avg pool",
  notation: called("avgPool"),
  onnx: "AveragePool",
  pullback: ["# shared out"],
  multiplications: (_inputs, output) => sizeOf(output),
  shape: pooled,
  forward: ([x], { window }, shape) => {
    const seen = javascript.unfold(x!, window!, unfoldedShape(x!.shape, window!));
    const total = javascript.reduce("sum", seen, [2]);
    const area = window!.size[0] * window!.size[1];
    return reshaped(new ElementLoop((sum) => sum! / area).run(total.dtype, total.shape, [total]), shape);
  },
  transpose: (cotangent, [x], { window }) => {
    const each = div(besideWindows(cotangent), window!.size[0] * window!.size[1]);
    return recordFold([broadcastTo(each, unfoldedShape(x!.shape, window!))], { window: window!, shape: x!.shape });
  },
  batch: ([x], _batched, parameters, size) => splitFirst(recordAveragePool([joinFirst(x!)], parameters), size),
});

/**
 * The mean of each window of x [N, C, H, W]; what lies outside counts as 0. ∂/∂x = 1/n in each window of n numbers.
 *
 * @throws {ShapeError} where the window does not fit.
 *
 * @example
 * ```ts
 * import { avgPool2d, variable } from "gradbook";
 * const image = variable([[[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]]);
 * avgPool2d(image, { size: 2, stride: 1 }) // [[[[3, 4], [6, 7]]]]
 * ```
 */
export function avgPool2d(x: Operand, options: PoolOptions): Value {
  const value = lift("avgPool2d", x);
  return recordAveragePool([value], { window: poolingWindow("avgPool2d", value, options) });
}
