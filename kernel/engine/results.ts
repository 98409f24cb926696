import type { Problem } from "./compiler.ts";
import type { CellResult } from "./engine.ts";

// How cells end that do not end well, in words.

const red = (text: string): string => `\u001b[31m${text}\u001b[39m`;

export function interruption(): CellResult {
  return {
    kind: "interrupted",
    ename: "Interrupted",
    evalue: "The cell was interrupted; what it had computed until then is kept.",
    traceback: [`${red("Interrupted")}: the cell was stopped; what it had computed until then is kept.`],
  };
}

/** The process ended, and the notebook's variables with it. */
export function lost(how: string): CellResult {
  const evalue = `The process that runs your cells ended: ${how}. Its variables are lost and it has started afresh: run the cells again from the top.`;
  return { kind: "died", ename: "ProcessEnded", evalue, traceback: [`${red("ProcessEnded")}: ${evalue}`] };
}

/** Type and syntax errors: what, where, and the line itself. */
export function failure(code: string, problems: readonly Problem[]): CellResult {
  const ename = "TypeScriptError";
  const place = ({ line, column, file }: Problem): string =>
    `${file === undefined ? "" : `${file.label}, `}line ${line}, column ${column}`;
  const first = problems[0]!;
  const traceback = problems
    .slice(0, 10)
    .flatMap((problem) => [
      `${red(ename)} in ${place(problem)}: ${problem.message}`,
      `    ${(problem.file?.code ?? code).split("\n")[problem.line - 1] ?? ""}`,
      `    ${" ".repeat(Math.max(0, problem.column - 1))}${red("^")}`,
    ]);
  if (problems.length > 10) traceback.push(`… and ${problems.length - 10} more.`);
  return {
    kind: "error",
    ename,
    evalue: `${place(first)}: ${first.message.split("\n")[0]}`,
    traceback: [...traceback, "Nothing of this cell was run."],
  };
}
