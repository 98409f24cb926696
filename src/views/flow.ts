import { backward } from "../autodiff/backward.ts";
import type { ChainStep, ChainTerm } from "../autodiff/steps.ts";
import type { Graph, GraphNode } from "../graph/graph.ts";
import { add, sum } from "../graph/primitives.ts";
import { sizeOf } from "../graph/shape.ts";
import { closeSegment } from "../graph/tape.ts";
import type { Value } from "../graph/value.ts";

/** What a backward pass over a graph differentiates: one output, or the sum of several. */
export interface Target {
  /** How it is written behind a ∂: z, (a + b), Σ. */
  readonly name: string;
  /** The outputs it is made of. */
  readonly ends: ReadonlySet<number>;
  /** The output that it is; undefined where it is a sum. */
  readonly single: number | undefined;
  /** The nodes a gradient flows to, itself included. */
  readonly reached: ReadonlySet<number>;
  readonly chain: readonly ChainStep[] | undefined;
  readonly gradients: ReadonlyMap<number, Value>;
}

/** Tensors above this many numbers are not differentiated for a picture: it shows their shapes anyway. */
const mostNumbers = 100_000;
const longestSum = 9;

/** The pass from `of`, or from the sum of all outputs; undefined where nothing moves. */
export function targetOf(graph: Graph, names: readonly string[], of: Value | undefined): Target | undefined {
  const chosen = of === undefined ? graph.outputs : graph.outputs.filter((end) => graph.nodes[end]!.value.id === of.id);
  if (chosen.length === 0) throw new RangeError("show: `of` must be one of the values that are shown.");
  const ends = new Set(chosen.filter((index) => graph.nodes[index]!.needsGradient));
  if (ends.size === 0) return undefined;
  const [single] = ends.size === 1 ? ends : [];
  const outputs = [...ends].map((index) => graph.nodes[index]!);
  const reached = reaching(graph, ends);
  const name = single === undefined ? sumName(outputs, names) : names[single]!;
  const numbers = graph.nodes.reduce((total, node) => total + sizeOf(node.value.shape), 0);
  const differentiable = single === undefined || sizeOf(outputs[0]!.value.shape) === 1;
  if (!differentiable || numbers > mostNumbers) {
    return { name, ends, single, reached, chain: undefined, gradients: new Map() };
  }
  closeSegment();
  const whole = outputs
    .map(({ value }) => (single !== undefined || value.shape.length === 0 ? value : sum(value)))
    .reduce((total, value) => add(total, value));
  const pass = backward(whole);
  const gradients = new Map([...reached].map((index) => [index, pass.of(graph.nodes[index]!.value)]));
  const chain = pass.steps;
  closeSegment();
  return { name, ends, single, reached, chain, gradients };
}

function sumName(outputs: readonly GraphNode[], names: readonly string[]): string {
  const scalars = outputs.every(({ value }) => value.shape.length === 0);
  const written = outputs.map(({ index }) => names[index]!).join(" + ");
  return scalars && written.length <= longestSum ? `(${written})` : "Σ";
}

/** What a gradient flows to from some outputs: all above them that moves. */
function reaching(graph: Graph, ends: ReadonlySet<number>): ReadonlySet<number> {
  const reached = new Set(ends);
  for (const node of [...graph.nodes].reverse()) {
    if (!reached.has(node.index)) continue;
    for (const input of node.inputs) if (graph.nodes[input]!.needsGradient) reached.add(input);
  }
  return reached;
}

/** The term of the chain rule for one wire. */
export function termOf({ chain }: Target, node: GraphNode, position: number): ChainTerm | undefined {
  return chain?.find((step) => step.node.id === node.value.id)?.terms.find((term) => term.position === position);
}
