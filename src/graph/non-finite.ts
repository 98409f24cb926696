import { toText } from "./formula.ts";
import { type Graph, type GraphNode, graphOf, operationFormula } from "./graph.ts";
import { numbersOf } from "./storage.ts";
import type { Value } from "./value.ts";

/** The first node of a graph whose value is not finite. */
export interface NonFinite {
  readonly node: GraphNode;
  /** NaN, ∞ or −∞, the first in the block. */
  readonly number: number;
  /** Which element it is, in row-major order. */
  readonly element: number;
  /** One sentence: what it is, and from what it was made. */
  readonly message: string;
}

/**
 * Looks through all that z was computed from for the first value that is NaN or infinite: where things went wrong.
 * Undefined where every number is finite.
 *
 * @example
 * ```ts
 * import { firstNonFinite, log, mul, variable } from "gradbook";
 * const x = variable(0);
 * const y = log(x);
 * firstNonFinite(mul(y, 2))?.message // y is -Infinity: the first that is not finite…
 * ```
 */
export function firstNonFinite(z: Value): NonFinite | undefined {
  const graph = graphOf(z);
  for (const node of graph.nodes) {
    const numbers = numbersOf(node.value.storage);
    const element = numbers.findIndex((number) => !Number.isFinite(number));
    if (element >= 0) return { node, number: numbers[element]!, element, message: message(graph, node, element) };
  }
  return undefined;
}

function message(graph: Graph, node: GraphNode, element: number): string {
  const numbers = numbersOf(node.value.storage);
  const what = `${node.name}${numbers.length > 1 ? ` (element ${element})` : ""} is ${numbers[element]}`;
  if (node.primitive === undefined) return `${what}: it was given so.`;
  const inputs = [...new Set(node.inputs)].flatMap((input) => {
    const { name, named, kind, value } = graph.nodes[input]!;
    // Such a constant stands as a number in the formula.
    if (!named && kind === "constant" && value.shape.length === 0) return [];
    const data = numbersOf(value.storage);
    return `${name} = ${data.length === 1 ? data[0] : range(data)}`;
  });
  const formula = toText(operationFormula(graph, node));
  return `${what}: the first that is not finite. It is ${formula}${inputs.length > 0 ? `, with ${inputs.join(", ")}` : ""}.`;
}

function range(data: ArrayLike<number>): string {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < data.length; i++) {
    least = Math.min(least, data[i]!);
    most = Math.max(most, data[i]!);
  }
  return `${least} … ${most}`;
}
