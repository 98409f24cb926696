const namePrefix = "gradbook:cell-";

/** What a cell's script is called. */
export function cellName(cell: number): string {
  return `${namePrefix}${cell}`;
}

/** The number of the cell whose script is called so; undefined for other scripts. */
export function cellNamed(script: string): number | undefined {
  return script.startsWith(namePrefix) ? Number(script.slice(namePrefix.length)) : undefined;
}

/** A pattern that the names of all other scripts fit. */
export const otherScripts: string = `^(?!${namePrefix})`;

/**
 * A cell's function as text, in a function that gives it the names of a CommonJS module: in one of their own, so that a cell
 * may declare the same names. What the compiler wrote starts in its second line, which the script counts as its first.
 */
export function cellSource(javascript: string): string {
  const names = "{ require, module, exports, __dirname, __filename }";
  const parameters = "__scope, __import, __bind, __resume, __ended";
  const cell = `async function __cell(${parameters}) { "use strict"; try {\n${javascript}\n} finally { __ended(); } }`;
  return `(function (${names}) { return ${cell} })`;
}
