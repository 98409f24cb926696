import { toText } from "../graph/formula.ts";
import { derivativeName, type Graph, type GraphNode, graphOf, localDerivative, localFormula } from "../graph/graph.ts";
import { formatNumber } from "../graph/number-text.ts";
import type { Value } from "../graph/value.ts";
import { type MimeBundle, showsItself } from "./display.ts";
import { type Hiding, hidingOf, unknown } from "./hiding.ts";
import type { Hidden } from "./marks.ts";
import { displayedOperation, displayedReference, displayNames, inDisplayNames } from "./names.ts";

export interface TableOptions {
  readonly title?: string;
  /** What is shown as `?`. */
  readonly hidden?: Hidden;
}

const headings = ["Step", "Operation", "Node Type", "Inputs", "Output"] as const;
const derivativeHeading = "Local derivatives";
const mostRows = 200;

/**
 * A decomposition table: one row for each operation, in the order of the forward pass, as plain data.
 *
 * @example
 * ```ts
 * import { table, variable } from "gradbook";
 *
 * const x = variable(2);
 * const z = x.exp().add(1);
 * const { columns, rows } = table(z);
 * columns.slice(0, 5) // ['Step', 'Operation', 'Node Type', 'Inputs', 'Output']
 * rows.map(([step, operation, label]) => label) // ['Exponential', 'Addition']
 * ```
 */
export class DecompositionTable {
  readonly caption: string;
  /** The five columns of the decomposition, then one for each local derivative. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Operations that are not listed because there are too many. */
  readonly omitted: number;

  constructor(caption: string, columns: readonly string[], rows: readonly (readonly string[])[], omitted: number) {
    this.caption = caption;
    this.columns = columns;
    this.rows = rows;
    this.omitted = omitted;
  }

  bundle(): MimeBundle {
    return { "text/html": this.toHtml(), "text/markdown": this.toMarkdown(), "text/plain": this.toString() };
  }

  toHtml(): string {
    const span = this.columns.length - headings.length;
    const head = [
      ...headings.map((heading) => `<th scope="col">${escaped(heading)}</th>`),
      ...(span === 0
        ? []
        : [`<th scope="${span > 1 ? "colgroup" : "col"}" colspan="${span}">${derivativeHeading}</th>`]),
    ].join("");
    const body = this.rows.map((row) => {
      const cells = row.map((cell, index) =>
        index === 0 ? `<th scope="row">${escaped(cell)}</th>` : `<td${nowrap(cell)}>${escaped(cell)}</td>`,
      );
      return `<tr>${cells.join("")}</tr>`;
    });
    const foot =
      this.omitted === 0 ? "" : `<tfoot><tr><td colspan="${this.columns.length}">${this.omission}</td></tr></tfoot>`;
    return (
      `<table><caption>${escaped(this.caption)}</caption><thead><tr>${head}</tr></thead>` +
      `<tbody>${body.join("")}</tbody>${foot}</table>`
    );
  }

  toMarkdown(): string {
    const line = (cells: readonly string[]): string => `| ${cells.map(escapedMarkdown).join(" | ")} |`;
    const rule = `|${this.columns.map(() => "---").join("|")}|`;
    const lines = [line(this.columns), rule, ...this.rows.map(line)];
    return [...lines, ...(this.omitted === 0 ? [] : ["", this.omission])].join("\n");
  }

  toString(): string {
    const widths = this.columns.map((column, index) =>
      Math.max(...[column, ...this.rows.map((row) => row[index]!)].map((cell) => [...cell].length)),
    );
    const line = (cells: readonly string[]): string =>
      cells
        .map((cell, index) => cell + " ".repeat(widths[index]! - [...cell].length))
        .join("  ")
        .trimEnd();
    const rule = widths.map((width) => "─".repeat(width)).join("  ");
    const lines = [this.caption, line(this.columns), rule, ...this.rows.map(line)];
    return [...lines, ...(this.omitted === 0 ? [] : [this.omission])].join("\n");
  }

  private get omission(): string {
    return `… and ${formatNumber(this.omitted)} more operations.`;
  }
}
showsItself(DecompositionTable);

const longestUnbroken = 20;

/** Beside a long formula short ones stay on one line. */
function nowrap(cell: string): string {
  return cell.length <= longestUnbroken ? ' style="white-space: nowrap"' : "";
}

/** Lists the operations a value was computed with: what each is called, takes and gives, and its local derivatives. */
export function table(value: Value, options: TableOptions = {}): DecompositionTable {
  return tableOfGraph(graphOf(value), options);
}

/** The same for a graph of any outputs. */
export function tableOfGraph(graph: Graph, options: TableOptions = {}): DecompositionTable {
  const names = displayNames(graph);
  const hiding = hidingOf(graph, options.hidden);
  const operations = graph.nodes.filter((node) => node.primitive !== undefined);
  const listed = operations.slice(0, mostRows);
  const derivatives = listed.map((node) => derivativesOf(graph, names, hiding, node));
  const most = Math.max(0, ...derivatives.map((each) => each.length));
  const rows = listed.map((node, index) => [
    String(index + 1),
    `${names[node.index]!} = ${toText(displayedOperation(graph, names, node))}`,
    node.primitive!.label,
    `(${node.inputs.map((input) => toText(displayedReference(graph, names, input))).join(", ")})`,
    names[node.index]!,
    ...Array.from({ length: most }, (_, position) => derivatives[index]![position] ?? ""),
  ]);
  const columns = [...headings, ...Array.from({ length: most }, (_, index) => (index === 0 ? derivativeHeading : ""))];
  const output = names[graph.outputs[0]!]!;
  const caption =
    options.title ?? (rows.length === 0 ? `${output} was given, not computed` : `Decomposition of ${output}`);
  return new DecompositionTable(caption, columns, rows, operations.length - listed.length);
}

/** ∂z/∂a = w = 4 for each input that moves; of tensors the symbol, and the rule where there is one. */
function derivativesOf(graph: Graph, names: readonly string[], hiding: Hiding, node: GraphNode): readonly string[] {
  return node.inputs.flatMap((index, position) => {
    const input = graph.nodes[index]!;
    if (!input.needsGradient) return [];
    const parts = [derivativeName(names[node.index]!, names[index]!)];
    const rule = localFormula(graph, node, position);
    if (hiding.localRule(node.index, position)) return [`${parts[0]!} = ${unknown}`];
    if (rule !== undefined) parts.push(toText(inDisplayNames(graph, names, rule)));
    const scalars = [node, ...node.inputs.map((each) => graph.nodes[each]!)].map(({ value }) => value);
    if (scalars.every((value) => value.shape.length === 0)) {
      const [output, ...inputs] = scalars.map((value) => value.item());
      const number = hiding.local(node.index, position)
        ? unknown
        : formatNumber(localDerivative(node.primitive!, position, inputs, output!));
      if (number !== parts.at(-1)) parts.push(number);
    }
    return [parts.join(" = ")];
  });
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

function escapedMarkdown(text: string): string {
  return text.replace(/[\\|*_`<>[\]$#]/g, (character) => `\\${character}`).replaceAll("\n", " ");
}
