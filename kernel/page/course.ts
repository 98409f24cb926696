/** What the page asks of our server beyond Jupyter's API. */

/** A notebook in the learner's folder. */
export interface LessonEntry {
  readonly path: string;
  readonly title: string;
  /** Whether it is a copy of one of the course's lessons, which can be put in its place again. */
  readonly lesson: boolean;
  readonly worked: boolean;
  /** Why it cannot be opened. */
  readonly problem?: string;
}

export async function listLessons(): Promise<readonly LessonEntry[]> {
  return (await ask("/gradbook/lessons")) as readonly LessonEntry[];
}

/** Puts a fresh copy in place of a lesson; resolves to the name under which the old one was kept. */
export async function resetLesson(path: string): Promise<string | undefined> {
  const answer = (await ask("/gradbook/reset", { path })) as { readonly kept: string | null };
  return answer.kept ?? undefined;
}

async function ask(address: string, body?: unknown): Promise<unknown> {
  const request = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const response = await fetch(address, { credentials: "same-origin", cache: "no-store", ...request }).catch(() => {
    throw new Error("The server does not answer. Is it still running in the terminal?");
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error((answer as { message?: string }).message ?? response.statusText);
  return answer;
}
