import type { Graph } from "../../graph/graph.ts";
import type { Wire } from "../../views/marks.ts";
import { wiresBetween } from "../wires.ts";

/** The wires over which a gradient comes back on its way from the output to the node, those near the node first. */
export function wiresOfGradient(graph: Graph, output: number, node: number): readonly Wire[] {
  return wiresBetween(graph, node, output).filter((wire) => {
    const { inputs, needsGradient } = graph.nodes[wire.node]!;
    return needsGradient && graph.nodes[inputs[wire.position]!]!.needsGradient;
  });
}
