import type { Graph } from "../../graph/graph.ts";
import { filledLike } from "../../graph/value.ts";
import type { Mark, Wire } from "../../views/marks.ts";
import { ancestorsOf } from "../asks.ts";
import { descendantsOf } from "./point.ts";
import { type TensorSlip, walkedWith } from "./slip.ts";

/** Mistakes at a normalisation, (x − μ)/σ: that μ and σ are computed from x, too, is forgotten. */
export function normSlips(graph: Graph, output: number, target: number): readonly TensorSlip[] {
  const above = ancestorsOf(graph, output);
  const below = descendantsOf(graph, target);
  const norms = graph.nodes.filter(
    ({ index, primitive, inputs: [top, bottom] }) =>
      primitive?.name === "div" && above.has(index) && below.has(top!) && below.has(bottom!),
  );
  return norms.flatMap(({ index, name }) => {
    const deviation: Wire = { node: index, position: 1 };
    const means = meansAbove(graph, index, below);
    const meansText = means.map(({ node }) => graph.nodes[node]!.name).join(", ");
    const spread = graph.nodes[graph.nodes[index]!.inputs[1]!]!.name;
    const dropped = (rule: string, wires: readonly Wire[], sentence: string): TensorSlip => ({
      rule,
      at: walkedWith(output, target, () => ({
        part: ({ node, position }, right) =>
          wires.some((wire) => wire.node === node && wire.position === position) ? filledLike(right, 0) : undefined,
      })),
      sentence,
      place: "",
      marks: [{ kind: "missing", wires } satisfies Mark],
      through: [],
    });
    return [
      ...(means.length === 0
        ? []
        : [
            dropped(
              "statistics-paths-missing",
              [deviation, ...means],
              `In ${name}, the mean ${meansText} and the deviation ${spread} are computed from the same numbers: both pass gradient back. You treated them as constants.`,
            ),
            dropped(
              "mean-path-missing",
              means,
              `In ${name}, the mean ${meansText} is computed from the same numbers, so it passes gradient back; that path is missing.`,
            ),
          ]),
      dropped(
        "deviation-path-missing",
        [deviation],
        `In ${name}, the deviation ${spread} is computed from the same numbers, so it passes gradient back; that path is missing.`,
      ),
    ];
  });
}

/** Wires into the means that are subtracted on the way to the quotient. */
function meansAbove(graph: Graph, quotient: number, below: ReadonlySet<number>): readonly Wire[] {
  const above = ancestorsOf(graph, graph.nodes[quotient]!.inputs[0]!);
  return graph.nodes
    .filter(({ index, primitive, inputs: [, taken] }) => {
      const mean = taken === undefined ? undefined : graph.nodes[taken];
      return above.has(index) && primitive?.name === "sub" && mean?.primitive?.name === "mean" && below.has(mean.index);
    })
    .map(({ inputs: [, taken] }): Wire => ({ node: taken!, position: 0 }));
}
