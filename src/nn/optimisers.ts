import type { Gradients } from "../autodiff/backward.ts";
import { GradientError } from "../graph/errors.ts";
import { Value, variable } from "../graph/value.ts";
import { type ParameterTree, placesOf } from "./tree.ts";

/** Moves parameters against their gradients, one step at a time. */
export interface Optimiser {
  /** May be changed between steps. */
  learningRate: number;
  /**
   * Puts a new Value in the place of every parameter; the gradient of one that the output does not depend on counts as zeros. Plain
   * arithmetic on numbers: nothing of it is in a graph.
   */
  step(gradients: Gradients): void;
}

export interface OptimiserOptions {
  readonly learningRate: number;
  /** How much of a parameter is added to its gradient: draws it towards 0. Default 0. */
  readonly weightDecay?: number;
}

/** What is remembered of one parameter from step to step. */
type Memory = readonly Float64Array[];

/** One number's new value; `memories[k][i]` may be written. */
type Rule = (parameter: number, gradient: number, memories: Memory, i: number, step: number) => number;

function optimiser(
  parameters: ParameterTree,
  learningRate: number,
  memories: number,
  rule: (self: Optimiser) => Rule,
): Optimiser {
  const places = parameters instanceof Value ? [] : placesOf(parameters);
  if (!places.some(({ holder, key }) => (holder[key] as Value).kind === "variable")) {
    throw new GradientError(
      "An optimiser replaces the variables in a module, a record or a list, and here are none to replace: give { w }, and read w from " +
        "the record afterwards.",
    );
  }
  const remembered = new Map<string, { memory: Memory; steps: number }>();
  const self: Optimiser = {
    learningRate,
    step(gradients) {
      const next = rule(self);
      // A parameter that stands in several places (tied weights) is moved once, and stays one.
      const replaced = new Map<Value, Value>();
      for (const { path, holder, key } of placesOf(parameters)) {
        const parameter = holder[key] as Value;
        if (parameter.kind !== "variable") continue;
        const already = replaced.get(parameter);
        if (already !== undefined) {
          holder[key] = already;
          continue;
        }
        const { data, shape, dtype, name } = parameter;
        const gradient = gradients.of(parameter).data;
        let known = remembered.get(path);
        if (known === undefined) {
          known = { memory: Array.from({ length: memories }, () => new Float64Array(data.length)), steps: 0 };
          remembered.set(path, known);
        }
        const { memory } = known;
        const step = ++known.steps;
        const moved = Float64Array.from(data, (number, i) => next(number, gradient[i]!, memory, i, step));
        const value = variable({ data: moved, shape, dtype }, name);
        replaced.set(parameter, value);
        holder[key] = value;
      }
    },
  };
  return self;
}

export interface SgdOptions extends OptimiserOptions {
  /** How much of the last movement is kept. Default 0. */
  readonly momentum?: number;
  /** Looks ahead along the movement (Nesterov 1983). Default false. */
  readonly nesterov?: boolean;
}

/**
 * Stochastic gradient descent: p ← p − η·v with v ← μ·v + ∂L/∂p (Rumelhart, Hinton and Williams 1986).
 *
 * @throws {GradientError} where there is no variable among the parameters; so do the other optimisers.
 *
 * @example
 * ```ts
 * import { backward, sgd, square, variable } from "gradbook";
 * const parameters = { w: variable(1) };
 * const optimiser = sgd(parameters, { learningRate: 0.1 });
 * for (let step = 0; step < 3; step++) optimiser.step(backward(square(parameters.w)));
 * parameters.w // 0.512
 * ```
 */
export function sgd(parameters: ParameterTree, options: SgdOptions): Optimiser {
  const { momentum = 0, nesterov = false, weightDecay = 0 } = options;
  return optimiser(parameters, options.learningRate, momentum === 0 ? 0 : 1, (self) => (p, gradient, [velocity], i) => {
    const g = gradient + weightDecay * p;
    if (velocity === undefined) return p - self.learningRate * g;
    const v = momentum * velocity[i]! + g;
    velocity[i] = v;
    return p - self.learningRate * (nesterov ? g + momentum * v : v);
  });
}

