import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { leaks } from "../../src/course/leaks.ts";
import { releasedContent } from "../../src/course/metadata.ts";
import { type Notebook, NotebookError, writeNotebook } from "../../src/course/notebook.ts";
import { linkedFiles } from "../../src/course/shape.ts";
import { copyAt } from "./copy.ts";
import { exists, LessonError, readLesson, reasonOf, releasedLesson, sourcesOf } from "./lessons.ts";
import { writeFileWhole } from "./write-file.ts";

export interface ReleaseOptions {
  /** Keeps worked solutions behind `solution(id)`; a class release contains none. */
  readonly selfStudy: boolean;
  readonly output: string;
}

/** nbgrader's settings for our notebooks, for the instructor of a class. */
const settings = fileURLToPath(new URL("../../../kernel/course/nbgrader_config.py", import.meta.url));

/**
 * Writes learners' copies of author notebooks (a notebook or a folder of them, with its data); returns the files
 * written. What cannot be released does not stop the rest: it is told at the end, by an error.
 */
export async function releaseLessons(source: string, options: ReleaseOptions): Promise<readonly string[]> {
  const { folder, lessons, data } = await sourcesOf(source, options.output);
  if (path.resolve(folder) === path.resolve(options.output)) {
    throw new Error(`The copies would overwrite the author's notebooks in ${folder}; choose another --output.`);
  }
  if (lessons.length === 0) throw new Error(`There is no notebook (.ipynb) in ${source}.`);
  const written: string[] = [];
  const problems: string[] = [];
  const released: { readonly name: string; readonly copy: Notebook }[] = [];
  for (const name of [...lessons, ...data]) {
    const target = path.join(options.output, name);
    try {
      const file = path.join(folder, name);
      if (lessons.includes(name)) released.push({ name, copy: await releaseOne(file, target, options.selfStudy) });
      else await copyData(file, target);
      written.push(target);
    } catch (error) {
      problems.push(error instanceof LessonError ? error.message : `${name}: ${reasonOf(error)}`);
    }
  }
  for (const { name, copy } of released) problems.push(...(await lostLinks(name, copy, folder, options.output)));
  if (!options.selfStudy) {
    const target = path.join(options.output, path.basename(settings));
    // The instructor may have changed them.
    if (!(await exists(target))) {
      await writeFileWhole(target, await readFile(settings));
      written.push(target);
    }
  }
  if (problems.length > 0) {
    const rest = released.length === 0 ? "No lesson was written." : `Written all the same: ${written.join(", ")}.`;
    throw new Error(`Not everything could be released.\n${problems.join("\n")}\n${rest}`);
  }
  return written;
}

async function releaseOne(file: string, target: string, selfStudy: boolean): Promise<Notebook> {
  const released = await releasedLesson(file, selfStudy);
  const author = await readLesson(file);
  // A copy that is released again has nothing left to give away.
  const given = releasedContent(author) === undefined ? leaks(author, released, selfStudy) : [];
  if (given.length > 0) throw new LessonError(file, new NotebookError(given));
  if ((await copyAt(target))?.worked) {
    throw new LessonError(
      file,
      new Error(`${target} holds somebody's work and is not overwritten. Move it away first.`),
    );
  }
  await writeFileWhole(target, writeNotebook(released));
  return released;
}

/** Data goes as it is, so nothing in it may be meant for the author alone. */
async function copyData(file: string, target: string): Promise<void> {
  const content = await readFile(file);
  if (/BEGIN (?:SOLUTION|HIDDEN TESTS|MARK SCHEME)/.test(content.toString("latin1"))) {
    throw new Error("it marks a solution, hidden tests or a mark scheme, which are taken out of lessons only");
  }
  await writeFileWhole(target, content);
}

/** Links that lead somewhere from the author's lesson, and nowhere from its copy. */
async function lostLinks(name: string, copy: Notebook, from: string, to: string): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const { place, file } of linkedFiles(copy)) {
    if ((await exists(path.resolve(from, file))) && !(await exists(path.resolve(to, file)))) {
      problems.push(`${name}: the cell with the id ${place.id} links to ${file}, which is not among the copies`);
    }
  }
  return problems;
}
