import { toText } from "../graph/formula.ts";
import { Value } from "../graph/value.ts";
import { type Ask, keyOf } from "./asks.ts";
import { followsFrom } from "./carried.ts";
import { diagnose } from "./diagnosis.ts";
import { type Exercise, namesFor, type ScalarExercise } from "./exercise.ts";
import { derivativesFor } from "./found.ts";
import { type Judged, type Judging, judged, unreadable } from "./judging.ts";
import type { Entry, Example } from "./outcome.ts";
import { AnswerSyntaxError, type ParsedAnswer, parseAnswer } from "./parse.ts";
import type { Point } from "./point.ts";
import { differenceAt, examplePoint, isModerate } from "./points.ts";
import { judgedTensors } from "./tensor/check.ts";
import { close, isNumber, judge, type Verdict } from "./verdict.ts";

/** What checking found: an entry for each ask, and where the first mistake is in the graph. */
export interface Checked extends Judged {
  /** The answers as they were typed, by key. */
  readonly typed: ReadonlyMap<string, string>;
}

/** Checks a learner's answers. `settled` are the keys that need no answer any more. */
export function check(exercise: Exercise, answers: unknown, settled: ReadonlySet<string>): Checked {
  const { graph, asks } = exercise;
  const typed = new Map<string, string>();
  const problems = new Map<string, Entry>();
  const unknown: Entry[] = [];
  for (const [given, answer] of Object.entries(isAnswers(answers) ? answers : {})) {
    const ask = exercise.reader.read(given);
    if (typeof ask === "string") {
      unknown.push({ kind: "unknown", key: given, message: `${ask}.` });
      continue;
    }
    const key = keyOf(graph, ask);
    if (!asks.some((other) => keyOf(graph, other) === key)) {
      unknown.push({ kind: "unknown", key: given, message: "this checkpoint does not ask for it." });
      continue;
    }
    const text = textOf(answer);
    if (typeof text !== "string") {
      problems.set(key, { kind: "unreadable", key, got: "", message: text.message });
    } else if (/^[\s?…]*$/u.test(text)) {
      // The skeleton's empty places.
    } else if (typed.has(key)) {
      problems.set(key, {
        kind: "unreadable",
        key,
        got: text,
        message: "This is answered twice; keep one of the two.",
      });
    } else {
      typed.set(key, text);
    }
  }
  const found =
    exercise.of === "tensors"
      ? judgedTensors(exercise, typed, problems, settled)
      : judged(exercise, typed, problems, settled, scalarJudging(exercise));
  return { ...found, entries: [...found.entries, ...unknown], typed };
}

function isAnswers(answers: unknown): answers is Readonly<Record<string, unknown>> {
  return typeof answers === "object" && answers !== null && !Array.isArray(answers) && !(answers instanceof Value);
}

/** An answer as text, or what is wrong with it. Nothing of the learner's is called or converted. */
function textOf(answer: unknown): string | { readonly message: string } {
  if (typeof answer === "string") return answer;
  if (typeof answer === "number" && Number.isFinite(answer)) return String(answer);
  if (answer === undefined || answer === null) return "";
  if (answer instanceof Value) return { message: 'This is a Value. Write the formula in quotes: "w".' };
  return { message: 'An answer is a formula in quotes, such as "w", or a number.' };
}

function scalarJudging(exercise: ScalarExercise): Judging<ParsedAnswer, Verdict> {
  const { graph, asks, reference, numbersCount } = exercise;
  return {
    read: (text, ask) => parseAnswer(text, namesFor(graph, ask), derivativesFor(graph, asks, ask)),
    unread: (error, ask, text) =>
      error instanceof AnswerSyntaxError ? unreadable(graph, ask, text, error) : undefined,
    compare: (answer, ask) => judge(reference, ask, answer, numbersCount),
    written: ({ formula }) => toText(formula),
    named: ({ formula }) => reference.derivativesIn(formula).map((ask) => keyOf(graph, ask)),
    follows: (ask, answers, wrong) => followsFrom(reference, ask, answers, wrong),
    diagnose: (answer, ask, known) => diagnose(reference, ask, answer, numbersCount, known),
    incorrect: (answer, ask, { partly, nearly }, { reasons }) => {
      const example = isNumber(answer) && numbersCount ? undefined : exampleOf(exercise, ask, answer);
      return { because: reasons, partly, nearly, ...(example && { example }) };
    },
  };
}

/** A point where the answer is seen to differ, with a third opinion. */
function exampleOf({ graph, reference }: ScalarExercise, ask: Ask, answer: ParsedAnswer): Example | undefined {
  const suits = (point: Point, moderate: boolean): boolean => {
    const right = reference.rightAt(ask, point);
    const given = reference.evaluate(answer.formula, point);
    if (close(given, right, reference.scaleAt(ask, [point]))) return false;
    return !moderate || (isModerate(right) && isModerate(given));
  };
  const point = examplePoint(reference, suits);
  if (point === undefined) return undefined;
  const difference = differenceAt(point, ask);
  return {
    at: Object.fromEntries(
      graph.nodes.filter((node) => node.kind === "variable").map((node) => [node.name, point.values[node.index]!]),
    ),
    yours: reference.evaluate(answer.formula, point),
    computed: reference.rightAt(ask, point),
    ...(difference !== undefined && { difference }),
  };
}
