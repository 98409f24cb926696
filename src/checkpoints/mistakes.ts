import { scalarRule, toText } from "../graph/formula.ts";
import { type Graph, localDerivative, operationFormula } from "../graph/graph.ts";
import type { Mark, Wire } from "../views/marks.ts";
import { type Ask, ancestorsOf, type Path, pathsBetween, pathText, positionsOf } from "./asks.ts";
import { localMistakes, localOnlySentences } from "./local-mistakes.ts";
import { type Detour, localAt, type Point, type TangentRule, tangentsAt } from "./point.ts";
import { gradientWalk } from "./walks.ts";
import { valueSlips, wholeSlips } from "./whole-mistakes.ts";
import { concerns, keysAt, wiresBetween, wireText, wordsOf, wrongLocalAt } from "./wires.ts";

/** One mistake at one place: what answer it gives, and what to say and to draw about it. */
export interface Slip {
  /** The rule's id: "path-missing". */
  readonly rule: string;
  /** The answer that the slip leads to. */
  readonly at: (point: Point) => number;
  readonly sentence: string;
  /** Where it is made, ∂a/∂x, if a rule can be broken at several places; else empty. */
  readonly place: string;
  readonly marks: readonly Mark[];
  /** Keys of the quantities that it gets wrong on the way: a learner who has them right did not slip there. */
  readonly through: readonly string[];
}

/** At most this many paths are told apart one by one. */
const mostPaths = 12;

/**
 * Every mistake of the catalogue at every place where it could be made on the way to what is asked, those that say
 * most first.
 */
export function slipsFor(graph: Graph, ask: Ask): readonly Slip[] {
  switch (ask.kind) {
    case "value":
      return valueSlips(graph, ask.node);
    case "local":
      return [...localSlips(graph, ask.node, ask.input), ...wholeSlips(graph, ask)];
    case "gradient":
      return gradientSlips(graph, ask.output, ask.node);
  }
}

// ∂z/∂x.

function gradientSlips(graph: Graph, output: number, node: number): readonly Slip[] {
  const paths = pathsBetween(graph, node, output, mostPaths);
  const wires = wiresBetween(graph, node, output);
  return [
    ...pathSlips(graph, output, node, paths),
    ...wireSlips(graph, output, node, wires),
    ...sumSlips(graph, output, node),
    ...tangentSlips(graph, output, node),
    ...wholeSlips(graph, { kind: "gradient", output, node }),
  ];
}

/** 1: a path left out where several meet; or all of them but one. */
function pathSlips(graph: Graph, output: number, node: number, paths: readonly Path[]): readonly Slip[] {
  if (paths.length < 2 || paths.length > mostPaths) return [];
  const name = graph.nodes[node]!.name;
  const end = graph.nodes[output]!.name;
  const texts = paths.map((path) => pathText(graph, node, path));
  const product = (point: Point, path: Path): number =>
    path.reduce((total, wire) => total * localAt(point, wire.node, wire.position), 1);
  const choices = paths.map((_, index) => paths.filter((_path, other) => other !== index));
  if (paths.length > 2) choices.push(...paths.map((path) => [path]));
  return choices.map((counted): Slip => {
    const missing = paths.filter((path) => !counted.includes(path));
    const used = new Set(counted.flat().map(wireText));
    return {
      rule: "path-missing",
      at: (point) => counted.reduce((total, path) => total + product(point, path), 0),
      sentence:
        `${name} reaches ${end} by ${countText(paths.length)} paths: ${listText(texts)}; you counted ${countText(counted.length)}. ` +
        `${missing.length === 1 ? "Missing" : "Missing are"}: ${listText(missing.map((path) => pathText(graph, node, path)))}.`,
      marks: [
        { kind: "counted", wires: counted.flat().filter(unique) },
        ...missing.map(
          (path): Mark => ({
            kind: "missing",
            wires: path.filter((wire) => !used.has(wireText(wire))),
            label: `missing path ${pathText(graph, node, path)}`,
          }),
        ),
      ],
      place: "",
      through: [],
    };
  });
}

function unique(wire: Wire, index: number, all: readonly Wire[]): boolean {
  return all.findIndex((other) => wireText(other) === wireText(wire)) === index;
}

