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

/** What the function around a cell's own is given: the names of a CommonJS module, and the cell's source. */
export const cellParameters = ["require", "module", "exports", "__dirname", "__filename", "__source"] as const;

/**
 * The body of that function, which is one of its own so that a cell may declare the same names. What the compiler wrote
 * starts in its second line, which the script counts as its first. All functions of the cell see `__source`: it is there
 * for as long as one of them is.
 */
export function cellBody(javascript: string): string {
  const parameters = "__scope, __import, __bind, __resume, __ended";
  return `return async function __cell(${parameters}) { "use strict"; void __source; try {\n${javascript}\n} finally { __ended(); } }`;
}

/** The whole as an expression, with the same lines. */
export function cellSource(javascript: string): string {
  return `(function (${cellParameters.join(", ")}) { ${cellBody(javascript)} })`;
}
