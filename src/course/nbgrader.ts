import { type Cell, isRecord } from "./notebook.ts";
import { faultsOf } from "./schema.ts";

/** nbgrader's cell metadata, version 3: what a cell is to the grader. */
export interface GraderMetadata {
  readonly schema_version: 3;
  /** The cell's name in the gradebook; one per notebook. */
  readonly grade_id?: string;
  /** Worth points. */
  readonly grade: boolean;
  /** Written by the learner. */
  readonly solution: boolean;
  readonly locked: boolean;
  readonly task?: boolean;
  readonly points?: number;
  readonly checksum?: string;
  readonly cell_type?: "code" | "markdown" | "raw";
}

/** Hashes UTF-8 text to lower-case hexadecimal; nbgrader's checksums want MD5. */
export type Hash = (text: string) => string;

export function graderMetadata(cell: Cell): GraderMetadata | undefined {
  // Believed once `graderFaults` has found nothing.
  return isRecord(cell.metadata["nbgrader"]) ? (cell.metadata["nbgrader"] as unknown as GraderMetadata) : undefined;
}

export const isSolution = (cell: Cell): boolean => graderMetadata(cell)?.solution === true;
export const isGrade = (cell: Cell): boolean => graderMetadata(cell)?.grade === true;
export const isTask = (cell: Cell): boolean => graderMetadata(cell)?.task === true;

/** A solution is never locked and tests always are, whatever the cell says. */
export function isLocked(cell: Cell): boolean {
  if (isSolution(cell)) return false;
  return isGrade(cell) || graderMetadata(cell)?.locked === true;
}

/** What nbgrader would not accept in a cell's metadata, as sentences. */
export function graderFaults(cell: Cell): readonly string[] {
  const given = cell.metadata["nbgrader"];
  if (given === undefined) return [];
  if (!isRecord(given)) return ["its nbgrader metadata is not an object"];
  if (typeof given["schema_version"] === "number" && given["schema_version"] !== 3) {
    return [
      `its nbgrader metadata is of version ${given["schema_version"]}; version 3 is read (nbgrader update converts it)`,
    ];
  }
  const faults = faultsOf("nbgrader", "cell", given).map((fault) => `in its nbgrader metadata ${fault}`);
  const metadata = given as unknown as GraderMetadata;
  const { grade, solution, locked, task = false } = metadata;
  if ((grade || solution || locked) && !metadata.grade_id)
    faults.push('a cell that nbgrader tracks needs a "grade_id"');
  if ((grade || task) && metadata.points === undefined) faults.push('a cell worth points needs "points"');
  if (task && (grade || solution || cell.cell_type !== "markdown")) {
    faults.push("a task is a Markdown cell that is neither graded by tests nor a solution");
  }
  if (cell.cell_type === "markdown" && grade !== solution) {
    faults.push("a Markdown cell is either graded and a solution (answered in words) or neither");
  }
  return faults;
}

/** nbgrader's checksum, by which its validation notices that a locked cell was changed. */
export function checksum(cell: Cell, md5: Hash): string {
  const metadata = graderMetadata(cell);
  const parts = [cell.source, cell.cell_type, pythonBoolean(isGrade(cell)), pythonBoolean(isSolution(cell))];
  parts.push(pythonBoolean(isLocked(cell)), metadata?.grade_id ?? "");
  if (isGrade(cell)) parts.push(pythonFloat(metadata?.points ?? 0));
  return md5(parts.join(""));
}

const pythonBoolean = (value: boolean): string => (value ? "True" : "False");

/** A number as Python's `str(float(x))` writes it. */
export function pythonFloat(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    const [digits = "", exponent = ""] = value.toExponential().split("e");
    return `${digits}e${exponent[0] === "-" ? "-" : "+"}${exponent.slice(1).padStart(2, "0")}`;
  }
  return Number.isInteger(value) ? `${Object.is(value, -0) ? "-0" : value}.0` : String(value);
}
