import type { Value } from "../graph/value.ts";
import type { Figure } from "../views/display.ts";
import { type ShowOptions, show as showAll } from "../views/show.ts";
import { type DecompositionTable, type TableOptions, table as tableOfAll } from "../views/table.ts";
import type { CheckpointOptions } from "./exercise.ts";
import {
  type Answers,
  CheckpointSession,
  type Hint,
  type Outcome,
  type Progress,
  type Prompt,
  type Solution,
} from "./session.ts";

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
 * Checks answers, formulas by key: `answer("seed", { "dz/dx": "w" })`.
 *
 * @example
 * ```ts
 * import { answer, checkpoint, mul, variable } from "gradbook";
 * const x = variable(2), w = variable(4);
 * const z = mul(x, w);
 * checkpoint("wrong", z, { ask: ["dz/dx"] });
 * answer("wrong", { "dz/dx": "x" }).kind // incorrect
 * ```
 */
export function answer(id: string, answers: Answers): Outcome {
  return lessonSession.answer(id, answers);
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
