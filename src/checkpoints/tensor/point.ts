import { backward, type Gradients } from "../../autodiff/backward.ts";
import { pullBack } from "../../autodiff/rules.ts";
import { ShapeError } from "../../graph/errors.ts";
import type { Graph } from "../../graph/graph.ts";
import { add } from "../../graph/primitives.ts";
import { sameShape } from "../../graph/shape.ts";
import { constant, filledLike, type Value, variable } from "../../graph/value.ts";
import type { Wire } from "../../views/marks.ts";
import { ancestorsOf } from "../asks.ts";

/** A graph run again, all of it in float64, with other numbers at its variables. */
export interface TensorPoint {
  readonly graph: Graph;
  /** By node. */
  readonly values: readonly Value[];
}

/** The numbers of variables, or of operations that are held, by node. */
export type Leaves = ReadonlyMap<number, Float64Array>;

export function tensorPointAt(graph: Graph, leaves: Leaves): TensorPoint {
  const values: Value[] = [];
  for (const { index, value, primitive, inputs } of graph.nodes) {
    const held = leaves.get(index);
    if (held !== undefined) {
      values.push(variable({ data: held, shape: value.shape }));
    } else if (primitive !== undefined) {
      const { parameters } = value;
      const result = primitive.apply(
        inputs.map((input) => values[input]!),
        parameters.dtype === "float32" ? { ...parameters, dtype: "float64" } : parameters,
      );
      // A gradient that was stopped stays so.
      if (!value.needsGradient && result.needsGradient) result.segment.dropGradient(result.position);
      values.push(result);
    } else if (value.kind === "variable") {
      values.push(variable({ data: Float64Array.from(value.data), shape: value.shape }));
    } else {
      values.push(
        value.dtype === "float32" ? constant({ data: Float64Array.from(value.data), shape: value.shape }) : value,
      );
    }
  }
  return { graph, values };
}

/** What flows back over one wire. */
export interface Part {
  readonly wire: Wire;
  readonly part: Value;
}

/** What a walk does where it departs from the chain rule: how mistakes are run. */
export interface TensorDetour {
  /** What flows over a wire in place of `right`; `undefined` leaves it as it is. */
  readonly part?: (wire: Wire, right: Value, upstream: Value) => Value | undefined;
  /** The gradient of a node in place of the sum of its parts; `undefined` leaves the sum. */
  readonly total?: (node: number, parts: readonly Part[]) => Value | undefined;
  /** Where the pass begins, in place of 1. */
  readonly seed?: Value;
}

/**
 * Reverse mode from the output to one node, with the detour taken where there is one: ∂output/∂node; `undefined` where
 * nothing flows.
 *
 * @throws {ShapeError} where what the detour gives does not fit what follows.
 */
export function walkBack(
  { graph, values }: TensorPoint,
  output: number,
  target: number,
  detour: TensorDetour = {},
): Value | undefined {
  const above = ancestorsOf(graph, output);
  const received = new Map<number, Part[]>();
  const reaches = descendantsOf(graph, target);
  for (let index = output; index >= target; index--) {
    if (!above.has(index) || !reaches.has(index)) continue;
    const node = graph.nodes[index]!;
    const parts = received.get(index) ?? [];
    const upstream =
      index === output
        ? (detour.seed ?? filledLike(values[index]!, 1))
        : (detour.total?.(index, parts) ?? sumOf(parts.map(({ part }) => part)));
    if (index === target) return upstream;
    if (upstream === undefined || node.primitive === undefined || !node.needsGradient) continue;
    if (!sameShape(upstream.shape, values[index]!.shape)) throw new ShapeError("the shapes do not fit");
    const rights = pullBack(values[index]!, upstream);
    for (const [position, input] of node.inputs.entries()) {
      const right = rights[position];
      if (right === undefined || !reaches.has(input) || !graph.nodes[input]!.needsGradient) continue;
      const wire = { node: index, position };
      const part = detour.part?.(wire, right, upstream) ?? right;
      const list = received.get(input) ?? [];
      list.push({ wire, part });
      received.set(input, list);
    }
  }
  return undefined;
}

function sumOf(parts: readonly Value[]): Value | undefined {
  return parts.reduce((total: Value | undefined, part) => {
    if (total === undefined) return part;
    if (!sameShape(total.shape, part.shape)) throw new ShapeError("the shapes do not fit");
    return add(total, part);
  }, undefined);
}

/** Everything that is computed from the node, itself included. */
export function descendantsOf(graph: Graph, node: number): ReadonlySet<number> {
  const found = new Set([node]);
  for (const user of graph.nodes.slice(node + 1)) {
    if (user.inputs.some((input) => found.has(input))) found.add(user.index);
  }
  return found;
}

const passes = new WeakMap<TensorPoint, Map<number, Gradients>>();

/** The right gradient: what the library's own backward pass finds. */
export function gradientAt(point: TensorPoint, output: number, node: number): Value {
  const known = passes.get(point) ?? new Map<number, Gradients>();
  passes.set(point, known);
  const pass = known.get(output) ?? backward(point.values[output]!);
  known.set(output, pass);
  return pass.of(point.values[node]!);
}
