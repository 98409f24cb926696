import { toText as formulaText } from "../graph/formula.ts";
import { type Graph, type GraphNode, graphOf, operationFormula } from "../graph/graph.ts";
import { formatNumber } from "../graph/number-text.ts";
import { type Shape, shapeText } from "../graph/shape.ts";
import type { DType } from "../graph/storage.ts";
import { Value } from "../graph/value.ts";

// A graph as text in the languages that other tools read. The order is the tape's, so the same program gives the same text.

/** A graph, or the value whose graph is meant. */
export type GraphLike = Graph | Value;

/** Plain data, one entry a node; inputs are places in the list. */
export interface GraphData {
  readonly nodes: readonly {
    readonly name: string;
    readonly kind: GraphNode["kind"];
    readonly operation?: string;
    readonly inputs: readonly number[];
    readonly shape: Shape;
    readonly dtype: DType;
    /** Of scalars. Not finite ones are texts, as JSON has no number for them. */
    readonly value?: number | string;
    readonly module?: readonly string[];
  }[];
  readonly outputs: readonly number[];
}

function asGraph(x: GraphLike): Graph {
  return x instanceof Value ? graphOf(x) : x;
}

function sizeText({ shape, dtype }: Value): string {
  return `${shape.length === 0 ? "scalar" : shapeText(shape)}${dtype === "float64" ? "" : ` ${dtype}`}`;
}

/**
 * One line a node: `a = x + y    = 5`, tensors with their shape, layers in brackets.
 *
 * @example
 * ```ts
 * import { mul, toListing, variable } from "gradbook";
 * const x = variable(2), y = variable(3);
 * const z = mul(x, y);
 * toListing(z).split("\n")[2] // z = x · y  = 6
 * ```
 */
export function toListing(x: GraphLike): string {
  const graph = asGraph(x);
  const lines = graph.nodes
    .filter((node) => node.named || node.kind !== "constant" || node.value.shape.length > 0)
    .map((node): [string, string, string] => [
      node.kind === "operation"
        ? `${node.name} = ${formulaText(operationFormula(graph, node))}`
        : `${node.name} (${node.kind})`,
      node.value.shape.length === 0 ? `= ${formatNumber(node.value.item())}` : sizeText(node.value),
      node.module.length === 0 ? "" : `[${node.module.join(".")}]`,
    ]);
  const width = Math.max(0, ...lines.map(([left]) => left.length));
  return lines.map(([left, middle, right]) => `${left.padEnd(width)}  ${middle}  ${right}`.trimEnd()).join("\n");
}

/**
 * The graph as plain data, for JSON.
 *
 * @example
 * ```ts
 * import { exp, toJSON, variable } from "gradbook";
 * const z = exp(variable(0, "x"));
 * toJSON(z).nodes[1]?.operation // exp
 * ```
 */
export function toJSON(x: GraphLike): GraphData {
  const graph = asGraph(x);
  return {
    nodes: graph.nodes.map((node) => {
      const { value } = node;
      const number = value.shape.length === 0 ? value.item() : undefined;
      return {
        name: node.name,
        kind: node.kind,
        ...(node.primitive === undefined ? {} : { operation: node.primitive.name }),
        inputs: node.inputs,
        shape: value.shape,
        dtype: value.dtype,
        ...(number === undefined ? {} : { value: Number.isFinite(number) ? number : String(number) }),
        ...(node.module.length === 0 ? {} : { module: node.module }),
      };
    }),
    outputs: graph.outputs,
  };
}

/** What a box says: the name, the operation that made it, its number or shape. */
function boxLines(node: GraphNode): readonly string[] {
  const size = node.value.shape.length === 0 ? formatNumber(node.value.item()) : sizeText(node.value);
  const name = node.kind === "constant" && !node.named && node.value.shape.length === 0 ? [] : [node.name];
  return [...name, ...(node.primitive === undefined ? [] : [node.primitive.symbol]), size];
}

/**
 * The graph in the language of Graphviz; layers are clusters.
 *
 * @example
 * ```ts
 * import { exp, toDot, variable } from "gradbook";
 * const z = exp(variable(0, "x"));
 * toDot(z) // digraph…
 * ```
 */
export function toDot(x: GraphLike): string {
  const graph = asGraph(x);
  const quoted = (text: string): string => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
  const box = (node: GraphNode): string =>
    `n${node.index} [label=${quoted(boxLines(node).join("\n")).replaceAll("\n", "\\n")}` +
    `, shape=${node.kind === "operation" ? "ellipse" : "box"}];`;
  const cluster = (name: string, inside: readonly string[], number: number): readonly string[] => [
    `subgraph cluster${number} {`,
    `  label=${quoted(name)};`,
    ...inside.map((line) => `  ${line}`),
    "}",
  ];
  return [
    "digraph {",
    "  rankdir=LR;",
    ...grouped(graph, box, cluster).map((line) => `  ${line}`),
    ...graph.edges.map(({ from, to }) => `  n${from} -> n${to};`),
    "}",
    "",
  ].join("\n");
}

/**
 * The graph in the language of Mermaid; layers are subgraphs.
 *
 * @example
 * ```ts
 * import { exp, toMermaid, variable } from "gradbook";
 * const z = exp(variable(0, "x"));
 * toMermaid(z) // graph LR…
 * ```
 */
export function toMermaid(x: GraphLike): string {
  const graph = asGraph(x);
  // Mermaid reads entities where a quotation mark or a bracket would end the text.
  const escaped = (text: string): string =>
    text.replace(/[#"<>&[\](){}|]/g, (character) => `#${character.codePointAt(0)};`);
  const box = (node: GraphNode): string => {
    const text = `"${boxLines(node).map(escaped).join("<br>")}"`;
    return node.kind === "operation" ? `n${node.index}(${text})` : `n${node.index}[${text}]`;
  };
  const cluster = (name: string, inside: readonly string[], number: number): readonly string[] => [
    `subgraph m${number}["${escaped(name)}"]`,
    ...inside.map((line) => `  ${line}`),
    "end",
  ];
  return [
    "graph LR",
    ...grouped(graph, box, cluster).map((line) => `  ${line}`),
    ...graph.edges.map(({ from, to }) => `  n${from} --> n${to}`),
    "",
  ].join("\n");
}

/** The lines of all boxes, those of a layer's call inside its cluster. */
function grouped(
  graph: Graph,
  box: (node: GraphNode) => string,
  cluster: (name: string, inside: readonly string[], number: number) => readonly string[],
): readonly string[] {
  let count = 0;
  const within = (nodes: readonly GraphNode[], depth: number): readonly string[] => {
    const lines: string[] = [];
    const seen = new Set<string>();
    for (const node of nodes) {
      const name = node.module[depth];
      if (name === undefined) {
        lines.push(box(node));
      } else if (!seen.has(name)) {
        seen.add(name);
        const inside = nodes.filter(({ module }) => module[depth] === name);
        lines.push(...cluster(name, within(inside, depth + 1), count++));
      }
    }
    return lines;
  };
  return within(graph.nodes, 0);
}
