import type { Formula } from "../graph/formula.ts";
import { type Graph, type GraphNode, localFormula } from "../graph/graph.ts";
import type { Hidden } from "./marks.ts";

/** What a figure or table must show as `?`: what was asked to be hidden and what would give it away. */
export interface Hiding {
  value(node: number): boolean;
  local(node: number, position: number): boolean;
  /** Whether the rule of the local derivative may not be shown either. */
  localRule(node: number, position: number): boolean;
  gradient(node: number): boolean;
  /** What flows back over one wire: local derivative times gradient. */
  contribution(node: number, position: number): boolean;
}

/** What stands in place of a hidden quantity. */
export const unknown = "?";

export function hidingOf(graph: Graph, hidden: Hidden | undefined): Hiding {
  if (hidden === undefined) {
    const nothing = (): boolean => false;
    return { value: nothing, local: nothing, localRule: nothing, gradient: nothing, contribution: nothing };
  }
  const { nodes } = graph;
  const values: boolean[] = [];
  for (const node of nodes) {
    values.push(hidden({ kind: "value", node: node.index }) || node.inputs.some((input) => values[input]!));
  }
  const asked = nodes.map((node) => node.needsGradient && hidden({ kind: "gradient", node: node.index }));
  const rules = nodes.map((node) =>
    node.inputs.map(
      (input, position) =>
        hidden({ kind: "local", node: node.index, position }) ||
        // The derivative of the output by an input used only there is that input's gradient.
        (graph.outputs.includes(node.index) && nodes[input]!.users.length === 1 && asked[input]!) ||
        // Of tensors the rule is the formula asked for, not one number of it.
        (asked[input]! && [node, nodes[input]!].some(({ value }) => value.shape.length > 0)),
    ),
  );
  const locals = nodes.map((node) =>
    node.inputs.map((_, position) => rules[node.index]![position]! || readsHidden(graph, node, position, values)),
  );
  const gradients = new Array<boolean>(nodes.length).fill(false);
  for (const node of [...nodes].reverse()) {
    gradients[node.index] =
      asked[node.index]! ||
      (node.needsGradient && node.users.some((user) => gradients[user.node]! || locals[user.node]![user.position]!));
  }
  return {
    value: (node) => values[node]!,
    local: (node, position) => locals[node]![position]!,
    localRule: (node, position) => rules[node]![position]!,
    gradient: (node) => gradients[node]!,
    contribution: (node, position) =>
      gradients[node]! || locals[node]![position]! || gradients[nodes[node]!.inputs[position]!]!,
  };
}

/** Whether the number of a local derivative is computed from a hidden value. */
function readsHidden(graph: Graph, node: GraphNode, position: number, values: readonly boolean[]): boolean {
  const family = node.primitive?.family;
  // A linear operation has the same derivative everywhere, that of a product is the other factor.
  if (family === "linear") return false;
  if (family === "bilinear") return values[node.inputs[1 - position]!]!;
  const neighbours = [...node.inputs, node.index];
  const formula = localFormula(graph, node, position);
  if (formula === undefined) return neighbours.some((index) => values[index]!);
  const names = namesIn(formula);
  return neighbours.some((index) => values[index]! && names.has(graph.nodes[index]!.name));
}

function namesIn(formula: Formula, found: Set<string> = new Set()): ReadonlySet<string> {
  if (formula.kind === "name") found.add(formula.name);
  if (formula.kind === "apply") for (const input of formula.inputs) namesIn(input, found);
  return found;
}
