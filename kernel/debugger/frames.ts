import type { Debugger } from "node:inspector";
import type { RanCell } from "../engine/debuggee.ts";
import { Places } from "../engine/user/places.ts";

/** A call of a cell's code that stands still. */
export interface Frame {
  readonly id: number;
  /** What the learner calls it: a function's name, or the cell's label where the cell itself stands there. */
  readonly name: string;
  readonly cell: RanCell;
  /** Count from 1. */
  readonly line: number;
  readonly column: number;
  /** Whether what the kernel has put around the cell is at work: nothing of it has begun yet, or it is over. */
  readonly around: "before" | "after" | undefined;
  readonly call: Debugger.CallFrame;
}

/** The frames of cells among V8's, the innermost first; those of the kernel and of libraries are left out. */
export function framesOf(
  calls: readonly Debugger.CallFrame[],
  cellOf: (scriptId: string) => RanCell | undefined,
  nextId: () => number,
): readonly Frame[] {
  return calls.flatMap((call) => {
    const { scriptId, lineNumber, columnNumber = 0 } = call.location;
    const cell = cellOf(scriptId);
    // The script around a cell, and the function in it, only make the cell's own (cell-source.ts).
    const isScript = !call.scopeChain.some(({ type }) => type === "local");
    const isMaker = call.functionName === "" && (call.functionLocation?.lineNumber ?? 0) < 0;
    if (cell === undefined || isScript || isMaker) return [];
    const place = new Places(cell.sourceMap, cell.linesBefore).of(lineNumber, columnNumber);
    const isOver = lineNumber >= cell.javascript.trimEnd().split("\n").length;
    const around = lineNumber < 0 ? "before" : isOver ? "after" : undefined;
    return [{ id: nextId(), name: nameOf(call, cell), cell, line: 1, column: 1, ...place, around, call }];
  });
}

function nameOf({ functionName }: Debugger.CallFrame, cell: RanCell): string {
  if (functionName === "__cell") return cell.label;
  return functionName.replace(/^(?:Object\.)?(?:__scope\.)?/, "") || "(anonymous function)";
}
