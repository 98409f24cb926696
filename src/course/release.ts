import { seal } from "../checkpoints/sealing.ts";
import { choiceFault, isChoice, sealedChoice, unsealedChoice } from "./choices.ts";
import { courseFaults, courseMetadata, releasedContent } from "./metadata.ts";
import {
  checksum,
  graderFaults,
  graderMetadata,
  type Hash,
  isGrade,
  isLocked,
  isSolution,
  isTask,
} from "./nbgrader.ts";
import {
  type Cell,
  type CodeCell,
  isRecord,
  type Metadata,
  type Notebook,
  NotebookError,
  type NotebookProblem,
  sortKeys,
} from "./notebook.ts";
import { blankAnswers, type Marked, markedRegions, removeRegions, replaceRegions, withoutMarkers } from "./regions.ts";

/** What a learner finds where code is to be written: calling it says so instead of returning something wrong. */
export const codeStub: readonly string[] = ["// YOUR CODE HERE", 'throw new Error("Not written yet.");'];
const textStub: readonly string[] = ["YOUR ANSWER HERE"];

export interface ReleaseOptions {
  /** Keeps each exercise's worked solution, encoded, in its cell's metadata, where `solution(id)` looks for it. */
  readonly selfStudy: boolean;
  /** MD5, for nbgrader's checksums and the hash of the content. */
  readonly md5: Hash;
}

/**
 * A learner's copy of an author's notebook. Solutions give way to stubs; hidden tests, mark schemes, instructor
 * cells, planted mistakes and outputs are gone; cells that nbgrader tracks are protected and carry a checksum.
 * A notebook that cannot be released without giving something away throws a `NotebookError`.
 */
export function release(notebook: Notebook, options: ReleaseOptions): Notebook {
  const before = releasedContent(notebook);
  if (before !== undefined) return releaseAgain(notebook, before, options);
  const problems = releaseProblems(notebook);
  if (problems.length > 0) throw new NotebookError(problems);
  const kept = notebook.cells.filter((cell) => courseMetadata(cell).role !== "instructor");
  const metadata = withoutKeys(notebook.metadata, ["gradbook", "widgets"]);
  return stamped({ ...notebook, metadata, cells: kept.map((cell) => releaseCell(cell, options)) }, options.md5);
}

// A released copy has no markers left to tell a learner's text from a solution: it is taken as it is, or not at all.
function releaseAgain(notebook: Notebook, content: string, options: ReleaseOptions): Notebook {
  if (contentHash(notebook, options.md5) !== content) {
    throw new NotebookError([{ what: "This is a learner's copy with work in it, not an author's notebook." }]);
  }
  if (options.selfStudy) return notebook;
  const cells = notebook.cells.map((cell) => withoutSolution(withoutSealed(cell, options)));
  return stamped({ ...notebook, cells }, options.md5);
}

function stamped(notebook: Notebook, md5: Hash): Notebook {
  return {
    ...notebook,
    metadata: { ...notebook.metadata, gradbook: { release: { content: contentHash(notebook, md5) } } },
  };
}

function withoutSealed(cell: Cell, options: ReleaseOptions): Cell {
  const source = isChoice(cell.source) ? unsealedChoice(cell.source) : cell.source;
  return source === cell.source ? cell : { ...cell, source, metadata: releasedMetadata(cell, source, options) };
}

function withoutSolution(cell: Cell): Cell {
  const { solution, ...course } = courseMetadata(cell);
  if (solution === undefined) return cell;
  const metadata = withoutKeys(cell.metadata, ["gradbook"]);
  return { ...cell, metadata: Object.keys(course).length > 0 ? { ...metadata, gradbook: course } : metadata };
}

/**
 * A hash of what a notebook's cells say: kinds, texts, outputs, and what the course and the grader know of them. Opening and saving a notebook leaves it
 * as it is, writing or running changes it.
 */
export function contentHash(notebook: Notebook, hash: Hash): string {
  const said = notebook.cells.map((cell) => {
    const beside = cell.cell_type === "code" ? cell.outputs : (cell.attachments ?? {});
    return [cell.cell_type, cell.source, beside, cell.metadata["gradbook"] ?? {}, cell.metadata["nbgrader"] ?? {}];
  });
  return hash(JSON.stringify(sortKeys(said)));
}

