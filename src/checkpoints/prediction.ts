import { evaluateFormula } from "../graph/formula.ts";
import { formatNumber } from "../graph/number-text.ts";
import { Value } from "../graph/value.ts";
import { CheckpointError } from "./errors.ts";
import { alikeBy, type HiddenMistake, type Lint, type PossibleMistake, plainLint } from "./lint.ts";
import { checkedOptions, checkedQuestion, chosen, type Options, promptText, worthText } from "./options.ts";
import { AnswerSyntaxError, parseAnswer } from "./parse.ts";
import { type Judged, type Question, replyTo } from "./question.ts";
import type { CheckpointRecord } from "./record.ts";

/** A number as a cell has it. */
export type Measured = number | Value;

interface Asked {
  readonly question: string;
  /** Said when it has come out. */
  readonly because?: string;
  readonly points?: number;
  readonly hints?: readonly string[];
}

/**
 * A question about what is still to be run. What is true is computed, never typed: when the prediction is made, one of
 * these tells it.
 */
export type PredictionOptions = Asked &
  (
    | {
        /** What can be predicted, by key; a text for each. */
        readonly options: Options;
        /** The key of what happens. */
        readonly truth: () => string;
      }
    /** A number: right where it is as near as `within` (a share of it; 0.01 by default). */
    | { readonly value: Measured | (() => Measured); readonly within?: number }
    /** Which is the largest: numbers by name. */
    | { readonly largest: Readonly<Record<string, Measured>> | (() => Readonly<Record<string, Measured>>) }
    | { readonly smallest: Readonly<Record<string, Measured>> | (() => Readonly<Record<string, Measured>>) }
    /** Which way something moves: its number before, and after. */
    | { readonly change: () => readonly [before: Measured, after: Measured] }
  );

/** The key under which a prediction is recorded. */
const predictionKey = "prediction";

/** How a prediction is read, and what comes out. */
interface Outcome {
  readonly options?: Options;
  /** What was predicted, as text; or a problem. */
  read(given: unknown): { readonly key: string } | { readonly problem: string };
  /** Whether it is so, and what is. */
  compare(key: string): { readonly right: boolean; readonly truth: string };
  /** What an author should know about it. */
  lint(): Pick<Lint, "mistakes" | "invisible" | "confusable">;
}

/** @throws {CheckpointError} where the author's options make no question. */
export function predictionOf(id: string, options: PredictionOptions): Question {
  checkedQuestion(id, options.question);
  const outcome = outcomeOf(id, options);
  return {
    id,
    keys: [predictionKey],
    points: options.points,
    prompt: ({ first }) =>
      promptText(
        `Predict ${id}${worthText(options.points)}:`,
        options.question,
        outcome.options,
        first === undefined ? "" : `You predicted “${first.answers[predictionKey] ?? ""}”.`,
        `answer(${JSON.stringify(id)}, "")`,
      ),
    judge: (given, record) => judged(id, options, outcome, given, record),
    hints: () => options.hints ?? [],
    solution: () => undefined,
    lint: () => predictionLint(id, outcome),
  };
}

/** Says which wrong predictions would count as right, and where nothing but rounding decides. */
function predictionLint(id: string, outcome: Outcome): Lint {
  try {
    const { mistakes, invisible, confusable } = outcome.lint();
    return { ...plainLint(id, mistakes, invisible), confusable };
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    const gap = { rule: "no-truth", place: "", sentence: error.message, remedy: "mend what tells the truth" };
    return plainLint(id, 0, [gap]);
  }
}

