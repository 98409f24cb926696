import { derivativeName, type Graph } from "../../graph/graph.ts";
import { sameShape } from "../../graph/shape.ts";
import type { Wire } from "../../views/marks.ts";
import type { WireWords } from "../local-mistakes.ts";
import { termText } from "./term.ts";
import { graphTerm, operationTerm } from "./terms.ts";

/** What a node is called in a sentence: its name; of an unnamed transpose or reshape, what it is made of. */
export function spokenName(graph: Graph, index: number): string {
  return termText(graphTerm(graph, index));
}

/** Names for sentences about a wire between tensors. */
export function tensorWireWords(graph: Graph, output: number, wire: Wire): WireWords {
  const node = graph.nodes[wire.node]!;
  const input = node.inputs[wire.position]!;
  const end = graph.nodes[output]!.name;
  return {
    local: derivativeName(node.name, graph.nodes[input]!.name),
    node: node.name,
    input: spokenName(graph, input),
    other: spokenName(graph, node.inputs[1 - wire.position] ?? input),
    operation: termText(operationTerm(graph, wire.node)),
    upstream: derivativeName(end, graph.nodes[passedOn(graph, wire.node)]!.name),
    output: end,
  };
}

/** The node whose gradient is the same: an unnamed term of a sum, as X @ W of X @ W + b, has that of the sum. */
function passedOn(graph: Graph, index: number): number {
  const { named, users, value } = graph.nodes[index]!;
  const [user] = users;
  if (named || users.length !== 1 || graph.nodes[user!.node]!.primitive!.name !== "add") return index;
  return sameShape(graph.nodes[user!.node]!.value.shape, value.shape) ? passedOn(graph, user!.node) : index;
}
