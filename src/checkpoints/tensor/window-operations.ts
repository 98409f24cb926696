import { ShapeError } from "../../graph/errors.ts";
import { avgPool2d, conv2d, maxPool2d, type PoolOptions } from "../../graph/primitives.ts";
import { placeOf, type Shape, shapeText, sizeOf } from "../../graph/shape.ts";
import { constant, type Value } from "../../graph/value.ts";
import type { Settings, TensorFunction, TensorOperation } from "./operations.ts";

// What answers about convolution and pooling are made of. A window moves over the last two axes of [N, C, H, W].

/** conv2d(X, K), conv2d(G, flip(K), padding=2). */
export const convolution: TensorOperation = {
  name: "conv2d",
  shape: ([x, weight], { window: { stride = 1, padding = 0, dilation = 1 } = {} }) => {
    if (x!.length !== 4 || weight!.length !== 4) {
      throw new ShapeError("conv2d takes images [N, C, H, W] and weights [O, C, KH, KW]");
    }
    if (x![1] !== weight![1]) {
      throw new ShapeError(`the images have ${x![1]} channels and the weights are for ${weight![1]}`);
    }
    const along = (axis: number): number =>
      placesAlong(x![axis]!, dilation * (weight![axis]! - 1) + 1, stride, padding, "conv2d");
    return [x![0]!, weight![0]!, along(2), along(3)];
  },
  compute: ([x, weight], { window = {} }) => conv2d(x!, weight!, window),
  work: ([, weight], output) => sizeOf(output) * sizeOf(weight!.slice(1)),
};

function placesAlong(length: number, reach: number, stride: number, padding: number, name: string): number {
  const places = Math.floor((length + 2 * padding - reach) / stride) + 1;
  if (stride < 1 || padding < 0 || places < 1) {
    throw new ShapeError(`${name}: a window of ${reach} does not fit into ${length} with a padding of ${padding}`);
  }
  return places;
}

function pooling(name: string, pool: (x: Value, options: PoolOptions) => Value): TensorOperation {
  const sizeFrom = (settings: Settings): number => onlySize(settings, `${name} takes the window's size: ${name}(X, 2)`);
  return {
    name,
    shape: ([x], settings) => {
      const size = sizeFrom(settings);
      const { stride = size, padding = 0 } = settings.window ?? {};
      if (2 * padding > size) throw new ShapeError(`${name}: a padding of ${padding} is more than half of the window`);
      return imagesOf(name, x!).map((length, axis) =>
        axis < 2 ? length : placesAlong(length, size, stride, padding, name),
      );
    },
    compute: ([x], settings) => pool(x!, { size: sizeFrom(settings), ...settings.window }),
    work: ([x], output) => sizeOf(output) * Math.max(1, sizeOf(x!) / sizeOf(output)),
  };
}

/** The one number of a call, at least 1. */
function onlySize({ numbers = [] }: Settings, otherwise: string): number {
  const [size] = numbers;
  if (size === undefined || numbers.length > 1 || size < 1) throw new ShapeError(otherwise);
  return size;
}

function imagesOf(name: string, shape: Shape): readonly number[] {
  if (shape.length === 4) return shape;
  throw new ShapeError(`${name} takes images [N, C, H, W]; this is ${shapeText(shape)}`);
}

/** flip(K): the last two axes backward; flip(v, 0): those that are named. */
export const flipping: TensorOperation = {
  name: "flip",
  shape: ([x], { numbers }) => {
    axesToFlip(x!, numbers);
    return x!;
  },
  compute: ([x], { numbers }) => {
    const { shape, data } = x!;
    const axes = axesToFlip(shape, numbers);
    return rearranged(
      shape,
      (place) =>
        data[
          indexOf(
            shape,
            place.map((at, axis) => (axes.includes(axis) ? shape[axis]! - 1 - at : at)),
          )
        ]!,
    );
  },
  work: ([x]) => sizeOf(x!),
};

