import { GradientError } from "../graph/errors.ts";
import { broadcastTo, identity, reshape, stack, transpose } from "../graph/primitives.ts";
import { sameShape, shapeText, sizeOf } from "../graph/shape.ts";
import { filled, isFloat } from "../graph/storage.ts";
import { constantCode } from "../graph/tape.ts";
import { blockLeaf, constant, detached, type Operand, Value, variable } from "../graph/value.ts";
import { backward, GraphPass } from "./backward.ts";
import { isNested, nested } from "./nesting.ts";
import { dependents, noGradient, pushForward, valueFrom, zerosLike } from "./rules.ts";

/** A function of Values whose derivatives can be taken. */
export type Differentiable = (...inputs: Value[]) => Value;

export interface GradOptions {
  /** Which arguments to differentiate by; the first, where nothing is said. A list gives a list of gradients. */
  readonly argnums?: number | readonly number[];
}

/**
 * A node to differentiate by. Inside of another transform it stays linked to what it was computed from, so that the outer
 * one can differentiate what the inner one returns.
 */
export function argument(x: Operand): Value {
  if (x instanceof Value && !isFloat(x.dtype)) throw noGradient(x);
  if (!isNested(1) || typeof x === "number") return variable(x, x instanceof Value ? x.name : undefined);
  const node = identity(x);
  node.segment.markGradient(node.position);
  return node;
}

/**
 * The function that computes f's value and its gradient, f's result being a scalar.
 *
 * @returns `(...args) => [value, gradient]`; with a list of argnums, a list of gradients.
 * @throws {GradientError} where there is no such argument, or f returns no Value of one element.
 *
 * @example
 * ```ts
 * import { pow, valueAndGrad } from "gradbook";
 * valueAndGrad((x) => pow(x, 3))(2) // [8, 12]
 * ```
 */
export function valueAndGrad(
  f: Differentiable,
  options?: { readonly argnums?: number },
): (...args: Operand[]) => [Value, Value];
export function valueAndGrad(
  f: Differentiable,
  options: { readonly argnums: readonly number[] },
): (...args: Operand[]) => [Value, Value[]];
export function valueAndGrad(
  f: Differentiable,
  { argnums = 0 }: GradOptions = {},
): (...args: Operand[]) => [Value, Value | Value[]] {
  return (...args) => {
    const list = typeof argnums === "number" ? [argnums] : argnums;
    for (const position of list) {
      if (!(position >= 0 && position < args.length)) {
        throw new GradientError(`grad: there is no argument ${position}; the function was given ${args.length}.`);
      }
    }
    const [inputs, z] = nested(() => {
      const given = args.map((arg, position) =>
        list.includes(position) ? argument(arg) : typeof arg === "number" ? constant(arg) : arg,
      );
      return [given, valueFrom("grad", f(...given))];
    });
    if (sizeOf(z.shape) !== 1) {
      throw new GradientError(
        `grad: the function must return a scalar; it returned ${shapeText(z.shape)}. Return its sum, or take jacobian or vjp.`,
      );
    }
    const gradients = z.needsGradient ? backward(z) : undefined;
    const wanted = list.map((position) => gradients?.of(inputs[position]!) ?? zerosLike(inputs[position]!));
    return [z, typeof argnums === "number" ? wanted[0]! : wanted];
  };
}

/**
 * The function that computes f's gradient, f's result being a scalar: `grad(f, { argnums })(...args)`. Nests to any
 * depth.
 *
 * @example
 * ```ts
 * import { grad, mul, square, type Value } from "gradbook";
 * const f = (x: Value, y: Value) => mul(square(x), y);
 * grad(f)(3, 2) // 12
 * grad(f, { argnums: [0, 1] })(3, 2) // [12, 9]
 * grad(grad(f))(3, 2) // 4
 * ```
 */
export function grad(f: Differentiable, options?: { readonly argnums?: number }): (...args: Operand[]) => Value;
export function grad(
  f: Differentiable,
  options: { readonly argnums: readonly number[] },
): (...args: Operand[]) => Value[];
export function grad(f: Differentiable, options: GradOptions = {}): (...args: Operand[]) => Value | Value[] {
  const both = valueAndGrad(f, options as { argnums: number });
  return (...args) => both(...args)[1];
}

/** Tangents along the graph above `z`, from those of some of its nodes; undefined where `z` does not move. */
export function pushTangents(z: Value, moving: Map<number, Value>): Value | undefined {
  for (const node of [...dependents(z)].reverse()) {
    if (node.primitive === undefined || moving.has(node.id)) continue;
    const tangent = pushForward(
      node,
      node.inputs.map((input) => moving.get(input.id)),
    );
    if (tangent !== undefined) moving.set(node.id, tangent);
  }
  return moving.get(z.id);
}

/**
 * Forward mode: f's value at `primals`, and how it moves when they move by `tangents` (the Jacobian times them).
 *
 * @returns `[value, tangent]`.
 * @throws {GradientError} where a tangent's shape is not its primal's, or f returns no Value.
 *
 * @example
 * ```ts
 * import { jvp, mul } from "gradbook";
 * jvp((x, y) => mul(x, y), [2, 3], [1, 0]) // [6, 3]
 * ```
 */
