import { GradientError } from "../graph/errors.ts";
import type { General, Notation } from "../graph/primitive.ts";
import { add, identity } from "../graph/primitives.ts";
import { lift, recordOwn } from "../graph/record.ts";
import { sameShape, shapeText } from "../graph/shape.ts";
import { isFloat } from "../graph/storage.ts";
import { closeSegment, nextId } from "../graph/tape.ts";
import { constant, detached, filledLike, type Operand, Value, variable } from "../graph/value.ts";
import { GraphPass } from "./backward.ts";
import { nested } from "./nesting.ts";
import { madeSince, multiplicationsOf, valueFrom } from "./rules.ts";
import { type Differentiable, pushTangents } from "./transforms.ts";

/** A rule for reverse mode: the gradients of the inputs, one for each, from the cotangent of the output. */
export type Pullback = (cotangent: Value, inputs: readonly Value[], output: Value) => readonly Value[];

/** A primitive of one function's own: its calls are one node each. */
function ownPrimitive(name: string, multiplications: number, rules: Pick<General, "apply" | "jvp" | "vjp">): General {
  const notation: Notation = { kind: "function", text: name, latex: `\\operatorname{${name}}` };
  return {
    family: "general",
    name,
    label: "Function",
    symbol: name,
    notation,
    onnx: undefined,
    multiplications: () => multiplications,
    shape: () => {
      throw new GradientError(`${name} says its shape when it is called.`);
    },
    forward: (inputs) => {
      throw new GradientError(`${name} takes Values, not ${inputs.length} blocks of numbers.`);
    },
    batch: undefined,
    ...rules,
  };
}

/**
 * f as one node of the graph, with a derivative of your own: `pullback(cotangent, inputs, output)` returns the
 * gradients of the inputs. For derivatives that are cheaper, steadier or other than those of f's steps. Forward mode
 * follows from the pullback, as long as that is linear in the cotangent. Gradients reach f's arguments only, not what
 * else f reads.
 *
 * @throws {GradientError} where the pullback returns too few gradients, or of other shapes than the inputs.
 *
 * @example
 * ```ts
 * import { customVjp, grad, minimum, mul } from "gradbook";
 * const clipped = customVjp(
 *   (x) => mul(x, 1),
 *   (cotangent) => [minimum(cotangent, 1)],
 * );
 * grad((x) => mul(100, clipped(x)))(2) // 1
 * ```
 */
export function customVjp(f: Differentiable, pullback: Pullback): (...args: Operand[]) => Value {
  const name = f.name === "" ? "f" : f.name;
  const call = (inputs: readonly Value[]): Value => {
    closeSegment();
    const since = nextId();
    const z = valueFrom("customVjp", f(...inputs.map(detached)));
    const primitive = ownPrimitive(name, multiplicationsSince(z, since), rules);
    closeSegment();
    return recordOwn(primitive, z.storage, inputs, {});
  };
  const checked = (cotangent: Value, inputs: readonly Value[], output: Value): readonly Value[] => {
    const gradients = pullback(cotangent, inputs, output);
    if (!Array.isArray(gradients) || gradients.length !== inputs.length) {
      throw new GradientError(
        `customVjp: the pullback of ${name} must return a list of ${inputs.length} gradients, one for each input.`,
      );
    }
    gradients.forEach((gradient: unknown, position) => {
      const wanted = inputs[position]!.shape;
      if (!(gradient instanceof Value) || !sameShape(gradient.shape, wanted)) {
        throw new GradientError(
          `customVjp: the pullback of ${name} must return a Value of ${shapeText(wanted)} for input ${position}; ` +
            `it returned ${gradient instanceof Value ? shapeText(gradient.shape) : typeof gradient}.`,
        );
      }
    });
    return gradients;
  };
  const rules: Pick<General, "apply" | "jvp" | "vjp"> = {
    apply: call,
    vjp: checked,
    jvp: (tangents, inputs, output) => {
      // The pullback is linear in the cotangent; the transpose of a linear function is its gradient.
      const cotangent = variable(filledLike(output, 0));
      const gradients = checked(cotangent, inputs, output);
      const parts = tangents.flatMap((tangent, position) => {
        const gradient = gradients[position]!;
        if (tangent === undefined || !gradient.needsGradient) return [];
        return new GraphPass(gradient, tangent, cotangent.id).of(cotangent) ?? [];
      });
      return parts.length === 0 ? filledLike(output, 0) : parts.reduce((sum, part) => add(sum, part));
    },
  };
  return (...args) => call(args.map((arg) => lift("customVjp", arg)));
}

/**
 * f as one node that keeps its inputs and its output and nothing in between: a backward pass runs f once more to have
 * what it needs. Trades time for memory (rematerialisation). Gradients reach f's arguments and all that f reads
 * besides.
 *
 * @example
 * ```ts
 * import { exp, grad, remat, sin } from "gradbook";
 * const block = remat((x) => sin(exp(x)));
 * grad(block)(0) // 0.5403
 * ```
 */
export function remat(f: Differentiable): (...args: Operand[]) => Value {
  const name = f.name === "" ? "f" : f.name;
  return (...args) => {
    const given = args.map((arg) => lift("remat", arg));
    closeSegment();
    const since = nextId();
    const locals = given.map((input) => (isFloat(input.dtype) ? variable(input) : constant(input)));
    const z = valueFrom("remat", f(...locals));
    const free = readOutside(z, since);
    const { storage } = z;
    const primitive: General = ownPrimitive(name, multiplicationsSince(z, since), {
      apply: (inputs) => remat(f)(...inputs.slice(0, given.length)),
      vjp: (cotangent, inputs) => {
        const start = nextId();
        const [again, marked] = rerun(f, inputs.slice(0, given.length));
        const pass = new GraphPass(again, cotangent, start);
        return [...marked, ...free].map((input) => pass.of(input));
      },
      jvp: (tangents, inputs, output) => {
        const [again, marked] = rerun(f, inputs.slice(0, given.length));
        const moving = new Map<number, Value>();
        [...marked, ...free].forEach((input, position) => {
          const tangent = tangents[position];
          if (tangent !== undefined) moving.set(input.id, tangent);
        });
        return pushTangents(again, moving) ?? filledLike(output, 0);
      },
    });
    closeSegment();
    return recordOwn(primitive, storage, [...given, ...free], {});
  };
}

/** f's graph on inputs that gradients are asked for, linked to what they were computed from. */
function rerun(f: Differentiable, inputs: readonly Value[]): [Value, readonly Value[]] {
  const marked = inputs.map((input) => {
    const node = identity(input);
    if (isFloat(input.dtype)) node.segment.markGradient(node.position);
    return node;
  });
  return [nested(() => f(...marked)), marked];
}

/** What the graph of z reads of what was there before: parameters of layers, variables of the surroundings. */
function readOutside(z: Value, since: number): readonly Value[] {
  const free = new Map<number, Value>();
  const seen = new Set<number>();
  const open = [z];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (!next.needsGradient || seen.has(next.id)) continue;
    seen.add(next.id);
    if (next.id < since) free.set(next.id, next);
    else open.push(...next.inputs);
  }
  return [...free.values()];
}

/** What the graph of z cost, as far as it was made since `since`. */
function multiplicationsSince(z: Value, since: number): number {
  return madeSince([z], since).reduce((total, value) => total + multiplicationsOf(value), 0);
}