export interface AdamOptions extends Partial<OptimiserOptions> {
  /** How slowly the mean of the gradients follows them. Default 0.9. */
  readonly beta1?: number;
  /** How slowly the mean of their squares follows them. Default 0.999. */
  readonly beta2?: number;
  /** Added to what is divided by. Default 1e-8. */
  readonly epsilon?: number;
}

function adamRule(
  { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions,
  [first, second]: Memory,
  g: number,
  i: number,
  step: number,
): number {
  const m = beta1 * first![i]! + (1 - beta1) * g;
  const v = beta2 * second![i]! + (1 - beta2) * g * g;
  first![i] = m;
  second![i] = v;
  // Both means begin at 0 and are too small at first.
  return m / (1 - beta1 ** step) / (Math.sqrt(v) / Math.sqrt(1 - beta2 ** step) + epsilon);
}

/**
 * Adam (Kingma and Ba 2015): p ← p − η·m̂/(√v̂ + ε), m̂ and v̂ running means of the gradients and of their squares,
 * corrected for their start.
 *
 * @example
 * ```ts
 * import { adam, backward, square, variable } from "gradbook";
 * const parameters = { w: variable(1) };
 * const optimiser = adam(parameters, { learningRate: 0.1 });
 * optimiser.step(backward(square(parameters.w)));
 * parameters.w // 0.9
 * ```
 */
export function adam(parameters: ParameterTree, options: AdamOptions = {}): Optimiser {
  const { learningRate = 1e-3, weightDecay = 0 } = options;
  return optimiser(
    parameters,
    learningRate,
    2,
    (self) => (p, g, memory, i, step) =>
      p - self.learningRate * adamRule(options, memory, g + weightDecay * p, i, step),
  );
}

/**
 * Adam with weight decay apart from the gradient (Loshchilov and Hutter 2019): p ← p·(1 − η·λ) first. λ is 0.01 by
 * default.
 *
 * @example
 * ```ts
 * import { adamw, backward, square, variable } from "gradbook";
 * const parameters = { w: variable(1) };
 * const optimiser = adamw(parameters, { learningRate: 0.1 });
 * optimiser.step(backward(square(parameters.w)));
 * parameters.w // 0.899
 * ```
 */
export function adamw(parameters: ParameterTree, options: AdamOptions = {}): Optimiser {
  const { learningRate = 1e-3, weightDecay = 0.01 } = options;
  return optimiser(
    parameters,
    learningRate,
    2,
    (self) => (p, g, memory, i, step) =>
      p * (1 - self.learningRate * weightDecay) - self.learningRate * adamRule(options, memory, g, i, step),
  );
}

export interface RmspropOptions extends Partial<OptimiserOptions> {
  /** How slowly the mean of the squares follows them. Default 0.99. */
  readonly smoothing?: number;
  /** How much of the last movement is kept. Default 0. */
  readonly momentum?: number;
  /** Added to what is divided by. Default 1e-8. */
  readonly epsilon?: number;
}

/**
 * RMSprop (Tieleman and Hinton 2012): p ← p − η·g/(√v + ε), v a running mean of the squared gradients.
 *
 * @example
 * ```ts
 * import { backward, rmsprop, square, variable } from "gradbook";
 * const parameters = { w: variable(1) };
 * const optimiser = rmsprop(parameters, { learningRate: 0.01 });
 * optimiser.step(backward(square(parameters.w)));
 * parameters.w // 0.9
 * ```
 */
export function rmsprop(parameters: ParameterTree, options: RmspropOptions = {}): Optimiser {
  const { learningRate = 1e-2, weightDecay = 0, smoothing = 0.99, momentum = 0, epsilon = 1e-8 } = options;
  return optimiser(parameters, learningRate, 2, (self) => (p, gradient, [squares, velocity], i) => {
    const g = gradient + weightDecay * p;
    const v = smoothing * squares![i]! + (1 - smoothing) * g * g;
    squares![i] = v;
    const move = momentum * velocity![i]! + g / (Math.sqrt(v) + epsilon);
    velocity![i] = move;
    return p - self.learningRate * move;
  });
}
