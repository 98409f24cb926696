import { derivativeName, type Graph, type GraphNode } from "../../graph/graph.ts";
import { div, mul } from "../../graph/primitives.ts";
import { shapeText, sizeOf } from "../../graph/shape.ts";
import type { Mark } from "../../views/marks.ts";
import { sameWire } from "../wires.ts";
import { type TensorSlip, walkedWith } from "./slip.ts";
import { wiresOfGradient } from "./wires.ts";
import { tensorWireWords } from "./words.ts";

/** A mean divided by how many numbers something else has. */
export function countSlips(graph: Graph, output: number, target: number): readonly TensorSlip[] {
  const means = wiresOfGradient(graph, output, target).filter(
    ({ node }) => graph.nodes[node]!.primitive!.name === "mean",
  );
  return means.flatMap((wire) => {
    const node = graph.nodes[wire.node]!;
    const input = graph.nodes[node.inputs[0]!]!;
    const right = sizeOf(input.value.shape) / sizeOf(node.value.shape);
    const { operation } = tensorWireWords(graph, output, wire);
    return countsIn(graph, right).map(
      ({ count, told }): TensorSlip => ({
        rule: "mean-count",
        at: walkedWith(output, target, () => ({
          part: (at, part) => (sameWire(at, wire) ? div(mul(part, right), count) : undefined),
        })),
        sentence: `${node.name} = ${operation} goes over ${right} numbers and divides by ${right}; you divided by ${count}, ${told}.`,
        place: derivativeName(node.name, input.name),
        marks: [{ kind: "wrong", wire } satisfies Mark],
        through: [],
      }),
    );
  });
}

interface Count {
  readonly count: number;
  /** As many as what. */
  readonly told: string;
}

/** What one may divide by instead: how many numbers something has that has a name, or how many rows or columns. */
function countsIn({ nodes }: Graph, right: number): readonly Count[] {
  const found = new Map<number, string>();
  const add = (count: number, told: string): void => {
    // A count twice is another mistake, and 1 is none.
    if (count > 1 && count !== right && count !== right ** 2 && !found.has(count)) found.set(count, told);
  };
  const known = [...nodes].reverse().filter(({ named, kind }) => named || kind === "variable");
  const matrices = known.filter(({ value }) => value.shape.length === 2);
  for (const node of known)
    add(sizeOf(node.value.shape), `as many as ${node.name} has (${shapeText(node.value.shape)})`);
  for (const node of matrices) for (const axis of [0, 1] as const) add(node.value.shape[axis]!, axisText(node, axis));
  return [...found].map(([count, told]) => ({ count, told }));
}

function axisText({ name, value: { shape } }: GraphNode, axis: 0 | 1): string {
  return `as many as ${name} has ${axis === 0 ? "rows" : "columns"} (${shapeText(shape)})`;
}
