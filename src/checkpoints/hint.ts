import { toText } from "../graph/formula.ts";
import { operationFormula } from "../graph/graph.ts";
import { formatNumber } from "../graph/number-text.ts";
import { type Ask, keyOf, pathsBetween, pathText, symbolOf } from "./asks.ts";
import type { Exercise, ScalarExercise } from "./exercise.ts";
import type { Point } from "./point.ts";
import { differenceAt, examplePoint, isModerate } from "./points.ts";
import { askText } from "./reply.ts";
import { chainText } from "./solution.ts";
import { tensorHints } from "./tensor/hint.ts";

/** Hints for an ask, the smallest first: the author's, then what the graph itself suggests. None gives the answer. */
export function hintsFor(exercise: Exercise, ask: Ask): readonly string[] {
  const own = exercise.of === "tensors" ? tensorHints(exercise, ask) : ownHints(exercise, ask);
  return [...authorsHints(exercise, ask), ...own];
}

function authorsHints({ options, graph }: Exercise, ask: Ask): readonly string[] {
  const { hints } = options;
  if (hints === undefined) return [];
  if (isList(hints)) return hints;
  const key = keyOf(graph, ask);
  return Object.hasOwn(hints, key) ? hints[key]! : [];
}

function isList(hints: object): hints is readonly string[] {
  return Array.isArray(hints);
}

function ownHints(exercise: ScalarExercise, ask: Ask): readonly string[] {
  const { graph } = exercise;
  const name = (node: number): string => graph.nodes[node]!.name;
  switch (ask.kind) {
    case "value": {
      const node = graph.nodes[ask.node]!;
      return [
        `${node.name} is made by one operation, ${node.primitive!.label.toLowerCase()}. What goes into it?`,
        // Where a formula is asked, it is the answer.
        exercise.numbersCount
          ? `${node.name} = ${toText(operationFormula(graph, node))}: put in the values that stand in the figure.`
          : `What goes into it: ${node.inputs.map(name).join(" and ")}.`,
      ];
    }
    case "local":
      return [
        `${madeBy(exercise, ask.node)}. Hold everything but ${name(ask.input)} and forget the rest of the graph: how fast does ${name(ask.node)} move?`,
        nudge(exercise, ask),
      ];
    case "gradient": {
      const paths = pathsBetween(graph, ask.node, ask.output, 4);
      const [first] = paths;
      const ways = paths.map((path) => pathText(graph, ask.node, path)).join(" and ");
      const chain = chainText(graph, ask);
      if (paths.length === 1 && first?.length === 1) {
        return [
          `${madeBy(exercise, ask.output)}. From ${name(ask.node)} one wire leads there: hold everything else, and how fast does ${name(ask.output)} move?`,
          nudge(exercise, ask),
        ];
      }
      return [
        paths.length === 1
          ? `There is one way from ${name(ask.node)} to ${name(ask.output)}: ${ways}. Multiply the local derivatives along it.`
          : `${name(ask.node)} reaches ${name(ask.output)} in several ways: ${ways}${paths.length > 4 ? " and more" : ""}. Multiply along each, then add.`,
        ...(chain === "" ? [] : [`${chain}.`]),
        nudge(exercise, ask),
      ];
    }
  }
}

/** a = x + y; where that is asked, the operation alone. */
function madeBy({ asks, graph, numbersCount }: ScalarExercise, index: number): string {
  const node = graph.nodes[index]!;
  const isAsked = !numbersCount && asks.some((ask) => ask.kind === "value" && ask.node === index);
  if (isAsked) return `${node.name} is made by one operation, ${node.primitive!.label.toLowerCase()}`;
  return `${node.name} = ${toText(operationFormula(graph, node))}`;
}

/** What a small push does, at a point of its own: of a rate that is the same at all points only how to find it. */
function nudge({ graph, reference }: ScalarExercise, ask: Exclude<Ask, { kind: "value" }>): string {
  const rateAt = (point: Point): number => reference.rightAt(ask, point);
  const point = examplePoint(reference, (at, moderate) => !moderate || isModerate(rateAt(at)));
  const rate = point === undefined ? undefined : differenceAt(point, ask);
  if (point === undefined || rate === undefined) return `Try numbers: what changes in ${askText(graph, ask)}?`;
  const [first, ...others] = reference.points.map(rateAt);
  if (others.every((other) => other === first)) {
    const [result, moved] = ask.kind === "local" ? [ask.node, ask.input] : [ask.output, ask.node];
    const { name } = graph.nodes[moved]!;
    return `Try numbers: let ${name} grow by 1 and hold the rest. By how much does ${graph.nodes[result]!.name} grow?`;
  }
  const place = graph.nodes
    .filter((node) => node.kind === "variable")
    .map((node) => `${node.name} = ${formatNumber(point.values[node.index]!)}`)
    .join(", ");
  return `Try another point. At ${place}, ${symbolOf(graph, ask)} comes to ${formatNumber(rate)}. Which formula gives that?`;
}
