import { placeOf } from "../../graph/shape.ts";
import { type CodeExercise, copied, namedInputs, parameterNames, wholeResult } from "./code-exercise.ts";
import { type Numbers, type Parts, partsOf, shapeWords } from "./parts.ts";
import { type Compared, sameNumbers, sameShape, slipOf } from "./slips.ts";
import { argumentText, numbersText, wholeText } from "./text.ts";

/** What became of one part of the result. */
export interface CodeEntry {
  /** The part's name; "result" where the result has no parts. */
  readonly key: string;
  readonly kind: "correct" | "incorrect";
  /** What there is to say, sentence by sentence. */
  readonly because: readonly string[];
}

/** What became of a function to be written: plain data. */
export interface CodeOutcomeData {
  readonly kind: "correct" | "incorrect" | "not-attempted";
  readonly checkpoint: string;
  readonly entries: readonly CodeEntry[];
  /** How many inputs were tried. */
  readonly tried: number;
  /** What is wrong with all of it: an error, or something the function must not do. */
  readonly remarks: readonly string[];
  readonly right: number;
  readonly of: number;
}

/** What the function gave at one input. */
type Ran = { readonly parts: Parts } | { readonly error: string; readonly unwritten: boolean };

/** Tries the learner's function at every input. */
export function runCode(exercise: CodeExercise, f: unknown): CodeOutcomeData {
  const { id, keys, trials } = exercise;
  const outcome = (
    kind: CodeOutcomeData["kind"],
    entries: readonly CodeEntry[],
    remarks: readonly string[],
  ): CodeOutcomeData => ({
    kind,
    checkpoint: id,
    entries,
    tried: trials.length,
    remarks,
    right: entries.filter((entry) => entry.kind === "correct").length,
    of: keys.length,
  });
  if (f === undefined || f === null) return outcome("not-attempted", [], []);
  const notes = new Set<string>();
  const results = trials.map(({ given }) => ran(f, given, notes));
  const [first] = results;
  if (first !== undefined && "error" in first && first.unwritten) return outcome("not-attempted", [], []);
  const remarks: string[] = [];
  const place = results.findIndex((result) => "error" in result);
  const failed = results[place];
  if (failed !== undefined && "error" in failed) {
    const times = results.filter((result) => "error" in result).length;
    const often = times === results.length ? "at every input" : `at ${times} of ${results.length} inputs`;
    remarks.push(`It fails ${often}: ${failed.error}`, `First at ${argumentText(f, trials[place]!.given)}.`);
  }
  const expected = [...trials[0]!.right.keys()];
  const shape = first !== undefined && "parts" in first ? wrongParts(first.parts, expected) : undefined;
  if (shape !== undefined) remarks.push(shape);
  remarks.push(...notes);
  const entries = expected.map((name) => entryOf(exercise, f, results, name));
  return outcome(entries.every((entry) => entry.kind === "correct") ? "correct" : "incorrect", entries, remarks);
}

function ran(f: unknown, given: readonly unknown[], notes: Set<string>): Ran {
  if (typeof f !== "function") return { error: `there is no function, but ${typeof f}.`, unwritten: false };
  const own = copied(given) as readonly unknown[]; // a list's copy is a list
  try {
    const result: unknown = f(...own);
    for (const [i, argument] of given.entries()) {
      if (!sameText(argument, own[i])) {
        notes.add(
          `It changes its argument ${parameterNames(f, given.length)[i]}; whoever calls it still needs that one. Work on a copy.`,
        );
      }
    }
    return { parts: partsOf(result) };
  } catch (error) {
    return { error: errorText(error), unwritten: /not written yet|not implemented/i.test(messageOf(error)) };
  }
}

function sameText(a: unknown, b: unknown): boolean {
  return a === b || wholeText(a) === wholeText(b);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? String(error.message) : String(error);
}

/** The error with the learner's own line, where the stack tells it. */
function errorText(error: unknown): string {
  const name = error instanceof Error ? `${error.name}: ` : "";
  const stack = error instanceof Error && typeof error.stack === "string" ? error.stack : "";
  const [, cell, line] = /(In \[\d+\]):(\d+):\d+/.exec(stack) ?? [];
  const where = cell === undefined ? "" : ` (line ${line} of ${cell})`;
  return `${name}${messageOf(error)}${where}`;
}

