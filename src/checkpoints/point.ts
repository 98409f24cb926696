import { type Graph, localDerivative, replay } from "../graph/graph.ts";

/** A graph of scalars with its numbers at one choice of the variables: what every walk of a check reads. */
export interface Point {
  readonly graph: Graph;
  /** The value of every node. */
  readonly values: Float64Array;
  /** ∂node/∂input of every operation, by position of the input. */
  readonly locals: readonly (readonly number[])[];
}

export function pointAt(graph: Graph, leaves: ReadonlyMap<number, number>): Point {
  const values = replay(graph, leaves);
  const locals = graph.nodes.map(({ index, primitive, inputs }) => {
    if (primitive === undefined) return [];
    const numbers = inputs.map((input) => values[input]!);
    return inputs.map((_, position) => localDerivative(primitive, position, numbers, values[index]!));
  });
  return { graph, values, locals };
}

/** ∂node/∂input for the input at `position`. */
export function localAt({ locals }: Point, node: number, position: number): number {
  return locals[node]![position]!;
}

/** What a walk does where it departs from the chain rule: how mistakes are run. */
export interface Detour {
  /** The local derivative used in place of `local`. */
  readonly local?: (node: number, position: number, local: number) => number;
  /** The product used in place of upstream · local. */
  readonly product?: (node: number, position: number, upstream: number, local: number) => number;
  /** The gradient of a node used in place of the sum of what its users send. */
  readonly sum?: (node: number, contributions: readonly number[]) => number | undefined;
  /** Where the pass begins, in place of 1. */
  readonly seed?: number;
}

/** Reverse mode over numbers: ∂output/∂node for every node, with the detour taken where there is one. */
export function gradientsAt(point: Point, output: number, detour: Detour = {}): Float64Array {
  const { nodes } = point.graph;
  const gradients = new Float64Array(nodes.length);
  const received = detour.sum === undefined ? undefined : nodes.map((): number[] => []);
  gradients[output] = detour.seed ?? 1;
  for (let index = output; index >= 0; index--) {
    const node = nodes[index]!;
    if (received !== undefined && index !== output) {
      const contributions = received[index]!;
      gradients[index] = detour.sum?.(index, contributions) ?? contributions.reduce((total, part) => total + part, 0);
    }
    const upstream = gradients[index]!;
    if (node.primitive === undefined || !node.needsGradient) continue;
    if (received === undefined && upstream === 0 && detour.product === undefined) continue;
    for (const [position, input] of node.inputs.entries()) {
      if (!point.graph.nodes[input]!.needsGradient) continue;
      let local = localAt(point, index, position);
      local = detour.local?.(index, position, local) ?? local;
      const part = detour.product?.(index, position, upstream, local) ?? upstream * local;
      if (received === undefined) gradients[input]! += part;
      else received[input]!.push(part);
    }
  }
  return gradients;
}

/** How a node's tangent is made in place of the chain rule. */
export type TangentRule = (node: number, tangents: readonly number[]) => number | undefined;

/** Forward mode over numbers: the tangent of every node when one of them moves at rate 1. */
export function tangentsAt(point: Point, moving: number, rule?: TangentRule): Float64Array {
  const { nodes } = point.graph;
  const tangents = new Float64Array(nodes.length);
  tangents[moving] = 1;
  for (const node of nodes) {
    if (node.index <= moving || node.primitive === undefined) continue;
    const inputs = node.inputs.map((input) => tangents[input]!);
    tangents[node.index] =
      rule?.(node.index, inputs) ??
      inputs.reduce(
        (total, tangent, position) => (tangent === 0 ? total : total + tangent * localAt(point, node.index, position)),
        0,
      );
  }
  return tangents;
}
