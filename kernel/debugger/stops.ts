import type { CompiledCell, Debuggee } from "../engine/debuggee.ts";
import { cellSource } from "../engine/user/cell-source.ts";
import { Places } from "../engine/user/places.ts";

/** A position of a cell's compiled code at which V8 can stop, and the line of the cell that it belongs to. */
export interface Stop {
  /** Counts from 1. */
  readonly line: number;
  /** Those of the compiled code count from 0. */
  readonly lineNumber: number;
  readonly columnNumber: number;
  /** Whether a function is left there; V8 counts the end of a class's field initializers, too. */
  readonly isReturn: boolean;
}

/** Scripts that are compiled only to be looked at are named by this and a number. */
const draftName = "gradbook:draft-";
let drafts = 0;

/** Where a cell can be stopped, in the order of its compiled code. V8 is asked, and nothing of the cell runs. */
export async function stopsOf(
  cell: CompiledCell,
  debuggee: Debuggee,
  scriptNamed: (url: string) => string | undefined,
): Promise<readonly Stop[]> {
  const url = `${draftName}${++drafts}`;
  const expression = `${cellSource(cell.javascript)}\n//# sourceURL=${url}`;
  await debuggee.call("Runtime.evaluate", { expression, silent: true });
  const scriptId = scriptNamed(url);
  if (scriptId === undefined) return [];
  const start = { scriptId, lineNumber: 1, columnNumber: 0 };
  const { locations } = await debuggee.call("Debugger.getPossibleBreakpoints", { start });
  const places = new Places(cell.sourceMap, cell.linesBefore);
  return locations.flatMap(({ lineNumber, columnNumber = 0, type }) => {
    // A draft's first line is the wrapper's; in a cell that runs it is not counted.
    const line = places.of(lineNumber - 1, columnNumber)?.line;
    if (line === undefined) return [];
    return [{ line, lineNumber: lineNumber - 1, columnNumber, isReturn: type === "return" }];
  });
}

/** The first stop in the first line that has any, from a line on. */
export function stopAtOrAfter(stops: readonly Stop[], line: number): Stop | undefined {
  const nearest = Math.min(...stops.map((stop) => stop.line).filter((each) => each >= line));
  const there = stops.filter((stop) => stop.line === nearest);
  return there.find(({ isReturn }) => !isReturn) ?? there[0];
}
