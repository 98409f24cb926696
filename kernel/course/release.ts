import { readFile } from "node:fs/promises";
import path from "node:path";
import { writeNotebook } from "../../src/course/notebook.ts";
import { copyAt } from "./copy.ts";
import { LessonError, reasonOf, releasedLesson, sourcesOf } from "./lessons.ts";
import { writeFileWhole } from "./write-file.ts";

export interface ReleaseOptions {
  /** Keeps worked solutions behind `solution(id)`; a class release contains none. */
  readonly selfStudy: boolean;
  readonly output: string;
}

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
  for (const name of [...lessons, ...data]) {
    const target = path.join(options.output, name);
    try {
      if (lessons.includes(name)) await releaseOne(path.join(folder, name), target, options.selfStudy);
      else await writeFileWhole(target, await readFile(path.join(folder, name)));
      written.push(target);
    } catch (error) {
      problems.push(error instanceof LessonError ? error.message : `${name}: ${reasonOf(error)}`);
    }
  }
  if (problems.length > 0) {
    const rest = written.length === 0 ? "Nothing was written." : `Written all the same: ${written.join(", ")}.`;
    throw new Error(`Not everything could be released.\n${problems.join("\n")}\n${rest}`);
  }
  return written;
}

async function releaseOne(file: string, target: string, selfStudy: boolean): Promise<void> {
  const released = await releasedLesson(file, selfStudy);
  if ((await copyAt(target))?.worked) {
    throw new LessonError(
      file,
      new Error(`${target} holds somebody's work and is not overwritten. Move it away first.`),
    );
  }
  await writeFileWhole(target, writeNotebook(released));
}