/** Slips at a single wire: its derivative wrong, or what comes from behind left out or added. */
function wireSlips(graph: Graph, output: number, node: number, wires: readonly Wire[]): readonly Slip[] {
  const slips: Slip[] = [];
  const add: AddSlip = (rule, wire, detour, sentence) => {
    slips.push({
      rule,
      at: (point) => gradientWalk(point, output, `${rule} ${wireText(wire)}`, detour)[node]!,
      sentence,
      marks: [{ kind: "wrong", wire }],
      place: wordsOf(graph, output, wire).local,
      through: keysAt(graph, output, wire),
    });
  };
  for (const mistake of localMistakes) {
    if (mistake.id === "local-missing") upstreamSlips(graph, output, wires, add);
    for (const wire of wires) {
      if (!concerns(graph, mistake, wire)) continue;
      const sentence = mistake.sentence(wordsOf(graph, output, wire));
      const wrongAt = wrongLocalAt(mistake, wire);
      const detour = (point: Point): Detour => ({
        local: (index, position, right) =>
          index === wire.node && position === wire.position ? wrongAt(point, right) : right,
      });
      add(mistake.id, wire, detour, sentence);
      if (mistake.id === "local-missing") {
        const inner = innerSlip(graph, output, node, wire);
        if (inner !== undefined) slips.push(inner);
      }
    }
  }
  return slips;
}

type AddSlip = (rule: string, wire: Wire, detour: (point: Point) => Detour, sentence: string) => void;

/** 8 and 9: the gradient that arrives is left out, or added instead of multiplied. */
function upstreamSlips(graph: Graph, output: number, wires: readonly Wire[], add: AddSlip): void {
  for (const wire of wires) {
    if (wire.node === output) continue;
    const { local, upstream } = wordsOf(graph, output, wire);
    const here = (rule: (upstream: number, local: number) => number) => (): Detour => ({
      product: (node, position, arriving, right) =>
        node === wire.node && position === wire.position ? rule(arriving, right) : arriving * right,
    });
    add(
      "upstream-ignored",
      wire,
      here((_upstream, right) => right),
      `This is only the local derivative ${local}; multiply it by ${upstream}, the gradient that arrives there.`,
    );
    add(
      "upstream-added",
      wire,
      here((arriving, right) => arriving + right),
      `You added ${upstream} and ${local}; along a path the chain rule multiplies.`,
    );
  }
}

/** 7: the outside of a function differentiated, its inside not. */
function innerSlip(graph: Graph, output: number, node: number, wire: Wire): Slip | undefined {
  const outer = graph.nodes[wire.node]!;
  const inside = outer.inputs[wire.position]!;
  if (outer.inputs.length !== 1 || inside === node || graph.nodes[inside]!.kind !== "operation") return undefined;
  return {
    rule: "inner-forgotten",
    at: (point) => gradientWalk(point, output)[inside]!,
    sentence:
      `You differentiated ${toText(operationFormula(graph, outer))} by its inside ${graph.nodes[inside]!.name}; ` +
      `the inside depends on ${graph.nodes[node]!.name}: differentiate it too and multiply.`,
    marks: wiresBetween(graph, node, inside).map((missing): Mark => ({ kind: "missing", wires: [missing] })),
    place: "",
    through: [],
  };
}

/** The wrong local derivatives themselves, where one is asked for. */
function localSlips(graph: Graph, node: number, input: number): readonly Slip[] {
  const positions = positionsOf(graph.nodes[node]!, input);
  return localMistakes.flatMap((mistake): Slip[] => {
    const at = positions.filter((position) => concerns(graph, mistake, { node, position }));
    if (at.length === 0) return [];
    const wrongs = new Map(at.map((position) => [position, wrongLocalAt(mistake, { node, position })]));
    const wire = { node, position: at[0]! };
    const words = wordsOf(graph, graph.outputs[0]!, wire);
    return [
      {
        rule: mistake.id,
        at: (point) =>
          positions.reduce((total, position) => {
            const right = localAt(point, node, position);
            return total + (wrongs.get(position)?.(point, right) ?? right);
          }, 0),
        sentence: (localOnlySentences[mistake.id] ?? mistake.sentence)(words),
        marks: [{ kind: "wrong", wire }],
        place: "",
        through: [],
      },
    ];
  });
}