function axesToFlip(shape: Shape, numbers: readonly number[] | undefined): readonly number[] {
  const axes = numbers ?? (shape.length < 2 ? [...shape.keys()] : [shape.length - 2, shape.length - 1]);
  if (axes.some((axis) => axis < 0 || axis >= shape.length)) {
    throw new ShapeError(`flip: the axes of ${shapeText(shape)} go from 0 to ${shape.length - 1}`);
  }
  return axes;
}

/** A larger tensor, each number of the last two axes in the first place of a block of its own. */
function enlarging(
  name: string,
  between: "repeated" | "zeros",
  lengthOf: (length: number, size: number) => number,
): TensorOperation {
  const sizeFrom = (settings: Settings): number =>
    onlySize(settings, `${name} takes a tensor and a number: ${name}(G, 2)`);
  const shapeOf = (shape: Shape, size: number): Shape =>
    shape.map((length, axis) => (axis < shape.length - 2 ? length : lengthOf(length, size)));
  return {
    name,
    shape: ([x], settings) => {
      if (x!.length < 2) throw new ShapeError(`${name} enlarges the last two axes; ${shapeText(x!)} has fewer`);
      return shapeOf(x!, sizeFrom(settings));
    },
    compute: ([x], settings) => {
      const size = sizeFrom(settings);
      const { shape, data } = x!;
      const isInner = (axis: number): boolean => axis >= shape.length - 2;
      return rearranged(shapeOf(shape, size), (place) => {
        if (between === "zeros" && place.some((at, axis) => isInner(axis) && at % size > 0)) return 0;
        return data[
          indexOf(
            shape,
            place.map((at, axis) => (isInner(axis) ? Math.floor(at / size) : at)),
          )
        ]!;
      });
    },
    work: (_inputs, output) => sizeOf(output),
  };
}

/** repeat(G, 2): each number of the last two axes in a block of 2×2. */
export const repeating: TensorOperation = enlarging("repeat", "repeated", (length, size) => length * size);

/** spread(G, 2): a zero between each two numbers of the last two axes. */
const spreading = enlarging("spread", "zeros", (length, size) => size * (length - 1) + 1);

/** A tensor of a shape with the number for each place. */
function rearranged(shape: Shape, numberAt: (place: readonly number[]) => number): Value {
  const data = Float64Array.from({ length: sizeOf(shape) }, (_, index) => numberAt(placeOf(index, shape)));
  return constant({ data, shape });
}

function indexOf(shape: Shape, place: readonly number[]): number {
  return shape.reduce((index, length, axis) => index * length + place[axis]!, 0);
}

export const windowFunctions: readonly TensorFunction[] = [
  {
    words: ["conv2d", "conv"],
    operation: convolution,
    tensors: 2,
    takes: "window",
    example: "conv2d(X, K), or conv2d(G, flip(K), padding=2)",
  },
  {
    words: ["maxPool2d", "maxpool"],
    operation: pooling("maxPool2d", maxPool2d),
    tensors: 1,
    takes: "window",
    example: "maxPool2d(X, 2)",
  },
  {
    words: ["avgPool2d", "avgpool"],
    operation: pooling("avgPool2d", avgPool2d),
    tensors: 1,
    takes: "window",
    example: "avgPool2d(X, 2)",
  },
  {
    words: ["flip"],
    operation: flipping,
    tensors: 1,
    takes: "numbers",
    example: "flip(K), its last two axes backward, or flip(K, 2) for axis 2 alone",
  },
  {
    words: ["repeat"],
    operation: repeating,
    tensors: 1,
    takes: "numbers",
    example: "repeat(G, 2), each number in a block of 2×2",
  },
  {
    words: ["spread"],
    operation: spreading,
    tensors: 1,
    takes: "numbers",
    example: "spread(G, 2), one zero between each two numbers",
  },
];
