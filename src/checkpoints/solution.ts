import { applyFormula, type Formula, numberFormula, simplify, toText } from "../graph/formula.ts";
import { type Graph, localFormula, operationFormula } from "../graph/graph.ts";
import { formatNumber } from "../graph/number-text.ts";
import { primitiveNamed } from "../graph/primitives.ts";
import type { NestedNumbers } from "../graph/value.ts";
import { type Ask, keyOf, positionsOf, symbolOf } from "./asks.ts";
import { markdownCode, markdownText } from "./display.ts";
import type { Exercise } from "./exercise.ts";
import { workedTensorAnswer } from "./tensor/solution.ts";
import { nestedText } from "./tensor/term.ts";

/** A worked answer. */
export interface Worked {
  readonly key: string;
  /** As an answer would be typed. */
  readonly formula: string;
  /** By the chain rule, in symbols; empty where there is no chain. */
  readonly chain: string;
  /** At the point of the checkpoint; of a tensor its numbers, nested. */
  readonly value: NestedNumbers;
}

export function workedAnswer(exercise: Exercise, ask: Ask): Worked {
  if (exercise.of === "tensors") return workedTensorAnswer(exercise, ask);
  const { graph, reference } = exercise;
  const formula = answerFormula(graph, ask);
  const value = reference.rightAt(ask, reference.here);
  return {
    key: keyOf(graph, ask),
    formula: formula === undefined ? formatNumber(value) : toText(formula),
    chain: chainText(graph, ask),
    value,
  };
}

const largestFormula = 60;

/** The right answer as a formula in node names; `undefined` where it would fill a page. */
function answerFormula(graph: Graph, ask: Ask): Formula | undefined {
  switch (ask.kind) {
    case "value":
      return operationFormula(graph, graph.nodes[ask.node]!);
    case "local":
      return localSum(graph, ask.node, ask.input);
    case "gradient": {
      const formula = gradientFormula(graph, ask.output, ask.node, new Map());
      return formula !== undefined && sizeOf(formula) <= largestFormula ? formula : undefined;
    }
  }
}

function localSum(graph: Graph, node: number, input: number): Formula | undefined {
  return positionsOf(graph.nodes[node]!, input)
    .map((position) => localFormula(graph, graph.nodes[node]!, position))
    .reduce((total, part) => total && part && simplify(applyFormula(primitiveNamed("add"), [total, part])));
}

function gradientFormula(
  graph: Graph,
  output: number,
  node: number,
  known: Map<number, Formula | undefined>,
): Formula | undefined {
  if (node === output) return numberFormula(1);
  if (!known.has(node)) {
    let total: Formula | undefined = numberFormula(0);
    for (const user of new Set(graph.nodes[node]!.users.map((wire) => wire.node))) {
      if (user > output) continue;
      const upstream = gradientFormula(graph, output, user, known);
      const local = localSum(graph, user, node);
      const part: Formula | undefined = upstream && local && product(upstream, local);
      total = total && part && simplify(applyFormula(primitiveNamed("add"), [total, part]));
      if (total !== undefined && sizeOf(total) > 4 * largestFormula) total = undefined;
    }
    known.set(node, total);
  }
  return known.get(node);
}

function product(upstream: Formula, local: Formula): Formula {
  if ([upstream, local].some((factor) => factor.kind === "number" && factor.value === 0)) return numberFormula(0);
  return simplify(applyFormula(primitiveNamed("mul"), [upstream, local]));
}

function sizeOf(formula: Formula): number {
  return formula.kind === "apply" ? formula.inputs.reduce((total, input) => total + sizeOf(input), 1) : 1;
}

/** ∂e/∂b = ∂e/∂c · ∂c/∂b + ∂e/∂d · ∂d/∂b; what enters e itself, too, has no symbol of its own for that. */
export function chainText(graph: Graph, ask: Ask): string {
  if (ask.kind !== "gradient") return "";
  const users = [...new Set(graph.nodes[ask.node]!.users.map((wire) => wire.node))].filter(
    (user) => user <= ask.output,
  );
  const [only] = users;
  if (users.length === 1 && only === ask.output) return "";
  const name = (node: number): string => graph.nodes[node]!.name;
  const end = name(ask.output);
  const operation = toText(operationFormula(graph, graph.nodes[ask.output]!));
  const parts = users.map((user) =>
    user === ask.output
      ? `the derivative of ${operation} by ${name(ask.node)} alone`
      : `∂${end}/∂${name(user)} · ∂${name(user)}/∂${name(ask.node)}`,
  );
  return `${symbolOf(graph, ask)} = ${parts.join(" + ")}`;
}

/** The worked answers as text and as Markdown. */
export function solutionTexts(
  exercise: Exercise,
  worked: readonly Worked[],
): { readonly text: string; readonly markdown: string } {
  const title = `Checkpoint ${exercise.id}: solution`;
  const lines = worked.map(({ key, formula, chain, value }) => {
    const ask = exercise.asks.find((other) => keyOf(exercise.graph, other) === key)!;
    return { symbol: symbolOf(exercise.graph, ask), formula, chain, value: numbersText(value) };
  });
  return {
    text: [
      title,
      ...lines.map(
        ({ symbol, formula, chain, value }) =>
          `${symbol} = ${formula}${formula === value ? "" : ` = ${value}`}${chain === "" ? "" : `   (${chain})`}`,
      ),
    ].join("\n"),
    markdown: [
      `**${markdownText(title)}**`,
      "",
      ...lines.map(
        ({ symbol, formula, chain, value }) =>
          `- ${markdownText(symbol)} = ${markdownCode(formula)}${formula === value ? "" : ` = ${value}`}${chain === "" ? "" : `, by ${markdownText(chain)}`}`,
      ),
    ].join("\n"),
  };
}

/** A number, or those of a tensor where they fit a line. */
function numbersText(value: NestedNumbers): string {
  if (typeof value === "number") return formatNumber(value);
  const text = nestedText(value);
  return text.length <= 120 ? text : `${text.slice(0, 100)}…`;
}
