import { readdir } from "node:fs/promises";
import path from "node:path";
import type { OutcomeData } from "../../src/checkpoints/outcome.ts";
import { courseMetadata } from "../../src/course/metadata.ts";
import type { Notebook } from "../../src/course/notebook.ts";
import {
  attemptsIn,
  type CheckpointReport,
  classReport,
  type Diagnosed,
  recordIn,
  type Work,
} from "../../src/course/report.ts";
import { reportCsv, reportTable } from "../../src/course/report-text.ts";
import { asExpression } from "../client/evaluate.ts";
import { LessonError, lessonFiles, readLesson, reasonOf } from "./lessons.ts";
import { type Rehearsal, Stage } from "./rehearsal.ts";

export interface ReportOptions {
  /** The author's lessons: with them mistakes are named, since their graphs say what is wrong in an answer. */
  readonly lessons?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
}

/** An author's notebook with the ids of its checkpoints. */
interface Lesson {
  readonly name: string;
  readonly notebook: Notebook;
  readonly checkpoints: readonly string[];
}

/**
 * Prints how a class did, checkpoint by checkpoint, from the records that its notebooks carry. Nothing of the learners
 * is run: their answers are data. Notebooks that cannot be read are named at the end and do not stop the rest.
 */
export async function report(folder: string, options: ReportOptions): Promise<void> {
  const problems: string[] = [];
  const lessons = options.lessons === undefined ? [] : await authorLessons(options.lessons, problems);
  const works: Work[] = [];
  for (const file of await notebooksBelow(folder)) {
    try {
      const notebook = await readLesson(path.join(folder, file));
      const record = recordIn(notebook) ?? { version: 1, checkpoints: {} };
      works.push({ learner: learnerOf(file), lesson: lessonOf(file, notebook, lessons), record });
    } catch (error) {
      problems.push(`${file}: ${reasonText(error)}`);
    }
  }
  const diagnoses = await diagnosed(works, lessons, options.lessons, problems);
  const order = new Map(lessons.map(({ name, checkpoints }) => [name, checkpoints]));
  const reports = classReport(
    works,
    order,
    (lesson, checkpoint, answers) => diagnoses.get(attemptName(lesson, checkpoint, answers)) ?? [],
  );
  print(reports, problems, options);
}

function print(reports: readonly CheckpointReport[], problems: readonly string[], { json, csv }: ReportOptions): void {
  if (json) {
    console.log(JSON.stringify({ checkpoints: reports, problems }, null, 2));
    return;
  }
  if (csv) process.stdout.write(reportCsv(reports));
  else console.log(reports.length === 0 ? "No notebook there carries work on a checkpoint." : reportTable(reports));
  // Beside the table, never in a file that it is redirected to.
  for (const problem of problems) console.error(`Not counted: ${problem}`);
}

/** Notebooks below a folder, relative to it, in order; hidden files and links are none of it. */
async function notebooksBelow(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  const visit = async (below: string): Promise<void> => {
    const entries = await readdir(path.join(folder, below), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name.startsWith(".")) continue;
      const file = path.join(below, entry.name);
      if (entry.isDirectory()) await visit(file);
      else if (entry.isFile() && entry.name.endsWith(".ipynb")) found.push(file);
    }
  };
  try {
    await visit("");
  } catch (error) {
    throw new Error(`The notebooks in ${folder} cannot be read: ${reasonOf(error)}.`, { cause: error });
  }
  return found;
}

/** A folder for each learner, as nbgrader has it, or a file for each. */
function learnerOf(file: string): string {
  const [first = file, ...rest] = file.split(path.sep);
  return rest.length > 0 ? first : path.basename(file, ".ipynb");
}