/** 2, 3, 4: what arrives at a shared node multiplied, averaged or subtracted instead of added up. */
function sumSlips(graph: Graph, output: number, node: number): readonly Slip[] {
  const wires = wiresBetween(graph, node, output);
  const arriving = (index: number): number =>
    wires.filter((wire) => graph.nodes[wire.node]!.inputs[wire.position] === index).length;
  const end = graph.nodes[output]!.name;
  const shared = graph.nodes.filter((candidate) => arriving(candidate.index) > 1);
  const ownUses = wires.filter((wire) => graph.nodes[wire.node]!.inputs[wire.position] === node);
  const localsAdded: Slip = {
    rule: "locals-added",
    at: (point) => ownUses.reduce((total, wire) => total + localAt(point, wire.node, wire.position), 0),
    sentence:
      `You added the local derivatives at the ${countText(ownUses.length)} uses of ${graph.nodes[node]!.name}; ` +
      "each is still to be multiplied by the gradient that arrives there.",
    place: "",
    marks: ownUses.map((wire): Mark => ({ kind: "wrong", wire })),
    through: [],
  };
  const slips = ownUses.length > 1 ? [localsAdded] : [];
  return shared
    .flatMap(({ index, name }) =>
      sumMistakes.map(
        ({ rule, combine, sentence }, variant): Slip => ({
          rule,
          at: (point) =>
            gradientWalk(point, output, `${rule} ${variant} ${index}`, () => ({
              sum: (at, parts) => (at === index ? combine(parts) : undefined),
            }))[node]!,
          sentence: sentence(name, end, countText(arriving(index))),
          marks: [],
          place: "",
          through: [],
        }),
      ),
    )
    .concat(slips);
}

interface SumMistake {
  readonly rule: string;
  readonly combine: (parts: readonly number[]) => number;
  readonly sentence: (name: string, output: string, count: string) => string;
}

const sumMistakes: readonly SumMistake[] = [
  {
    rule: "paths-multiplied",
    combine: (parts) => parts.reduce((total, part) => total * part, 1),
    sentence: (name, output, count) =>
      `${name} reaches ${output} in ${count} ways. You multiplied what they bring; contributions of parallel paths add.`,
  },
  {
    rule: "paths-averaged",
    combine: (parts) => parts.reduce((total, part) => total + part, 0) / parts.length,
    sentence: (name, output, count) =>
      `${name} reaches ${output} in ${count} ways. You took the mean of what they bring; contributions of parallel paths add.`,
  },
  {
    rule: "paths-subtracted",
    combine: (parts) => parts.slice(1).reduce((total, part) => total - part, parts[0]!),
    sentence: (name, output, count) =>
      `${name} reaches ${output} in ${count} ways. You subtracted what they bring; contributions of parallel paths add.`,
  },
  {
    rule: "paths-subtracted",
    combine: (parts) => parts.slice(0, -1).reduce((total, part) => total - part, parts.at(-1)!),
    sentence: (name, output, count) =>
      `${name} reaches ${output} in ${count} ways. You subtracted what they bring; contributions of parallel paths add.`,
  },
];

interface TangentMistake {
  readonly rule: string;
  readonly primitive: string;
  readonly rate: (da: number, db: number, a: number, b: number) => number;
  readonly sentence: (operation: string) => string;
}

/** Slips in rules for two moving operands: they show only where both move. */
const tangentMistakes: readonly TangentMistake[] = [
  {
    rule: "product-of-derivatives",
    primitive: "mul",
    rate: (da, db) => da * db,
    sentence: (operation) =>
      `You multiplied the derivatives of the two factors of ${operation}. The product rule has a term for each factor.`,
  },
  {
    rule: "product-rule-minus",
    primitive: "mul",
    rate: (da, db, a, b) => da * b - a * db,
    sentence: (operation) => `The two terms of the product rule for ${operation} add; you subtracted.`,
  },
  {
    rule: "quotient-of-derivatives",
    primitive: "div",
    rate: (da, db) => da / db,
    sentence: (operation) =>
      `You divided the derivatives of the two parts of ${operation}; that is not the quotient rule.`,
  },
  {
    rule: "quotient-reversed",
    primitive: "div",
    rate: (da, db, a, b) => (a * db - da * b) / (b * b),
    sentence: (operation) =>
      `The two terms of the quotient rule for ${operation} are exchanged: the sign is the other one.`,
  },
  {
    rule: "quotient-no-square",
    primitive: "div",
    rate: (da, db, a, b) => (da * b - a * db) / b,
    sentence: (operation) => `In the quotient rule for ${operation} the denominator is squared.`,
  },
  {
    rule: "quotient-plus",
    primitive: "div",
    rate: (da, db, a, b) => (da * b + a * db) / (b * b),
    sentence: (operation) => `In the quotient rule for ${operation} the second term is taken away, not added.`,
  },
];

