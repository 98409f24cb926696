import { readFile } from "node:fs/promises";
import { releasedContent } from "../../src/course/metadata.ts";
import { readNotebook } from "../../src/course/notebook.ts";
import { contentHash } from "../../src/course/release.ts";
import { md5 } from "./lessons.ts";

/** A learner's copy of a lesson, as it is now. */
export interface Copy {
  /** Hash of what it said when it was released; undefined where it is broken or no release made it. */
  readonly content: string | undefined;
  /** It says something else than when it was released. A file that no release made counts as work. */
  readonly worked: boolean;
}

/** The copy in this file; undefined where there is none. */
export async function copyAt(file: string): Promise<Copy | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const notebook = readNotebook(text);
    const content = releasedContent(notebook);
    return { content, worked: content === undefined || contentHash(notebook, md5) !== content };
  } catch {
    // A broken file may be all that is left of somebody's work.
    return { content: undefined, worked: true };
  }
}
