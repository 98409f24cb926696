import type { Value } from "../graph/value.ts";
import type { Figure } from "../views/display.ts";
import { type ShowOptions, show as showAll } from "../views/show.ts";
import { type DecompositionTable, type TableOptions, table as tableOfAll } from "../views/table.ts";
import type { ChoiceOptions } from "./choice.ts";
import type { ExerciseOptions } from "./code/code-exercise.ts";
import type { CheckpointOptions } from "./exercise.ts";
import type { PredictionOptions } from "./prediction.ts";
import type { Answers, ExerciseOutcome, Hint, Outcome, Progress, Prompt, Reply, Reset, Solution } from "./results.ts";
import { CheckpointSession } from "./session.ts";
import type { Variant } from "./variant.ts";

/**
 * The session of a lesson that nobody gave another one: a notebook's kernel has one lesson.
 *
 * @example
 * ```ts
 * import { checkpoint, lessonSession, variable } from "gradbook";
 *
 * const x = variable(2);
 * const z = x.mul(x);
 * checkpoint("both ways", z, { ask: ["dz/dx"] });
 * lessonSession.answer("both ways", { "dz/dx": "2 * x" }).kind // correct
 * ```
 */
export const lessonSession: CheckpointSession = new CheckpointSession();

/**
 * Asks for what can be derived by hand in a value's graph: every step of both passes, or what `ask` names.
 *
 * @example
 * ```ts
 * import { answer, checkpoint, mul, variable } from "gradbook";
 * const x = variable(2), w = variable(4);
 * const z = mul(x, w);
 * checkpoint("product", z, { ask: ["dz/dx"] });
 * answer("product", { "dz/dx": "w" }).kind // correct
 * ```
 */
export function checkpoint(id: string, value: Value, options?: CheckpointOptions): Prompt {
  return lessonSession.checkpoint(id, value, options);
}

/**
 * Asks a learner to write a function, and tries it: `f` is theirs, `reference` the author's, or one of this library such
 * as `grad(loss)`. Both may take and give numbers, arrays, Values, or objects of them. Of a stub that throws
 * "Not written yet." it says that it is not attempted. Where `arrays` is set, f is given arrays in place of Values.
 *
 * @example
 * ```ts
 * import { exercise, grad, mul } from "gradbook";
 *
 * const slope = (x: number) => x; // a factor 2 is missing
 * const outcome = exercise("square", slope, { reference: grad((x) => mul(x, x)), inputs: [[1], [3], [-2]] });
 * outcome.entries[0]?.because[0] // It is half the right one: a factor 2 is missing.
 * ```
 */
export function exercise<Given extends readonly unknown[]>(
  id: string,
  f: (...given: Given) => unknown,
  options: ExerciseOptions<NoInfer<Given>> & { readonly arrays?: false },
): ExerciseOutcome;
export function exercise<Given extends readonly unknown[]>(
  id: string,
  f: (...given: never[]) => unknown,
  options: ExerciseOptions<Given> & { readonly arrays: true },
): ExerciseOutcome;
export function exercise<Given extends readonly unknown[]>(
  id: string,
  f: unknown,
  options: ExerciseOptions<Given>,
): ExerciseOutcome {
  return lessonSession.exercise(id, f, options);
}

/**
 * Asks to choose one of several answers, with a reason for each: `answer(id, "b")`. In an author's notebook `right` and
 * `because` stand between BEGIN HIDDEN TESTS and END HIDDEN TESTS; of several answers the first counts there, and where a
 * class is graded. In a self-study release one may try until it is right.
 *
 * @example
 * ```ts
 * import { answer, choice } from "gradbook";
 *
 * choice("sum rule", {
 *   question: "x is used twice. What becomes of the two gradients that come back to it?",
 *   options: { a: "they are multiplied", b: "they are added" },
 *   right: "b",
 *   because: { a: "Factors multiply along one path.", b: "Each path contributes; contributions add." },
 * });
 * answer("sum rule", "a").because // [ 'Factors multiply along one path.' ]
 * answer("sum rule", "b").kind // correct
 * ```
 */
export function choice(id: string, options: ChoiceOptions): Prompt {
  return lessonSession.choice(id, options);
}

/**
 * Asks for a prediction before something is run: `answer(id, …)`. What is true is computed when it is answered, by one of
 * `options` with `truth: () => key`; `value`; `largest` or `smallest` (numbers by name); `change: () => [before, after]`.
 * The first prediction stands, and making one is what counts.
 *
 * @example
 * ```ts
 * import { answer, backward, mul, predict, variable } from "gradbook";
 *
 * const x = variable(2), w = variable(5);
 * const gradients = backward(mul(x, w));
 * predict("steepest", {
 *   question: "Which gradient is the largest?",
 *   largest: () => ({ x: gradients.of(x), w: gradients.of(w) }),
 * });
 * answer("steepest", "w").kind // incorrect
 * answer("steepest", "x").because[0] // It is so: x = 5, w = 2.
 * ```
 */
export function predict(id: string, options: PredictionOptions): Prompt {
  return lessonSession.predict(id, options);
}

