import { SourceMap } from "node:module";

/** A place in a cell's own text; lines and columns count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Where the positions of a cell's compiled code come from. */
export class Places {
  private readonly map: SourceMap;
  private readonly linesBefore: number;

  /** @param linesBefore lines that the source map counts before the cell. */
  constructor(sourceMap: string, linesBefore: number) {
    this.map = new SourceMap(JSON.parse(sourceMap) as ConstructorParameters<typeof SourceMap>[0]);
    this.linesBefore = linesBefore;
  }

  /** The place behind a position of the compiled code, whose lines and columns count from 0. */
  of(line: number, column: number): Place | undefined {
    const entry = this.map.findEntry(line, column);
    if (!("originalLine" in entry)) return undefined;
    return { line: Math.max(1, entry.originalLine - this.linesBefore + 1), column: entry.originalColumn + 1 };
  }
}
