import { toText } from "../graph/formula.ts";
import { Value } from "../graph/value.ts";
import type { Mark } from "../views/marks.ts";
import { type Ask, keyOf } from "./asks.ts";
import { followsFrom } from "./carried.ts";
import { diagnose } from "./diagnosis.ts";
import { type Exercise, namesFor, type ScalarExercise } from "./exercise.ts";
import type { Entry, Example } from "./outcome.ts";
import { AnswerSyntaxError, type ParsedAnswer, parseAnswer } from "./parse.ts";
import type { Point } from "./point.ts";
import { differenceAt, examplePoint } from "./points.ts";
import { judgedTensors } from "./tensor/check.ts";
import { close, isNumber, judge } from "./verdict.ts";

/** What checking found: an entry for each ask, and where the first mistake is in the graph. */
export interface Checked {
  readonly entries: readonly Entry[];
  readonly marks: readonly Mark[];
  /** What the marks are about. */
  readonly marked: Ask | undefined;
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
      : judged(exercise, parsedAnswers(exercise, typed, problems), problems, settled);
  return { ...found, entries: [...found.entries, ...unknown], typed };
}

/** The formulas that could be read; what could not is added to the problems. */
function parsedAnswers(
  { graph, asks }: ScalarExercise,
  typed: ReadonlyMap<string, string>,
  problems: Map<string, Entry>,
): ReadonlyMap<string, ParsedAnswer> {
  const parsed = new Map<string, ParsedAnswer>();
  for (const ask of asks) {
    const key = keyOf(graph, ask);
    const text = typed.get(key);
    if (text === undefined || problems.has(key)) continue;
    try {
      parsed.set(key, parseAnswer(text, namesFor(graph, ask)));
    } catch (error) {
      if (!(error instanceof AnswerSyntaxError)) throw error;
      problems.set(key, { kind: "unreadable", key, got: text, message: error.message, position: error.position });
    }
  }
  return parsed;
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

/** Verdicts first, for all; then the reasons, which may rest on one another. */
function judged(
  exercise: ScalarExercise,
  parsed: ReadonlyMap<string, ParsedAnswer>,
  problems: ReadonlyMap<string, Entry>,
  settled: ReadonlySet<string>,
): Pick<Checked, "entries" | "marks" | "marked"> {
  const { graph, asks, reference, numbersCount } = exercise;
  const verdicts = new Map(
    asks.flatMap((ask) => {
      const key = keyOf(graph, ask);
      const answer = parsed.get(key);
      return answer === undefined ? [] : [[key, judge(reference, ask, answer, numbersCount)] as const];
    }),
  );
  const wrong = new Set([...verdicts].flatMap(([key, verdict]) => (verdict.kind === "wrong" ? [key] : [])));
  const known = new Set([...verdicts.keys()].filter((key) => !wrong.has(key)));
  let marks: readonly Mark[] = [];
  let marked: Ask | undefined;
  const entries = asks.map((ask): Entry => {
    const key = keyOf(graph, ask);
    const problem = problems.get(key);
    if (problem !== undefined) return problem;
    const answer = parsed.get(key);
    const verdict = verdicts.get(key);
    if (answer === undefined || verdict === undefined) return { kind: "missing", key, settled: settled.has(key) };
    const got = toText(answer.formula);
    if (verdict.kind !== "wrong") return { kind: "correct", key, got, rounded: verdict.kind === "rounded" };
    const from = followsFrom(reference, ask, parsed, wrong);
    if (from.length > 0) return { kind: "follows", key, got, from };
    const diagnosis = diagnose(reference, ask, answer, numbersCount, known);
    if (marked === undefined) {
      marked = ask;
      marks = diagnosis.marks;
    }
    const example = isNumber(answer) && numbersCount ? undefined : exampleOf(exercise, ask, answer);
    return {
      kind: "incorrect",
      key,
      got,
      because: diagnosis.reasons,
      partly: verdict.partly,
      nearly: verdict.nearly,
      ...(example && { example }),
    };
  });
  return { entries, marks, marked };
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

/** Whether a number is easy to compare by eye. */
function isModerate(number: number): boolean {
  return number === 0 || (Math.abs(number) >= 0.02 && Math.abs(number) <= 200);
}
