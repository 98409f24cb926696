import type { CompiledCell, Debuggee, RanCell } from "../engine/debuggee.ts";
import { cellName } from "../engine/user/cell-source.ts";
import { pathOf } from "./sources.ts";
import { type Stop, stopAtOrAfter, stopsOf } from "./stops.ts";

/** A breakpoint as the front end asked for it. */
export interface RequestedBreakpoint {
  readonly line: number;
  readonly condition?: string;
}

/** What became of it. */
export interface Breakpoint extends RequestedBreakpoint {
  readonly id: number;
  readonly verified: boolean;
  readonly message?: string;
}

/** The breakpoints of all cells, by the cells' texts: each run of a text has them, also the runs to come. */
export class Breakpoints {
  readonly byPath: Map<string, readonly Breakpoint[]> = new Map();
  private readonly debuggee: Debuggee;
  private readonly scriptNamed: (url: string) => string | undefined;
  /** V8's names of what was set, and whose they are. */
  private readonly set = new Map<string, { readonly path: string; readonly breakpoint: Breakpoint }>();
  private count = 0;

  constructor(debuggee: Debuggee, scriptNamed: (url: string) => string | undefined) {
    this.debuggee = debuggee;
    this.scriptNamed = scriptNamed;
  }

  /** Puts these in the place of all earlier ones of a source, whose text is known where it was shown to the kernel. */
  async replace(
    path: string,
    requested: readonly RequestedBreakpoint[],
    code: string | undefined,
  ): Promise<readonly Breakpoint[]> {
    for (const [breakpointId, { path: owner }] of this.set) {
      if (owner !== path) continue;
      this.set.delete(breakpointId);
      await this.debuggee.call("Debugger.removeBreakpoint", { breakpointId });
    }
    const runs = [...this.debuggee.cells.values()].filter((cell) => pathOf(cell.code) === path);
    const known = runs.at(-1) ?? (code === undefined ? undefined : await this.debuggee.compile(code));
    const breakpoints = await this.verify(requested, known);
    if (breakpoints.length === 0) this.byPath.delete(path);
    else this.byPath.set(path, breakpoints);
    for (const cell of runs) await this.bind(cell);
    return breakpoints;
  }

  /** Gives a cell its breakpoints, before or after it runs. */
  async bind(cell: RanCell): Promise<void> {
    const path = pathOf(cell.code);
    const breakpoints = this.byPath.get(path);
    if (breakpoints === undefined) return;
    const stops = await this.stopsOf(cell);
    const taken = new Set<Stop>();
    for (const breakpoint of breakpoints) {
      const stop = stopAtOrAfter(stops, breakpoint.line);
      // V8 sets one breakpoint at a place.
      if (stop === undefined || taken.has(stop)) continue;
      taken.add(stop);
      const { lineNumber, columnNumber } = stop;
      const place = { url: cellName(cell.cell), lineNumber, columnNumber };
      const { breakpointId } = await this.debuggee.call("Debugger.setBreakpointByUrl", place);
      this.set.set(breakpointId, { path, breakpoint });
    }
  }

  /** The breakpoint behind V8's name of one. */
  find(breakpointId: string): Breakpoint | undefined {
    return this.set.get(breakpointId)?.breakpoint;
  }

  /** V8 has none of them any more; they are set again in cells to come. */
  forgetCells(): void {
    this.set.clear();
  }

  private async verify(
    requested: readonly RequestedBreakpoint[],
    cell: CompiledCell | undefined,
  ): Promise<readonly Breakpoint[]> {
    const stops = cell === undefined ? [] : await this.stopsOf(cell);
    const unknown = "Where this can stop is seen when the cell runs.";
    return requested.map((breakpoint) => {
      const id = ++this.count;
      if (cell === undefined) return { ...breakpoint, id, verified: false, message: unknown };
      const line = stopAtOrAfter(stops, breakpoint.line)?.line;
      if (line !== undefined) return { ...breakpoint, id, verified: true, line };
      return { ...breakpoint, id, verified: false, message: `Nothing runs in line ${breakpoint.line} or after it.` };
    });
  }

  private stopsOf(cell: CompiledCell): Promise<readonly Stop[]> {
    return stopsOf(cell, this.debuggee, this.scriptNamed);
  }
}
