import { ShapeError } from "../graph/errors.ts";
import {
  add,
  type ConvolutionOptions,
  cast,
  conv2d,
  div,
  gather,
  type Indices,
  matmul,
  maxPool2d,
  mean,
  mul,
  type Pair,
  reshape,
  sqrt,
  square,
  sub,
} from "../graph/primitives.ts";
import { shapeText, sizeOf } from "../graph/shape.ts";
import { constant, nameOf, type Value, variable } from "../graph/value.ts";
import { filledParameter, type RandomOptions, sourceOf, uniformParameter } from "./initial.ts";
import { Module } from "./module.ts";
import type { Random } from "./random.ts";

/**
 * y = x·W + b: x [..., inputs], W [inputs, outputs], b [outputs]. ∂y/∂W is xᵀ·(cotangent), ∂y/∂b its sum over the
 * batch.
 *
 * @example
 * ```ts
 * import { nn, variable } from "gradbook";
 * const layer = new nn.Linear(2, 3);
 * layer.forward(variable([[1, 2], [3, 4]])).shape // [2, 3]
 * layer.namedParameters().map(([path]) => path) // [ 'weight', 'bias' ]
 * ```
 */
export class Linear extends Module {
  weight: Value;
  bias: Value | undefined;

  constructor(inputs: number, outputs: number, options: RandomOptions & { readonly bias?: boolean } = {}) {
    super();
    const random = sourceOf(options);
    const bound = 1 / Math.sqrt(inputs);
    this.weight = uniformParameter(random, [inputs, outputs], bound);
    this.bias = options.bias === false ? undefined : uniformParameter(random, [outputs], bound);
  }

  override forward(x: Value): Value {
    const y = matmul(x, this.weight);
    return this.bias === undefined ? y : add(y, this.bias);
  }
}

/**
 * The convolution of x [N, C, H, W] with weight [O, C/groups, KH, KW], plus a bias for each of the O channels.
 *
 * @throws {ShapeError} where C or O does not divide by the number of groups.
 *
 * @example
 * ```ts
 * import { nn, variable } from "gradbook";
 * const layer = new nn.Conv2d(1, 4, 3, { padding: 1 });
 * layer.forward(variable({ data: new Float64Array(64), shape: [1, 1, 8, 8] })).shape // [1, 4, 8, 8]
 * ```
 */
export class Conv2d extends Module {
  weight: Value;
  bias: Value | undefined;
  private readonly options: ConvolutionOptions;

  constructor(
    inputs: number,
    outputs: number,
    size: Pair,
    options: ConvolutionOptions & RandomOptions & { readonly bias?: boolean } = {},
  ) {
    super();
    const { random: _random, bias, ...convolution } = options;
    const random = sourceOf(options);
    const [height, width] = typeof size === "number" ? [size, size] : size;
    const { groups = 1 } = options;
    if (inputs % groups !== 0 || outputs % groups !== 0) {
      throw new ShapeError(`Conv2d: ${inputs} channels in and ${outputs} out do not divide into ${groups} groups.`);
    }
    const shape = [outputs, inputs / groups, height, width];
    const bound = 1 / Math.sqrt(sizeOf(shape.slice(1)));
    this.options = convolution;
    this.weight = uniformParameter(random, shape, bound);
    this.bias = bias === false ? undefined : uniformParameter(random, [outputs], bound);
  }

  override forward(x: Value): Value {
    const y = conv2d(x, this.weight, this.options);
    return this.bias === undefined ? y : add(y, reshape(this.bias, [this.bias.shape[0]!, 1, 1]));
  }
}

/**
 * The largest number of each window of x [N, C, H, W].
 *
 * @example
 * ```ts
 * import { nn, variable } from "gradbook";
 * new nn.MaxPool2d(2).forward(variable([[[[1, 2], [3, 4]]]])) // [[[[4]]]]
 * ```
 */
export class MaxPool2d extends Module {
  private readonly size: Pair;
  private readonly options: { readonly stride?: Pair; readonly padding?: Pair };

  constructor(size: Pair, options: { readonly stride?: Pair; readonly padding?: Pair } = {}) {
    super();
    this.size = size;
    this.options = options;
  }

  override forward(x: Value): Value {
    return maxPool2d(x, { size: this.size, ...this.options });
  }
}

/**
 * Each feature, over the batch, with mean 0 and variance 1, then scaled and shifted: x [N, F] or [N, F, H, W] (Ioffe
 * and Szegedy 2015). In training by the batch's own statistics, which are also followed by running ones; these are used
 * otherwise. The gradient passes through mean and variance.
 *
 * @example
 * ```ts
 * import { nn, variable } from "gradbook";
 * const layer = new nn.BatchNorm(1);
 * layer.forward(variable([[1], [3]])) // [[-1.0000], [1.0000]]
 * layer.runningMean // [0.2]
 * layer.eval().forward(variable([[0.2]])) // [[0]]
 * ```
 */
export class BatchNorm extends Module {
  scale: Value;
  shift: Value;
  runningMean: Value;
  runningVariance: Value;
  private readonly momentum: number;
  private readonly epsilon: number;

