import type { Graph } from "../../graph/graph.ts";
import { sameShape, shapeText, sizeOf } from "../../graph/shape.ts";
import { type Ask, keyOf } from "../asks.ts";
import { CheckpointError } from "../errors.ts";

/** What a checkpoint of tensors asks: the gradient at each named node from the output backward, the leaves last. */
export function tensorAsks(graph: Graph): readonly Ask[] {
  const output = graph.outputs[0]!;
  const moving = graph.nodes.filter((node) => node.needsGradient && node.index !== output);
  const ask = ({ index }: { readonly index: number }): Ask => ({ kind: "gradient", output, node: index });
  return [
    ...moving
      .filter((node) => node.kind === "operation" && node.named)
      .reverse()
      .map(ask),
    ...moving.filter((node) => node.kind === "variable").map(ask),
  ];
}

/** @throws {CheckpointError} where something is asked that is no tensor of a node's shape. */
export function checkTensorGraph(
  id: string,
  graph: Graph,
  asks: readonly Ask[],
  at: Readonly<Record<string, number>> | "anywhere" | undefined,
): void {
  if (typeof at === "object") {
    throw new CheckpointError(
      `checkpoint “${id}”: “at” gives numbers to scalars. With tensors, numbers count at the values the graph was run with.`,
    );
  }
  for (const ask of asks) {
    if (ask.kind === "value") continue;
    const end = graph.nodes[ask.kind === "gradient" ? ask.output : ask.node]!;
    if (sizeOf(end.value.shape) === 1) continue;
    const key = keyOf(graph, ask);
    const input = graph.nodes[ask.kind === "local" ? ask.input : ask.node]!;
    const each =
      ask.kind === "local" && end.primitive?.family === "elementwise" && sameShape(input.value.shape, end.value.shape);
    if (each) continue;
    throw new CheckpointError(
      `checkpoint “${id}”: cannot ask for “${key}”: ${end.name} is ${shapeText(end.value.shape)}, so each of its numbers ` +
        `moves with each of ${input.name}. Ask how a scalar moves, such as a sum or a loss.`,
    );
  }
}
