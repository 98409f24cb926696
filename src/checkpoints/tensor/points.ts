import { pushTangents } from "../../autodiff/transforms.ts";
import type { Graph, GraphNode } from "../../graph/graph.ts";
import { smooth } from "../../graph/primitive.ts";
import { withReducedAxes } from "../../graph/primitives.ts";
import { broadcastStrides, sizeOf } from "../../graph/shape.ts";
import { converted } from "../../graph/storage.ts";
import { constant, type Value } from "../../graph/value.ts";
import { CheckpointError } from "../errors.ts";
import type { Domain } from "../points.ts";
import { randomFrom } from "../random.ts";
import { gradientAt, type Leaves, type TensorPoint, tensorPointAt } from "./point.ts";

const mostDraws = 120;
/** Each point has many random numbers, so a large graph needs few of them. */
const pointCount = (graph: Graph): number => (numbersOf(graph) > 20_000 ? 3 : numbersOf(graph) > 2_000 ? 4 : 8);

function numbersOf(graph: Graph): number {
  return graph.nodes.reduce((count, node) => count + sizeOf(node.value.shape), 0);
}

/**
 * Points at which answers about tensors are compared: drawn from `seed`, every number finite and no kink near.
 *
 * @throws {CheckpointError} where too few are found: the author's affair, never the learner's.
 */
export function chooseTensorPoints(
  graph: Graph,
  outputs: readonly number[],
  domain: Domain,
  seed: string,
  checkpoint: string,
): readonly TensorPoint[] {
  const random = randomFrom(seed);
  const count = pointCount(graph);
  const moving = movingNodes(graph);
  const tied = tiedVariables(graph);
  const lively: TensorPoint[] = [];
  const still: TensorPoint[] = [];
  for (let draw = 0; draw < mostDraws && lively.length < count; draw++) {
    const near = draw >= mostDraws / 2;
    // Half of the points keep what is equal in the numbers that the graph was run with: ties have rules of their own.
    const point = tensorPointAt(graph, drawn(graph, domain, random, near, draw % 2 === 0 ? tied : new Set()));
    if (!isValid(point, moving, outputs)) continue;
    const moves = graph.nodes.some(
      (node) => node.kind === "variable" && outputs.some((output) => largest(gradientOf(point, output, node)) > 1e-6),
    );
    (moves ? lively : still).push(point);
  }
  const points = [...lively, ...still].slice(0, count);
  if (points.length < count) {
    throw new CheckpointError(
      `checkpoint “${checkpoint}”: of ${mostDraws} random points only ${points.length} are usable (every number finite, ` +
        `no kink near); ${count} are needed. Give the variables a range: { domain: { X: [0.5, 2] } }.`,
    );
  }
  if (!points.every((point) => outputs.every((output) => agrees(point, output, random)))) {
    throw new CheckpointError(
      `checkpoint “${checkpoint}”: forward and reverse mode disagree on this graph; nothing can be decided.`,
    );
  }
  return points;
}

function drawn(graph: Graph, domain: Domain, random: () => number, near: boolean, tied: ReadonlySet<number>): Leaves {
  const leaves = new Map<number, Float64Array>();
  for (const node of graph.nodes) {
    if (node.kind !== "variable") continue;
    const range = Object.hasOwn(domain, node.name) ? domain[node.name] : undefined;
    const known = new Map<number, number>();
    const numbers = Float64Array.from(node.value.data, (recorded) => {
      const share = random();
      const sign = random() < 0.5 ? -1 : 1;
      const number =
        range !== undefined
          ? range[0] + share * (range[1] - range[0])
          : near && recorded !== 0
            ? recorded * (0.6 + 0.8 * share)
            : sign * (0.25 + 1.75 * share);
      const same = tied.has(node.index) ? (known.get(recorded) ?? number) : number;
      known.set(recorded, same);
      return same;
    });
    leaves.set(node.index, numbers);
  }
  return leaves;
}

/** Variables whose numbers are compared with one another, some of them equal where the graph was run. */
function tiedVariables(graph: Graph): ReadonlySet<number> {
  return new Set(
    graph.nodes.flatMap((node) => {
      const [input] = node.inputs;
      if (node.primitive?.family !== "reduction" || input === undefined) return [];
      const { kind, value } = graph.nodes[input]!;
      const distinct = new Set(value.data).size;
      return kind === "variable" && distinct > 1 && distinct < value.data.length ? [input] : [];
    }),
  );
}

/** What was computed from a variable, gradients stopped or not. */
function movingNodes(graph: Graph): readonly GraphNode[] {
  const moving = new Set<number>();
  for (const node of graph.nodes) {
    if (node.kind === "variable" || node.inputs.some((input) => moving.has(input))) moving.add(node.index);
  }
  return graph.nodes.filter((node) => node.primitive !== undefined && moving.has(node.index));
}