  constructor(
    features: number,
    { momentum = 0.1, epsilon = 1e-5 }: { readonly momentum?: number; readonly epsilon?: number } = {},
  ) {
    super();
    this.momentum = momentum;
    this.epsilon = epsilon;
    this.scale = filledParameter([features], 1);
    this.shift = filledParameter([features], 0);
    this.runningMean = constant({ data: new Float64Array(features), shape: [features] });
    this.runningVariance = constant({ data: new Float64Array(features).fill(1), shape: [features] });
  }

  override forward(x: Value): Value {
    const features = this.scale.shape[0]!;
    if (x.shape[1] !== features || (x.shape.length !== 2 && x.shape.length !== 4)) {
      throw new ShapeError(
        `BatchNorm: ${nameOf(x)} is ${shapeText(x.shape)}; it must be [N, ${features}] or [N, ${features}, H, W].`,
      );
    }
    const axes = x.shape.length === 2 ? [0] : [0, 2, 3];
    const beside = (value: Value): Value => (x.shape.length === 2 ? value : reshape(value, [features, 1, 1]));
    // Running statistics are kept in float64, and make nothing wider that is float32.
    const running = (value: Value): Value => beside(cast(value, x.dtype));
    let centred: Value;
    let variance: Value;
    if (this.training) {
      const average = mean(x, { axes, keepDims: true });
      centred = sub(x, average);
      variance = mean(square(centred), { axes, keepDims: true });
      this.follow(average, variance, sizeOf(x.shape) / features);
    } else {
      centred = sub(x, running(this.runningMean));
      variance = running(this.runningVariance);
    }
    const normal = div(centred, sqrt(add(variance, this.epsilon)));
    return add(mul(normal, beside(this.scale)), beside(this.shift));
  }

  /** The running statistics take in a batch's; its variance as an estimate for all batches, over n − 1. */
  private follow(average: Value, variance: Value, count: number): void {
    const follow = (running: Value, { data }: Value, factor: number): Value =>
      constant({
        data: Float64Array.from(
          running.data,
          (old, i) => (1 - this.momentum) * old + this.momentum * factor * data[i]!,
        ),
        shape: running.shape,
        dtype: running.dtype,
      });
    this.runningMean = follow(this.runningMean, average, 1);
    this.runningVariance = follow(this.runningVariance, variance, count / Math.max(count - 1, 1));
  }
}

/**
 * Each row, over its last axis of `features`, with mean 0 and variance 1, then scaled and shifted (Ba et al. 2016).
 *
 * @example
 * ```ts
 * import { nn, variable } from "gradbook";
 * new nn.LayerNorm(2).forward(variable([[1, 3]])) // [[-1.0000, 1.0000]]
 * ```
 */
export class LayerNorm extends Module {
  scale: Value;
  shift: Value;
  private readonly epsilon: number;

  constructor(features: number, { epsilon = 1e-5 }: { readonly epsilon?: number } = {}) {
    super();
    this.epsilon = epsilon;
    this.scale = filledParameter([features], 1);
    this.shift = filledParameter([features], 0);
  }

  override forward(x: Value): Value {
    const centred = sub(x, mean(x, { axes: -1, keepDims: true }));
    const variance = mean(square(centred), { axes: -1, keepDims: true });
    return add(mul(div(centred, sqrt(add(variance, this.epsilon))), this.scale), this.shift);
  }
}

/**
 * In training each number is dropped (0) with a probability of `rate`, the others are scaled by 1/(1 − rate); else the
 * input itself (Srivastava et al. 2014).
 *
 * @example
 * ```ts
 * import { nn, variable } from "gradbook";
 * const layer = new nn.Dropout(0.5);
 * const x = variable([1, 1, 1, 1]);
 * layer.forward(x).data.every((number) => number === 0 || number === 2) // true
 * layer.eval().forward(x) // [1, 1, 1, 1]
 * ```
 */
export class Dropout extends Module {
  private readonly rate: number;
  private readonly random: Random;

  constructor(rate: number, options: RandomOptions = {}) {
    super();
    if (!(rate >= 0 && rate < 1))
      throw new RangeError(`Dropout takes a rate from 0 up to, not including, 1; it was given ${rate}.`);
    this.rate = rate;
    this.random = sourceOf(options);
  }

  override forward(x: Value): Value {
    if (!this.training || this.rate === 0) return x;
    const scale = 1 / (1 - this.rate);
    const mask = Float64Array.from({ length: sizeOf(x.shape) }, () => (this.random.uniform() < this.rate ? 0 : scale));
    return mul(x, cast(constant({ data: mask, shape: x.shape }, "mask"), x.dtype));
  }
}

/**
 * Rows of a table, by their number: indices of any shape → [...shape, size]. A row that is used twice adds up its
 * gradients.
 *
 * @example
 * ```ts
 * import { nn } from "gradbook";
 * new nn.Embedding(10, 4).forward([3, 3, 7]).shape // [3, 4]
 * ```
 */
export class Embedding extends Module {
  weight: Value;

  constructor(count: number, size: number, options: RandomOptions = {}) {
    super();
    const random = sourceOf(options);
    this.weight = variable({
      data: Float64Array.from({ length: count * size }, () => random.normal()),
      shape: [count, size],
    });
  }

  override forward(indices: Indices): Value {
    return gather(this.weight, indices);
  }
}
