/** A cell's function as text. What the compiler wrote starts in its second line, which the script counts as its first. */
export function cellSource(javascript: string): string {
  const parameters = "__scope, __import, __bind, __resume, __ended";
  return `(async function __cell(${parameters}) { "use strict"; try {\n${javascript}\n} finally { __ended(); } })`;
}
