import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { type Notebook, readNotebook } from "../../src/course/notebook.ts";
import { copyAt } from "../course/copy.ts";
import { lessonFiles } from "../course/lessons.ts";
import { resetLesson } from "../course/workspace.ts";
import { json, RequestError, type Route, route } from "./http.ts";

/** What the list of lessons shows of a notebook in the learner's folder. */
interface LessonEntry {
  readonly path: string;
  readonly title: string;
  /** The lesson it is a copy of can be put in its place again. */
  readonly lesson: boolean;
  readonly worked: boolean;
  readonly problem?: string;
}

export interface CourseFolders {
  readonly work: string;
  /** The author's notebooks; without them nothing can be reset. */
  readonly lessons: string | undefined;
}

/** What the notebook page asks beyond Jupyter's API. */
export function courseRoutes(folders: CourseFolders): readonly Route[] {
  const lessonNames = async (): Promise<readonly string[]> =>
    folders.lessons === undefined ? [] : (await lessonFiles(folders.lessons)).lessons;
  return [
    route("GET /gradbook/lessons", async () => {
      const lessons = await lessonNames();
      const names = (await readdir(folders.work)).filter((name) => name.endsWith(".ipynb") && !name.startsWith("."));
      names.sort(new Intl.Collator("en", { numeric: true }).compare);
      return json(await Promise.all(names.map((name) => entryOf(folders.work, name, lessons.includes(name)))));
    }),
    route("POST /gradbook/reset", async (request) => {
      const { path: name } = await request.body();
      if (typeof name !== "string" || folders.lessons === undefined) {
        throw new RequestError(400, "There is no lesson to put in place of this notebook.");
      }
      if (!(await lessonNames()).includes(name)) {
        throw new RequestError(404, `${name} is not one of the course's lessons, so it cannot be reset.`);
      }
      const kept = await resetLesson(folders.work, folders.lessons, name);
      return json({ kept: kept === undefined ? null : path.basename(kept) });
    }),
  ];
}

async function entryOf(folder: string, name: string, lesson: boolean): Promise<LessonEntry> {
  const file = path.join(folder, name);
  const plain = { path: name, title: path.basename(name, ".ipynb"), lesson, worked: false };
  try {
    const notebook = readNotebook(await readFile(file, "utf8"));
    return { ...plain, title: titleOf(notebook) ?? plain.title, worked: (await copyAt(file))?.worked ?? false };
  } catch (error) {
    return { ...plain, problem: error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error) };
  }
}

function titleOf(notebook: Notebook): string | undefined {
  for (const cell of notebook.cells) {
    const heading = cell.cell_type === "markdown" ? /^#\s+(.+)$/m.exec(cell.source)?.[1] : undefined;
    if (heading !== undefined) return heading.trim();
  }
  return undefined;
}
