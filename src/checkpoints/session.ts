import { type Graph, graphOf } from "../graph/graph.ts";
import type { Value } from "../graph/value.ts";
import type { MimeBundle } from "../views/display.ts";
import type { Hidden, Quantity } from "../views/marks.ts";
import { type Ask, keyOf } from "./asks.ts";
import { check } from "./check.ts";
import { markdownText, type Shown, shown } from "./display.ts";
import { CheckpointError } from "./errors.ts";
import { type CheckpointOptions, type Exercise, exerciseOf } from "./exercise.ts";
import { figureBundle } from "./figure.ts";
import { hintsFor } from "./hint.ts";
import { type Lint, lint } from "./lint.ts";
import type { Entry, OutcomeData } from "./outcome.ts";
import {
  type Attempt,
  type CheckpointRecord,
  emptyRecord,
  type LessonRecord,
  mergeRecords,
  readRecord,
  recordOf,
  recordType,
} from "./record.ts";
import { askText, promptLines, replyMarkdown, replyText } from "./reply.ts";
import { solutionTexts, type Worked, workedAnswer } from "./solution.ts";

/** A learner's answers: formulas as text, or numbers, by key. */
export type Answers = Readonly<Record<string, string | number>>;

export type Outcome = OutcomeData & Shown;

/** What a checkpoint asks. */
interface PromptData {
  readonly checkpoint: string;
  /** Keys of what is asked and not settled yet. */
  readonly open: readonly string[];
}
export type Prompt = PromptData & Shown;

interface HintData {
  readonly checkpoint: string;
  readonly key: string;
  readonly level: number;
  readonly of: number;
  readonly text: string;
}
export type Hint = HintData & Shown;

interface SolutionData {
  readonly checkpoint: string;
  readonly answers: readonly Worked[];
}
export type Solution = SolutionData & Shown;

/** How far a learner is with one checkpoint. */
interface CheckpointProgress {
  readonly checkpoint: string;
  readonly right: number;
  readonly of: number;
  readonly attempts: number;
  readonly hints: number;
  /** How many solutions were taken. */
  readonly solutions: number;
}

interface ProgressData {
  readonly right: number;
  readonly of: number;
  readonly checkpoints: readonly CheckpointProgress[];
}
export type Progress = ProgressData & Shown;

/**
 * The checkpoints of a lesson and the work on them. One learner, one session; nothing is kept outside of it.
 *
 * @example
 * ```ts
 * import { CheckpointSession, variable } from "gradbook";
 *
 * const x = variable(2);
 * const z = x.mul(3);
 * const session = new CheckpointSession();
 * session.checkpoint("slope", z, { ask: ["dz/dx"] });
 * session.answer("slope", { "dz/dx": 3 }).kind // correct
 * const again = new CheckpointSession();
 * again.restore(session.record) // true
 * ```
 */
export class CheckpointSession {
  private readonly exercises = new Map<string, Exercise>();
  private readonly records = new Map<string, CheckpointRecord>();
  private readonly hintLevels = new Map<string, number>();
  private readonly seed: string;

  /** @param seed varies the points at which answers are compared: the learner's name, say. */
  constructor(seed: string = "") {
    this.seed = seed;
  }

  /**
   * Asks about a value's graph. What is asked is shown as `?` in every figure until it is answered or its solution is
   * taken. Asking again under one id replaces the question; work on it is kept.
   *
   * @throws {CheckpointError} where the graph or an option cannot be asked about.
   */
  checkpoint(id: string, value: Value, options: CheckpointOptions = {}): Prompt {
    const exercise = exerciseOf(id, value, options, this.seed);
    this.exercises.set(id, exercise);
    const open = exercise.asks.map((ask) => keyOf(exercise.graph, ask)).filter((key) => !this.settled(id).has(key));
    return shown({ checkpoint: id, open }, () => {
      const { text, code } = promptLines(exercise, this.settled(id));
      const markdown = markdownText(text).replaceAll("\n", "\n\n");
      return [
        {
          "text/markdown": code === "" ? markdown : `${markdown}\n\n\`\`\`ts\n${code}\n\`\`\``,
          "text/plain": code === "" ? text : `${text}\n\n${code}`,
        },
        figureBundle(exercise, this.hidden(exercise.graph)),
      ];
    });
  }

