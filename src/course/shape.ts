import { courseMetadata } from "./metadata.ts";
import { isGrade } from "./nbgrader.ts";
import type { Cell, Notebook, NotebookProblem, Output } from "./notebook.ts";

/** What a lesson's outer shape lacks: it works all the same, but readers would miss something. */
export function shapeProblems(lesson: Notebook): readonly NotebookProblem[] {
  return [
    ...headingProblems(lesson),
    ...beginningProblems(lesson),
    ...textProblems(lesson),
    ...offerProblems(lesson),
    ...askProblems(lesson),
  ];
}

/** Links and pictures of a lesson's texts that lead to files, as they are written, without what follows a #. */
export function linkedFiles(lesson: Notebook): readonly { readonly place: NotebookProblem; readonly file: string }[] {
  return placed(lesson).flatMap(({ cell, place }) => {
    if (cell.cell_type !== "markdown") return [];
    const targets = [...proseOf(cell.source).matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)|(?:src|href)="([^"]*)"/g)];
    return targets.flatMap(([, written, quoted]) => {
      const target = written ?? quoted ?? "";
      if (/^(?:[a-z][a-z0-9+.-]*:|#|\/\/)/i.test(target)) return [];
      return [{ place: { ...place, what: target }, file: decoded(target.replace(/[#?].*$/, "")) }];
    });
  });
}

/** Figures among a run lesson's outputs that have no words beside them, for those who do not see them. */
export function silentFigures(executed: Notebook): readonly NotebookProblem[] {
  return placed(executed).flatMap(({ cell, place }) => {
    const outputs: readonly Output[] = cell.cell_type === "code" ? cell.outputs : [];
    const silent = outputs.some((output) => {
      if (!("data" in output)) return false;
      const figure = Object.keys(output.data).some((type) => /^image\/|vnd\.vega/.test(type));
      return figure && String(output.data["text/plain"] ?? "").trim() === "";
    });
    return silent ? [{ ...place, what: "it shows a figure without words (text/plain) beside it" }] : [];
  });
}

interface Heading {
  readonly place: NotebookProblem;
  readonly level: number;
  readonly text: string;
}

function headingProblems(lesson: Notebook): readonly NotebookProblem[] {
  const headings = placed(lesson).flatMap(({ cell, place }): readonly Heading[] => {
    if (cell.cell_type !== "markdown") return [];
    const found = proseOf(cell.source).matchAll(/^ {0,3}(#{1,6})\s+(.+?)\s*#*$/gm);
    return [...found].map(([, marks = "", text = ""]) => ({ place, level: marks.length, text }));
  });
  const problems: NotebookProblem[] = [];
  const titles = headings.filter(({ level }) => level === 1);
  if (headings[0]?.level !== 1) problems.push({ what: "The lesson does not begin with a title (# …)." });
  for (const { place, text } of titles.slice(1)) {
    problems.push({ ...place, what: `a lesson has one title (# …); “${text}” is another` });
  }
  for (const [index, { place, level, text }] of headings.entries()) {
    const before = headings[index - 1]?.level ?? level;
    if (level > before + 1) {
      const marks = "#".repeat(before + 1);
      problems.push({ ...place, what: `the heading “${text}” skips a level: ${marks} comes next` });
    }
  }
  return problems;
}

/** What a reader wants to know first. */
function beginningProblems(lesson: Notebook): readonly NotebookProblem[] {
  const first = lesson.cells.findIndex((cell) => cell.cell_type === "code" || /^##\s/m.test(cell.source));
  const texts = lesson.cells.slice(0, first < 0 ? undefined : first).map((cell) => cell.source);
  const beginning = texts.join("\n\n");
  const problems: NotebookProblem[] = [];
  if (!/\*\*Time\*\*.*\d/.test(beginning))
    problems.push({ what: "The beginning does not say how long it takes (**Time** …)." });
  if (!/\*\*After this lesson you can\*\*\s*\n+\s*[-*]\s/.test(beginning)) {
    problems.push({
      what: "The beginning does not list what is learned (**After this lesson you can**, then a list).",
    });
  }
  return problems;
}

function textProblems(lesson: Notebook): readonly NotebookProblem[] {
  return placed(lesson).flatMap(({ cell, place }) => {
    if (cell.cell_type !== "markdown") return [];
    const prose = proseOf(cell.source);
    const pictures = [...prose.matchAll(/!\[\s*\]\(([^)]*)\)/g)].map(([, target]) => target);
    const tags = [...prose.matchAll(/<img\b(?![^>]*\balt="[^"]+")[^>]*>/g)].map(([tag]) => tag);
    return [...pictures, ...tags].map((picture) => ({ ...place, what: `the picture ${picture} has no words for it` }));
  });
}

/** What texts tell learners to type: `hint("seed")` needs an import, which no cell that the author runs would miss. */
const offered = ["hint", "solution", "progress"];

function offerProblems(lesson: Notebook): readonly NotebookProblem[] {
  const imports = lesson.cells
    .filter((cell) => cell.cell_type === "code")
    .flatMap((cell) => [...cell.source.matchAll(/import\s*\{([^}]*)\}\s*from\s*["']gradbook["']/g)])
    .flatMap(([, names = ""]) => names.split(",").map((name) => name.trim()));
  return placed(lesson).flatMap(({ cell, place }) => {
    if (cell.cell_type !== "markdown") return [];
    const missing = offered.filter(
      (name) => new RegExp(String.raw`\`${name}\(`).test(cell.source) && !imports.includes(name),
    );
    return missing.map((name) => ({ ...place, what: `it offers ${name}(…), and no cell imports ${name}` }));
  });
}

const fewestCheckpoints = 4;

function askProblems(lesson: Notebook): readonly NotebookProblem[] {
  const kinds = lesson.cells.flatMap((cell) => kindOf(cell) ?? []);
  const problems: NotebookProblem[] = [];
  if (kinds.length < fewestCheckpoints) {
    problems.push({
      what: `The lesson has ${countOf(kinds.length, "checkpoint")}; at least ${fewestCheckpoints} keep a reader at work.`,
    });
  }
  if (new Set(kinds).size === 1) problems.push({ what: "All checkpoints are of one kind." });
  const hidden = lesson.cells.some((cell) => isGrade(cell) && cell.source.includes("BEGIN HIDDEN TESTS"));
  const exercise = lesson.cells.some((cell) => courseMetadata(cell).role === "exercise");
  if (!hidden || !exercise) problems.push({ what: "The lesson has no exercise with hidden tests." });
  return problems;
}

/** The kind of the checkpoint that a cell sets: the function that sets it, and whether it chooses what is asked. */
function kindOf(cell: Cell): string | undefined {
  const { role, checkpoint } = courseMetadata(cell);
  if (role !== "checkpoint" || checkpoint === undefined) return undefined;
  const call = new RegExp(String.raw`([\w$.]+)\(\s*["'\`]${checkpoint}["'\`]`).exec(cell.source)?.[1] ?? "";
  return /\bask:/.test(cell.source) ? `${call} of some steps` : call;
}

export const countOf = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? "" : "s"}`;

/** The cells that learners see, with their places. */
function placed(lesson: Notebook): readonly { readonly cell: Cell; readonly place: NotebookProblem }[] {
  return lesson.cells.flatMap((cell, index) =>
    courseMetadata(cell).role === "instructor" ? [] : [{ cell, place: { cell: index + 1, id: cell.id, what: "" } }],
  );
}

/** A text without its code, in which nothing is a heading or a link. */
function proseOf(source: string): string {
  return source.replaceAll(/^(`{3,}|~{3,})[\s\S]*?^\1/gm, "").replaceAll(/`[^`\n]*`/g, "");
}

function decoded(target: string): string {
  try {
    return decodeURIComponent(target);
  } catch {
    return target;
  }
}