/** The first prediction stands: after it the answer is known. Whoever made one has done what was asked. */
function judged(
  id: string,
  { because }: PredictionOptions,
  outcome: Outcome,
  given: unknown,
  { first }: CheckpointRecord,
): Judged {
  const read = outcome.read(given);
  if ("problem" in read) return { reply: replyTo(id, "not-attempted", "", read.problem === "" ? [] : [read.problem]) };
  const before = first?.answers[predictionKey];
  const { right, truth } = outcome.compare(read.key);
  const sentences = [
    right ? `It is so: ${truth}.` : `What happens: ${truth}.`,
    ...(because === undefined ? [] : [because]),
    ...(before === undefined || before === read.key ? [] : [`Your first prediction was “${before}”; that one stands.`]),
  ];
  return {
    reply: replyTo(id, right ? "correct" : "incorrect", read.key, sentences),
    ...(before === undefined && {
      graded: {
        typed: new Map([[predictionKey, read.key]]),
        correct: [predictionKey],
        right: right ? 1 : 0,
        of: 1,
      },
    }),
  };
}

function outcomeOf(id: string, options: PredictionOptions): Outcome {
  if ("options" in options) {
    const { truth } = options;
    if (typeof truth !== "function") {
      throw new CheckpointError(`checkpoint “${id}”: truth is a function that computes what happens: () => "up".`);
    }
    return chosenOutcome(id, checkedOptions(id, options.options), truth);
  }
  if ("value" in options) return numberOutcome(id, options.value, options.within ?? 0.01);
  if ("largest" in options) return extremeOutcome(id, options.largest, "largest");
  if ("smallest" in options) return extremeOutcome(id, options.smallest, "smallest");
  if ("change" in options && typeof options.change === "function") {
    const { change } = options;
    const movement: Options = { grows: "it gets larger", falls: "it gets smaller", stays: "it stays the same" };
    const numbers = (): readonly [number, number] => {
      const [before, after] = change();
      return [numberOf(id, before), numberOf(id, after)];
    };
    const outcome = chosenOutcome(id, movement, () => {
      const [before, after] = numbers();
      const still = Math.abs(after - before) <= 1e-12 * Math.max(Math.abs(before), Math.abs(after));
      return still ? "stays" : after > before ? "grows" : "falls";
    });
    return {
      ...outcome,
      compare: (key) => {
        const [before, after] = numbers();
        const { right, truth } = outcome.compare(key);
        return { right, truth: `${truth}, from ${formatNumber(before)} to ${formatNumber(after)}` };
      },
      lint: () => {
        const [before, after] = numbers();
        const invisible = nearlyEqual(before, after) ? [roundingDecides("The numbers before and after")] : [];
        return { ...outcome.lint(), invisible };
      },
    };
  }
  throw new CheckpointError(
    `checkpoint “${id}”: it needs what tells the truth: options with truth: () => key, or value, largest, smallest or change.`,
  );
}

function chosenOutcome(id: string, options: Options, truth: () => string): Outcome {
  return {
    options,
    read: (given) => chosen(options, given),
    compare: (key) => {
      const happens = truth();
      if (!Object.hasOwn(options, happens)) {
        const keys = Object.keys(options).join(", ");
        throw new CheckpointError(`checkpoint “${id}”: truth gave “${happens}”; the options are ${keys}.`);
      }
      return { right: key === happens, truth: options[happens]! };
    },
    lint: () => {
      const keys = Object.keys(options);
      const same = alikeBy(keys, (key) => options[key]!.trim().toLowerCase());
      return { mistakes: keys.length - 1, invisible: [], confusable: same.map(predicted) };
    },
  };
}

const predicted = (keys: readonly string[]): readonly PossibleMistake[] =>
  keys.map((key) => ({ rule: "predicted", place: key, sentence: key }));

/** Numbers that near are equal but for rounding. */
const nearlyEqual = (a: number, b: number): boolean =>
  a !== b && Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));

const roundingDecides = (what: string): HiddenMistake => ({
  rule: "rounding-decides",
  place: "",
  sentence: `${what} differ by rounding only, and that decides what is right.`,
  remedy: "take other numbers",
});

