import { Value } from "../../graph/value.ts";
import { Random } from "../../nn/random.ts";
import { CheckpointError } from "../errors.ts";
import { checkedId } from "../options.ts";
import { randomFrom } from "../random.ts";
import { isObject } from "../record.ts";
import { type Numbers, numbersOf, type Parts, partsOf } from "./parts.ts";

/** What a function to be written must do. */
export interface ExerciseOptions<Given extends readonly unknown[]> {
  /** What is right: the author's function, or one of this library, such as `grad(f)`. */
  readonly reference: (...given: Given) => unknown;
  /** Lists of arguments to try, or what makes one from random numbers. */
  readonly inputs: readonly Readonly<Given>[] | ((random: Random) => Readonly<Given>);
  /** How many random inputs are tried. */
  readonly trials?: number;
  /** Whether the learner's function is given arrays where an input is a Value. */
  readonly arrays?: boolean;
  /** How far a number may be off, as a share of the largest one. */
  readonly tolerance?: number;
  /** Whether the reply keeps what is right to itself. */
  readonly hidden?: boolean;
  readonly points?: number;
  readonly title?: string;
  readonly hints?: readonly string[];
}

/** One input, with what is right there. */
export interface Trial {
  /** As the learner's function is given it; copied before it is. */
  readonly given: readonly unknown[];
  /** As the reference is given it. */
  readonly asked: readonly unknown[];
  readonly right: ReadonlyMap<string, Numbers>;
}

/** A function to be written, as it was asked for. */
export interface CodeExercise {
  readonly id: string;
  /** Names of the parts of the result; "result" where it has none. */
  readonly keys: readonly string[];
  readonly trials: readonly Trial[];
  readonly options: ExerciseOptions<readonly never[]>;
}

const usualTrials = 8;
export const wholeResult = "result";

/** @throws {CheckpointError} where the author's reference or inputs are at fault. */
export function codeExerciseOf<Given extends readonly unknown[]>(
  id: string,
  options: ExerciseOptions<Given>,
  seed: string,
): CodeExercise {
  checkedId(id);
  const fault = (what: string): CheckpointError => new CheckpointError(`exercise “${id}”: ${what}`);
  const { reference, inputs, trials: count = usualTrials } = options;
  if (typeof reference !== "function") throw fault("reference must be a function that gives what is right.");
  const trials: Trial[] = [];
  for (const given of listOf(inputs, count, `${id}/${seed}`, fault)) {
    const right = rightOf(reference(...(copied(given) as Given)), fault);
    // Where what is right has no value there is nothing to compare.
    if ([...right.values()].every(({ data }) => data.every(Number.isFinite))) {
      trials.push({ given: options.arrays ? given.map(asArray) : given, asked: given, right });
    } else if (typeof inputs !== "function") {
      throw fault("at one of the inputs the reference gives no finite number.");
    }
    if (typeof inputs === "function" && trials.length === count) break;
  }
  const [first] = trials;
  if (first === undefined) throw fault("there is no input at which the reference gives finite numbers.");
  const names = [...first.right.keys()];
  const odd = trials.find(({ right }) => names.length !== right.size || names.some((name) => !right.has(name)));
  if (odd !== undefined) throw fault("the reference returns different parts at different inputs.");
  const keys = names.map((name) => (name === "" ? wholeResult : name));
  return { id, keys, trials, options: options as unknown as CodeExercise["options"] }; // its functions were called already
}

function* listOf<Given extends readonly unknown[]>(
  inputs: ExerciseOptions<Given>["inputs"],
  count: number,
  seed: string,
  fault: (what: string) => CheckpointError,
): Generator<readonly unknown[]> {
  if (typeof inputs === "function") {
    const random = new Random(Math.floor(randomFrom(seed)() * 2 ** 32));
    for (let draw = 0; draw < 4 * count; draw++) yield listed(inputs(random), fault);
    return;
  }
  if (!Array.isArray(inputs) || inputs.length === 0) {
    throw fault("inputs are lists of arguments, [[1, 2], [3, 4]], or a function: (random) => [random.uniform(), 2].");
  }
  for (const given of inputs) yield listed(given, fault);
}

function listed<Given>(given: Given, fault: (what: string) => CheckpointError): Given {
  if (Array.isArray(given)) return given;
  throw fault("each input is a list of arguments in brackets, also where there is one: [2].");
}

function rightOf(result: unknown, fault: (what: string) => CheckpointError): ReadonlyMap<string, Numbers> {
  const parts: Parts = partsOf(result);
  return new Map(
    [...parts].map(([name, part]) => {
      if (!("is" in part)) return [name, part];
      throw fault(`the reference returns ${part.is}${name === "" ? "" : ` as ${name}`}; numbers are compared.`);
    }),
  );
}

function asArray(argument: unknown): unknown {
  return argument instanceof Value ? argument.toArray() : argument;
}

/** A copy that the learner's function may change without harm. */
export function copied(argument: unknown): unknown {
  if (argument instanceof Value) return argument;
  if (Array.isArray(argument)) return argument.map(copied);
  if (ArrayBuffer.isView(argument) && "slice" in argument) return (argument as Float64Array).slice(); // a typed array
  if (!isObject(argument) || Object.getPrototypeOf(argument) !== Object.prototype) return argument;
  return Object.fromEntries(Object.entries(argument).map(([key, one]) => [key, copied(one)]));
}

/** The arguments that are numbers, by the names that the function has for them. */
export function namedInputs(f: unknown, given: readonly unknown[]): ReadonlyMap<string, Numbers> {
  const names = parameterNames(f, given.length);
  return new Map(
    given.flatMap((argument, i) => {
      const read = numbersOf(argument);
      return "is" in read ? [] : [[names[i]!, read] as const];
    }),
  );
}

/** The names of a function's parameters as far as its text tells them. */
export function parameterNames(f: unknown, count: number): readonly string[] {
  const text = typeof f === "function" ? Function.prototype.toString.call(f) : "";
  const [, single, list] = /^(?:async\s+)?(?:([\p{L}_$][\p{L}\p{N}_$]*)\s*=>|[^(]*\(([^)]*)\))/u.exec(text) ?? [];
  const names = (single ?? list ?? "").split(",").map((name) => name.replace(/=.*$/s, "").trim());
  return Array.from({ length: count }, (_, i) =>
    /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(names[i] ?? "") ? names[i]! : `argument ${i + 1}`,
  );
}
