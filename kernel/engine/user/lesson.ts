import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { LessonPlace } from "../../../src/checkpoints/results.ts";
import { exerciseSolution, keptRecords } from "../../../src/course/kept.ts";
import { recordFileOf } from "../../course/record-file.ts";

/** A session of checkpoints, as the library has it. */
interface Session {
  begin(place: LessonPlace): void;
}

const unknownNotebook =
  "Nobody told the kernel which notebook this is: your work is kept in the notebook's outputs only, and after a restart it is counted anew.";

type Environment = Readonly<Record<string, string | undefined>>;

/** Tells the library's session whose lesson it is in and what was done before. */
export function beginLesson(module: Readonly<Record<string, unknown>>): void {
  const session = module["lessonSession"] as Session | undefined; // the library's own
  session?.begin(lessonPlace(process.env, process.cwd()));
}

/**
 * The lesson that a kernel runs: the notebook that the server names holds the record in its outputs, and a file beside
 * it holds it where outputs were cleared. GRADBOOK_RECORD names another file; empty, nothing is kept or taken up.
 */
export function lessonPlace(environment: Environment, folder: string): LessonPlace {
  const learner = environment["GRADBOOK_LEARNER"] ?? environment["JUPYTERHUB_USER"] ?? "";
  const notebook = notebookOf(environment["JPY_SESSION_NAME"], folder);
  const solutionOf = (id: string): string | undefined =>
    notebook === undefined ? undefined : exerciseSolution(readJson(notebook), id);
  const chosen = environment["GRADBOOK_RECORD"];
  const file = chosen === undefined ? notebook && recordFileOf(notebook) : chosen && path.resolve(folder, chosen);
  if (file === undefined) return { learner, solutionOf, caveat: unknownNotebook };
  if (file === "") return { learner, solutionOf };
  const outputs = notebook === undefined ? [] : keptRecords(readJson(notebook));
  return { learner, solutionOf, saved: [...outputs, readJson(file)], save: (record) => writeWhole(file, record) };
}

/** The file of the notebook. Servers name it by its path, some from their own root on and not from the kernel's folder. */
function notebookOf(name: string | undefined, folder: string): string | undefined {
  if (name === undefined || name === "") return undefined;
  const places = [path.resolve(folder, name), path.join(folder, path.basename(name))];
  return places.find((place) => place.endsWith(".ipynb") && existsSync(place));
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    // Not there, or not to be read: nothing was kept.
    return undefined;
  }
}

function writeWhole(file: string, content: unknown): void {
  const temporary = `${file}.${process.pid}`;
  try {
    writeFileSync(temporary, `${JSON.stringify(content)}\n`);
    renameSync(temporary, file);
  } catch {
    // The record still travels in the outputs; a folder that cannot be written is no reason to stop a cell.
    rmSync(temporary, { force: true });
  }
}