/** Where the result as a whole is of another kind than what is asked for. */
function wrongParts(parts: Parts, expected: readonly string[]): string | undefined {
  const whole = parts.get("");
  if (whole !== undefined && "is" in whole && whole.is.startsWith("nothing")) {
    return "It returns nothing: is a return missing?";
  }
  if (expected.length === 1 && expected[0] === "") {
    if (parts.has("")) return undefined;
    return `It returns parts (${[...parts.keys()].join(", ")}); one result is expected.`;
  }
  if (whole !== undefined) {
    const is = "is" in whole ? whole.is : shapeWords(whole.shape);
    return `It returns ${is}; an object with ${expected.join(", ")} is expected.`;
  }
  const more = [...parts.keys()].filter((name) => !expected.includes(name));
  return more.length === 0 ? undefined : `It returns ${more.join(", ")}, too; nobody asks for that.`;
}

function entryOf(exercise: CodeExercise, f: unknown, results: readonly Ran[], name: string): CodeEntry {
  const { trials, options } = exercise;
  const key = name === "" ? wholeResult : name;
  const compared: Compared[] = [];
  let example: readonly string[] | undefined;
  let misfit: string | undefined;
  let good = 0;
  for (const [i, { given, right: all }] of trials.entries()) {
    const right = all.get(name)!;
    const result = results[i]!;
    const yours = "parts" in result ? result.parts.get(name) : undefined;
    if (yours === undefined || "is" in yours) {
      if ("parts" in result) misfit ??= missingText(yours?.is, key, right);
      continue;
    }
    if (sameShape(yours, right) && sameNumbers(yours, right, options.tolerance)) {
      good += 1;
      continue;
    }
    if (!sameShape(yours, right)) {
      misfit ??= `Expected is ${shapeWords(right.shape)}; yours is ${shapeWords(yours.shape)}.`;
    }
    const others = new Map([...all].filter(([other]) => other !== name));
    compared.push({ yours, right, others, inputs: namedInputs(f, given) });
    example ??= exampleText(f, given, yours, right, options.hidden === true);
  }
  if (good === trials.length) return { key, kind: "correct", because: [] };
  const slip = compared.length === trials.length - good ? slipOf(compared) : undefined;
  const because = [
    ...(misfit === undefined ? [] : [misfit]),
    ...(slip === undefined ? [] : [slip]),
    ...(good > 0
      ? [`It is right at ${good} of ${trials.length} inputs${2 * good > trials.length ? ": is a case left out?" : "."}`]
      : []),
    ...(example ?? []),
  ];
  return { key, kind: "incorrect", because };
}

function missingText(is: string | undefined, key: string, right: Numbers): string | undefined {
  if (is?.startsWith("nothing") && key === wholeResult) return undefined; // told of the whole
  if (is !== undefined) return `Expected is ${shapeWords(right.shape)}; yours is ${is}.`;
  return key === wholeResult ? undefined : `There is no ${key} in what it returns.`;
}

/** At x = 2, w = [1, 2] yours gives 3; computed: 4. */
function exampleText(
  f: unknown,
  given: readonly unknown[],
  yours: Numbers,
  right: Numbers,
  hidden: boolean,
): readonly string[] {
  const computed = hidden ? "" : `; computed: ${numbersText(right)}`;
  const lines = [`At ${argumentText(f, given)} yours gives ${numbersText(yours)}${computed}.`];
  if (!sameShape(yours, right) || right.shape.length === 0) return lines;
  const wrong = right.data.flatMap((number, i) =>
    Math.abs(number - yours.data[i]!) <= 1e-6 * Math.abs(number) ? [] : [i],
  );
  if (wrong.length === 0 || wrong.length === right.data.length) return lines;
  const count = `${wrong.length} of ${right.data.length} numbers there ${wrong.length === 1 ? "differs" : "differ"}`;
  return [...lines, `${count}, the first at [${placeOf(wrong[0]!, right.shape).join(", ")}].`];
}