function isValid(point: TensorPoint, moving: readonly GraphNode[], outputs: readonly number[]): boolean {
  const { graph, values } = point;
  if (!values.every((value) => largest(value) <= 1e6)) return false;
  if (!moving.every((node) => clearOfKinks(node, point))) return false;
  return graph.nodes.every(
    (node) => !node.needsGradient || outputs.every((output) => largest(gradientOf(point, output, node)) <= 1e6),
  );
}

function gradientOf(point: TensorPoint, output: number, node: GraphNode): Value {
  return gradientAt(point, output, node.index);
}

/** How near to a kink a number may be: among many numbers some come nearer. */
function leastDistance(count: number): number {
  return Math.min(1e-3, 0.05 / count);
}

function clearOfKinks({ primitive, inputs, index, value }: GraphNode, { values }: TensorPoint): boolean {
  if (primitive?.family === "elementwise") {
    if (primitive.kink === smooth) return true;
    const { shape } = values[index]!;
    const spread = inputs.map((input) => spreadTo(values[input]!, shape));
    const least = leastDistance(sizeOf(shape));
    return spread[0]!.every((_, i) => primitive.kink(...spread.map((numbers) => numbers[i]!)) >= least);
  }
  if (primitive?.name !== "max" && primitive?.name !== "min") return true;
  // Nearly equal is neither one nor two: a step would change which is the largest.
  const all = values[inputs[0]!]!;
  const chosen = spreadTo(withReducedAxes(values[index]!, all.shape, value.parameters), all.shape);
  const least = leastDistance(chosen.length);
  return all.data.every((number, i) => number === chosen[i] || Math.abs(number - chosen[i]!) >= least);
}

/** A tensor's numbers repeated along the axes that broadcasting stretches. */
function spreadTo(value: Value, shape: readonly number[]): Float64Array {
  const { strides, offset, data } = value.storage;
  const steps = broadcastStrides(value.shape, strides, shape);
  const view = { shape, dtype: value.storage.dtype, data, offset, strides: steps, packed: false };
  const { data: numbers, offset: start } = converted(view, "float64");
  return (numbers as Float64Array).subarray(start, start + sizeOf(shape));
}

/** The largest number of it by size; not a number where one of them is none. */
export function largest(value: Value): number {
  let most = 0;
  for (const number of value.data) {
    if (!(Math.abs(number) <= most)) most = Math.abs(number);
    if (Number.isNaN(number)) return Number.NaN;
  }
  return most;
}

/** Whether forward mode in a random direction finds what reverse mode does. */
function agrees(point: TensorPoint, output: number, random: () => number): boolean {
  const { graph, values } = point;
  const moving = new Map<number, Value>();
  let expected = 0;
  let size = 0;
  for (const node of graph.nodes) {
    if (node.kind !== "variable" || !node.needsGradient) continue;
    const value = values[node.index]!;
    const tangent = Float64Array.from(value.data, () => 2 * random() - 1);
    moving.set(value.id, constant({ data: tangent, shape: value.shape }));
    gradientAt(point, output, node.index).data.forEach((gradient, i) => {
      expected += gradient * tangent[i]!;
      size += Math.abs(gradient * tangent[i]!);
    });
  }
  const forward = pushTangents(values[output]!, moving)?.item() ?? 0;
  return Math.abs(forward - expected) <= 1e-9 * Math.max(1, size);
}

/** A point to show, with readable numbers; never one of those that decide. `suits` is asked of each. */
export function exampleTensorPoint(
  graph: Graph,
  domain: Domain,
  outputs: readonly number[],
  seed: string,
  suits: (point: TensorPoint) => boolean,
): TensorPoint | undefined {
  const random = randomFrom(`${seed}/example`);
  const moving = movingNodes(graph);
  for (let draw = 0; draw < 40; draw++) {
    const leaves = new Map(
      graph.nodes
        .filter((node) => node.kind === "variable")
        .map((node) => {
          const range = Object.hasOwn(domain, node.name) ? domain[node.name] : undefined;
          return [
            node.index,
            Float64Array.from(node.value.data, () => {
              const share = random();
              if (range !== undefined) return Number((range[0] + share * (range[1] - range[0])).toPrecision(2));
              return (draw < 20 ? 1 : 0.5) * (share < 0.3 ? -1 : 1) * (1 + Math.floor(3 * random()));
            }),
          ] as const;
        }),
    );
    const point = tensorPointAt(graph, leaves);
    if (isValid(point, moving, outputs) && suits(point)) return point;
  }
  return undefined;
}
