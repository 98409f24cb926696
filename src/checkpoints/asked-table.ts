import { applyFormula, type Formula, toText } from "../graph/formula.ts";
import { type Graph, referenceFormula } from "../graph/graph.ts";
import type { MimeBundle } from "../views/display.ts";
import { unknown } from "../views/hiding.ts";
import type { Hidden } from "../views/marks.ts";
import { DecompositionTable, table } from "../views/table.ts";
import { type Ask, keyOf } from "./asks.ts";
import type { Exercise } from "./exercise.ts";

/**
 * What a decomposition table is filled in with, row by row: each operation, which also tells its kind and its inputs,
 * and the local derivatives beside it.
 */
export function tableAsks(graph: Graph): readonly Ask[] {
  const output = graph.outputs[0]!;
  return graph.nodes
    .filter((node) => node.kind === "operation")
    .flatMap((node): Ask[] => [
      { kind: "value", node: node.index },
      ...[...new Set(node.inputs)]
        .filter((input) => graph.nodes[input]!.needsGradient)
        // Of the output, a derivative's key means the whole gradient, which is the local one where there is one way.
        .filter((input) => node.index !== output || graph.nodes[input]!.users.length === 1)
        .map(
          (input): Ask =>
            node.index === output
              ? { kind: "gradient", output, node: input }
              : { kind: "local", node: node.index, input },
        ),
    ]);
}

/** The table with `?` in the rows that are not filled in yet. */
export function askedTable(
  { value, graph }: Exercise,
  hidden: Hidden | undefined,
  settled: ReadonlySet<string>,
): MimeBundle {
  const operations = graph.nodes.filter((node) => node.kind === "operation");
  const { caption, columns, rows, omitted } = table(value, hidden === undefined ? {} : { hidden });
  const asked = rows.map((row, index) => {
    const node = operations[index]!;
    if (settled.has(keyOf(graph, { kind: "value", node: node.index }))) return row;
    const [step, , , , output, ...derivatives] = row;
    // Which derivatives there are tells the inputs.
    return [step!, `${output} = ${unknown}`, unknown, unknown, output!, ...derivatives.map(() => unknown)];
  });
  return new DecompositionTable(caption, columns, asked, omitted).bundle();
}

const longestFormula = 120;

/** z = (x + y) · w, all in the names of what was given; empty where that would fill a page. */
export function wholeFormula(graph: Graph): string {
  const forms: Formula[] = [];
  const sizes: number[] = [];
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((input) => forms[input]!);
    sizes.push(node.inputs.reduce((total, input) => total + sizes[input]!, 1));
    if (sizes.at(-1)! > longestFormula) return "";
    forms.push(node.primitive === undefined ? referenceFormula(node) : applyFormula(node.primitive, inputs));
  }
  const output = graph.outputs[0]!;
  const text = `${graph.nodes[output]!.name} = ${toText(forms[output]!)}`;
  return text.length <= longestFormula ? text : "";
}
