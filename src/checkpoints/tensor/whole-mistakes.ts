import type { Graph } from "../../graph/graph.ts";
import { div, mul, neg } from "../../graph/primitives.ts";
import { filledLike, type Value } from "../../graph/value.ts";
import { type Ask, ancestorsOf, keyOf, symbolOf } from "../asks.ts";
import { askedAt } from "./asked.ts";
import { type TensorPoint, walkBack } from "./point.ts";
import { attempted, type TensorSlip } from "./slip.ts";

/** Mistakes that concern an answer as a whole: another quantity given for it, or the right one changed. */
export function wholeTensorSlips(graph: Graph, ask: Ask, asks: readonly Ask[]): readonly TensorSlip[] {
  return [...otherGradients(graph, ask, asks), ...otherValues(graph, ask), ...changed(graph, ask)];
}

function plain(rule: string, at: (point: TensorPoint) => Value | undefined, sentence: string): TensorSlip {
  return { rule, at: (point) => attempted(() => at(point)), sentence, place: "", marks: [], through: [] };
}

function otherGradients(graph: Graph, ask: Ask, asks: readonly Ask[]): readonly TensorSlip[] {
  if (ask.kind === "value") return [];
  const asked = symbolOf(graph, ask);
  const own = keyOf(graph, ask);
  const output = ask.kind === "gradient" ? ask.output : graph.outputs[0]!;
  const nodes = graph.nodes.filter(
    ({ needsGradient, index, named, kind }) => needsGradient && index < output && (named || kind === "variable"),
  );
  const others = nodes.map((node): Ask => ({ kind: "gradient", output, node: node.index }));
  const slips = [...asks.filter((other) => other.kind === "gradient"), ...others]
    .filter((other, i, all) => all.findIndex((one) => keyOf(graph, one) === keyOf(graph, other)) === i)
    .filter((other) => keyOf(graph, other) !== own)
    .map((other): TensorSlip => {
      const symbol = symbolOf(graph, other);
      const onTheWay = ask.kind === "gradient" && other.kind !== "value" && isOnTheWay(graph, ask.node, other.node);
      return plain(
        onTheWay ? "stopped-early" : "other-variable",
        (point) => askedAt(point, other),
        onTheWay
          ? `This is ${symbol}: you stopped there. Go on to ${graph.nodes[ask.node]!.name}.`
          : `This is ${symbol}, not ${asked}.`,
      );
    });
  if (ask.kind === "gradient") {
    slips.push(
      plain(
        "seed-is-output",
        (point) => walkBack(point, output, ask.node, { seed: point.values[output]! }),
        `The backward pass starts with 1; you started with the value of ${graph.nodes[output]!.name}.`,
      ),
    );
  }
  return slips;
}

function isOnTheWay(graph: Graph, node: number, other: number): boolean {
  return ancestorsOf(graph, other).has(node);
}

function otherValues(graph: Graph, ask: Ask): readonly TensorSlip[] {
  const own = ask.kind === "value" ? ask.node : -1;
  return graph.nodes
    .filter(({ index, kind, value }) => index !== own && (kind !== "constant" || value.shape.length > 0))
    .map(({ index, name }) =>
      plain(
        ask.kind === "value" ? "other-node" : "value-for-gradient",
        ({ values }) => values[index],
        ask.kind === "value"
          ? `This is the value of ${name}.`
          : `This is the value of ${name}; asked is ${symbolOf(graph, ask)}, how fast the upper one moves with the lower one.`,
      ),
    );
}

function changed(graph: Graph, ask: Ask): readonly TensorSlip[] {
  const right = (point: TensorPoint): Value => askedAt(point, ask);
  const symbol = symbolOf(graph, ask);
  return [
    plain("negated", (point) => neg(right(point)), "The sign is the other one."),
    plain(
      "doubled",
      (point) => mul(2, right(point)),
      "This is twice the right answer: is something counted two times?",
    ),
    plain("halved", (point) => div(right(point), 2), "This is half of the right answer: has a factor 2 got lost?"),
    ...sizesOf(graph).flatMap(({ size, told }) => [
      plain(
        "batch-factor-extra",
        (point) => div(right(point), size),
        `There is an extra factor 1/${size} (${told}): nothing divides by it there.`,
      ),
      plain(
        "batch-factor-missing",
        (point) => mul(right(point), size),
        `A factor 1/${size} is missing (${told}): it was lost on the way back.`,
      ),
    ]),
    plain("zero", (point) => filledLike(right(point), 0), `${symbol} is not 0 everywhere.`),
    plain(
      "one",
      (point) => filledLike(right(point), 1),
      `${symbol} is not 1 everywhere: something is still to be brought in.`,
    ),
  ];
}

/** Sizes of axes that one may divide by: a batch's, a list's. */
function sizesOf(graph: Graph): readonly { readonly size: number; readonly told: string }[] {
  const found = new Map<number, string>();
  for (const { name, value, named, kind } of graph.nodes) {
    if (!named && kind === "operation") continue;
    const [first] = value.shape;
    const last = value.shape.at(-1);
    if (first !== undefined && first > 2 && !found.has(first)) found.set(first, `the ${first} rows of ${name}`);
    if (last !== undefined && last > 2 && !found.has(last)) found.set(last, `the ${last} columns of ${name}`);
  }
  return [...found].map(([size, told]) => ({ size, told }));
}
