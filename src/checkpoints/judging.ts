import type { Graph } from "../graph/graph.ts";
import type { Mark } from "../views/marks.ts";
import { type Ask, keyOf } from "./asks.ts";
import type { Diagnosis } from "./diagnosis.ts";
import type { Exercise } from "./exercise.ts";
import type { Entry } from "./outcome.ts";
import type { AnswerSyntaxError } from "./parse.ts";

/** What was found about answers: an entry for each ask, and where the first mistake is in the graph. */
export interface Judged {
  readonly entries: readonly Entry[];
  readonly marks: readonly Mark[];
  /** What the marks are about. */
  readonly marked: Ask | undefined;
}

/** How answers of one kind, formulas of numbers or of tensors, are read, compared and explained. */
export interface Judging<Answer, Verdict extends { readonly kind: "right" | "rounded" | "wrong" }> {
  readonly read: (text: string, ask: Ask) => Answer;
  /** What keeps an answer from being read, as an entry; undefined where the error is none of the learner's. */
  readonly unread: (error: unknown, ask: Ask, text: string) => Entry | undefined;
  readonly compare: (answer: Answer, ask: Ask) => Verdict;
  readonly written: (answer: Answer) => string;
  /** The keys of derivatives that an answer names, as found before. */
  readonly named: (answer: Answer) => readonly string[];
  /** The wrong keys on which an answer rests that is right given these; none where it is not. */
  readonly follows: (ask: Ask, answers: ReadonlyMap<string, Answer>, wrong: ReadonlySet<string>) => readonly string[];
  readonly diagnose: (answer: Answer, ask: Ask, known: ReadonlySet<string>) => Diagnosis;
  readonly incorrect: (
    answer: Answer,
    ask: Ask,
    verdict: Extract<Verdict, { readonly kind: "wrong" }>,
    diagnosis: Diagnosis,
  ) => Omit<Extract<Entry, { readonly kind: "incorrect" }>, "kind" | "key" | "got">;
}

/** Verdicts first, for all; then the reasons, which may rest on one another. */
export function judged<Answer, Verdict extends { readonly kind: "right" | "rounded" | "wrong" }>(
  { graph, asks, numbersCount }: Exercise,
  typed: ReadonlyMap<string, string>,
  problems: ReadonlyMap<string, Entry>,
  settled: ReadonlySet<string>,
  judging: Judging<Answer, Verdict>,
): Judged {
  const unread = new Map(problems);
  const answers = new Map<string, Answer>();
  const verdicts = new Map<string, Verdict>();
  for (const ask of asks) {
    const key = keyOf(graph, ask);
    const text = typed.get(key);
    if (text === undefined || problems.has(key)) continue;
    try {
      answers.set(key, judging.read(text, ask));
    } catch (error) {
      const entry = judging.unread(error, ask, text);
      if (entry === undefined) throw error;
      unread.set(key, entry);
    }
  }
  for (const ask of asks) {
    const key = keyOf(graph, ask);
    const answer = answers.get(key);
    if (answer !== undefined) verdicts.set(key, judging.compare(answer, ask));
  }
  const wrong = new Set([...verdicts].flatMap(([key, verdict]) => (verdict.kind === "wrong" ? [key] : [])));
  const known = new Set([...verdicts.keys()].filter((key) => !wrong.has(key)));
  // Who names a derivative takes it as found. Where numbers count, what it comes to would be shown, so it has to be.
  const isOpen = (key: string): boolean => wrong.has(key) || (numbersCount && !known.has(key) && !settled.has(key));
  const openIn = (answer: Answer): readonly string[] =>
    judging.named(answer).flatMap((key) => {
      const found = answers.get(key);
      return isOpen(key) ? [key] : found === undefined ? [] : openIn(found);
    });
  let marks: readonly Mark[] = [];
  let marked: Ask | undefined;
  const entries = asks.map((ask): Entry => {
    const key = keyOf(graph, ask);
    const problem = unread.get(key);
    if (problem !== undefined) {
      // Shapes that clash are a mistake, too, and may be the first.
      if (problem.kind === "incorrect") marked ??= ask;
      return problem;
    }
    const answer = answers.get(key);
    const verdict = verdicts.get(key);
    if (answer === undefined || verdict === undefined) return { kind: "missing", key, settled: settled.has(key) };
    const got = judging.written(answer);
    if (!isWrong(verdict)) {
      const open = [...new Set(openIn(answer))];
      if (open.length > 0) return { kind: "follows", key, got, from: open, stands: true };
      return { kind: "correct", key, got, rounded: verdict.kind === "rounded" };
    }
    const from = judging.follows(ask, answers, wrong);
    if (from.length > 0) return { kind: "follows", key, got, from, stands: false };
    const diagnosis = judging.diagnose(answer, ask, known);
    if (marked === undefined) {
      marked = ask;
      marks = diagnosis.marks;
    }
    return { kind: "incorrect", key, got, ...judging.incorrect(answer, ask, verdict, diagnosis) };
  });
  return { entries, marks, marked };
}

/** An answer that cannot be read, and where in it. */
export function unreadable(graph: Graph, ask: Ask, text: string, error: AnswerSyntaxError): Entry {
  return { kind: "unreadable", key: keyOf(graph, ask), got: text, message: error.message, position: error.position };
}

function isWrong<Verdict extends { readonly kind: string }>(
  verdict: Verdict,
): verdict is Extract<Verdict, { readonly kind: "wrong" }> {
  return verdict.kind === "wrong";
}