/** Everything that keeps a notebook from being released, cell by cell. */
export function releaseProblems(notebook: Notebook): readonly NotebookProblem[] {
  const problems: NotebookProblem[] = [];
  const gradeIds = new Map<string, number>();
  for (const [index, cell] of notebook.cells.entries()) {
    const place = { cell: index + 1, id: cell.id };
    const faults = [...courseFaults(cell), ...graderFaults(cell)];
    if (faults.length === 0) faults.push(...regionFaults(cell));
    problems.push(...faults.map((what) => ({ ...place, what })));
    const gradeId = graderMetadata(cell)?.grade_id;
    if (typeof gradeId !== "string") continue;
    const first = gradeIds.get(gradeId);
    if (first !== undefined) problems.push({ ...place, what: `cell ${first} has the same grade_id, ${gradeId}` });
    gradeIds.set(gradeId, first ?? index + 1);
  }
  return problems;
}

function regionFaults(cell: Cell): readonly string[] {
  // An instructor cell is removed whole: whatever it holds, nothing of it is seen.
  if (courseMetadata(cell).role === "instructor") return [];
  const marked = markedRegions(cell.source);
  if ("fault" in marked) return [marked.fault];
  const faults: string[] = [];
  const has = (kind: Marked["kind"]): boolean => marked.regions.some((region) => region.kind === kind);
  if (has("SOLUTION") && !isSolution(cell))
    faults.push("it marks a solution, but its nbgrader metadata does not make it a solution");
  if (has("HIDDEN TESTS") && !isGrade(cell))
    faults.push("it marks hidden tests, but its nbgrader metadata does not make it a graded cell");
  if (has("MARK SCHEME") && !isTask(cell))
    faults.push("it marks a mark scheme, but its nbgrader metadata does not make it a task");
  if (/AUTOTEST|HASHED/.test(cell.source) && isGrade(cell))
    faults.push("tests made by AUTOTEST are not supported: write the test out");
  if (courseMetadata(cell).role === "answer") {
    const blank = blankAnswers(cell.source);
    if ("fault" in blank) faults.push(blank.fault);
  }
  const choice = isChoice(cell.source) ? choiceFault(cell.source) : undefined;
  if (choice !== undefined) faults.push(choice);
  return faults;
}

function releaseCell(cell: Cell, options: ReleaseOptions): Cell {
  const source = releasedSource(cell, options);
  const metadata = releasedMetadata(cell, source, options);
  if (cell.cell_type !== "code") return { ...cell, source, metadata };
  const released: CodeCell = { ...cell, source, metadata, outputs: [], execution_count: null };
  return released;
}

function releasedSource(cell: Cell, { selfStudy }: ReleaseOptions): string {
  const { role } = courseMetadata(cell);
  let source = cell.source;
  if (role === "answer") {
    const blank = blankAnswers(source);
    if (!("fault" in blank)) source = blank.source;
  } else if (isSolution(cell)) {
    source = replaceRegions(source, "SOLUTION", cell.cell_type === "code" ? codeStub : textStub);
  }
  if (selfStudy && isChoice(source)) source = sealedChoice(source);
  return removeRegions(removeRegions(source, "HIDDEN TESTS"), "MARK SCHEME");
}

// What running leaves behind, and what only the author may read.
const dropped = ["execution", "ExecuteTime", "collapsed", "scrolled", "gradbook", "nbgrader"];

function releasedMetadata(cell: Cell, source: string, options: ReleaseOptions): Metadata {
  const metadata: Record<string, unknown> = { ...withoutKeys(cell.metadata, dropped) };
  const { mistakes: _mistakes, invisible: _invisible, solution: _solution, ...course } = courseMetadata(cell);
  const exercise = cell.cell_type === "code" && isSolution(cell) && course.role !== "answer";
  const own = options.selfStudy && exercise ? { ...course, solution: seal(withoutMarkers(cell.source)) } : course;
  if (Object.keys(own).length > 0) metadata["gradbook"] = own;
  const grader = graderMetadata(cell);
  if (grader === undefined) return metadata;
  const locked = isLocked(cell);
  if (grader.grade || grader.solution || locked) {
    const { checksum: _checksum, ...plain } = grader;
    const tracked = { ...plain, locked, cell_type: cell.cell_type };
    const sum = checksum({ ...cell, source, metadata: { nbgrader: tracked } }, options.md5);
    metadata["nbgrader"] = { ...tracked, checksum: sum };
    metadata["deletable"] = false;
    if (locked) metadata["editable"] = false;
  } else {
    metadata["nbgrader"] = grader;
  }
  return metadata;
}

function withoutKeys(metadata: Metadata, keys: readonly string[]): Metadata {
  return isRecord(metadata) ? Object.fromEntries(Object.entries(metadata).filter(([key]) => !keys.includes(key))) : {};
}
