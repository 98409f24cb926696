import { ShapeError } from "../../graph/errors.ts";
import type { Graph } from "../../graph/graph.ts";
import type { Value } from "../../graph/value.ts";
import type { Mark, Wire } from "../../views/marks.ts";
import { type Ask, keyOf } from "../asks.ts";
import { countSlips } from "./count-mistakes.ts";
import { formSlips } from "./form-mistakes.ts";
import { normSlips } from "./norm-mistakes.ts";
import { added, pathSlips } from "./path-mistakes.ts";
import type { TensorDetour } from "./point.ts";
import { type TensorSlip, walkedWith } from "./slip.ts";
import { stepSlips } from "./step-mistakes.ts";
import { wholeTensorSlips } from "./whole-mistakes.ts";
import { type TensorMistake, tensorMistakes, tensorWords, type WireNumbers } from "./wire-mistakes.ts";
import { wiresOfGradient } from "./wires.ts";
import { tensorWireWords } from "./words.ts";

/** Every mistake of the catalogue at every place where it could be made on the way to what is asked. */
export function tensorSlipsFor(graph: Graph, ask: Ask, asks: readonly Ask[]): readonly TensorSlip[] {
  switch (ask.kind) {
    case "value":
      return wholeTensorSlips(graph, ask, asks);
    case "local":
      return [...localSlips(graph, ask), ...wholeTensorSlips(graph, ask, asks)];
    case "gradient":
      return [
        ...normSlips(graph, ask.output, ask.node),
        ...stepSlips(graph, ask.output, ask.node),
        ...pathSlips(graph, ask.output, ask.node),
        ...countSlips(graph, ask.output, ask.node),
        ...wireSlips(graph, ask.output, ask.node),
        ...wholeTensorSlips(graph, ask, asks),
        ...formSlips(graph, ask.output, ask.node),
      ];
  }
}

/** Mistakes at wires, also where they make no difference: a sum over one row is forgotten there, too. */
export function slipsAtAnyWire(graph: Graph, ask: Ask): readonly TensorSlip[] {
  return ask.kind === "gradient" ? wireSlips(graph, ask.output, ask.node, { concerns: () => true }) : [];
}

/** Of the mistakes at wires, which and how. */
interface Selection {
  readonly concerns?: (mistake: TensorMistake, node: Value, position: number) => boolean;
  /** What is made of what arrives at the target, in place of the sum. */
  readonly total?: TensorDetour["total"];
}

function wireSlips(
  graph: Graph,
  output: number,
  target: number,
  { concerns = (mistake, node, position) => mistake.concerns(node, position), total }: Selection = {},
): readonly TensorSlip[] {
  const wires = wiresOfGradient(graph, output, target);
  // Mistakes near what is asked first: those further on are more often right already.
  return tensorMistakes.flatMap((mistake) =>
    wires
      .filter((wire) => concerns(mistake, graph.nodes[wire.node]!.value, wire.position))
      .map((wire): TensorSlip => {
        const words = tensorWords(tensorWireWords(graph, output, wire), graph.nodes[wire.node]!.value, wire.position);
        return {
          rule: mistake.id,
          at: walkedWith(output, target, ({ values }) => ({
            part: ({ node, position }, right, upstream) =>
              node === wire.node && position === wire.position
                ? partOf(mistake.part, wire, values, graph, right, upstream)
                : undefined,
            ...(total && { total }),
          })),
          sentence: mistake.sentence(words),
          place: words.local,
          marks: [{ kind: "wrong", wire } satisfies Mark],
          through: keysThrough(graph, output, target, wire),
        };
      }),
  );
}

function partOf(
  part: (numbers: WireNumbers) => Value | undefined,
  { node, position }: Wire,
  values: readonly Value[],
  graph: Graph,
  right: Value,
  upstream: Value,
): Value {
  const inputs = graph.nodes[node]!.inputs.map((input) => values[input]!);
  const wrong = part({ node: values[node]!, position, inputs, right, upstream });
  if (wrong === undefined) throw new ShapeError("it cannot be made here");
  return wrong;
}

/** The gradient that a slip at the wire gets wrong on its way, where something is asked of it. */
function keysThrough(graph: Graph, output: number, target: number, wire: Wire): readonly string[] {
  const input = graph.nodes[wire.node]!.inputs[wire.position]!;
  return input === target ? [] : [keyOf(graph, { kind: "gradient", output, node: input })];
}

/** The wrong local derivatives themselves, where one is asked for: what comes by other ways is no part of them. */
function localSlips(graph: Graph, ask: Extract<Ask, { kind: "local" }>): readonly TensorSlip[] {
  const total: TensorDetour["total"] = (node, parts) =>
    node === ask.input ? added(parts.filter(({ wire }) => wire.node === ask.node).map(({ part }) => part)) : undefined;
  return wireSlips(graph, ask.node, ask.input, { total }).filter(({ marks }) =>
    marks.every((mark) => mark.kind !== "wrong" || mark.wire.node === ask.node),
  );
}