/**
 * Checks answers: formulas by key, `answer("seed", { "dz/dx": "w" })`, or what is chosen or predicted, `answer("which", "b")`.
 *
 * @example
 * ```ts
 * import { answer, checkpoint, mul, variable } from "gradbook";
 * const x = variable(2), w = variable(4);
 * const z = mul(x, w);
 * checkpoint("wrong", z, { ask: ["dz/dx"] });
 * answer("wrong", { "dz/dx": "x" }).kind // incorrect
 * ```
 *
 * With tensors, @ is the matrix product, * goes number by number, Xᵀ or X^T transposes, and gradients found before on
 * the way back have names:
 *
 * @example
 * ```ts
 * import { answer, bindName, checkpoint, constant, matmul, sum, variable } from "gradbook";
 * const X = constant([[1, 2], [3, 4]], "X"), W = variable([[1], [2]], "W");
 * const Y = matmul(X, W);
 * bindName(Y, "Y");
 * const L = sum(Y);
 * bindName(L, "L");
 * checkpoint("matrices", L);
 * answer("matrices", { "dL/dY": "ones(Y)", "dL/dW": "X^T @ dL/dY" }).kind // correct
 * ```
 */
export function answer(id: string, choice: string | number): Reply;
export function answer(id: string, answers: Answers): Outcome;
export function answer(id: string, answers: Answers | string | number): Outcome | Reply {
  return lessonSession.answer(id, answers as Answers); // the session tells them apart
}

/**
 * The next hint for a checkpoint, or for one key of it.
 *
 * @example
 * ```ts
 * import { checkpoint, hint, mul, variable } from "gradbook";
 * const x = variable(2), w = variable(4);
 * const z = mul(x, w);
 * checkpoint("hinted", z, { ask: ["dz/dx"] });
 * hint("hinted", "dz/dx").level // 1
 * ```
 */
export function hint(id: string, key?: string): Hint {
  return lessonSession.hint(id, key);
}

/**
 * The worked answers of a checkpoint, or of one key of it. That they were taken is recorded.
 *
 * @example
 * ```ts
 * import { checkpoint, mul, solution, variable } from "gradbook";
 * const x = variable(2), w = variable(4);
 * const z = mul(x, w);
 * checkpoint("solved", z, { ask: ["dz/dx"] });
 * solution("solved").answers.length // 1
 * ```
 */
export function solution(id: string, key?: string): Solution {
  return lessonSession.solution(id, key);
}

/**
 * Points earned at a checkpoint so far, as a number alone: what a graded cell returns.
 *
 * @example
 * ```ts
 * import { answer, checkpoint, mul, points, variable } from "gradbook";
 * const x = variable(2), w = variable(4);
 * const z = mul(x, w);
 * checkpoint("graded", z, { ask: ["dz/dx"], points: 2 });
 * answer("graded", { "dz/dx": "w" });
 * points("graded") // 2
 * ```
 */
export function points(id: string): number {
  return lessonSession.points(id);
}

/**
 * How far the lesson's checkpoints are done.
 *
 * @example
 * ```ts
 * import { checkpoint, mul, progress, variable } from "gradbook";
 * const x = variable(2), w = variable(4);
 * const z = mul(x, w);
 * checkpoint("counted", z, { ask: ["dz/dx"] });
 * progress().of >= 1 // true
 * ```
 */
export function progress(): Progress {
  return lessonSession.progress();
}

/**
 * Begins a checkpoint anew, or the whole lesson; the old work is kept in the record.
 *
 * @example
 * ```ts
 * import { answer, checkpoint, mul, points, reset, variable } from "gradbook";
 * const x = variable(2), w = variable(4);
 * checkpoint("again", mul(x, w), { ask: ["da/dx"] });
 * answer("again", { "da/dx": "w" });
 * reset("again").checkpoints // [ 'again' ]
 * points("again") // 0
 * ```
 */
export function reset(id?: string): Reset {
  return lessonSession.reset(id);
}

/**
 * Numbers and names that differ from learner to learner, the same each time for one learner and one seed.
 *
 * @example
 * ```ts
 * import { variant } from "gradbook";
 * const mine = variant("chain");
 * mine.integer(2, 9) === variant("chain").integer(2, 9) // true
 * ```
 */
export function variant(seed: string | number): Variant {
  return lessonSession.variant(seed);
}

/**
 * Draws the graph that one or several values were computed with; what a checkpoint still asks is shown as `?`.
 *
 * @example
 * ```ts
 * import { mul, show, variable } from "gradbook";
 * const x = variable(2), w = variable(4);
 * const z = mul(x, w);
 * show(z).words // Computational graph of z…
 * show([z, x.exp()]).words // Computational graph of z and a…
 * show(z, { tangents: { x: 1 } }).words.includes("ż = w · ẋ = 4 · 1 = 4") // true
 * ```
 */
export function show(value: Value | readonly Value[], options: ShowOptions = {}): Figure {
  return showAll(value, { ...hiding(value), ...options });
}

/**
 * The decomposition table of a value; what a checkpoint still asks is shown as `?`.
 *
 * @example
 * ```ts
 * import { mul, table, variable } from "gradbook";
 * const x = variable(2), w = variable(4);
 * const z = mul(x, w);
 * table(z).rows[0] // [ '1', 'z = x · w', 'Multiplication', '(x, w)', 'z', …
 * ```
 */
export function table(value: Value, options: TableOptions = {}): DecompositionTable {
  return tableOfAll(value, { ...hiding(value), ...options });
}

function hiding(value: Value | readonly Value[]): Pick<ShowOptions, "hidden"> {
  const hidden = lessonSession.hiddenIn(...[value].flat());
  return hidden === undefined ? {} : { hidden };
}