  /** Checks answers: `answer("seed", { "dz/da": "w" })`. @throws {CheckpointError} where no checkpoint has that id. */
  answer(id: string, answers: Answers): Outcome {
    const exercise = this.exerciseNamed(id);
    if (typeof answers !== "object" || answers === null || Array.isArray(answers)) {
      const [first] = exercise.asks;
      throw new CheckpointError(
        `answer(${JSON.stringify(id)}, …) takes an object of answers by key, such as { ${JSON.stringify(keyOf(exercise.graph, first!))}: "…" }.`,
      );
    }
    const checked = check(exercise, answers, this.settled(id));
    const outcome = this.tally(exercise, checked.entries);
    if (checked.typed.size > 0) this.remember(id, outcome, checked.typed);
    const record = this.record;
    return shown(outcome, () => [
      {
        "text/markdown": replyMarkdown(exercise, outcome),
        "text/plain": replyText(exercise, outcome),
        [recordType]: record,
      },
      figureBundle(exercise, this.hidden(exercise.graph), { outcome, checked }),
    ]);
  }

  /** The next hint for what is still open, or for one key of it. */
  hint(id: string, key?: string): Hint {
    const exercise = this.exerciseNamed(id);
    const ask = this.askFor(exercise, key);
    const named = keyOf(exercise.graph, ask);
    const levels = hintsFor(exercise, ask);
    const slot = `${id} ${named}`;
    const level = Math.min((this.hintLevels.get(slot) ?? 0) + 1, levels.length);
    this.hintLevels.set(slot, level);
    const before = this.recordOf(id);
    this.records.set(id, { ...before, hints: before.hints + 1 });
    const data = { checkpoint: id, key: named, level, of: levels.length, text: levels[level - 1]! };
    const text = `Hint ${level} of ${levels.length} for ${askText(exercise.graph, ask)}: ${data.text}`;
    return this.displayed(data, text);
  }

  /** The worked answers to all that is open, or to one key. That they were taken is recorded. */
  solution(id: string, key?: string): Solution {
    const exercise = this.exerciseNamed(id);
    const { graph, asks } = exercise;
    const open = asks.filter((ask) => !this.settled(id).has(keyOf(graph, ask)));
    const wanted = key === undefined ? (open.length > 0 ? open : asks) : [this.askFor(exercise, key)];
    const before = this.recordOf(id);
    const taken = wanted.map((ask) => keyOf(graph, ask)).filter((name) => !before.answered.includes(name));
    this.records.set(id, { ...before, solutions: [...new Set([...before.solutions, ...taken])] });
    const answers = wanted.map((ask) => workedAnswer(exercise, ask));
    const { text, markdown } = solutionTexts(exercise, answers);
    const record = this.record;
    return shown({ checkpoint: id, answers }, () => [
      { "text/markdown": markdown, "text/plain": text, [recordType]: record },
      figureBundle(exercise, this.hidden(graph)),
    ]);
  }