export function jvp(f: Differentiable, primals: readonly Operand[], tangents: readonly Operand[]): [Value, Value] {
  if (primals.length !== tangents.length) {
    throw new GradientError(`jvp: ${primals.length} primals need as many tangents; there are ${tangents.length}.`);
  }
  return nested(() => {
    const inputs = primals.map(argument);
    const moving = new Map<number, Value>();
    inputs.forEach((input, position) => {
      const given = tangents[position]!;
      const tangent = typeof given === "number" ? broadcastTo(constant(given), input.shape) : given;
      if (!sameShape(tangent.shape, input.shape)) {
        throw new GradientError(
          `jvp: tangent ${position} is ${shapeText(tangent.shape)}; its primal is ${shapeText(input.shape)}.`,
        );
      }
      moving.set(input.id, tangent);
    });
    const z = valueFrom("jvp", f(...inputs));
    return [z, pushTangents(z, moving) ?? zerosLike(z)];
  });
}

/**
 * Reverse mode in two steps: f's value at `primals`, and the function that takes a cotangent of it (of its shape) back
 * to the primals, which may be called as often as one likes.
 *
 * @returns `[value, pullback]`; `pullback(cotangent)` is a list, one gradient for each primal.
 *
 * @example
 * ```ts
 * import { mul, vjp } from "gradbook";
 * const [value, pullback] = vjp((x, y) => mul(x, y), 2, 3);
 * value // 6
 * pullback(10) // [30, 20]
 * ```
 */
export function vjp(f: Differentiable, ...primals: Operand[]): [Value, (cotangent: Operand) => Value[]] {
  const [inputs, z] = nested(() => {
    const given = primals.map(argument);
    return [given, valueFrom("vjp", f(...given))];
  });
  const pullback = (cotangent: Operand): Value[] => {
    if (!z.needsGradient) return inputs.map(zerosLike);
    const graph = cotangent instanceof Value && cotangent.needsGradient;
    const gradients = backward(z, { seed: cotangent, graph });
    return inputs.map((input) => gradients.of(input));
  };
  return [z, pullback];
}

/**
 * The function that computes all derivatives of f's elements by those of its argument: of shape [...result,
 * ...argument]. By forward mode, a column at a time, where the argument has fewer elements than the result; else by
 * reverse mode, a row at a time.
 *
 * @example
 * ```ts
 * import { jacobian, square, variable } from "gradbook";
 * jacobian((x) => square(x))(variable([1, 2])) // [[2, 0], [0, 4]]
 * ```
 */
export function jacobian(
  f: Differentiable,
  { argnums = 0 }: { readonly argnums?: number } = {},
): (...args: Operand[]) => Value {
  return (...args) => {
    const matrix = nested(() => {
      const x = argument(args[argnums] ?? missingArgument(argnums, args.length));
      const z = valueFrom(
        "jacobian",
        f(...args.map((arg, position) => (position === argnums ? x : typeof arg === "number" ? constant(arg) : arg))),
      );
      const shape = [...z.shape, ...x.shape];
      const [columns, rows] = [sizeOf(x.shape), sizeOf(z.shape)];
      if (columns === 0 || rows === 0 || !z.needsGradient) return blockLeaf(filled(z.dtype, shape, 0), constantCode);
      if (columns < rows) {
        const each = unitVectors(x).map((unit) => pushTangents(z, new Map([[x.id, unit]])) ?? zerosLike(z));
        return reshape(transposeFirst(stack(each)), shape);
      }
      const each = unitVectors(z).map((unit) => new GraphPass(z, unit).of(x) ?? zerosLike(x));
      return reshape(stack(each), shape);
    });
    // Where nobody will differentiate it, it is numbers alone.
    return isNested() ? matrix : detached(matrix);
  };
}

function missingArgument(position: number, count: number): never {
  throw new GradientError(`jacobian: there is no argument ${position}; the function was given ${count}.`);
}

/** All blocks like `like` that are 1 in one place and 0 elsewhere. */
function unitVectors(like: Value): readonly Value[] {
  return Array.from({ length: sizeOf(like.shape) }, (_, place) => {
    const unit = filled(like.dtype, like.shape, 0);
    unit.data[unit.offset + place] = 1;
    return blockLeaf(unit, constantCode);
  });
}

/** The first axis last. */
function transposeFirst(x: Value): Value {
  return transpose(
    x,
    [...x.shape.keys()].map((axis) => (axis + 1) % x.shape.length),
  );
}

/**
 * The function that computes all second derivatives of f, its result being a scalar: of shape [...x, ...x]. Forward
 * over reverse mode.
 *
 * @example
 * ```ts
 * import { hessian, prod, type Value, variable } from "gradbook";
 * const f = (x: Value) => prod(x);
 * hessian(f)(variable([2, 3])) // [[0, 1], [1, 0]]
 * ```
 */
export function hessian(f: Differentiable, options: { readonly argnums?: number } = {}): (...args: Operand[]) => Value {
  return jacobian(grad(f, options), options);
}

/**
 * The Hessian of f at x times v, without making the Hessian: forward mode over the gradient.
 *
 * @example
 * ```ts
 * import { hvp, pow, sum, variable } from "gradbook";
 * hvp((x) => sum(pow(x, 3)), variable([1, 2]), variable([1, 0])) // [6, 0]
 * ```
 */
export function hvp(f: Differentiable, x: Operand, v: Operand): Value {
  return jvp(grad(f), [x], [v])[1];
}
