import { readFile } from "node:fs/promises";
import path from "node:path";
import { leaks } from "../../src/course/leaks.ts";
import { courseMetadata, releasedContent } from "../../src/course/metadata.ts";
import { graderMetadata, isGrade, isSolution } from "../../src/course/nbgrader.ts";
import { type Cell, type Notebook, type NotebookProblem, problemText } from "../../src/course/notebook.ts";
import { release, releaseProblems } from "../../src/course/release.ts";
import { countOf, linkedFiles, shapeProblems, silentFigures } from "../../src/course/shape.ts";
import { asExpression } from "../client/evaluate.ts";
import { exists, LessonError, md5, readLesson, reasonOf, sourcesOf } from "./lessons.ts";
import { type Rehearsal, Stage } from "./rehearsal.ts";
import { twoAtATime } from "./two-at-a-time.ts";

export interface VerifyOptions {
  /** What a lesson's shape lacks counts as a failure. */
  readonly strict: boolean;
}

/** What was found out about one author's notebook. */
interface Verification {
  readonly name: string;
  /** What is wrong, one sentence each. */
  readonly failures: readonly string[];
  /** What readers would miss. */
  readonly warnings: readonly string[];
  /** What holds, in a few words. */
  readonly summary: string;
}

/**
 * Checks an author's notebook, or all in a folder: that the solved copy runs and earns full points, that a learner's
 * copy runs and earns none, that planted mistakes are found out, and that no copy gives anything away. Prints one line
 * for each and what is wrong below it; resolves to the exit code.
 */
export async function verify(source: string, { strict }: VerifyOptions): Promise<number> {
  const { folder, lessons } = await sourcesOf(source);
  if (lessons.length === 0) throw new Error(`There is no notebook (.ipynb) in ${source}.`);
  const stage = await Stage.in(folder);
  let failed = 0;
  const print = ({ name, failures, warnings, summary }: Verification): void => {
    const fails = failures.length > 0 || (strict && warnings.length > 0);
    if (fails) failed += 1;
    console.log(`${fails ? "FAILED" : "ok    "}  ${name}: ${summary}`);
    for (const failure of failures) console.log(`        ${failure.replaceAll("\n", "\n          ")}`);
    for (const warning of warnings) console.log(`        ${strict ? "" : "(warning) "}${warning}`);
  };
  try {
    await twoAtATime(lessons, (name) => verifyLesson(path.join(folder, name), stage), print);
  } finally {
    await stage.close();
  }
  if (lessons.length > 1) console.log(`${lessons.length - failed} of ${countOf(lessons.length, "lesson")} ok`);
  return failed === 0 ? 0 : 1;
}

async function verifyLesson(file: string, stage: Stage): Promise<Verification> {
  const name = path.basename(file);
  const started = Date.now();
  try {
    const lesson = await readLesson(file);
    const failures = [...(await formatFailures(file, lesson))];
    const warnings = [...shapeProblems(lesson), ...(await brokenLinks(file, lesson))].map(problemText);
    const problems = releaseProblems(lesson).map(problemText);
    if (problems.length > 0) {
      return { name, failures: [...failures, ...problems], warnings, summary: "cannot be released" };
    }
    const copies = releasedCopies(lesson);
    for (const { kind, copy } of copies) {
      const found = leaks(lesson, copy, kind === "self-study");
      failures.push(...found.map((problem) => `In the ${kind} release: ${problemText(problem)}`));
    }
    const solved = await stage.rehearse(lesson, (rehearsal) => solvedFailures(lesson, rehearsal));
    failures.push(...solved.failures);
    warnings.push(...solved.warnings);
    failures.push(...(await stage.rehearse(copies[0]!.copy, (rehearsal) => blankFailures(lesson, rehearsal))));
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    return { name, failures, warnings, summary: `${summaryOf(lesson)}, ${seconds} s` };
  } catch (error) {
    const failures = error instanceof LessonError ? error.message.split("\n") : [reasonOf(error)];
    return { name, failures, warnings: [], summary: "not finished" };
  }
}

