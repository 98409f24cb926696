import { courseMetadata } from "./metadata.ts";
import { isSolution } from "./nbgrader.ts";
import { type Cell, isRecord, type Notebook, type NotebookProblem } from "./notebook.ts";

/** A part of an author's cell that no learner may read. */
interface Secret {
  readonly what: string;
  readonly lines: readonly string[];
}

/**
 * What a learner's copy gives away of its author's notebook, wherever it stands: in a text, an output, metadata or an
 * attachment. Worked solutions in the place where a self-study release keeps them are none. Cells are counted in the
 * author's notebook.
 *
 * The search is made apart from the release and knows nothing of how that works.
 */
export function leaks(author: Notebook, copy: Notebook, selfStudy: boolean): readonly NotebookProblem[] {
  const secrets = author.cells.flatMap(secretsOf);
  const open = squeezed(author.cells.map(openText).join("\n"));
  const problems: NotebookProblem[] = [];
  for (const cell of copy.cells) {
    const place = author.cells.findIndex(({ id }) => id === cell.id) + 1;
    const tell = (what: string): number => problems.push({ cell: place, id: cell.id, what });
    const { role, mistakes, invisible, solution } = courseMetadata(cell);
    if (role === "instructor") tell("it is for the instructor alone");
    if (mistakes !== undefined) tell("its metadata holds planted mistakes");
    if (invisible !== undefined) tell("its metadata says which mistakes do not show");
    if (solution !== undefined && !selfStudy) tell("its metadata holds a worked solution");
    const { solution: _solution, ...course } = courseMetadata(cell);
    const beside: Cell = { ...cell, source: "", metadata: { ...cell.metadata, gradbook: course } };
    const said = squeezed(cell.source);
    const hidden = textsOf(beside).map(squeezed);
    for (const { what, lines } of secrets) {
      const found = lines.find((line) => said.includes(line) && !open.includes(line));
      if (found !== undefined) tell(`it shows a line of ${what}: ${found}`);
      const stored = lines.find((line) => line.length >= 6 && hidden.some((text) => text.includes(line)));
      if (stored !== undefined) tell(`its metadata or outputs hold a line of ${what}: ${stored}`);
      const whole = lines.join(" ");
      if (found === undefined && whole.length >= 40 && said.includes(whole)) tell(`it shows ${what} in another place`);
    }
  }
  const outside = textsOf(copy.metadata).map(squeezed);
  for (const { what, lines } of secrets) {
    const stored = lines.find((line) => line.length >= 6 && outside.some((text) => text.includes(line)));
    if (stored !== undefined) problems.push({ what: `the notebook's metadata hold a line of ${what}: ${stored}` });
  }
  return problems;
}

const begin = /BEGIN (SOLUTION|HIDDEN TESTS|MARK SCHEME)/;
const end = /END (?:SOLUTION|HIDDEN TESTS|MARK SCHEME)/;
const names: Readonly<Record<string, string>> = {
  SOLUTION: "a solution",
  "HIDDEN TESTS": "hidden tests",
  "MARK SCHEME": "a mark scheme",
};

/** The lines of a cell, those apart that stand in a marked region. */
function divided(cell: Cell): { readonly open: readonly string[]; readonly secrets: readonly Secret[] } {
  const open: string[] = [];
  const secrets: { what: string; lines: string[] }[] = [];
  let inside: string[] | undefined;
  for (const line of cell.source.split("\n")) {
    const [, kind] = begin.exec(line) ?? [];
    if (kind !== undefined) {
      inside = [];
      secrets.push({ what: `${names[kind]} (cell ${cell.id})`, lines: inside });
    } else if (end.test(line)) inside = undefined;
    else (inside ?? open).push(line);
  }
  return { open, secrets };
}

function secretsOf(cell: Cell): readonly Secret[] {
  const { open, secrets } = divided(cell);
  const found = [...secrets];
  const { role, mistakes = [] } = courseMetadata(cell);
  if (role === "instructor") found.push({ what: `the instructor's notes (cell ${cell.id})`, lines: open });
  else if (isSolution(cell) && secrets.length === 0) found.push({ what: `a solution (cell ${cell.id})`, lines: open });
  const planted = mistakes.flatMap(({ answer }) =>
    typeof answer === "string" ? [] : Object.entries(answer).map(([key, text]) => JSON.stringify({ [key]: text })),
  );
  found.push({ what: `the planted mistakes (cell ${cell.id})`, lines: planted });
  return found.map(({ what, lines }) => ({ what, lines: lines.map(squeezed).filter(tells) }));
}

/** What everybody may read of a cell. */
function openText(cell: Cell): string {
  if (courseMetadata(cell).role === "instructor") return "";
  const { open, secrets } = divided(cell);
  return isSolution(cell) && secrets.length === 0 ? "" : open.join("\n");
}

/** Whether a line says anything: a bracket does not, nor the frame of an answer that every learner gets. */
function tells(line: string): boolean {
  return /[\p{L}\p{N}]/u.test(line) && !/^(?:(?:const|let) [\w$]+ = )?answer\([^,]*, \{?$/.test(line);
}

const squeezed = (text: string): string => text.replaceAll(/\s+/g, " ").trim();

/** Every text in plain data, keys and objects as JSON included. */
function textsOf(data: unknown): readonly string[] {
  if (typeof data === "string") return [data];
  if (Array.isArray(data)) return data.flatMap(textsOf);
  if (!isRecord(data)) return [];
  return Object.entries(data).flatMap(([key, value]) => [
    key,
    ...(typeof value === "string" ? [JSON.stringify({ [key]: value })] : []),
    ...textsOf(value),
  ]);
}
