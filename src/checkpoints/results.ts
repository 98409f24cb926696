import type { CodeOutcomeData } from "./code/run.ts";
import type { Shown } from "./display.ts";
import type { OutcomeData } from "./outcome.ts";
import type { ProgressData } from "./progress.ts";
import type { ReplyData } from "./question.ts";
import type { LessonRecord } from "./record.ts";
import type { Worked } from "./solution.ts";

// What a session takes and gives back: plain data that can show itself.

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
  /** Of a graph's quantities; empty for other kinds of checkpoints. */
  readonly answers: readonly Worked[];
  /** As it is shown. */
  readonly text: string;
}
export type Solution = SolutionData & Shown;

/** What became of an answer to a choice or a prediction. */
export type Reply = ReplyData & Shown;

/** What became of a function that was to be written. */
export type ExerciseOutcome = CodeOutcomeData & Shown;

interface ResetData {
  /** The checkpoints that begin anew. */
  readonly checkpoints: readonly string[];
}
export type Reset = ResetData & Shown;

/** What a session may be given of the world around it. */
export interface LessonPlace {
  /** Varies numbers from learner to learner. */
  readonly learner?: string;
  /** A record of earlier work. */
  readonly saved?: readonly unknown[];
  /** The worked solution of a function to be written, where the notebook keeps one. */
  readonly solutionOf?: (id: string) => string | undefined;
  /** Is told of all work after each change. */
  readonly save?: (record: LessonRecord) => void;
  /** How work is kept, where that is not as a learner expects; said once, with the progress. */
  readonly caveat?: string;
}

export type Progress = ProgressData & Shown;
