import { scalarRule } from "../graph/formula.ts";
import type { Graph } from "../graph/graph.ts";
import { primitiveNamed } from "../graph/primitives.ts";
import { type Ask, ancestorsOf, keyOf, stepwiseAsks, symbolOf } from "./asks.ts";
import type { Slip } from "./mistakes.ts";
import type { Point } from "./point.ts";
import { answerAt, gradientWalk } from "./walks.ts";

/** Mistakes that concern a derivative as a whole: another quantity given for it, or the right one changed. */
export function wholeSlips(graph: Graph, ask: Exclude<Ask, { kind: "value" }>): readonly Slip[] {
  const right = (point: Point): number => answerAt(point, ask);
  return [...otherValues(graph, ask), ...otherQuantities(graph, ask), ...changed(graph, ask, right)];
}

function plain(rule: string, at: (point: Point) => number, sentence: string): Slip {
  return { rule, at, sentence, place: "", marks: [], through: [] };
}

/** 34, 35 and their kin: the answer to another question. */
function otherQuantities(graph: Graph, ask: Exclude<Ask, { kind: "value" }>): readonly Slip[] {
  const own = keyOf(graph, ask);
  const output = graph.outputs[0]!;
  const asked = symbolOf(graph, ask);
  const leaf = ask.kind === "gradient" && graph.nodes[ask.node]!.kind === "variable";
  const others = stepwiseAsks(graph).filter((other) => other.kind !== "value" && keyOf(graph, other) !== own);
  const slips = others.map((other): Slip => {
    const symbol = symbolOf(graph, other);
    const onTheWay =
      ask.kind === "gradient" && other.kind === "gradient" && ancestorsOf(graph, other.node).has(ask.node);
    if (onTheWay && leaf) {
      return plain(
        "stopped-early",
        (point) => answerAt(point, other),
        `This is ${symbol}: you stopped there. Go on to ${graph.nodes[ask.node]!.name}.`,
      );
    }
    return plain(
      ask.kind === other.kind ? "other-variable" : "other-quantity",
      (point) => answerAt(point, other),
      `This is ${symbol}, not ${asked}.`,
    );
  });
  if (ask.kind === "local") {
    const [node, input] = [graph.nodes[ask.node]!.name, graph.nodes[ask.input]!.name];
    slips.push(
      plain(
        "total-for-local",
        (point) => gradientWalk(point, ask.node)[ask.input]!,
        `This is how ${node} moves with ${input} through every path; ${asked} is the direct one only, the other inputs of ${node} held.`,
      ),
    );
  } else if (ask.output === output) {
    slips.push(
      plain(
        "seed-is-output",
        (point) => gradientWalk(point, output, "seed", ({ values }) => ({ seed: values[output]! }))[ask.node]!,
        `The backward pass starts with ∂${graph.nodes[output]!.name}/∂${graph.nodes[output]!.name} = 1; you started with the value of ${graph.nodes[output]!.name}.`,
      ),
    );
  }
  return slips;
}

/** 36: a value given for a derivative. */
function otherValues(graph: Graph, ask: Exclude<Ask, { kind: "value" }>): readonly Slip[] {
  return graph.nodes
    .filter((node) => node.kind !== "constant")
    .map((node) =>
      plain(
        "value-for-gradient",
        (point) => point.values[node.index]!,
        `This is the value of ${node.name}; asked is ${symbolOf(graph, ask)}, how fast the upper one moves with the lower one.`,
      ),
    );
}

/** 37: the right answer doubled, halved, negated, inverted; or a bare 0 or 1. */
function changed(graph: Graph, ask: Ask, right: (point: Point) => number): readonly Slip[] {
  const symbol = symbolOf(graph, ask);
  return [
    plain("negated", (point) => -right(point), "The sign is the other one."),
    plain("doubled", (point) => 2 * right(point), "This is twice the right answer: is something counted two times?"),
    plain("halved", (point) => right(point) / 2, "This is half of the right answer: has a factor 2 got lost?"),
    plain(
      "inverted",
      (point) => 1 / right(point),
      "This is one over the right answer: look at what is divided by what.",
    ),
    plain("zero", () => 0, `${symbol} is not 0 everywhere: there is a path, and it carries something.`),
    plain("one", () => 1, `${symbol} is not 1 everywhere: something is still to be multiplied.`),
  ];
}

/** Mistakes in the value of an operation. */
export function valueSlips(graph: Graph, index: number): readonly Slip[] {
  const node = graph.nodes[index]!;
  const label = node.primitive!.label.toLowerCase();
  const inputsAt = ({ values }: Point): number[] => node.inputs.map((input) => values[input]!);
  const slips: Slip[] = [];
  if (node.inputs.length === 2) {
    for (const [name, verb] of exchangeable) {
      if (name === node.primitive!.name) continue;
      const evaluate = scalarRule(primitiveNamed(name));
      slips.push(
        plain(
          "other-operation",
          (point) => evaluate(...inputsAt(point)),
          `You ${verb}; the operation that makes ${node.name} is ${label}.`,
        ),
      );
    }
    const evaluate = scalarRule(node.primitive!);
    slips.push(
      plain(
        "operands-exchanged",
        (point) => evaluate(...inputsAt(point).reverse()),
        `The two inputs of this ${label} are exchanged: here their order matters.`,
      ),
    );
  }
  for (const other of graph.nodes) {
    if (other.index === index) continue;
    slips.push(
      plain(
        "other-node",
        ({ values }) => values[other.index]!,
        `This is ${other.kind === "constant" && !other.named ? `the constant ${other.name}` : `the value of ${other.name}`}, not that of ${node.name}.`,
      ),
    );
  }
  slips.push(plain("negated", ({ values }) => -values[index]!, "The sign is the other one."));
  return [...bracketSlips(graph, index), ...slips];
}

/** x + y·w for (x + y)·w: of a sum that goes into a product or a quotient only the nearer term does. */
function bracketSlips(graph: Graph, index: number): readonly Slip[] {
  const node = graph.nodes[index]!;
  if (!["mul", "div"].includes(node.primitive!.name)) return [];
  const outer = scalarRule(node.primitive!);
  return node.inputs.flatMap((sum, position): Slip[] => {
    const { primitive, inputs, name } = graph.nodes[sum]!;
    if (primitive === undefined || !["add", "sub"].includes(primitive.name)) return [];
    const inner = scalarRule(primitive);
    const at = ({ values }: Point): number => {
      const [first, second] = inputs.map((input) => values[input]!);
      const other = values[node.inputs[1 - position]!]!;
      return position === 0 ? inner(first!, outer(second!, other)) : inner(outer(other, first!), second!);
    };
    return [plain("brackets-missing", at, `Brackets are missing: ${name} is computed first, as a whole.`)];
  });
}

const exchangeable: readonly (readonly [string, string])[] = [
  ["add", "added"],
  ["sub", "subtracted"],
  ["mul", "multiplied"],
  ["div", "divided"],
];
