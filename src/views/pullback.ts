import { type Formula, toText } from "../graph/formula.ts";
import { type Graph, type GraphNode, localFormula } from "../graph/graph.ts";
import { type Shape, shapeText, sizeOf, stretchedAxes } from "../graph/shape.ts";
import type { Token } from "./marks.ts";
import { displayedReference, inDisplayNames } from "./names.ts";
import { textWidth } from "./text-width.ts";

/** What passes back to a tensor through one operation, with the gradient that arrives left open. */
export interface Pullback {
  /** The rule; `#` is the gradient that arrives, {0} … the nodes that `named` lists. */
  readonly rule: string;
  readonly named: readonly { readonly text: string; readonly shape: Shape }[];
  /** What broadcasting stretched: "sum over rows". */
  readonly sum: string | undefined;
}

const widestChip = 165;

/**
 * The rule of an operation on tensors by its input at `position`: its partial where it is one number for each element, else
 * what its entry in the table of primitives says; `undefined` where that says nothing.
 */
export function pullbackOf(
  graph: Graph,
  names: readonly string[],
  node: GraphNode,
  position: number,
): Pullback | undefined {
  const input = graph.nodes[node.inputs[position]!]!;
  const sum = sumText(node.value.shape, input.value.shape);
  const partial = localFormula(graph, node, position);
  if (partial !== undefined) return elementwise(graph, names, node, partial, sum);
  const { primitive } = node;
  const template = primitive?.pullback?.[Math.min(position, primitive.pullback.length - 1)];
  if (template === undefined) return undefined;
  const named: { text: string; shape: Shape }[] = [];
  const [x, y] = node.inputs.map((index) => graph.nodes[index]!);
  const rule = template
    .replace("{sum}", "")
    .replace("{count}", String(sizeOf(input.value.shape) / sizeOf(node.value.shape)))
    .replace(/\{(x|y|out)(ᵀ?)\}/g, (_, which: string, transposed: string) => {
      const each = { x: x!, y: y!, out: node }[which as "x" | "y" | "out"];
      const { shape } = each.value;
      const text = toText(displayedReference(graph, names, each.index));
      named.push({
        text: `${text}${transposed}`,
        shape: transposed === "" ? shape : [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!],
      });
      return `{${named.length - 1}}`;
    });
  return { rule, named, sum: template.includes("{sum}") ? sum : undefined };
}

function elementwise(
  graph: Graph,
  names: readonly string[],
  node: GraphNode,
  partial: Formula,
  sum: string | undefined,
): Pullback {
  if (partial.kind === "number" && Math.abs(partial.value) === 1) {
    return { rule: partial.value === 1 ? "#" : "−#", named: [], sum };
  }
  const text = toText(inDisplayNames(graph, names, partial));
  const open = / [+−] /.test(text.replace(/\([^()]*\)|\[[^\]]*\]/g, "")) || text.startsWith("−");
  const tensors = namesIn(partial);
  const isTensor = [node, ...node.inputs.map((index) => graph.nodes[index]!)].some(
    (each) => tensors.has(each.name) && each.value.shape.length > 0,
  );
  const bracketed = open || (isTensor && / · |\//.test(text));
  return {
    rule: `# ${isTensor ? "⊙" : "·"} {0}`,
    named: [{ text: bracketed ? `(${text})` : text, shape: isTensor ? node.value.shape : [] }],
    sum,
  };
}

function namesIn(formula: Formula): ReadonlySet<string> {
  if (formula.kind === "name") return new Set([formula.name]);
  return new Set(formula.kind === "apply" ? formula.inputs.flatMap((input) => [...namesIn(input)]) : []);
}

/** How what was stretched is put together again; `undefined` where nothing was. */
function sumText(to: Shape, from: Shape): string | undefined {
  const axes = stretchedAxes(to, from);
  if (axes.length === 0) return undefined;
  if (axes.length === to.length) return "sum over all";
  if (to.length !== 2) return `sum over ${axes.length === 1 ? "axis" : "axes"} ${axes.join(", ")}`;
  return axes[0] === 0 ? "sum over rows" : "sum over columns";
}

/** The rule on a chip, without the gradient that arrives: "Xᵀ ·", "⊙ (1 − h²)", "sum over rows". */
export function chipText({ rule, named, sum }: Pullback): string | undefined {
  if (rule === "#" && sum !== undefined) return sum;
  const filled = filledIn(rule, named);
  let text: string | undefined;
  if (filled === "#") text = "· 1";
  else if (filled === "−#") text = "· (−1)";
  else if (filled.lastIndexOf("#") === 0) text = filled.slice(1).trim();
  else if (filled.indexOf("#") === filled.length - 1) text = filled.slice(0, -1).replace(/ of $/, "").trim();
  if (text !== undefined && sum !== undefined) text = `${text}, ${sum}`;
  return text === undefined || textWidth(text, 12) > widestChip ? undefined : text;
}

/** The rule as a line of a caption, with shapes beneath; `arriving` stands for the gradient that arrives. */
export function ruleTokens({ rule, named, sum }: Pullback, arriving: Token): readonly Token[] {
  const tokens: Token[] = sum === undefined ? [] : [{ kind: "text", text: `${sum} of`, tone: "local" }];
  for (const part of rule.split(/(#|\{\d\})/)) {
    if (part.trim() === "") continue;
    if (part === "#") tokens.push(arriving);
    else if (/^\{\d\}$/.test(part)) {
      const { text, shape } = named[Number(part[1])]!;
      tokens.push(
        shape.length === 0
          ? { kind: "text", text, tone: "local" }
          : { kind: "factor", text, beneath: shapeText(shape), tone: "local" },
      );
    } else tokens.push({ kind: "text", text: part.trim(), tone: "local" });
  }
  return tokens;
}

function filledIn(rule: string, named: Pullback["named"]): string {
  return rule.replace(/\{(\d)\}/g, (_, index: string) => named[Number(index)]!.text);
}
