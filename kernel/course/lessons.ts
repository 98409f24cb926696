import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { type Notebook, NotebookError, readNotebook } from "../../src/course/notebook.ts";
import { release } from "../../src/course/release.ts";

/** A notebook's problem with the file it is in; the message is one sentence per fault, each with its cell. */
export class LessonError extends Error {
  readonly file: string;

  constructor(file: string, cause: unknown) {
    const reasons = cause instanceof NotebookError ? cause.message.split("\n") : [reasonOf(cause)];
    super(reasons.map((reason) => `${path.basename(file)}: ${reason}`).join("\n"), { cause });
    this.name = "LessonError";
    this.file = file;
  }
}

export const md5 = (text: string): string => createHash("md5").update(text).digest("hex");

/** Reads a notebook file; whatever keeps it from being read becomes a `LessonError` that names it. */
export async function readLesson(file: string): Promise<Notebook> {
  try {
    return readNotebook(await readFile(file, "utf8"));
  } catch (error) {
    throw new LessonError(file, error);
  }
}

/** A learner's copy of the author notebook in this file. */
export async function releasedLesson(file: string, selfStudy: boolean): Promise<Notebook> {
  const notebook = await readLesson(file);
  try {
    return release(notebook, { selfStudy, md5 });
  } catch (error) {
    throw new LessonError(file, error);
  }
}

/**
 * What stands in a folder of lessons, by path relative to it, in order. Hidden files are none of it, nor are copies
 * that `gradbook run` executed, nor a folder that the copies go to.
 */
export async function lessonFiles(
  folder: string,
  copies?: string,
): Promise<{ readonly lessons: readonly string[]; readonly data: readonly string[] }> {
  const lessons: string[] = [];
  const data: string[] = [];
  const visit = async (below: string): Promise<void> => {
    const entries = await readdir(path.join(folder, below), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (/^\.|^node_modules$|\.executed\.ipynb$/.test(entry.name)) continue;
      const file = path.join(below, entry.name);
      if (copies !== undefined && path.resolve(folder, file) === path.resolve(copies)) continue;
      if (entry.isDirectory()) await visit(file);
      else if (below === "" && entry.name.endsWith(".ipynb")) lessons.push(file);
      else if (entry.isFile()) data.push(file);
    }
  };
  try {
    await visit("");
  } catch (error) {
    throw new Error(`The lessons in ${folder} cannot be read: ${reasonOf(error)}.`, { cause: error });
  }
  return { lessons, data };
}

/** What a command is told to work on: a notebook, or a folder of them with its data. */
export async function sourcesOf(
  source: string,
  copies?: string,
): Promise<{ readonly folder: string; readonly lessons: readonly string[]; readonly data: readonly string[] }> {
  const found = await stat(source).catch((error: unknown) => {
    throw new Error(`${source} cannot be read: ${reasonOf(error)}.`, { cause: error });
  });
  if (found.isDirectory()) return { folder: source, ...(await lessonFiles(source, copies)) };
  return { folder: path.dirname(source), lessons: [path.basename(source)], data: [] };
}

export const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EACCES: "you are not allowed to",
  EPERM: "you are not allowed to",
  EISDIR: "it is a folder, not a file",
  ENOTDIR: "a part of the path is a file, not a folder",
  ENOSPC: "the disk is full",
  EROFS: "the disk can only be read",
};

/** Why something failed, in words where the system gives a code. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return reasons[code] ?? (error instanceof Error ? error.message : String(error));
}
