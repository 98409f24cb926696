import { constant, type NestedNumbers, Value, variable } from "../../graph/value.ts";
import { alikeBy, type HiddenMistake, type Lint, type PossibleMistake, plain, plainLint } from "../lint.ts";
import { isObject } from "../record.ts";
import { type CodeExercise, copied, namedInputs, type Trial, wholeResult } from "./code-exercise.ts";
import { type Numbers, partsOf } from "./parts.ts";
import { mapped, sameNumbers, sameShape, scaled, transposed } from "./slips.ts";
import { argumentText } from "./text.ts";

/** What a wrong function may give in place of the right result, as data. */
interface ResultMistake {
  readonly id: string;
  readonly sentence: string;
  /** The wrong result; undefined where there is none, as of the transpose of a number. */
  readonly wrong: (right: Numbers, around: Around) => Numbers | undefined;
}

interface Around {
  /** The right ones of the other parts, by name. */
  readonly others: ReadonlyMap<string, Numbers>;
  /** The arguments that are numbers, by name. */
  readonly inputs: ReadonlyMap<string, Numbers>;
  /** What is right at the first input. */
  readonly first: Numbers;
}

const always: readonly ResultMistake[] = [
  { id: "sign-lost", sentence: "The sign of the result is lost.", wrong: (right) => mapped(right, Math.abs) },
  { id: "negated", sentence: "The sign is the other one.", wrong: (right) => mapped(right, (number) => -number) },
  { id: "doubled", sentence: "It is twice the right one.", wrong: (right) => scaled(right, 2) },
  {
    id: "squared",
    sentence: "It is the square of the right one.",
    wrong: (right) => mapped(right, (number) => number ** 2),
  },
  {
    id: "inverted",
    sentence: "It is one over the right one.",
    wrong: (right) => mapped(right, (number) => 1 / number),
  },
  { id: "transposed", sentence: "It is the transpose of the right one.", wrong: transposed },
  { id: "constant", sentence: "It is the same whatever it is given.", wrong: (_right, { first }) => first },
];

/** Of one part of a result: what it may be taken for, and by what it may be multiplied. */
function mistakesFor(key: string, { right }: Trial, inputs: ReadonlyMap<string, Numbers>): readonly ResultMistake[] {
  const others = [...right.keys()].filter((name) => name !== key);
  return [
    ...always,
    ...others.map(
      (name): ResultMistake => ({
        id: "other-part",
        sentence: `It is what ${name} should be.`,
        wrong: (_right, around) => around.others.get(name),
      }),
    ),
    ...[...inputs].flatMap(([name, { shape }]): readonly ResultMistake[] => [
      { id: "input-itself", sentence: `It is ${name} itself.`, wrong: (_right, around) => around.inputs.get(name) },
      ...[...shape.keys()].map(
        (axis): ResultMistake => ({
          id: "mean-for-sum",
          sentence: `It is divided by the size of ${name} along axis ${axis}: a mean taken for a sum.`,
          wrong: (whole, around) => scaled(whole, 1 / (around.inputs.get(name)?.shape[axis] ?? 1)),
        }),
      ),
    ]),
  ];
}

/** Says which wrong functions the inputs of an exercise do not show, and an input that would. */
export function codeLint(exercise: CodeExercise, f: unknown): Lint {
  const { id, trials, options } = exercise;
  const [first] = trials;
  const further = variedTrials(exercise);
  const invisible: HiddenMistake[] = [];
  const seen: (PossibleMistake & { readonly signature: string })[] = [];
  for (const key of first!.right.keys()) {
    const place = key === "" ? wholeResult : key;
    for (const { id: rule, sentence, wrong } of mistakesFor(key, first!, namedInputs(f, first!.given))) {
      const wrongAt = ({ given, right }: Trial): Numbers | undefined =>
        wrong(right.get(key)!, {
          others: right,
          inputs: namedInputs(f, given),
          first: first!.right.get(key)!,
        });
      const shows = (trial: Trial): boolean => {
        const given = wrongAt(trial);
        const right = trial.right.get(key)!;
        return given !== undefined && !(sameShape(given, right) && sameNumbers(given, right, options.tolerance));
      };
      if (trials.some(shows)) {
        const signature = JSON.stringify([
          key,
          trials.map((trial) => wrongAt(trial)?.data.map((one) => one.toPrecision(7))),
        ]);
        seen.push({ rule, place, sentence, signature });
        continue;
      }
      // Where no input shows it, nothing is wrong: of a slope that is never negative the sign cannot be lost.
      const showing = further.find(shows);
      if (showing !== undefined) {
        invisible.push({ rule, place, sentence, remedy: `try it at ${argumentText(f, showing.given)}` });
      }
    }
  }
  return {
    ...plainLint(id, seen.length + invisible.length, invisible),
    confusable: alikeBy(seen, ({ signature }) => signature)
      .filter((group) => new Set(group.map(({ rule }) => rule)).size > 1)
      .map((group) => group.map(plain)),
  };
}

/** How an input may be another one. */
const variations: readonly ((number: number, place: number) => number)[] = [
  (number) => -number,
  (number) => number + 1,
  (number, place) => number * (place % 2 === 0 ? 1.5 : -0.5),
  (number, place) => number + (place % 3) - 1,
];

/** The exercise's inputs changed a little, with what is right there; only those at which the reference has an answer. */
function variedTrials({ trials, options }: CodeExercise): readonly Trial[] {
  const reference = options.reference as (...given: readonly unknown[]) => unknown; // as the author calls it
  return trials.flatMap(({ asked }) => {
    const others = [
      ...variations.map((change) => varied(asked, change) as readonly unknown[]), // a list stays one
      asked.map(withMoreRows),
    ];
    return others.flatMap((given): readonly Trial[] => {
      try {
        const parts = partsOf(reference(...(copied(given) as readonly unknown[])));
        const right = new Map([...parts].flatMap(([name, part]) => ("is" in part ? [] : [[name, part] as const])));
        const whole = right.size === parts.size && [...trials[0]!.right.keys()].every((name) => right.has(name));
        const finite = [...right.values()].every(({ data }) => data.every(Number.isFinite));
        return whole && finite ? [{ given, asked: given, right }] : [];
      } catch {
        // An input that the reference does not take tells nothing.
        return [];
      }
    });
  });
}

function varied(argument: unknown, change: (number: number, place: number) => number): unknown {
  let place = 0;
  const walk = (one: unknown): unknown => {
    if (typeof one === "number") return change(one, place++);
    if (one instanceof Value) return likewise(one, walk(one.toArray()) as NestedNumbers); // numbers are walked to numbers
    if (one instanceof Float64Array || one instanceof Float32Array) return one.map((number) => change(number, place++));
    if (Array.isArray(one)) return one.map(walk);
    if (!isObject(one) || Object.getPrototypeOf(one) !== Object.prototype) return one;
    return Object.fromEntries(Object.entries(one).map(([key, part]) => [key, walk(part)]));
  };
  return walk(argument);
}

/** A batch of one as a batch of two. */
function withMoreRows(argument: unknown): unknown {
  const rows: unknown = argument instanceof Value ? argument.toArray() : argument;
  if (!Array.isArray(rows) || rows.length !== 1) return argument;
  const more: unknown = [rows[0], varied(rows[0], (number) => number + 1)];
  return argument instanceof Value ? likewise(argument, more as NestedNumbers) : more; // rows of numbers
}

function likewise({ kind, name }: Value, numbers: NestedNumbers): Value {
  return kind === "constant" ? constant(numbers, name) : variable(numbers, name);
}
