import {
  type Attempt,
  type CheckpointRecord,
  emptyRecord,
  type LessonRecord,
  mergeRecords,
  readRecord,
  recordOf,
} from "./record.ts";

/** What an attempt was found to be worth. */
export interface Graded {
  /** The answers as they were typed, by key. */
  readonly typed: ReadonlyMap<string, string>;
  /** Keys that are right. */
  readonly correct: readonly string[];
  readonly right: number;
  readonly of: number;
}

/** The work on every checkpoint of a lesson, whatever its kind. */
export class Ledger {
  private readonly records = new Map<string, CheckpointRecord>();
  private listener: (record: LessonRecord) => void = () => {};

  recordOf(id: string): CheckpointRecord {
    return this.records.get(id) ?? emptyRecord;
  }

  /** Keys that are answered rightly or whose solution was taken. */
  settled(id: string): ReadonlySet<string> {
    const { answered, solutions } = this.recordOf(id);
    return new Set([...answered, ...solutions]);
  }

  /** An attempt; the last one given again, as by running all cells once more, is none. */
  attempted(id: string, { typed, correct, right, of }: Graded): void {
    const before = this.recordOf(id);
    // An answer given after its solution was taken is the solution's.
    const earned = correct.filter((key) => !before.solutions.includes(key));
    const attempt: Attempt = { answers: recordOf(typed), right, of };
    const again = before.last !== undefined && sameAnswers(before.last, attempt);
    this.change(id, {
      ...before,
      attempts: before.attempts + (again ? 0 : 1),
      answered: [...new Set([...before.answered, ...earned])],
      first: before.first ?? attempt,
      best: before.best !== undefined && before.best.right >= attempt.right ? before.best : attempt,
      last: attempt,
    });
  }

  /** A hint of some level for a key; one that went as far before is none. */
  hinted(id: string, key: string, level: number): void {
    const before = this.recordOf(id);
    const { hinted = {} } = before;
    const known = Object.hasOwn(hinted, key) ? hinted[key]! : 0;
    if (level <= known) return;
    const levels = recordOf([...Object.entries(hinted).filter(([other]) => other !== key), [key, level] as const]);
    this.change(id, { ...before, hints: before.hints + 1, hinted: levels });
  }

  /** Solutions of the keys are taken; of those answered rightly before it makes no difference. */
  solved(id: string, keys: readonly string[]): void {
    const before = this.recordOf(id);
    const taken = keys.filter((key) => !before.answered.includes(key));
    this.change(id, { ...before, solutions: [...new Set([...before.solutions, ...taken])] });
  }

  /** Begins anew and keeps the old work; the ids at which there was any. */
  reset(id?: string): readonly string[] {
    const worked = (id === undefined ? [...this.records.keys()] : [id]).filter((one) => {
      const { attempts, hints, solutions } = this.recordOf(one);
      return attempts + hints + solutions.length > 0;
    });
    for (const one of worked) {
      const before = this.recordOf(one);
      this.change(one, { ...emptyRecord, earlier: [...before.earlier, { ...before, earlier: [] }] });
    }
    return worked;
  }

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

  /** Tells of every change from here on. */
  watch(listener: (record: LessonRecord) => void): void {
    this.listener = listener;
  }

  private change(id: string, record: CheckpointRecord): void {
    this.records.set(id, record);
    this.listener(this.record);
  }
}

function sameAnswers(one: Attempt, other: Attempt): boolean {
  const keys = Object.keys(one.answers);
  return (
    keys.length === Object.keys(other.answers).length &&
    keys.every((key) => Object.hasOwn(other.answers, key) && one.answers[key] === other.answers[key])
  );
}
