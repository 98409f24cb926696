import { type Cell, isRecord, type Notebook } from "./notebook.ts";
import { faultsOf } from "./schema.ts";

/** Our own cell metadata; metadata.schema.json says what each part means. */
export interface CourseMetadata {
  readonly role?: "instructor" | "checkpoint" | "answer" | "exercise";
  readonly checkpoint?: string;
  readonly mistakes?: readonly PlantedMistake[];
  readonly invisible?: Readonly<Record<string, string>>;
  readonly solution?: string;
}

/** An answer that must be found wrong, and the id of the rule that must be named. */
export interface PlantedMistake {
  readonly answer: string | Readonly<Record<string, string>>;
  readonly expect: string;
}

export function courseMetadata(cell: Cell): CourseMetadata {
  // Believed once `courseFaults` has found nothing.
  return isRecord(cell.metadata["gradbook"]) ? (cell.metadata["gradbook"] as CourseMetadata) : {};
}

/** What is wrong with a cell's own metadata, as sentences. */
export function courseFaults(cell: Cell): readonly string[] {
  const given = cell.metadata["gradbook"];
  if (given === undefined) return [];
  const faults = faultsOf("gradbook-metadata", "cell", given).map((fault) => `in its gradbook metadata ${fault}`);
  const { role, checkpoint, mistakes, invisible } = courseMetadata(cell);
  if ((role === "checkpoint" || role === "answer") && checkpoint === undefined) {
    faults.push(`a cell with the role ${role} names its checkpoint`);
  }
  if (mistakes !== undefined && role !== "answer") faults.push("mistakes are planted in a cell with the role answer");
  if (invisible !== undefined && role !== "checkpoint") {
    faults.push("invisible mistakes are explained in a cell with the role checkpoint");
  }
  return faults;
}

/** The hash of what a learner's copy said when it was released; undefined where it was not made by a release. */
export function releasedContent(notebook: Notebook): string | undefined {
  const given = notebook.metadata["gradbook"];
  const release = isRecord(given) ? given["release"] : undefined;
  const content = isRecord(release) ? release["content"] : undefined;
  return typeof content === "string" ? content : undefined;
}
