/**
 * The media type under which the record travels in an answer's output.
 *
 * @example
 * ```ts
 * import { recordType } from "gradbook";
 *
 * recordType // application/vnd.gradbook.record+json
 * ```
 */
export const recordType = "application/vnd.gradbook.record+json";

/** One attempt as it was typed. */
export interface Attempt {
  readonly answers: Readonly<Record<string, string>>;
  readonly right: number;
  readonly of: number;
}

/** All that is remembered of the work on one checkpoint. */
export interface CheckpointRecord {
  readonly attempts: number;
  readonly hints: number;
  /** How far the hints went, by key: one that is shown again, as by running all cells once more, is no further one. */
  readonly hinted?: Readonly<Record<string, number>>;
  /** Keys whose solution was taken. */
  readonly solutions: readonly string[];
  /** Keys answered rightly. */
  readonly answered: readonly string[];
  readonly first?: Attempt;
  readonly best?: Attempt;
  readonly last?: Attempt;
  /** Work before a reset, oldest first. */
  readonly earlier: readonly CheckpointRecord[];
}

/** The work on a lesson so far, by checkpoint: cumulative, so that the last one in a file is the whole of it. */
export interface LessonRecord {
  readonly version: 1;
  readonly checkpoints: Readonly<Record<string, CheckpointRecord>>;
}

export const emptyRecord: CheckpointRecord = { attempts: 0, hints: 0, solutions: [], answered: [], earlier: [] };

/** Reads a record from a file: `undefined` where it is none; parts that make no sense are left away. */
export function readRecord(data: unknown): LessonRecord | undefined {
  if (!isObject(data)) return undefined;
  const { version, checkpoints } = data;
  if (version !== 1 || !isObject(checkpoints)) return undefined;
  const read = Object.entries(checkpoints).flatMap(([id, saved]) => {
    const record = readCheckpoint(saved, 0);
    return record === undefined ? [] : [[id, record] as const];
  });
  return { version: 1, checkpoints: recordOf(read) };
}

/**
 * Two records of one checkpoint as one: nothing of either is lost. Work since the last reset stands above work before
 * it, and of the attempts those of the record that knows more of them.
 */
export function mergeRecords(one: CheckpointRecord, other: CheckpointRecord): CheckpointRecord {
  const [earlier, later] = isLater(one, other) ? [other, one] : [one, other];
  // A record with more resets holds what the other one has as earlier work.
  if (earlier.earlier.length < later.earlier.length) return later;
  const best = [earlier.best, later.best].reduce((a, b) => (b === undefined || (a && a.right >= b.right) ? a : b));
  const first = earlier.first ?? later.first;
  const last = later.last ?? earlier.last;
  const hinted = furthest(earlier.hinted, later.hinted);
  return {
    attempts: Math.max(earlier.attempts, later.attempts),
    hints: Math.max(earlier.hints, later.hints),
    ...(hinted && { hinted }),
    solutions: [...new Set([...earlier.solutions, ...later.solutions])],
    answered: [...new Set([...earlier.answered, ...later.answered])],
    ...(first && { first }),
    ...(best && { best }),
    ...(last && { last }),
    earlier: later.earlier,
  };
}

function furthest(one: CheckpointRecord["hinted"], other: CheckpointRecord["hinted"]): CheckpointRecord["hinted"] {
  if (one === undefined || other === undefined) return one ?? other;
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  const levelIn = (record: Readonly<Record<string, number>>, key: string): number =>
    Object.hasOwn(record, key) ? record[key]! : 0;
  return recordOf(keys.map((key) => [key, Math.max(levelIn(one, key), levelIn(other, key))]));
}

/** Whether the first record was written after the second, as far as counts tell. */
function isLater(one: CheckpointRecord, other: CheckpointRecord): boolean {
  const counts = (record: CheckpointRecord): readonly number[] => [
    record.earlier.length,
    record.attempts,
    record.hints,
    record.solutions.length,
    record.answered.length,
  ];
  const [a, b] = [counts(one), counts(other)];
  const place = a.findIndex((count, index) => count !== b[index]);
  return place >= 0 && a[place]! > b[place]!;
}

/** An object by key, safe for keys such as __proto__. */
export function recordOf<Item>(entries: Iterable<readonly [string, Item]>): Readonly<Record<string, Item>> {
  return Object.fromEntries(entries);
}

const deepestHistory = 20;

function readCheckpoint(data: unknown, depth: number): CheckpointRecord | undefined {
  if (!isObject(data) || depth > deepestHistory) return undefined;
  const { attempts, hints, hinted, solutions, answered, earlier } = data;
  const first = readAttempt(data, "first");
  const best = readAttempt(data, "best");
  const last = readAttempt(data, "last");
  return {
    attempts: readCount(attempts),
    hints: readCount(hints),
    ...(isObject(hinted) && {
      hinted: recordOf(Object.entries(hinted).map(([key, level]) => [key, readCount(level)])),
    }),
    solutions: readTexts(solutions),
    answered: readTexts(answered),
    ...(first && { first }),
    ...(best && { best }),
    ...(last && { last }),
    earlier: Array.isArray(earlier) ? earlier.flatMap((work) => readCheckpoint(work, depth + 1) ?? []) : [],
  };
}

function readAttempt(data: Readonly<Record<string, unknown>>, which: string): Attempt | undefined {
  const attempt = data[which];
  if (!isObject(attempt)) return undefined;
  const { answers, right, of } = attempt;
  if (!isObject(answers)) return undefined;
  const typed = Object.entries(answers).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return { answers: recordOf(typed), right: readCount(right), of: readCount(of) };
}

function readCount(data: unknown): number {
  return Number.isSafeInteger(data) && (data as number) > 0 ? (data as number) : 0;
}

function readTexts(data: unknown): readonly string[] {
  return Array.isArray(data) ? data.filter((text): text is string => typeof text === "string") : [];
}

/** Whether data read from a file is an object with keys. */
export function isObject(data: unknown): data is Readonly<Record<string, unknown>> {
  return typeof data === "object" && data !== null && !Array.isArray(data);
}