/** Which lesson a learner's copy is one of: by its file's name, else by its checkpoints; by its title where no lesson is known. */
function lessonOf(file: string, notebook: Notebook, lessons: readonly Lesson[]): string {
  const named = lessons.find(({ name }) => name === path.basename(file));
  if (named !== undefined) return named.name;
  const own = new Set(checkpointsOf(notebook));
  const shared = lessons.map(({ name, checkpoints }) => ({
    name,
    count: checkpoints.filter((id) => own.has(id)).length,
  }));
  const [best] = shared.filter(({ count }) => count > 0).sort((a, b) => b.count - a.count);
  const title = notebook.cells.flatMap(({ source }) => /^#\s+(.+)$/m.exec(source)?.[1] ?? [])[0];
  return best?.name ?? title ?? path.basename(file);
}

function checkpointsOf(notebook: Notebook): readonly string[] {
  return notebook.cells.flatMap((cell) => {
    const { role, checkpoint } = courseMetadata(cell);
    return role === "checkpoint" && checkpoint !== undefined ? [checkpoint] : [];
  });
}

async function authorLessons(folder: string, problems: string[]): Promise<readonly Lesson[]> {
  const found: Lesson[] = [];
  for (const name of (await lessonFiles(folder)).lessons) {
    try {
      const notebook = await readLesson(path.join(folder, name));
      found.push({ name, notebook, checkpoints: checkpointsOf(notebook) });
    } catch (error) {
      problems.push(`${path.join(folder, name)}: ${reasonText(error)}`);
    }
  }
  return found;
}

interface Attempt {
  readonly checkpoint: string;
  readonly answers: Readonly<Record<string, string>>;
}

const attemptName = (lesson: string, checkpoint: string, answers: Attempt["answers"]): string =>
  JSON.stringify([lesson, checkpoint, answers]);

/** What is wrong in each attempt, by the graphs of the author's lessons. */
async function diagnosed(
  works: readonly Work[],
  lessons: readonly Lesson[],
  folder: string | undefined,
  problems: string[],
): Promise<ReadonlyMap<string, readonly Diagnosed[]>> {
  const found = new Map<string, readonly Diagnosed[]>();
  if (folder === undefined) return found;
  const stage = await Stage.in(folder);
  try {
    for (const { name, notebook, checkpoints } of lessons) {
      const attempts = attemptsAt(works, name, checkpoints);
      if (attempts.length === 0) continue;
      await stage.rehearse(notebook, async (rehearsal) => {
        const { failure } = rehearsal;
        if (failure !== undefined)
          problems.push(`${name}: cell ${failure.cell} (id ${failure.id}) fails: ${failure.error}`);
        for (const [index, rules] of (await rulesFor(attempts, rehearsal)).entries()) {
          const { checkpoint, answers } = attempts[index]!;
          found.set(attemptName(name, checkpoint, answers), rules);
        }
      });
    }
  } finally {
    await stage.close();
  }
  return found;
}

function attemptsAt(works: readonly Work[], lesson: string, checkpoints: readonly string[]): readonly Attempt[] {
  const attempts = new Map<string, Attempt>();
  for (const { record } of works.filter((work) => work.lesson === lesson)) {
    for (const [checkpoint, one] of Object.entries(record.checkpoints)) {
      if (!checkpoints.includes(checkpoint)) continue;
      for (const answers of attemptsIn(one)) {
        attempts.set(attemptName(lesson, checkpoint, answers), { checkpoint, answers });
      }
    }
  }
  return [...attempts.values()];
}

/** So many attempts are diagnosed by one request. */
const together = 50;

async function rulesFor(attempts: readonly Attempt[], { ask }: Rehearsal): Promise<readonly (readonly Diagnosed[])[]> {
  const rules: (readonly Diagnosed[])[] = [];
  for (let start = 0; start < attempts.length; start += together) {
    const part = attempts.slice(start, start + together);
    // An answer that cannot be checked, as after a change of the lesson, is diagnosed as nothing.
    const outcomes = (await ask(
      `${asExpression(part)}.map((one: any) => { try { return gradbook.answer(one.checkpoint, one.answers); } catch { return null; } })`,
    )) as readonly (OutcomeData | null)[];
    rules.push(...outcomes.map(diagnosedIn));
  }
  return rules;
}

function diagnosedIn(outcome: OutcomeData | null): readonly Diagnosed[] {
  return (outcome?.entries ?? []).flatMap((entry) =>
    entry.kind === "incorrect" ? [{ key: entry.key, rules: entry.because.map(({ rule }) => rule) }] : [],
  );
}

/** A notebook's faults in one line; its file is named beside. */
function reasonText(error: unknown): string {
  if (!(error instanceof LessonError)) return reasonOf(error);
  const own = `${path.basename(error.file)}: `;
  return error.message
    .split("\n")
    .map((line) => (line.startsWith(own) ? line.slice(own.length) : line))
    .join(" ");
}