/** What a number may be by mistake. */
const numberMistakes: readonly (readonly [rule: string, of: (right: number) => number])[] = [
  ["negated", (right) => -right],
  ["doubled", (right) => 2 * right],
  ["halved", (right) => right / 2],
  ["zero", () => 0],
  ["one", () => 1],
];

function numberOutcome(id: string, value: Measured | (() => Measured), within: number): Outcome {
  const truth = (): number => numberOf(id, typeof value === "function" ? value() : value);
  const counts = (predicted: number, happens: number): boolean =>
    Math.abs(predicted - happens) <= Math.max(within * Math.abs(happens), 1e-9);
  return {
    read: (given) => {
      if (typeof given === "number") {
        return Number.isFinite(given) ? { key: String(given) } : { problem: "Predict a number that is finite." };
      }
      if (given === undefined || given === null) return { problem: "" };
      if (typeof given !== "string") return { problem: "Answer with a number, such as 2.5." };
      if (/^[\s?…]*$/u.test(given)) return { problem: "" };
      try {
        const number = evaluateFormula(parseAnswer(given, []).formula, () => Number.NaN);
        if (Number.isFinite(number)) return { key: String(number) };
      } catch (error) {
        if (!(error instanceof AnswerSyntaxError)) throw error;
      }
      return { problem: "Answer with a number, such as 2.5." };
    },
    compare: (key) => {
      const happens = truth();
      return { right: counts(Number(key), happens), truth: formatNumber(happens) };
    },
    lint: () => {
      const happens = truth();
      const passing = numberMistakes.filter(([, of]) => of(happens) !== happens && counts(of(happens), happens));
      return {
        mistakes: numberMistakes.length,
        invisible: passing.map(([rule, of]) => ({
          rule,
          place: "the prediction",
          sentence: `${formatNumber(of(happens))} counts as right, too.`,
          remedy: `let less than ${within} of it be off`,
        })),
        confusable: [],
      };
    },
  };
}

function extremeOutcome(
  id: string,
  given: Readonly<Record<string, Measured>> | (() => Readonly<Record<string, Measured>>),
  which: "largest" | "smallest",
): Outcome {
  const measured = (): Readonly<Record<string, Measured>> => (typeof given === "function" ? given() : given);
  // The names are needed to ask; the numbers only when the prediction is made.
  const names = Object.keys(measured());
  const truth = (): {
    readonly numbers: readonly (readonly [name: string, number: number])[];
    readonly extreme: number;
  } => {
    const numbers = Object.entries(measured()).map(([name, value]) => [name, numberOf(id, value)] as const);
    const all = numbers.map(([, number]) => number);
    return { numbers, extreme: which === "largest" ? Math.max(...all) : Math.min(...all) };
  };
  const options = checkedOptions(id, Object.fromEntries(names.map((name) => [name, name])));
  return {
    options,
    read: (answer) => chosen(options, answer),
    compare: (key) => {
      const { numbers, extreme } = truth();
      const list = numbers.map(([name, number]) => `${name} = ${formatNumber(number)}`).join(", ");
      // Of several that are equally large each is the largest.
      return { right: numbers.some(([name, number]) => name === key && number === extreme), truth: list };
    },
    lint: () => {
      const { numbers, extreme } = truth();
      const right = numbers.filter(([, number]) => number === extreme).map(([name]) => name);
      const near = numbers.filter(([, number]) => nearlyEqual(number, extreme)).map(([name]) => name);
      return {
        mistakes: numbers.length - 1,
        invisible: near.length > 0 ? [roundingDecides([...right, ...near].join(" and "))] : [],
        confusable: right.length > 1 ? [predicted(right)] : [],
      };
    },
  };
}

function numberOf(id: string, value: Measured): number {
  const number = value instanceof Value ? value.item() : value;
  if (typeof number === "number" && Number.isFinite(number)) return number;
  throw new CheckpointError(`checkpoint “${id}”: what is to be predicted is not a finite number.`);
}
