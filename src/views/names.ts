import type { Formula } from "../graph/formula.ts";
import { substitute } from "../graph/formula.ts";
import { type Graph, type GraphNode, operationFormula, referenceFormula } from "../graph/graph.ts";

const longestName = 18;

/** How figures write each node's name: `w1` as w₁, long names cut, all still distinct. By position in the graph. */
export function displayNames(graph: Graph): readonly string[] {
  const count = (names: readonly string[]): ReadonlyMap<string, number> => {
    const counts = new Map<string, number>();
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
    return counts;
  };
  const own = graph.nodes.map((node) => node.name);
  const set = own.map(setName);
  const taken = count([...own, ...set.filter((name, index) => name !== own[index])]);
  return own.map((name, index) => (taken.get(set[index]!) === 1 ? set[index]! : name));
}

function setName(name: string): string {
  const [, stem, digits] = /^([\p{L}]+)_?(\d{1,3})$/u.exec(name) ?? [];
  const subscripted =
    stem === undefined || digits === undefined
      ? name
      : `${stem}${[...digits].map((digit) => "₀₁₂₃₄₅₆₇₈₉"[Number(digit)]).join("")}`;
  const characters = [...subscripted];
  if (characters.length <= longestName) return subscripted;
  return `${characters.slice(0, longestName - 5).join("")}…${characters.slice(-4).join("")}`;
}

/** The formula with the graph's names as figures write them. */
export function inDisplayNames(graph: Graph, names: readonly string[], formula: Formula): Formula {
  const replaced = new Map(graph.nodes.map((node) => [node.name, names[node.index]!]));
  return substitute(formula, (name) => {
    const other = replaced.get(name);
    return other === undefined ? undefined : { kind: "name", name: other };
  });
}

/** The right-hand side of an operation as figures write it: x₁ + y. */
export function displayedOperation(graph: Graph, names: readonly string[], node: GraphNode): Formula {
  return inDisplayNames(graph, names, operationFormula(graph, node));
}

/** What stands for a node inside formulas: its name, or the number of an unnamed constant. */
export function isNumberConstant(node: GraphNode): boolean {
  return referenceFormula(node).kind === "number";
}

/** A node as figures write it where another one uses it. */
export function displayedReference(graph: Graph, names: readonly string[], index: number): Formula {
  return inDisplayNames(graph, names, referenceFormula(graph.nodes[index]!));
}
