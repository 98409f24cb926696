import { GradientError } from "../graph/errors.ts";
import { add, broadcastTo, identity } from "../graph/primitives.ts";
import { sameShape, shapeText } from "../graph/shape.ts";
import { constant, type Data, type Operand, Value, variable } from "../graph/value.ts";
import { backward, dependents, detached, times, zerosLike } from "./backward.ts";

/** A function of Values whose gradient can be taken. */
export type Differentiable = (...inputs: Value[]) => Value;

export interface GradOptions {
  /** Which arguments to differentiate by; the first, where nothing is said. A list gives a list of gradients. */
  readonly argnums?: number | readonly number[];
}

/** How many transforms are running: inside one, gradients stay graphs, so that the outer one can differentiate them. */
let depth = 0;

function nested<Result>(run: () => Result): Result {
  depth++;
  try {
    return run();
  } finally {
    depth--;
  }
}

/** A node to differentiate by: the outer transform's value keeps its place in the outer graph. */
function argument(x: Operand): Value {
  if (typeof x === "number") return variable(x);
  if (depth > 1 && x.needsGradient) return identity(x);
  return variable({ data: x.data, shape: x.shape }, x.name);
}

/** @throws {GradientError} where a function under a transform returns anything but a Value. */
function checked(what: string, z: unknown): Value {
  if (z instanceof Value) return z;
  throw new GradientError(`${what}: the function must return a Value; it returned ${z === null ? "null" : typeof z}.`);
}

/**
 * The function that computes f's value and its gradient, f's result being a scalar.
 *
 * @returns `(...args) => [value, gradient]`; with a list of argnums, a list of gradients.
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
  return (...args) =>
    nested(() => {
      const list = typeof argnums === "number" ? [argnums] : argnums;
      for (const position of list) {
        if (!(position >= 0 && position < args.length)) {
          throw new GradientError(`grad: there is no argument ${position}; the function was given ${args.length}.`);
        }
      }
      const inputs = args.map((arg, position) =>
        list.includes(position) ? argument(arg) : typeof arg === "number" ? constant(arg) : arg,
      );
      const z = checked("grad", f(...inputs));
      const gradients = z.needsGradient ? backward(z, { graph: depth > 1 }) : undefined;
      const wanted = list.map((position) => gradients?.of(inputs[position]!) ?? zerosLike(inputs[position]!));
      return [z, typeof argnums === "number" ? wanted[0]! : wanted];
    });
}

/** The function that computes f's gradient, f's result being a scalar: `grad(f, { argnums })(...args)`. Nests to any depth. */
export function grad(f: Differentiable, options?: { readonly argnums?: number }): (...args: Operand[]) => Value;
export function grad(
  f: Differentiable,
  options: { readonly argnums: readonly number[] },
): (...args: Operand[]) => Value[];
export function grad(f: Differentiable, options: GradOptions = {}): (...args: Operand[]) => Value | Value[] {
  const both = valueAndGrad(f, options as { argnums: number });
  return (...args) => both(...args)[1];
}

/**
 * Forward mode: f's value at `primals`, and how it moves when they move by `tangents` (the Jacobian times them).
 *
 * @returns `[value, tangent]`.
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
    const z = checked("jvp", f(...inputs));
    for (const node of [...dependents(z)].reverse()) {
      if (moving.has(node.id)) continue;
      const tangent = pushed(node, (input) => moving.get(input.id));
      if (tangent !== undefined) moving.set(node.id, tangent);
    }
    return [z, moving.get(z.id) ?? zerosLike(z)];
  });
}

/** The tangent of an operation from its inputs' tangents; undefined where none of them moves. */
function pushed(node: Value, tangentOf: (input: Value) => Value | undefined): Value | undefined {
  const { primitive, inputs } = node;
  if (primitive === undefined) return undefined;
  let sum: Value | undefined;
  inputs.forEach((input, position) => {
    const tangent = tangentOf(input);
    if (tangent === undefined) return;
    const part = ((): Value => {
      switch (primitive.family) {
        case "elementwise":
          return broadcastTo(times(tangent, primitive.partials[position]!(...inputs, node)), node.shape);
        case "linear":
          return primitive.apply(tangent, node.parameters);
        case "bilinear":
          return position === 0 ? primitive.apply(tangent, inputs[1]!) : primitive.apply(inputs[0]!, tangent);
      }
    })();
    sum = sum === undefined ? part : add(sum, part);
  });
  return sum;
}

/** What `checkGradient` found; `ok` where every derivative agrees. */
export interface GradientCheck {
  readonly ok: boolean;
  /** Largest |expected − received| / max(1, |expected|) over all inputs. */
  readonly worst: number;
  /** One sentence: point, argument, expected and received of the worst derivative. */
  readonly message: string;
}

export interface CheckOptions {
  /** Half the distance of the two points of a central difference; default 1e-6 (about ε^⅓, the best for float64). */
  readonly step?: number;
  readonly tolerance?: number;
}

/** Compares `grad` with central differences, for every element of every input. f's result must be a scalar. */
export function checkGradient(f: Differentiable, inputs: readonly Data[], options: CheckOptions = {}): GradientCheck {
  const { step = 1e-6, tolerance = 1e-6 } = options;
  const at = inputs.map((data) => variable(data));
  const received = grad(f, { argnums: at.map((_, position) => position) })(...at);
  let worst = -1;
  let message = "There is nothing to check: no inputs.";
  at.forEach((input, position) => {
    for (let element = 0; element < input.data.length; element++) {
      const moved = (by: number): number => {
        const data = Float64Array.from(input.data);
        data[element]! += by;
        return f(...at.map((x, i) => (i === position ? variable({ data, shape: x.shape }) : detached(x)))).item();
      };
      const expected = (moved(step) - moved(-step)) / (2 * step);
      const found = received[position]!.data[element]!;
      const error = Math.abs(expected - found) / Math.max(1, Math.abs(expected));
      if (!(error <= worst)) {
        worst = error;
        message =
          `argument ${position}${input.data.length > 1 ? `, element ${element}` : ""} at ${input.data[element]}: ` +
          `expected ${expected} (central difference), received ${found} (grad).`;
      }
    }
  });
  return { ok: worst <= tolerance, worst: Math.max(worst, 0), message };
}
