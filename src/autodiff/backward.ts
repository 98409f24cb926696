import { GradientError, ShapeError } from "../graph/errors.ts";
import { outsideModules } from "../graph/modules.ts";
import { add } from "../graph/primitives.ts";
import { described } from "../graph/record.ts";
import { sameShape, shapeText, sizeOf } from "../graph/shape.ts";
import { closeGrownSegment, type Segment } from "../graph/tape.ts";
import { filledLike, nameOf, type Operand, Value } from "../graph/value.ts";
import { NumericPass } from "./cotangents.ts";
import { isNested } from "./nesting.ts";
import { dependents, noGradient, pullBack, zerosLike } from "./rules.ts";
import { type ChainStep, chainSteps } from "./steps.ts";

export interface BackwardOptions {
  /** The cotangent of the output; 1 by default, and needed where the output has several elements. */
  readonly seed?: Operand;
  /**
   * Records the gradients as a graph, so that they can be drawn and differentiated again. Inside of grad, jvp, vmap … it
   * is recorded anyway.
   */
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

/** The gradients that a pass found. */
export interface Pass {
  of(x: Value): Value | undefined;
}

class FoundGradients implements Gradients {
  // Declared only: see Value.
  declare readonly output: Value;
  declare private readonly pass: Pass;
  declare private told: readonly ChainStep[] | undefined;

  constructor(output: Value, pass: Pass) {
    this.output = output;
    this.pass = pass;
    this.told = undefined;
  }

  of(x: Value): Value {
    if (!(x instanceof Value)) throw new TypeError(`of: gradients are asked of Values; this is ${described(x)}.`);
    if (!x.needsGradient) throw noGradient(x);
    return this.pass.of(x) ?? zerosLike(x);
  }

  get steps(): readonly ChainStep[] {
    this.told ??= chainSteps(this.output, (x) => this.of(x));
    return this.told;
  }
}

/**
 * Reverse mode: walks the graph above `z` once, from the output to the inputs, and multiplies and adds local
 * derivatives by the chain rule (Baydin et al. 2017, section 3.2).
 *
 * @throws {GradientError} where z does not depend on a variable, or is not a scalar and no seed is given.
 *
 * @example
 * ```ts
 * import { add, backward, mul, variable } from "gradbook";
 * const x = variable(2), y = variable(3), w = variable(4);
 * const gradients = backward(mul(add(x, y), w));
 * [x, y, w].map((v) => gradients.of(v)) // [4, 4, 5]
 * backward(variable([1, 2])) // throws GradientError: backward: the value has 2 elements…
 * ```
 */
export function backward(z: Value, options?: BackwardOptions): Gradients {
  if (!(z instanceof Value))
    throw new TypeError(`backward: what is differentiated must be a Value; it is ${described(z)}.`);
  if (!z.needsGradient) throw doesNotDepend(z);
  const seed = seedFor(z, options?.seed);
  if (options?.graph === true || isNested()) {
    const pass = new GraphPass(z, seed);
    if (options?.graph === true) pass.record(z);
    return new FoundGradients(z, pass);
  }
  const pass = new NumericPass(z, seed.storage);
  closeGrownSegment();
  return new FoundGradients(z, pass);
}

function doesNotDepend(z: Value): GradientError {
  return new GradientError(
    `backward: ${nameOf(z)} does not depend on a variable` +
      `${z.dtype === "int32" || z.dtype === "bool" ? ` in a way that has a derivative: it is ${z.dtype}` : ""}. ` +
      "Make what you want a gradient of with variable(…).",
  );
}

function seedFor(z: Value, seed: Operand | undefined): Value {
  if (seed === undefined) {
    if (sizeOf(z.shape) !== 1) {
      const name = z.name ?? "z";
      throw new GradientError(
        `backward: ${nameOf(z)} has ${sizeOf(z.shape)} elements (${shapeText(z.shape)}). Start from a scalar, such as ` +
          `sum(${name}), or give the output's gradient: backward(${name}, { seed }).`,
      );
    }
    return filledLike(z, 1);
  }
  const value = typeof seed === "number" && z.shape.length === 0 ? filledLike(z, seed) : seed;
  if (!(value instanceof Value) || !sameShape(value.shape, z.shape)) {
    const got = value instanceof Value ? shapeText(value.shape) : "a number";
    throw new ShapeError(`backward: the seed must have the output's shape, ${shapeText(z.shape)}; it is ${got}.`);
  }
  return value;
}

/** The pass in the graph's own operations: its results are a graph above the nodes it read. */
export class GraphPass implements Pass {
  private readonly cotangents: Map<number, Value>;

  /**
   * @param since where the walk ends: nodes with smaller ids get their gradient, and it goes no further.
   * @param observe is told what each node gives to its inputs.
   */
  constructor(
    z: Value,
    seed: Value,
    since = 0,
    observe?: (node: Value, parts: readonly (Value | undefined)[]) => void,
  ) {
    this.cotangents = new Map([[z.id, seed]]);
    // What is recorded here belongs to no layer, even where it happens in the middle of one.
    outsideModules(() => {
      for (const node of dependents(z, since)) {
        const cotangent = this.cotangents.get(node.id);
        if (cotangent === undefined || node.primitive === undefined) continue;
        const parts = pullBack(node, cotangent);
        this.giveInputs(node, parts);
        observe?.(node, parts);
      }
    });
  }

  of(x: Value): Value | undefined {
    return this.cotangents.get(x.id);
  }

  /** Notes which of the nodes recorded are whose gradients, so that a figure of them can say so. */
  record(z: Value): void {
    const segments = new Map<Segment, Map<number, number>>();
    for (const [of, { id, segment, needsGradient, primitive }] of this.cotangents) {
      // A gradient may be a value of the graph itself, ∂z/∂w = a: that keeps its name.
      if (id <= z.id || !needsGradient || primitive === undefined) continue;
      const known = segments.get(segment) ?? new Map<number, number>();
      segments.set(segment, known);
      // Where a gradient passes on unchanged, it is named after what it reached last.
      known.set(id, of);
    }
    for (const [segment, of] of segments) {
      segment.gradients ??= [];
      segment.gradients.push({ output: z, of });
    }
  }

  private giveInputs(node: Value, parts: readonly (Value | undefined)[]): void {
    node.inputs.forEach((input, position) => {
      const part = parts[position];
      if (part === undefined || !input.needsGradient) return;
      const sum = this.cotangents.get(input.id);
      this.cotangents.set(input.id, sum === undefined ? part : add(sum, part));
    });
  }
}
