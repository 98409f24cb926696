import { constants } from "node:fs";
import { copyFile, readFile, rename } from "node:fs/promises";
import path from "node:path";
import { releasedContent } from "../../src/course/metadata.ts";
import { type Notebook, writeNotebook } from "../../src/course/notebook.ts";
import { copyAt } from "./copy.ts";
import { exists, LessonError, lessonFiles, md5, reasonOf, releasedLesson } from "./lessons.ts";
import { recordFileOf } from "./record-file.ts";
import { writeFileWhole } from "./write-file.ts";

/** What became of one lesson in the learner's folder. */
export interface LessonCopy {
  /** The file's name, in both folders. */
  readonly name: string;
  /** Absolute path of the learner's copy. */
  readonly file: string;
  /** refreshed: no work was in it, so it now is the new version. kept: there is work in it, or it cannot be read. */
  readonly state: "new" | "unchanged" | "refreshed" | "kept";
  /** Where the lesson has changed since the copy with work in it was made: the new version, beside it. */
  readonly update?: string;
}

export interface WorkspaceReport {
  readonly folder: string;
  readonly lessons: readonly LessonCopy[];
  /** Data files that were new or have changed and were written, relative to the folder. */
  readonly data: readonly string[];
  /** What could not be done, one sentence each; everything else was. */
  readonly problems: readonly string[];
}

/** What notebooks cannot carry themselves: in `.gradbook.json` of the learner's folder. */
interface State {
  /** Hash of each new version that was put beside a copy: one that the learner deletes does not come back. */
  readonly offered: Record<string, string>;
  /** Hash of each data file as it was written: one that the learner changed is left alone. */
  readonly data: Record<string, string>;
}

const stateName = ".gradbook.json";

/**
 * Brings the learner's folder up to date: a released self-study copy of each lesson, and the lessons' data files.
 * Work is never overwritten. A copy is known to be without work where it says what it said when it was released.
 */
export async function prepareWorkspace(lessonsFolder: string, workFolder: string): Promise<WorkspaceReport> {
  const files = await lessonFiles(lessonsFolder, workFolder);
  const state = await readState(workFolder);
  const lessons: LessonCopy[] = [];
  const data: string[] = [];
  const problems: string[] = [];
  const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      problems.push(error instanceof LessonError ? error.message : `${what}: ${reasonOf(error)}`);
    }
  };
  for (const name of files.lessons) {
    await attempt(name, async () => {
      lessons.push(
        await prepareLesson(await releasedLesson(path.join(lessonsFolder, name), true), workFolder, name, state),
      );
    });
  }
  for (const name of files.data) {
    await attempt(name, async () => {
      if (await prepareData(path.join(lessonsFolder, name), path.join(workFolder, name), name, state)) data.push(name);
    });
  }
  await attempt(stateName, () => writeState(workFolder, state));
  return { folder: path.resolve(workFolder), lessons, data, problems };
}

/**
 * Puts a fresh copy of a lesson in place of the learner's; the old one is kept beside it. Returns where the old one
 * is now, undefined where there was none.
 */
export async function resetLesson(
  workFolder: string,
  lessonsFolder: string,
  name: string,
  now: Date = new Date(),
): Promise<string | undefined> {
  const { lessons } = await lessonFiles(lessonsFolder);
  // Only a name from the list: what a request says never becomes a path.
  if (!lessons.includes(name))
    throw new Error(`There is no lesson ${name}; there are ${lessons.join(", ") || "none"}.`);
  const fresh = await releasedLesson(path.join(lessonsFolder, name), true);
  const file = path.join(workFolder, name);
  const kept = (await exists(file)) ? await keepAside(file, now) : undefined;
  await writeFileWhole(file, writeNotebook(fresh));
  // The record goes with the work; the fresh copy has none.
  if (kept !== undefined) await rename(recordFileOf(file), recordFileOf(kept)).catch(() => undefined);
  return kept;
}

async function prepareLesson(fresh: Notebook, workFolder: string, name: string, state: State): Promise<LessonCopy> {
  const file = path.resolve(workFolder, name);
  const text = writeNotebook(fresh);
  const copy = await copyAt(file);
  if (copy === undefined) {
    await writeFileWhole(file, text);
    return { name, file, state: "new" };
  }
  if (!copy.worked) {
    // Opened and saved, a copy may be laid out anew; an open page would ask about a change that nobody can see.
    if (copy.content === releasedContent(fresh)) return { name, file, state: "unchanged" };
    await writeFileWhole(file, text);
    return { name, file, state: "refreshed" };
  }
  const version = releasedContent(fresh) ?? "";
  if (copy.content === version || copy.content === undefined) return { name, file, state: "kept" };
  const update = await offerUpdate(text, version, workFolder, name, state);
  return { name, file, state: "kept", ...(update === undefined ? {} : { update }) };
}

/** Puts a new version beside a copy with work in it, once; returns its path where it is there. */
async function offerUpdate(
  text: string,
  version: string,
  workFolder: string,
  name: string,
  state: State,
): Promise<string | undefined> {
  const base = path.basename(name, ".ipynb");
  const offeredBefore = state.offered[name] === version;
  for (let number = 1; ; number += 1) {
    const file = path.resolve(workFolder, `${base} (updated${number === 1 ? "" : ` ${number}`}).ipynb`);
    const copy = await copyAt(file);
    if (copy?.content === version) return file;
    if (copy?.worked) continue;
    if (copy === undefined && offeredBefore) return undefined;
    await writeFileWhole(file, text);
    state.offered[name] = version;
    return file;
  }
}

async function prepareData(from: string, to: string, name: string, state: State): Promise<boolean> {
  const content = await readFile(from);
  const hash = md5(content.toString("base64"));
  if (await exists(to)) {
    const present = md5((await readFile(to)).toString("base64"));
    if (present === hash) {
      state.data[name] = hash;
      return false;
    }
    if (state.data[name] !== present) return false;
  }
  await writeFileWhole(to, content);
  state.data[name] = hash;
  return true;
}

async function keepAside(file: string, now: Date): Promise<string> {
  const { dir, name, ext } = path.parse(file);
  const pad = (number: number): string => String(number).padStart(2, "0");
  const day = `${now.getFullYear()}-${pad(now.getMonth() + 1)}-${pad(now.getDate())}`;
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(pad).join(".");
  for (let number = 1; ; number += 1) {
    const kept = path.join(dir, `${name} (before reset ${day} ${time}${number === 1 ? "" : ` ${number}`})${ext}`);
    try {
      // A copy, not a move: at no moment is there no lesson.
      await copyFile(file, kept, constants.COPYFILE_EXCL);
      return kept;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
  }
}

async function readState(folder: string): Promise<State> {
  try {
    const data = JSON.parse(await readFile(path.join(folder, stateName), "utf8")) as Partial<State> | null;
    return { offered: hashes(data?.offered), data: hashes(data?.data) };
  } catch {
    // Without it nothing is overwritten that would not be otherwise: at worst an update is offered twice.
    return { offered: {}, data: {} };
  }
}

function hashes(given: unknown): Record<string, string> {
  const entries = typeof given === "object" && given !== null ? Object.entries(given) : [];
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

async function writeState(folder: string, state: State): Promise<void> {
  await writeFileWhole(path.join(folder, stateName), `${JSON.stringify(state, null, 1)}\n`);
}
