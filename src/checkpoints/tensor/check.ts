import { sameShape, shapeText, sizeOf } from "../../graph/shape.ts";
import type { NestedNumbers, Value } from "../../graph/value.ts";
import { constant } from "../../graph/value.ts";
import { type Ask, keyOf, symbolOf } from "../asks.ts";
import type { Reason } from "../diagnosis.ts";
import type { TensorExercise } from "../exercise.ts";
import { type Judged, type Judging, judged, unreadable } from "../judging.ts";
import type { Entry, Example } from "../outcome.ts";
import { AnswerSyntaxError } from "../parse.ts";
import { diagnoseTensor } from "./diagnosis.ts";
import { AnswerShapeError, type ParsedTensorAnswer, parseTensorAnswer } from "./parse.ts";
import { type TensorPoint, tensorPointAt, walkBack } from "./point.ts";
import type { TensorReference } from "./reference.ts";
import { attempted } from "./slip.ts";
import { derivativesIn, hasNames, termText } from "./term.ts";
import { isNumbers, judgeTensor, sameTensor, type TensorVerdict } from "./verdict.ts";

/** Judges answers to a graph of tensors. */
export function judgedTensors(
  exercise: TensorExercise,
  typed: ReadonlyMap<string, string>,
  problems: ReadonlyMap<string, Entry>,
  settled: ReadonlySet<string>,
): Judged {
  const { graph, reference, numbersCount } = exercise;
  const judging: Judging<ParsedTensorAnswer, TensorVerdict> = {
    read: (text, ask) => parseTensorAnswer(text, reference.scopeOf(ask)),
    unread: (error, ask, text) => {
      if (error instanceof AnswerShapeError) return clashEntry(exercise, ask, error);
      return error instanceof AnswerSyntaxError ? unreadable(graph, ask, text, error) : undefined;
    },
    compare: (answer, ask) => judgeTensor(reference, ask, answer, numbersCount),
    written: ({ formula }) => termText(formula),
    named: ({ formula }) => derivativesIn(formula).map((ask) => keyOf(graph, ask)),
    follows: (ask, answers, wrong) => followsFrom(reference, ask, answers, wrong),
    diagnose: (answer, ask, known) => diagnoseTensor(reference, ask, answer, numbersCount, known),
    incorrect: (answer, ask, { partly, shape }, { reasons }) => {
      const because = shape ? [shapeReason(exercise, ask, answer), ...reasons] : reasons;
      const example = shape || (isNumbers(answer) && numbersCount) ? undefined : exampleOf(exercise, ask, answer);
      return { because, partly, nearly: false, ...(example && { example }) };
    },
  };
  return judged(exercise, typed, problems, settled, judging);
}

/** Where shapes clash inside of an answer: the mistake is in the mathematics, and this is where. */
function clashEntry({ graph }: TensorExercise, ask: Ask, clash: AnswerShapeError): Entry {
  return {
    kind: "incorrect",
    key: keyOf(graph, ask),
    got: clash.text,
    because: [{ rule: clash.rule, sentence: clash.message }],
    partly: false,
    nearly: false,
    position: clash.position,
  };
}

/** ∂L/∂W has the shape of W, 3×2; yours is 2×3. */
function shapeReason({ graph, reference }: TensorExercise, ask: Ask, { formula }: ParsedTensorAnswer): Reason {
  const { shape } = reference.rightAt(ask, reference.here);
  const symbol = symbolOf(graph, ask);
  const of =
    ask.kind === "value" ? "" : `the shape of ${graph.nodes[ask.kind === "local" ? ask.input : ask.node]!.name}, `;
  const text = shape.length === 0 ? "a scalar" : shapeText(shape);
  const head = ask.kind === "value" || shape.length === 0 ? `${symbol} is ${text}` : `${symbol} has ${of}${text}`;
  const name = ask.kind === "value" ? symbol : graph.nodes[ask.kind === "local" ? ask.input : ask.node]!.name;
  const hint =
    formula.shape.length === 0 && shape.length > 0 && !hasNames(formula) && ask.kind !== "value"
      ? ` One number everywhere is written ${termText(formula)} * ones(${name}).`
      : "";
  return { rule: "shape", sentence: `${head}; yours is ${shapeText(formula.shape)}.${hint}` };
}

