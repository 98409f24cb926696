import { toText } from "../graph/formula.ts";
import { type Graph, operationFormula } from "../graph/graph.ts";
import type { Wire } from "../views/marks.ts";
import { ancestorsOf, keyOf } from "./asks.ts";
import type { LocalMistake, WireWords } from "./local-mistakes.ts";
import type { Point } from "./point.ts";

/** Wires on some way from the node to the output, those near the node first. */
export function wiresBetween(graph: Graph, node: number, output: number): readonly Wire[] {
  const above = ancestorsOf(graph, output);
  const reached = new Set([node]);
  const wires: Wire[] = [];
  for (const user of graph.nodes) {
    if (user.index <= node || !above.has(user.index)) continue;
    for (const [position, input] of user.inputs.entries()) {
      if (!reached.has(input)) continue;
      reached.add(user.index);
      wires.push({ node: user.index, position });
    }
  }
  return wires;
}

export function sameWire(one: Wire, other: Wire): boolean {
  return one.node === other.node && one.position === other.position;
}

export function wireText(wire: Wire): string {
  return `${wire.node}:${wire.position}`;
}

/** Names for sentences about a wire. */
export function wordsOf(graph: Graph, output: number, wire: Wire): WireWords {
  const node = graph.nodes[wire.node]!;
  const input = graph.nodes[node.inputs[wire.position]!]!;
  const other = graph.nodes[node.inputs[1 - wire.position] ?? input.index]!;
  const end = graph.nodes[output]!.name;
  return {
    local: `∂${node.name}/∂${input.name}`,
    node: node.name,
    input: input.name,
    other: other.name,
    operation: toText(operationFormula(graph, node)),
    upstream: `∂${end}/∂${node.name}`,
    output: end,
  };
}

/** The keys under which an answer gives what a slip at the wire gets wrong. */
export function keysAt(graph: Graph, output: number, wire: Wire): readonly string[] {
  const input = graph.nodes[wire.node]!.inputs[wire.position]!;
  const keys = [keyOf(graph, { kind: "local", node: wire.node, input })];
  if (graph.nodes[input]!.users.length === 1) keys.push(keyOf(graph, { kind: "gradient", output, node: input }));
  return keys;
}

/** What the mistake makes of the wire's derivative at a point. */
export function wrongLocalAt(mistake: LocalMistake, wire: Wire): (point: Point, right: number) => number {
  return ({ graph, values }, right) => {
    const { inputs } = graph.nodes[wire.node]!;
    const own = values[inputs[wire.position]!]!;
    const other = inputs[1 - wire.position];
    return mistake.wrong(right, own, other === undefined ? own : values[other]!, values[wire.node]!);
  };
}

/** Whether the mistake can be made at the wire. */
export function concerns(graph: Graph, mistake: LocalMistake, wire: Wire): boolean {
  if (mistake.position !== undefined && mistake.position !== wire.position) return false;
  return mistake.primitives?.includes(graph.nodes[wire.node]!.primitive!.name) ?? true;
}
