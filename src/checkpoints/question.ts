import type { MimeBundle } from "../views/display.ts";
import { markdownText } from "./display.ts";
import type { Graded } from "./ledger.ts";
import type { Lint } from "./lint.ts";
import type { CheckpointRecord } from "./record.ts";

/** What became of an answer to a choice or a prediction: plain data. */
export interface ReplyData {
  /** `recorded`: nothing here can tell whether it is right; it is graded later. */
  readonly kind: "correct" | "incorrect" | "recorded" | "not-attempted";
  readonly checkpoint: string;
  /** As it was understood; empty where nothing was answered. */
  readonly got: string;
  /** What there is to say about it, sentence by sentence. */
  readonly because: readonly string[];
  readonly right: number;
  readonly of: number;
}

/** An answer with its verdict. */
export interface Judged {
  readonly reply: ReplyData;
  /** What is to be remembered; nothing where nothing was attempted. */
  readonly graded?: Graded;
}

/** A reply about the one thing that a question asks. */
export function replyTo(id: string, kind: ReplyData["kind"], got: string, because: readonly string[]): ReplyData {
  return { kind, checkpoint: id, got, because, right: kind === "correct" ? 1 : 0, of: 1 };
}

/** Text in both forms in which a notebook shows it. */
export type Said = MimeBundle & { readonly "text/markdown": string; readonly "text/plain": string };

/** A checkpoint that does not ask for derivatives in a graph: the session counts, the kind knows the rest. */
export interface Task {
  readonly id: string;
  /** What counts, one by one. */
  readonly keys: readonly string[];
  readonly points: number | undefined;
  /** From small to large. */
  hints(): readonly string[];
  /** The worked answer; `undefined` where there is none here. */
  solution(): Said | undefined;
  /** What its author should know about it. */
  lint(): Lint;
}

/** One that is answered in words: with `answer(id, …)`. */
export interface Question extends Task {
  /** What is asked. */
  prompt(record: CheckpointRecord): Said;
  judge(given: unknown, record: CheckpointRecord): Judged;
}

/** The reply to an answer, as a notebook shows it. */
export function replySaid({ kind, checkpoint, got, because }: ReplyData): Said {
  const headlines: Readonly<Record<ReplyData["kind"], string>> = {
    correct: `✓ ${got}: right.`,
    incorrect: `✗ ${got}: not right.`,
    recorded: `${got}.`,
    "not-attempted": "not attempted yet.",
  };
  const headline = `Checkpoint ${checkpoint}: ${headlines[kind]}`;
  return {
    "text/markdown": [`**${markdownText(headline)}**`, "", ...because.map((sentence) => `- ${sentence}`)].join("\n"),
    "text/plain": [headline, ...because.map((sentence) => `    ${sentence}`)].join("\n"),
  };
}