/**
 * Whether a wrong answer is right given the learner's own earlier gradients: the keys of the wrong ones that it rests on,
 * or nothing.
 */
function followsFrom(
  reference: TensorReference,
  ask: Ask,
  entries: ReadonlyMap<string, ParsedTensorAnswer>,
  wrong: ReadonlySet<string>,
): readonly string[] {
  if (ask.kind !== "gradient") return [];
  const { graph, points } = reference;
  const answer = entries.get(keyOf(graph, ask))!;
  const earlier = new Map<number, ParsedTensorAnswer>();
  for (const other of reference.asks) {
    if (other.kind !== "gradient" || other.output !== ask.output || other.node === ask.node) continue;
    const key = keyOf(graph, other);
    const entry = entries.get(key);
    const fits = entry !== undefined && sameShape(entry.formula.shape, graph.nodes[other.node]!.value.shape);
    if (wrong.has(key) && fits) earlier.set(other.node, entry);
  }
  if (earlier.size === 0) return [];
  const scale = reference.scaleAt(ask, points);
  const used = new Set<number>();
  const follows = points.every((point) => {
    const expected = attempted(() =>
      walkBack(point, ask.output, ask.node, {
        total: (node) => {
          const entry = node === ask.node ? undefined : earlier.get(node);
          if (entry === undefined) return undefined;
          used.add(node);
          return reference.evaluate(entry.formula, point);
        },
      }),
    );
    return expected !== undefined && sameTensor(reference.evaluate(answer.formula, point), expected, scale);
  });
  return follows ? [...used].map((node) => keyOf(graph, { kind: "gradient", output: ask.output, node })) : [];
}

/** More numbers than these are not compared by eye. */
const mostShown = 24;

/** A point where the answer is seen to differ, with a third opinion. */
function exampleOf(
  { graph, reference }: TensorExercise,
  ask: Ask,
  { formula }: ParsedTensorAnswer,
): Example | undefined {
  if (sizeOf(formula.shape) > mostShown) return undefined;
  const point = reference.example((candidate) => {
    const given = reference.evaluate(formula, candidate);
    const right = reference.rightAt(ask, candidate);
    return given.data.every(Number.isFinite) && !sameTensor(given, right, reference.scaleAt(ask, [candidate]));
  });
  if (point === undefined) return undefined;
  const variables = graph.nodes.filter(({ kind }) => kind === "variable");
  const count = variables.reduce((sum, { value }) => sum + sizeOf(value.shape), 0);
  const difference = ask.kind === "gradient" ? differencesAt(point, ask.output, ask.node) : undefined;
  return {
    at:
      count > mostShown
        ? {}
        : Object.fromEntries(variables.map(({ name, index }) => [name, point.values[index]!.toArray()])),
    yours: reference.evaluate(formula, point).toArray(),
    computed: reference.rightAt(ask, point).toArray(),
    ...(difference !== undefined && { difference }),
  };
}

/** The gradient by central differences, number by number. */
function differencesAt({ graph, values }: TensorPoint, output: number, moved: number): NestedNumbers {
  const held = new Map(
    graph.nodes
      .filter(({ kind, index }) => kind === "variable" || index === moved)
      .map(({ index }) => [index, Float64Array.from(values[index]!.data)] as const),
  );
  const numbers = held.get(moved)!;
  const step = 1e-5;
  const rates = Float64Array.from(numbers, (number, i) => {
    const at = (by: number): number => {
      const pushed = numbers.slice();
      pushed[i] = number + by;
      return tensorPointAt(graph, new Map([...held, [moved, pushed]])).values[output]!.item();
    };
    return (at(step) - at(-step)) / (2 * step);
  });
  return nested(rates, values[moved]!);
}

function nested(data: Float64Array, { shape }: Value): NestedNumbers {
  return constant({ data, shape }).toArray();
}