  /** How far the lesson is done. */
  progress(): Progress {
    const checkpoints = [...this.exercises.values()].map(({ id, asks, graph }): CheckpointProgress => {
      const record = this.recordOf(id);
      return {
        checkpoint: id,
        right: asks.filter((ask) => record.answered.includes(keyOf(graph, ask))).length,
        of: asks.length,
        attempts: record.attempts,
        hints: record.hints,
        solutions: record.solutions.length,
      };
    });
    const right = checkpoints.reduce((total, { right }) => total + right, 0);
    const of = checkpoints.reduce((total, { of }) => total + of, 0);
    const data = { right, of, checkpoints };
    const line = (name: string, done: number, all: number): string =>
      `${barText(done, all)} ${done} of ${all}  ${name}`;
    const text =
      checkpoints.length === 0
        ? "No checkpoint has been asked yet."
        : [
            ...checkpoints.map((one) => line(`${one.checkpoint}${workText(one)}`, one.right, one.of)),
            line("altogether", right, of),
          ].join("\n");
    const record = this.record;
    return shown(data, () => [
      { "text/markdown": `\`\`\`text\n${text.replaceAll("`", "′")}\n\`\`\``, "text/plain": text, [recordType]: record },
    ]);
  }

  /** Points earned at a checkpoint: its worth by the share answered rightly. */
  points(id: string): number {
    const { asks, graph, options } = this.exerciseNamed(id);
    const { answered } = this.recordOf(id);
    const right = asks.filter((ask) => answered.includes(keyOf(graph, ask))).length;
    return ((options.points ?? 1) * right) / asks.length;
  }

  /** Starts a checkpoint, or all of them, anew; the old work is kept in the record. */
  reset(id?: string): void {
    for (const one of id === undefined ? [...this.records.keys()] : [id]) {
      const before = this.recordOf(one);
      if (before.attempts + before.hints + before.solutions.length === 0) continue;
      this.records.set(one, { ...emptyRecord, earlier: [...before.earlier, { ...before, earlier: [] }] });
      for (const slot of this.hintLevels.keys()) if (slot.startsWith(`${one} `)) this.hintLevels.delete(slot);
    }
  }

  /** All work so far, as plain data. */
  get record(): LessonRecord {
    return { version: 1, checkpoints: recordOf(this.records) };
  }

  /** Takes up work from a saved record; what is remembered already stays. Returns whether it was one. */
  restore(saved: unknown): boolean {
    const record = readRecord(saved);
    if (record === undefined) return false;
    for (const [id, one] of Object.entries(record.checkpoints)) {
      this.records.set(id, mergeRecords(one, this.recordOf(id)));
    }
    return true;
  }

  /** What is to be shown as `?` in a figure or table of the graph; `undefined` where nothing is. */
  hidden(graph: Graph): Hidden | undefined {
    const asked = new Set<string>();
    for (const exercise of this.exercises.values()) {
      const settled = this.settled(exercise.id);
      for (const ask of exercise.asks) {
        if (!settled.has(keyOf(exercise.graph, ask))) asked.add(openQuantity(exercise.graph, ask));
      }
    }
    if (asked.size === 0) return undefined;
    const id = (node: number): number => graph.nodes[node]!.value.id;
    const names = (quantity: Quantity): string => {
      switch (quantity.kind) {
        case "value":
          return `value ${id(quantity.node)}`;
        case "local":
          return `local ${id(quantity.node)} ${id(graph.nodes[quantity.node]!.inputs[quantity.position]!)}`;
        case "gradient":
          return `gradient ${id(graph.outputs[0]!)} ${id(quantity.node)}`;
      }
    };
    return (quantity) => asked.has(names(quantity));
  }

  /** What each checkpoint cannot notice and cannot tell apart: for the author. */
  lint(): readonly Lint[] {
    return [...this.exercises.values()].map(lint);
  }

  /** As `hidden`, for the graph of a value. */
  hiddenIn(value: Value): Hidden | undefined {
    return this.exercises.size === 0 ? undefined : this.hidden(graphOf(value));
  }

  private displayed<Data extends object>(data: Data, text: string): Data & Shown {
    const record = this.record;
    return shown(data, (): readonly MimeBundle[] => [
      { "text/markdown": markdownText(text), "text/plain": text, [recordType]: record },
    ]);
  }

  private exerciseNamed(id: string): Exercise {
    const exercise = this.exercises.get(id);
    if (exercise !== undefined) return exercise;
    const known = [...this.exercises.keys()].map((name) => `“${name}”`);
    throw new CheckpointError(
      known.length === 0
        ? `There is no checkpoint “${id}” yet. Run the cell with checkpoint(${JSON.stringify(id)}, …) first.`
        : `There is no checkpoint “${id}”. There is ${known.join(", ")}; is the cell with checkpoint(${JSON.stringify(id)}, …) still to be run?`,
    );
  }

  /** The ask of a key; without one the first that is open. */
  private askFor(exercise: Exercise, key: string | undefined): Ask {
    const { graph, asks, id } = exercise;
    if (key === undefined) return asks.find((ask) => !this.settled(id).has(keyOf(graph, ask))) ?? asks[0]!;
    const ask = exercise.reader.read(key);
    const found = typeof ask === "string" ? undefined : asks.find((one) => keyOf(graph, one) === keyOf(graph, ask));
    if (found !== undefined) return found;
    throw new CheckpointError(
      `Checkpoint “${id}” does not ask for “${key}”. It asks for ${asks.map((one) => keyOf(graph, one)).join(", ")}.`,
    );
  }

  private recordOf(id: string): CheckpointRecord {
    return this.records.get(id) ?? emptyRecord;
  }

  /** Keys that are answered rightly or whose solution was taken. */
  private settled(id: string): ReadonlySet<string> {
    const { answered, solutions } = this.recordOf(id);
    return new Set([...answered, ...solutions]);
  }

  /** The outcome, earlier right answers counted. */
  private tally(exercise: Exercise, entries: readonly Entry[]): OutcomeData {
    const { id, graph, asks } = exercise;
    const before = new Set(this.recordOf(id).answered);
    const now = new Map(entries.map((entry) => [entry.key, entry.kind]));
    const isRight = (ask: Ask): boolean => {
      const key = keyOf(graph, ask);
      const kind = now.get(key);
      return kind === "correct" || (kind === "missing" && before.has(key));
    };
    const right = asks.filter(isRight).length;
    const wrong = entries.some(({ kind }) => kind !== "correct" && kind !== "missing");
    const attempted = entries.some(({ kind }) => kind !== "missing");
    const kind = !attempted ? "not-attempted" : wrong ? "incorrect" : right === asks.length ? "correct" : "incomplete";
    return { kind, checkpoint: id, entries, right, of: asks.length };
  }

  private remember(id: string, outcome: OutcomeData, typed: ReadonlyMap<string, string>): void {
    const before = this.recordOf(id);
    const correct = outcome.entries.flatMap((entry) => (entry.kind === "correct" ? [entry.key] : []));
    // An answer given after its solution was taken is the solution's.
    const earned = correct.filter((key) => !before.solutions.includes(key));
    const attempt: Attempt = { answers: recordOf(typed), right: outcome.right, of: outcome.of };
    this.records.set(id, {
      ...before,
      attempts: before.attempts + 1,
      answered: [...new Set([...before.answered, ...earned])],
      first: before.first ?? attempt,
      best: before.best !== undefined && before.best.right >= attempt.right ? before.best : attempt,
      last: attempt,
    });
  }
}

function openQuantity(graph: Graph, ask: Ask): string {
  const id = (node: number): number => graph.nodes[node]!.value.id;
  switch (ask.kind) {
    case "value":
      return `value ${id(ask.node)}`;
    case "local":
      return `local ${id(ask.node)} ${id(ask.input)}`;
    case "gradient":
      return `gradient ${id(ask.output)} ${id(ask.node)}`;
  }
}

function barText(done: number, all: number): string {
  const full = all === 0 ? 0 : Math.floor((20 * done) / all);
  return "█".repeat(full) + "░".repeat(20 - full);
}

function workText({ attempts, hints, solutions }: CheckpointProgress): string {
  const parts = [
    attempts > 0 ? `${attempts} ${attempts === 1 ? "attempt" : "attempts"}` : "",
    hints > 0 ? `${hints} ${hints === 1 ? "hint" : "hints"}` : "",
    solutions > 0 ? `${solutions} ${solutions === 1 ? "solution" : "solutions"} taken` : "",
  ].filter((part) => part !== "");
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}