function summaryOf({ cells }: Notebook): string {
  const roles = cells.map(courseMetadata);
  const planted = roles.reduce((total, { mistakes = [] }) => total + mistakes.length, 0);
  const worth = cells.reduce((total, cell) => total + (isGrade(cell) ? (graderMetadata(cell)?.points ?? 0) : 0), 0);
  return [
    countOf(roles.filter(({ role }) => role === "checkpoint").length, "checkpoint"),
    countOf(roles.filter(({ role }) => role === "exercise").length, "exercise"),
    countOf(planted, "planted mistake"),
    countOf(worth, "point"),
  ].join(", ");
}

/** What the file should not hold: work, what running leaves behind, or what an older format says otherwise. */
async function formatFailures(file: string, lesson: Notebook): Promise<readonly string[]> {
  const failures: string[] = [];
  const { nbformat_minor: minor } = JSON.parse((await readFile(file, "utf8")).replace(/^\uFEFF/, "")) as {
    readonly nbformat_minor: number;
  };
  if (minor < 5) failures.push(`The notebook is in format 4.${minor}, in which cells have no ids; save it as 4.5.`);
  if (releasedContent(lesson) !== undefined) failures.push("This is a learner's copy, not an author's notebook.");
  const { language } = (lesson.metadata["kernelspec"] ?? {}) as { readonly language?: unknown };
  if (language !== "typescript") failures.push('The notebook\'s kernelspec does not say "language": "typescript".');
  for (const [index, cell] of lesson.cells.entries()) {
    if (cell.cell_type !== "code") continue;
    const place = { cell: index + 1, id: cell.id };
    if (cell.outputs.length > 0) failures.push(problemText({ ...place, what: "its outputs are not cleared" }));
    if (cell.execution_count !== null)
      failures.push(problemText({ ...place, what: "its execution count is not null" }));
  }
  return failures;
}

type Kind = "class" | "self-study";

/** Both releases of a lesson that has no release problems. */
function releasedCopies(lesson: Notebook): readonly { readonly kind: Kind; readonly copy: Notebook }[] {
  return (["class", "self-study"] as const).map((kind) => ({
    kind,
    copy: release(lesson, { selfStudy: kind === "self-study", md5 }),
  }));
}

async function brokenLinks(file: string, lesson: Notebook): Promise<readonly NotebookProblem[]> {
  const problems: NotebookProblem[] = [];
  for (const { place, file: linked } of linkedFiles(lesson)) {
    if (!(await exists(path.resolve(path.dirname(file), linked))))
      problems.push({ ...place, what: `it links to ${linked}, which is not there` });
  }
  return problems;
}

/** What a checkpoint's work looks like from outside; see `progress()`. */
interface Progress {
  readonly checkpoint: string;
  readonly right: number;
  readonly of: number;
  readonly attempts: number;
}

async function progressOf(rehearsal: Rehearsal): Promise<readonly Progress[]> {
  return (await rehearsal.ask("gradbook.progress().checkpoints")) as readonly Progress[];
}

async function solvedFailures(
  lesson: Notebook,
  rehearsal: Rehearsal,
): Promise<{ readonly failures: readonly string[]; readonly warnings: readonly string[] }> {
  const { notebook: executed, failure } = rehearsal;
  if (failure !== undefined) return { failures: [`In the solved copy, ${failureText(lesson, failure)}`], warnings: [] };
  const failures: string[] = [];
  for (const { cell, points, earned } of scoresOf(lesson, executed)) {
    if (earned !== points)
      failures.push(`The solved copy earns ${earned ?? "no number of"} points of ${points} in ${cell}.`);
  }
  for (const { checkpoint, right, of } of await progressOf(rehearsal)) {
    if (right < of) failures.push(`The solved copy answers ${right} of ${of} at checkpoint “${checkpoint}”.`);
  }
  for (const [index, cell] of lesson.cells.entries()) {
    for (const problem of await plantedProblems(cell, rehearsal)) {
      failures.push(problemText({ cell: index + 1, id: cell.id, what: problem }));
    }
  }
  return { failures, warnings: silentFigures(executed).map(problemText) };
}

