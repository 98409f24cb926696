import path from "node:path";
import { fileURLToPath } from "node:url";
import { type Notebook, writeNotebook } from "../../src/course/notebook.ts";
import { exists, lessonFiles, readLesson } from "./lessons.ts";
import { writeFileWhole } from "./write-file.ts";

export interface NewLessonOptions {
  /** The folder of lessons that it joins. */
  readonly folder: string;
  /** Its place among them; without one the next that is free. */
  readonly number?: number;
}

const template = fileURLToPath(new URL("../../../kernel/course/template/lesson.ipynb", import.meta.url));

/** Writes a small lesson that works, to be rewritten into a new one; returns its file. No lesson is overwritten. */
export async function newLesson(name: string, { folder, number }: NewLessonOptions): Promise<string> {
  const words = slugOf(name);
  if (words === "") throw new Error(`“${name}” has no letter or digit to name a file by.`);
  const { lessons } = (await exists(folder)) ? await lessonFiles(folder) : { lessons: [] };
  const taken = new Map(lessons.flatMap((file) => (/^\d+/.test(file) ? [[Number.parseInt(file, 10), file]] : [])));
  const place = number ?? Math.max(0, ...taken.keys()) + 1;
  const other = taken.get(place);
  if (other !== undefined) throw new Error(`Lesson ${place} is there already: ${other}. Choose another --number.`);
  const file = path.join(folder, `${String(place).padStart(2, "0")}-${words}.ipynb`);
  await writeFileWhole(file, writeNotebook(filled(await readLesson(template), titleOf(name), place)));
  return file;
}

function filled(lesson: Notebook, title: string, number: number): Notebook {
  const cells = lesson.cells.map((cell) => ({
    ...cell,
    // A function, since a title may hold what a replacement text gives a meaning to.
    source: cell.source.replaceAll("{{number}}", String(number)).replaceAll("{{title}}", () => title),
  }));
  return { ...lesson, cells };
}

/** A name for a file: letters without accents and digits, words joined by hyphens. */
function slugOf(name: string): string {
  const plain = name.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
  return plain.replaceAll(/[^\p{L}\p{N}]+/gu, "-").replaceAll(/^-+|-+$/g, "");
}

/** A title as it was given; a name like when-paths-meet becomes words. */
function titleOf(name: string): string {
  const text = /^[\p{Ll}\p{N}]+(?:-[\p{Ll}\p{N}]+)*$/u.test(name) ? name.replaceAll("-", " ") : name.trim();
  const line = text.replaceAll(/\s+/g, " ");
  return line.charAt(0).toUpperCase() + line.slice(1);
}