/** 14, 16, 18 to 20, 32 and 33: slips that forward mode tells, run as forward mode with one rule replaced. */
function tangentSlips(graph: Graph, output: number, node: number): readonly Slip[] {
  const wires = wiresBetween(graph, node, output);
  const moved = [...new Set(wires.map((wire) => wire.node))];
  const slip = (rule: string, at: number, rate: (point: Point) => TangentRule, sentence: string): Slip => ({
    rule,
    at: (point) => tangentsAt(point, node, rate(point))[output]!,
    sentence,
    marks: wires.filter((wire) => wire.node === at).map((wire): Mark => ({ kind: "wrong", wire })),
    place: "",
    through: [],
  });
  return moved.flatMap((index): Slip[] => {
    const operation = graph.nodes[index]!;
    const text = toText(operationFormula(graph, operation));
    const [first, second] = operation.inputs as [number, number | undefined];
    if (wires.filter((wire) => wire.node === index).length > 1) {
      return tangentMistakes
        .filter((mistake) => mistake.primitive === operation.primitive!.name)
        .map((mistake) =>
          slip(
            mistake.rule,
            index,
            ({ values }) =>
              (at, [da, db]) =>
                at === index ? mistake.rate(da!, db!, values[first]!, values[second!]!) : undefined,
            mistake.sentence(text),
          ),
        );
    }
    const inside = wires.find((wire) => wire.node === index)!.position;
    if (!isFunctionOf(graph, index, inside)) return [];
    const { primitive, inputs } = operation;
    const slopeAt = ({ values }: Point, x: number): number => {
      const numbers = inputs.map((input, position) => (position === inside ? x : values[input]!));
      return localDerivative(primitive!, inside, numbers, scalarRule(primitive!)(...numbers));
    };
    const argument = graph.nodes[inputs[inside]!]!;
    const within = [...ancestorsOf(graph, argument.index)].filter(
      (part) => part !== argument.index && graph.nodes[part]!.needsGradient,
    );
    return [
      ...within.map((part) =>
        slip(
          "outer-at-variable",
          index,
          (point) => (at, tangents) =>
            at === index ? slopeAt(point, point.values[part]!) * tangents[inside]! : undefined,
          `The derivative of ${text} is taken at its inside ${argument.name}; you took it at ${graph.nodes[part]!.name}.`,
        ),
      ),
      slip(
        "outer-at-inner-derivative",
        index,
        (point) => (at, tangents) => (at === index ? slopeAt(point, tangents[inside]!) : undefined),
        `You put the derivative of the inside into the derivative of ${text}; the chain rule multiplies the two.`,
      ),
      slip(
        "function-of-inner-derivative",
        index,
        ({ values }) =>
          (at, tangents) => {
            if (at !== index) return undefined;
            const numbers = inputs.map((input, position) => (position === inside ? tangents[inside]! : values[input]!));
            return scalarRule(primitive!)(...numbers);
          },
        `You differentiated the inside of ${text} and kept the function around it; it has a derivative of its own, taken at ${argument.name}, and the two multiply.`,
      ),
    ];
  });
}

/** Whether an operation is a function of this one input, with a slope that depends on it: a sine, or a power with a fixed exponent. */
function isFunctionOf(graph: Graph, index: number, position: number): boolean {
  const { inputs, primitive } = graph.nodes[index]!;
  if (inputs.length === 1) return true;
  return (
    primitive!.name === "pow" &&
    inputs.every((input, other) => other === position || graph.nodes[input]!.kind === "constant")
  );
}

function countText(count: number): string {
  return ["no", "one", "two", "three", "four", "five", "six"][count] ?? String(count);
}

function listText(texts: readonly string[]): string {
  return texts.length < 2 ? texts.join("") : `${texts.slice(0, -1).join(", ")} and ${texts.at(-1)}`;
}
