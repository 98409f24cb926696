import type { Graph } from "../../graph/graph.ts";
import { add, div, mul, sub } from "../../graph/primitives.ts";
import type { Value } from "../../graph/value.ts";
import type { Mark, Wire } from "../../views/marks.ts";
import { ancestorsOf } from "../asks.ts";
import { sameWire } from "../wires.ts";
import { descendantsOf, type Part } from "./point.ts";
import { type TensorSlip, walkedWith } from "./slip.ts";

/** More ways than these are not told apart one by one. */
const mostWays = 6;

/** Mistakes where a node is used several times: what comes back by each use adds up. */
export function pathSlips(graph: Graph, output: number, target: number): readonly TensorSlip[] {
  const above = ancestorsOf(graph, output);
  const below = descendantsOf(graph, target);
  return graph.nodes.flatMap((node): readonly TensorSlip[] => {
    if (!node.needsGradient || !above.has(node.index) || !below.has(node.index) || node.index === output) return [];
    const wires = node.users
      .filter((user) => above.has(user.node) && graph.nodes[user.node]!.needsGradient)
      .map((user): Wire => user);
    if (wires.length < 2 || wires.length > mostWays) return [];
    return [...missing(graph, output, target, node.index, wires), ...combined(graph, output, target, node.index)];
  });
}

function missing(
  graph: Graph,
  output: number,
  target: number,
  shared: number,
  wires: readonly Wire[],
): readonly TensorSlip[] {
  const name = (index: number): string => graph.nodes[index]!.name;
  const choices = wires.map((wire) => wires.filter((other) => other !== wire));
  if (wires.length > 2) choices.push(...wires.map((wire) => [wire]));
  const ways = (list: readonly Wire[]): string => [...new Set(list.map((wire) => name(wire.node)))].join(" and ");
  return choices.map((counted): TensorSlip => {
    const left = wires.filter((wire) => !counted.includes(wire));
    return {
      rule: "path-missing",
      at: walkedWith(output, target, () => ({
        total: (node, parts) => (node === shared ? added(kept(parts, counted)) : undefined),
      })),
      sentence:
        `${name(shared)} reaches ${name(output)} by several ways, through ${ways(wires)}, and what comes back adds up. ` +
        `The way through ${ways(left)} is missing.`,
      place: "",
      marks: [
        { kind: "counted", wires: counted } satisfies Mark,
        { kind: "missing", wires: left, label: `missing: through ${ways(left)}` } satisfies Mark,
      ],
      through: [],
    };
  });
}

function kept(parts: readonly Part[], counted: readonly Wire[]): readonly Value[] {
  return parts.filter(({ wire }) => counted.some((other) => sameWire(other, wire))).map(({ part }) => part);
}

export function added(parts: readonly Value[]): Value | undefined {
  return parts.reduce((total: Value | undefined, part) => (total === undefined ? part : add(total, part)), undefined);
}

interface Combination {
  readonly rule: string;
  readonly combine: (parts: readonly Value[]) => Value;
  readonly verb: string;
}

const combinations: readonly Combination[] = [
  {
    rule: "paths-averaged",
    combine: (parts) => div(added(parts)!, parts.length),
    verb: "took the mean of",
  },
  {
    rule: "paths-multiplied",
    combine: (parts) => parts.reduce((total, part) => mul(total, part)),
    verb: "multiplied",
  },
  {
    rule: "paths-subtracted",
    combine: (parts) => parts.reduce((total, part) => sub(total, part)),
    verb: "subtracted",
  },
];

function combined(graph: Graph, output: number, target: number, shared: number): readonly TensorSlip[] {
  const name = (index: number): string => graph.nodes[index]!.name;
  return combinations.map(
    ({ rule, combine, verb }): TensorSlip => ({
      rule,
      at: walkedWith(output, target, () => ({
        total: (node, parts) =>
          node === shared && parts.length > 1 ? combine(parts.map(({ part }) => part)) : undefined,
      })),
      sentence: `${name(shared)} reaches ${name(output)} in several ways. You ${verb} what they bring; it adds up.`,
      place: "",
      marks: [],
      through: [],
    }),
  );
}
