import {
  type CheckpointRecord,
  type LessonRecord,
  mergeRecords,
  readRecord,
  recordOf,
  recordType,
} from "../checkpoints/record.ts";
import type { Notebook } from "./notebook.ts";

/** What one learner did in one lesson. */
export interface Work {
  readonly learner: string;
  readonly lesson: string;
  readonly record: LessonRecord;
}

/** A wrong answer, diagnosed: the rules that each give it. */
export interface Diagnosed {
  readonly key: string;
  readonly rules: readonly string[];
}

/** Diagnoses of an attempt; those of one that nobody could diagnose are empty. */
export type Diagnose = (
  lesson: string,
  checkpoint: string,
  answers: Readonly<Record<string, string>>,
) => readonly Diagnosed[];

/** How a class did at one checkpoint. */
export interface CheckpointReport {
  readonly lesson: string;
  readonly checkpoint: string;
  /** How many learners have the lesson. */
  readonly learners: number;
  readonly tried: number;
  /** All right at the first attempt. */
  readonly firstTry: number;
  /** All right in the end, solutions not counted. */
  readonly right: number;
  /** How many hints were taken altogether. */
  readonly hints: number;
  /** How many learners took a solution. */
  readonly solutions: number;
  /** The most frequent first. */
  readonly mistakes: readonly MistakeReport[];
}

/** Wrong answers that the same rules explain: where there are several, the answer cannot tell which, and all are named. */
export interface MistakeReport {
  readonly key: string;
  readonly rules: readonly string[];
  /** How many learners gave such an answer, however often. */
  readonly learners: number;
}

/** All the work on checkpoints that a notebook's outputs carry; undefined where they carry none. */
export function recordIn(notebook: Notebook): LessonRecord | undefined {
  const merged = new Map<string, CheckpointRecord>();
  let found = false;
  for (const cell of notebook.cells) {
    for (const output of cell.cell_type === "code" ? cell.outputs : []) {
      const record = "data" in output ? readRecord(output.data[recordType]) : undefined;
      if (record === undefined) continue;
      found = true;
      for (const [id, one] of Object.entries(record.checkpoints)) {
        const before = merged.get(id);
        merged.set(id, before === undefined ? one : mergeRecords(before, one));
      }
    }
  }
  return found ? { version: 1, checkpoints: recordOf(merged) } : undefined;
}

/** How a class did, checkpoint by checkpoint; `order` are the checkpoints of each lesson that is known. */
export function classReport(
  works: readonly Work[],
  order: ReadonlyMap<string, readonly string[]>,
  diagnose: Diagnose,
): readonly CheckpointReport[] {
  const lessons = [...new Set([...order.keys(), ...works.map(({ lesson }) => lesson)])];
  return lessons.flatMap((lesson) => {
    const learners = byLearner(works.filter((work) => work.lesson === lesson));
    if (learners.size === 0) return [];
    const records = [...learners.values()];
    const checkpoints = order.get(lesson) ?? [...new Set(records.flatMap((one) => [...one.keys()]))];
    return checkpoints.map((checkpoint): CheckpointReport => {
      const all = records.flatMap((one) => one.get(checkpoint) ?? []).map(withEarlier);
      return {
        lesson,
        checkpoint,
        learners: learners.size,
        tried: all.filter(({ attempts }) => attempts > 0).length,
        firstTry: all.filter(({ first }) => first !== undefined && first.of > 0 && first.right === first.of).length,
        right: all.filter(isRight).length,
        hints: all.reduce((total, { hints }) => total + hints, 0),
        solutions: all.filter(({ solutions }) => solutions > 0).length,
        mistakes: mistakesIn(all, (answers) => diagnose(lesson, checkpoint, answers)),
      };
    });
  });
}

/** The attempts that a record remembers, each once. */
export function attemptsIn(record: CheckpointRecord): readonly Readonly<Record<string, string>>[] {
  const kept = [...record.earlier, record].flatMap(({ first, best, last }) => [first, best, last]);
  const texts = new Map(
    kept.flatMap((each) => (each === undefined ? [] : [[JSON.stringify(each.answers), each.answers]])),
  );
  return [...texts.values()];
}

interface Summed {
  readonly attempts: number;
  readonly hints: number;
  readonly solutions: number;
  readonly first: CheckpointRecord["first"];
  readonly record: CheckpointRecord;
}

/** The work on a checkpoint with what was before it was begun anew. */
function withEarlier(record: CheckpointRecord): Summed {
  const all = [...record.earlier, record];
  const sum = (of: (one: CheckpointRecord) => number): number => all.reduce((total, one) => total + of(one), 0);
  return {
    attempts: sum(({ attempts }) => attempts),
    hints: sum(({ hints }) => hints),
    solutions: sum(({ solutions }) => solutions.length),
    first: all.find(({ first }) => first !== undefined)?.first,
    record,
  };
}

function isRight({ record }: Summed): boolean {
  return [...record.earlier, record].some(({ answered, best }) => {
    return best !== undefined && best.of > 0 && new Set(answered).size >= best.of;
  });
}

function mistakesIn(
  all: readonly Summed[],
  diagnose: (answers: Readonly<Record<string, string>>) => readonly Diagnosed[],
): readonly MistakeReport[] {
  const counted = new Map<string, MistakeReport>();
  for (const { record } of all) {
    const own = new Map<string, Diagnosed>();
    for (const answers of attemptsIn(record)) {
      for (const found of diagnose(answers)) {
        if (found.rules.length > 0) own.set(`${found.key}\n${found.rules.join("\n")}`, found);
      }
    }
    for (const [name, { key, rules }] of own) {
      counted.set(name, { key, rules, learners: (counted.get(name)?.learners ?? 0) + 1 });
    }
  }
  return [...counted.values()].sort((a, b) => b.learners - a.learners);
}

function byLearner(works: readonly Work[]): ReadonlyMap<string, ReadonlyMap<string, CheckpointRecord>> {
  const learners = new Map<string, Map<string, CheckpointRecord>>();
  for (const { learner, record } of works) {
    const own = learners.get(learner) ?? new Map<string, CheckpointRecord>();
    learners.set(learner, own);
    for (const [id, one] of Object.entries(record.checkpoints)) {
      const before = own.get(id);
      own.set(id, before === undefined ? one : mergeRecords(before, one));
    }
  }
  return learners;
}
