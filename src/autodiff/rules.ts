import { GradientError } from "../graph/errors.ts";
import type { Elementwise, General, Primitive, Reduction } from "../graph/primitive.ts";
import { add, broadcastTo, cast, mul, neg, reshape, sum, sumTo, withReducedAxes } from "../graph/primitives.ts";
import { isFloat } from "../graph/storage.ts";
import { constant, filledLike, nameOf, type Operand, Value } from "../graph/value.ts";

// One node's part of a pass, in the graph's own operations, for each family once.

/** Reverse mode through one node: the cotangents of its inputs from its own. Undefined where none flows. */
export function pullBack(node: Value, cotangent: Value): readonly (Value | undefined)[] {
  const primitive = node.primitive!;
  if (primitive.family === "general") {
    return primitive.vjp?.(cotangent, node.inputs, node, node.parameters) ?? [];
  }
  return node.inputs.map((input, position) =>
    input.needsGradient ? inputCotangent(primitive, position, cotangent, node) : undefined,
  );
}

function inputCotangent(
  primitive: Exclude<Primitive, General>,
  position: number,
  cotangent: Value,
  node: Value,
): Value {
  const { inputs, parameters } = node;
  const input = inputs[position]!;
  switch (primitive.family) {
    case "elementwise":
      return cast(sumTo(times(cotangent, primitive.partials[position]!(...inputs, node)), input.shape), input.dtype);
    case "linear":
      return primitive.transpose(cotangent, inputs, parameters, position);
    case "bilinear":
      return cast(primitive.transposes[position]!(cotangent, inputs[0]!, inputs[1]!, parameters), input.dtype);
    case "reduction":
      return mul(withReducedAxes(cotangent, input.shape, parameters), reductionPartial(primitive, node));
  }
}

/** Forward mode through one node: its tangent from those of its inputs. Undefined where none of them moves. */
export function pushForward(node: Value, tangents: readonly (Value | undefined)[]): Value | undefined {
  if (!node.needsGradient || tangents.every((tangent) => tangent === undefined)) return undefined;
  const { inputs, parameters } = node;
  const primitive = node.primitive!;
  switch (primitive.family) {
    case "elementwise":
      return total(
        tangents.map(
          (tangent, position) =>
            tangent &&
            cast(broadcastTo(times(tangent, primitive.partials[position]!(...inputs, node)), node.shape), node.dtype),
        ),
      );
    case "linear":
      return primitive.apply(
        inputs.map((input, position) => tangents[position] ?? zerosLike(input)),
        parameters,
      );
    case "bilinear":
      return total([
        tangents[0] && primitive.apply([tangents[0], inputs[1]!], parameters),
        tangents[1] && primitive.apply([inputs[0]!, tangents[1]], parameters),
      ]);
    case "reduction": {
      const moved = mul(tangents[0]!, reductionPartial(primitive, node));
      return reshape(sum(moved, { axes: parameters.axes! }), node.shape);
    }
    case "general":
      if (primitive.jvp === null) throw new GradientError(`jvp: ${primitive.name} has no derivative.`);
      return primitive.jvp(tangents, inputs, node, parameters);
  }
}

function total(parts: readonly (Value | undefined)[]): Value | undefined {
  return parts.reduce((sum, part) => (sum === undefined ? part : part === undefined ? sum : add(sum, part)), undefined);
}

/** The derivative of a reduction by each element of its input. */
function reductionPartial(primitive: Reduction, node: Value): Value {
  const [x] = node.inputs;
  return primitive.partial(x!, withReducedAxes(node, x!.shape, node.parameters), node.parameters);
}

/** A product that leaves factors of 1 and −1 out of the graph. */
function times(x: Value, factor: Operand): Value {
  if (factor === 1) return x;
  return factor === -1 ? neg(x) : mul(x, factor);
}

/** The derivative of a node by each element of one of its inputs, where that is one number each; else undefined. */
export function localValue(node: Value, position: number): Value | undefined {
  const primitive = node.primitive!;
  if (primitive.family === "elementwise") return partialValue(primitive, position, node);
  return primitive.family === "reduction" ? reductionPartial(primitive, node) : undefined;
}

function partialValue(primitive: Elementwise, position: number, node: Value): Value {
  const local = primitive.partials[position]!(...node.inputs, node);
  return typeof local === "number" ? constant(local) : local;
}

export function zerosLike(x: Value): Value {
  return filledLike(x, 0);
}

/** What `z` was computed from and itself, where a gradient flows, down to nodes made since `since`; users before inputs. */
export function dependents(z: Value, since = 0): readonly Value[] {
  const found = new Map<number, Value>();
  const open: Value[] = [z];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (value.id < since || !value.needsGradient || found.has(value.id)) continue;
    found.set(value.id, value);
    for (const input of value.inputs) open.push(input);
  }
  return [...found.values()].sort((a, b) => b.id - a.id);
}

/**
 * What some values were computed from, and themselves, as far as it was made since `since`. What is in `known` already is
 * left out, and the rest is added to it.
 */
export function madeSince(
  values: readonly (Value | undefined)[],
  since: number,
  known: Map<number, Value> = new Map(),
): readonly Value[] {
  const found: Value[] = [];
  const open = values.filter((value) => value !== undefined);
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (value.id < since || known.has(value.id)) continue;
    known.set(value.id, value);
    found.push(value);
    open.push(...value.inputs);
  }
  return found;
}

/** How many numbers were multiplied or divided for a node; none for a leaf. */
export function multiplicationsOf({ primitive, inputs, shape, parameters }: Value): number {
  return (
    primitive?.multiplications(
      inputs.map((input) => input.shape),
      shape,
      parameters,
    ) ?? 0
  );
}

/** @throws {GradientError} where a function under a transform returns anything but a Value. */
export function valueFrom(what: string, result: unknown): Value {
  if (result instanceof Value) return result;
  throw new GradientError(
    `${what}: the function must return a Value; it returned ${result === null ? "null" : typeof result}.`,
  );
}

/** Says that a constant was asked for its gradient. */
export function noGradient(x: Value): GradientError {
  if (!isFloat(x.dtype)) {
    return new GradientError(
      `${nameOf(x)} holds ${x.dtype === "bool" ? "true and false" : "whole numbers"} (${x.dtype}): it cannot move a little, so it has no gradient.`,
    );
  }
  return new GradientError(
    `${nameOf(x)} ${x.kind === "constant" ? "is a constant" : "was computed from constants only"}: it does not move, so it has no gradient. Make it with variable(…) to ask for one.`,
  );
}
