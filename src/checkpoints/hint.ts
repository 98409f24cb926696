import { toText } from "../graph/formula.ts";
import { operationFormula } from "../graph/graph.ts";
import { formatNumber } from "../graph/number-text.ts";
import { type Ask, keyOf, pathsBetween, pathText, symbolOf } from "./asks.ts";
import type { Exercise, ScalarExercise } from "./exercise.ts";
import { differenceAt, examplePoint } from "./points.ts";
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
    case "local": {
      const operation = toText(operationFormula(graph, graph.nodes[ask.node]!));
      return [
        `${name(ask.node)} = ${operation}. Hold everything but ${name(ask.input)} and forget the rest of the graph: how fast does ${name(ask.node)} move?`,
        nudge(exercise, ask),
      ];
    }
    case "gradient": {
      const paths = pathsBetween(graph, ask.node, ask.output, 4);
      const [first] = paths;
      const ways = paths.map((path) => pathText(graph, ask.node, path)).join(" and ");
      const chain = chainText(graph, ask);
      return [
        paths.length === 1 && first !== undefined
          ? `There is one way from ${name(ask.node)} to ${name(ask.output)}: ${ways}. Multiply the local derivatives along it.`
          : `${name(ask.node)} reaches ${name(ask.output)} in several ways: ${ways}${paths.length > 4 ? " and more" : ""}. Multiply along each, then add.`,
        ...(chain === "" ? [] : [`${chain}.`]),
        nudge(exercise, ask),
      ];
    }
  }
}

/** What a small push does, at a point of its own. */
function nudge({ graph, reference }: ScalarExercise, ask: Ask): string {
  const point = examplePoint(reference, () => true);
  const rate = point === undefined ? undefined : differenceAt(point, ask);
  if (point === undefined || rate === undefined) return `Try numbers: what changes in ${askText(graph, ask)}?`;
  const place = graph.nodes
    .filter((node) => node.kind === "variable")
    .map((node) => `${node.name} = ${formatNumber(point.values[node.index]!)}`)
    .join(", ");
  return `Try another point. At ${place}, ${symbolOf(graph, ask)} comes to ${formatNumber(rate)}. Which formula gives that?`;
}
