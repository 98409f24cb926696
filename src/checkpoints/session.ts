import { type Graph, graphOf } from "../graph/graph.ts";
import type { Value } from "../graph/value.ts";
import type { MimeBundle } from "../views/display.ts";
import type { Hidden, Quantity } from "../views/marks.ts";
import { askedTable } from "./asked-table.ts";
import { type Ask, keyOf } from "./asks.ts";
import { type Checked, check } from "./check.ts";
import { type ChoiceOptions, choiceOf } from "./choice.ts";
import { codeExerciseOf, type ExerciseOptions } from "./code/code-exercise.ts";
import { codeLint } from "./code/lint.ts";
import { runCode } from "./code/run.ts";
import { codeReply } from "./code/text.ts";
import { markdownText, type Shown, shown } from "./display.ts";
import { CheckpointError } from "./errors.ts";
import { type CheckpointOptions, type Exercise, exerciseOf } from "./exercise.ts";
import { figureBundle } from "./figure.ts";
import { hintsFor } from "./hint.ts";
import { Ledger } from "./ledger.ts";
import type { Lint } from "./lint.ts";
import type { Entry, OutcomeData } from "./outcome.ts";
import { type PredictionOptions, predictionOf } from "./prediction.ts";
import { progressFigure, progressOf, progressText } from "./progress.ts";
import { type Question, replySaid, type Said, type Task } from "./question.ts";
import { type LessonRecord, recordType } from "./record.ts";
import { askText, promptLines, replyMarkdown, replyText } from "./reply.ts";
import type {
  Answers,
  ExerciseOutcome,
  Hint,
  LessonPlace,
  Outcome,
  Progress,
  Prompt,
  Reply,
  Reset,
  Solution,
} from "./results.ts";
import { scalarLint } from "./scalar-lint.ts";
import { solutionTexts, workedAnswer } from "./solution.ts";
import { tensorLint } from "./tensor/lint.ts";
import { Variant } from "./variant.ts";

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
  private readonly tasks = new Map<string, Task>();
  private readonly ledger = new Ledger();
  private caveat: string | undefined;
  private readonly hintLevels = new Map<string, number>();
  private seed: string;
  private solutionOf: (id: string) => string | undefined = () => undefined;

  /** @param seed varies numbers and the points at which answers are compared: the learner's name, say. */
  constructor(seed: string = "") {
    this.seed = seed;
  }

  /** Takes its place in a lesson: whose it is, and what was done before. */
  begin({ learner, saved = [], solutionOf, save, caveat }: LessonPlace): void {
    if (learner !== undefined) this.seed = learner;
    for (const record of saved) this.ledger.restore(record);
    if (solutionOf !== undefined) this.solutionOf = solutionOf;
    if (save !== undefined) this.ledger.watch(save);
    this.caveat = caveat;
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
    this.tasks.delete(id);
    const open = exercise.asks.map((ask) => keyOf(exercise.graph, ask)).filter((key) => !this.settled(id).has(key));
    return shown({ checkpoint: id, open }, () => {
      const { text, code } = promptLines(exercise, this.settled(id));
      const markdown = markdownText(text).replaceAll("\n", "\n\n");
      return [
        {
          "text/markdown": code === "" ? markdown : `${markdown}\n\n\`\`\`ts\n${code}\n\`\`\``,
          "text/plain": code === "" ? text : `${text}\n\n${code}`,
        },
        this.view(exercise),
      ];
    });
  }

  /** Asks to choose. Without the right one, as a class release has it, answers are recorded and graded later. */
  choice(id: string, options: ChoiceOptions): Prompt {
    return this.asked(choiceOf(id, options));
  }

  /** Asks what a computation will give, before it is run. */
  predict(id: string, options: PredictionOptions): Prompt {
    return this.asked(predictionOf(id, options));
  }

  /** Tries a learner's function at inputs and compares what it gives with what is right. */
  exercise<Given extends readonly unknown[]>(id: string, f: unknown, options: ExerciseOptions<Given>): ExerciseOutcome {
    const exercise = codeExerciseOf(id, options, this.seed);
    const { keys } = exercise;
    this.register({
      id,
      keys,
      points: options.points,
      hints: () => options.hints ?? [],
      solution: () => codeSolution(id, this.solutionOf(id)),
      lint: () => codeLint(exercise, f),
    });
    const outcome = runCode(exercise, f);
    if (outcome.kind !== "not-attempted") {
      const correct = outcome.entries.flatMap((entry) => (entry.kind === "correct" ? [entry.key] : []));
      const typed = new Map([["code", String(f).slice(0, longestCode)]]);
      this.ledger.attempted(id, { typed, correct, right: outcome.right, of: outcome.of });
    }
    const { markdown, text } = codeReply(exercise, outcome);
    return this.displayed(outcome, text, markdown);
  }

  /**
   * Checks answers: `answer("seed", { "dz/da": "w" })`, `answer("which", "b")`.
   *
   * @throws {CheckpointError} where no checkpoint has that id.
   */
  answer(id: string, choice: string | number): Reply;
  answer(id: string, answers: Answers): Outcome;
  answer(id: string, answers: Answers | string | number): Outcome | Reply {
    const task = this.tasks.get(id);
    if (task !== undefined) return this.answered(task, answers);
    const exercise = this.exerciseNamed(id);
    if (typeof answers !== "object" || answers === null || Array.isArray(answers)) {
      const [first] = exercise.asks;
      throw new CheckpointError(
        `answer(${JSON.stringify(id)}, …) takes an object of answers by key, such as { ${JSON.stringify(keyOf(exercise.graph, first!))}: "…" }.`,
      );
    }
    const checked = check(exercise, answers, this.settled(id));
    const outcome = this.tally(exercise, checked.entries);
    if (checked.typed.size > 0) {
      const correct = outcome.entries.flatMap((entry) => (entry.kind === "correct" ? [entry.key] : []));
      this.ledger.attempted(id, { typed: checked.typed, correct, right: outcome.right, of: outcome.of });
    }
    const record = this.record;
    return shown(outcome, () => [
      {
        "text/markdown": replyMarkdown(exercise, outcome),
        "text/plain": replyText(exercise, outcome),
        [recordType]: record,
      },
      // Where nothing was answered the checkpoint's own figure, right above, says all that there is.
      ...(outcome.kind === "not-attempted" ? [] : [this.view(exercise, { outcome, checked })]),
    ]);
  }

  /** The next hint for what is still open, or for one key of it. */
  hint(id: string, key?: string): Hint {
    const task = this.tasks.get(id);
    if (task !== undefined) return this.hintFor(id, task.keys[0]!, task.hints(), "");
    const exercise = this.exerciseNamed(id);
    const ask = this.askFor(exercise, key);
    const named = keyOf(exercise.graph, ask);
    return this.hintFor(id, named, hintsFor(exercise, ask), ` for ${askText(exercise.graph, ask)}`);
  }

  /** The worked answers to all that is open, or to one key. That they were taken is recorded. */
  solution(id: string, key?: string): Solution {
    const task = this.tasks.get(id);
    if (task !== undefined) return this.taskSolution(task);
    const exercise = this.exerciseNamed(id);
    const { graph, asks } = exercise;
    const open = asks.filter((ask) => !this.settled(id).has(keyOf(graph, ask)));
    const wanted = key === undefined ? (open.length > 0 ? open : asks) : [this.askFor(exercise, key)];
    this.ledger.solved(
      id,
      wanted.map((ask) => keyOf(graph, ask)),
    );
    const answers = wanted.map((ask) => workedAnswer(exercise, ask));
    const { text, markdown } = solutionTexts(exercise, answers);
    const record = this.record;
    return shown({ checkpoint: id, answers, text }, () => [
      { "text/markdown": markdown, "text/plain": text, [recordType]: record },
      this.view(exercise),
    ]);
  }

  /** How far the lesson is done. */
  progress(): Progress {
    const data = progressOf([...this.counted()].map((one) => ({ ...one, record: this.ledger.recordOf(one.id) })));
    const { record } = this;
    const text = progressText(data);
    const { caveat } = this;
    this.caveat = undefined;
    return shown(data, () => [
      {
        ...(data.checkpoints.length > 0 && progressFigure(data).bundle()),
        "text/plain": text,
        [recordType]: record,
      },
      ...(caveat === undefined ? [] : [{ "text/markdown": markdownText(caveat), "text/plain": caveat }]),
    ]);
  }

  /** Points earned at a checkpoint: its worth by the share answered rightly. */
  points(id: string): number {
    const one = this.counted().find((candidate) => candidate.id === id);
    if (one === undefined) throw this.unknown(id);
    const { answered } = this.ledger.recordOf(id);
    return ((one.points ?? 1) * one.keys.filter((key) => answered.includes(key)).length) / one.keys.length;
  }

  /** Starts a checkpoint, or all of them, anew; the old work is kept in the record. */
  reset(id?: string): Reset {
    const checkpoints = this.ledger.reset(id);
    for (const slot of this.hintLevels.keys()) {
      if (checkpoints.some((one) => slot.startsWith(`${one} `))) this.hintLevels.delete(slot);
    }
    const names = checkpoints.map((one) => `“${one}”`).join(", ");
    const text =
      checkpoints.length === 0
        ? "There was no work to put aside."
        : `${names}: you begin anew. The work so far is kept in the record.`;
    return this.displayed({ checkpoints }, text);
  }

  /** Numbers and names of the learner's own, the same each time. */
  variant(seed: string | number): Variant {
    return new Variant(`${this.seed}/${seed}`);
  }

  /** All work so far, as plain data. */
  get record(): LessonRecord {
    return this.ledger.record;
  }

  /** Takes up work from a saved record; what is remembered already stays. Returns whether it was one. */
  restore(saved: unknown): boolean {
    return this.ledger.restore(saved);
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
    const names = (quantity: Quantity): string | readonly string[] => {
      switch (quantity.kind) {
        case "value": {
          const { value, gradient } = graph.nodes[quantity.node]!;
          // A recorded gradient is a value of its own graph.
          const asGradient = gradient === undefined ? [] : [`gradient ${gradient.output} ${gradient.of}`];
          return [`value ${value.id}`, ...asGradient];
        }
        case "local":
          return `local ${id(quantity.node)} ${id(graph.nodes[quantity.node]!.inputs[quantity.position]!)}`;
        case "gradient":
          return graph.outputs.map((output) => `gradient ${id(output)} ${id(quantity.node)}`);
      }
    };
    return (quantity) => [names(quantity)].flat().some((name) => asked.has(name));
  }

  /** What each checkpoint cannot notice and cannot tell apart: for the author. */
  lint(): readonly Lint[] {
    return [
      ...[...this.exercises.values()].map((exercise) =>
        exercise.of === "scalars" ? scalarLint(exercise) : tensorLint(exercise),
      ),
      ...[...this.tasks.values()].map((task) => task.lint()),
    ];
  }

  /** As `hidden`, for the graph of some values. */
  hiddenIn(...values: readonly Value[]): Hidden | undefined {
    return this.exercises.size === 0 ? undefined : this.hidden(graphOf(...values));
  }

  /** The graph, or the table to be filled in, with what is open as `?`. */
  private view(exercise: Exercise, about?: { readonly outcome: OutcomeData; readonly checked: Checked }): MimeBundle {
    const hidden = this.hidden(exercise.graph);
    if (exercise.options.kind === "table") return askedTable(exercise, hidden, this.settled(exercise.id));
    return figureBundle(exercise, hidden, about);
  }

  private displayed<Data extends object>(data: Data, text: string, markdown = markdownText(text)): Data & Shown {
    const { record } = this;
    return shown(data, (): readonly MimeBundle[] => [
      { "text/markdown": markdown, "text/plain": text, [recordType]: record },
    ]);
  }

  private register(task: Task): void {
    this.exercises.delete(task.id);
    this.tasks.set(task.id, task);
  }

  private asked(question: Question): Prompt {
    this.register(question);
    const { id, keys } = question;
    const open = keys.filter((key) => !this.settled(id).has(key));
    return shown({ checkpoint: id, open }, () => [question.prompt(this.ledger.recordOf(id))]);
  }

  private answered(task: Task, given: unknown): Reply {
    const { id } = task;
    if (!isQuestion(task)) {
      throw new CheckpointError(
        `Checkpoint “${id}” is answered by the function: write it, and run the cell with exercise(${JSON.stringify(id)}, …).`,
      );
    }
    const { reply, graded } = task.judge(given, this.ledger.recordOf(id));
    if (graded !== undefined) this.ledger.attempted(id, graded);
    const said = replySaid(reply);
    return this.displayed(reply, said["text/plain"], said["text/markdown"]);
  }

  private hintFor(id: string, key: string, levels: readonly string[], what: string): Hint {
    const slot = `${id} ${key}`;
    const level = Math.min((this.hintLevels.get(slot) ?? 0) + 1, levels.length);
    if (level === 0) {
      const text = `There is no hint for “${id}” here; there may be one in the lesson's text beside it.`;
      return this.displayed({ checkpoint: id, key, level, of: 0, text }, text);
    }
    this.hintLevels.set(slot, level);
    this.ledger.hinted(id, key, level);
    const text = levels[level - 1]!;
    return this.displayed(
      { checkpoint: id, key, level, of: levels.length, text },
      `Hint ${level} of ${levels.length}${what}: ${text}`,
    );
  }

  private taskSolution(task: Task): Solution {
    const { id, keys } = task;
    const said = task.solution();
    if (said === undefined) {
      const text = `There is no solution of “${id}” in this notebook.`;
      return this.displayed({ checkpoint: id, answers: [], text }, text);
    }
    this.ledger.solved(id, keys);
    const text = said["text/plain"];
    return this.displayed({ checkpoint: id, answers: [], text }, text, said["text/markdown"]);
  }

  /** Every checkpoint of any kind, as far as it counts. */
  private counted(): readonly Pick<Task, "id" | "keys" | "points">[] {
    const graphs = [...this.exercises.values()].map(({ id, asks, graph, options }) => ({
      id,
      keys: asks.map((ask) => keyOf(graph, ask)),
      points: options.points,
    }));
    return [...graphs, ...this.tasks.values()];
  }

  private exerciseNamed(id: string): Exercise {
    const exercise = this.exercises.get(id);
    if (exercise !== undefined) return exercise;
    throw this.unknown(id);
  }

  private unknown(id: string): CheckpointError {
    const known = this.counted().map((one) => `“${one.id}”`);
    return new CheckpointError(
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

  private settled(id: string): ReadonlySet<string> {
    return this.ledger.settled(id);
  }

  /** The outcome, earlier right answers counted. */
  private tally(exercise: Exercise, entries: readonly Entry[]): OutcomeData {
    const { id, graph, asks } = exercise;
    const before = new Set(this.ledger.recordOf(id).answered);
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
}

/** How much of a function's text is recorded. */
const longestCode = 1000;

function isQuestion(task: Task): task is Question {
  return "judge" in task;
}

function codeSolution(id: string, code: string | undefined): Said | undefined {
  if (code === undefined) return undefined;
  const title = `Exercise ${id}: solution`;
  return {
    "text/markdown": `**${markdownText(title)}**\n\n\`\`\`ts\n${code.replaceAll("```", "′′′")}\n\`\`\``,
    "text/plain": `${title}\n${code}`,
  };
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