/** Planted mistakes that are not found out as intended. */
async function plantedProblems(cell: Cell, rehearsal: Rehearsal): Promise<readonly string[]> {
  const { checkpoint, mistakes = [] } = courseMetadata(cell);
  const problems: string[] = [];
  for (const { answer, expect } of mistakes) {
    const planted = `the planted mistake ${JSON.stringify(answer)}`;
    try {
      const outcome = await rehearsal.ask(`gradbook.answer(${asExpression(checkpoint)}, ${asExpression(answer)})`);
      const rules = rulesIn(outcome);
      if (rules.includes(expect)) continue;
      const instead = rules.length === 0 ? `nothing (it is ${kindsIn(outcome)})` : rules.join(" or ");
      problems.push(`${planted} should be diagnosed as ${expect}; found is ${instead}`);
    } catch (error) {
      problems.push(`${planted} cannot be answered: ${reasonOf(error)}`);
    }
  }
  return problems;
}

/** The ids of the rules that an outcome names as reasons, whatever kind of checkpoint it comes from. */
function rulesIn(outcome: unknown): readonly string[] {
  if (Array.isArray(outcome)) return [...new Set(outcome.flatMap(rulesIn))];
  if (typeof outcome !== "object" || outcome === null) return [];
  const own = "rule" in outcome && typeof outcome.rule === "string" ? [outcome.rule] : [];
  return [...new Set([...own, ...Object.values(outcome).flatMap(rulesIn)])];
}

function kindsIn(outcome: unknown): string {
  const { kind, entries = [] } = outcome as { kind?: string; entries?: readonly { kind: string }[] };
  const kinds = entries.map((entry) => entry.kind).filter((each) => each !== "missing");
  return [...new Set(kinds.length > 0 ? kinds : [kind ?? "no outcome"])].join(", ");
}

async function blankFailures(lesson: Notebook, rehearsal: Rehearsal): Promise<readonly string[]> {
  const { notebook: executed, failure } = rehearsal;
  if (failure !== undefined) return [`In a learner's blank copy, ${failureText(lesson, failure)}`];
  const failures: string[] = [];
  for (const { cell, earned } of scoresOf(lesson, executed)) {
    if (earned !== 0)
      failures.push(`A learner's blank copy earns ${earned ?? "no number of"} points in ${cell}, not 0.`);
  }
  for (const { checkpoint, right, attempts } of await progressOf(rehearsal)) {
    if (right > 0 || attempts > 0)
      failures.push(`In a learner's blank copy, checkpoint “${checkpoint}” counts as attempted.`);
  }
  return failures;
}

interface Score {
  readonly cell: string;
  readonly points: number;
  /** What the cell returned; undefined where that is not a number. */
  readonly earned: number | undefined;
}

/** What each cell that is graded by running it gives; one worth nothing may give anything. */
function scoresOf(lesson: Notebook, executed: Notebook): readonly Score[] {
  return executed.cells.flatMap((cell): readonly Score[] => {
    const points = graderMetadata(cell)?.points ?? 0;
    if (cell.cell_type !== "code" || !isGrade(cell) || isSolution(cell) || points === 0) return [];
    const result = cell.outputs.find((output) => output.output_type === "execute_result");
    const text = result === undefined ? "" : String(result.data["text/plain"] ?? "").trim();
    const earned = text === "" || Number.isNaN(Number(text)) ? undefined : Number(text);
    return [{ cell: placeText(lesson, cell.id), points, earned }];
  });
}

function failureText(lesson: Notebook, { id, firstLine, error }: NonNullable<Rehearsal["failure"]>): string {
  return `${placeText(lesson, id)} fails: ${firstLine}\n${error}`;
}

/** A cell by its place in the author's notebook, also where it failed in a copy. */
function placeText(lesson: Notebook, id: string): string {
  return `cell ${lesson.cells.findIndex((cell) => cell.id === id) + 1} (id ${id})`;
}
