import { createRequire } from "node:module";
import { inspect } from "node:util";

/** What is kept of a cell to tell where an error came from. */
interface CellSource {
  readonly code: string;
  readonly sourceMap: string;
  readonly linesBefore: number;
}

export interface Failure {
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: readonly string[];
}

const sources = new Map<string, CellSource>();
const maps = new Map<string, import("node:module").SourceMap>();
const framePattern = /(In \[\d+\]):(\d+):(\d+)/;

export function rememberSource(file: string, source: CellSource): void {
  sources.set(file, source);
}

const red = (text: string): string => `\u001b[31m${text}\u001b[39m`;

/** An error as Jupyter wants it: name, message, and a traceback in the cells' own lines, without frames of the kernel. */
export function failureOf(thrown: unknown): Failure {
  if (!(thrown instanceof Error)) {
    const shown = typeof thrown === "string" ? thrown : inspect(thrown);
    return { ename: "Thrown", evalue: shown, traceback: [`${red("Thrown")}: ${shown}`] };
  }
  const ename = thrown.name || thrown.constructor.name;
  const evalue = thrown.message;
  const traceback = [`${red(ename)}: ${evalue}`, ...tracebackOf(thrown)];
  for (let cause = thrown.cause, depth = 0; cause !== undefined && depth < 8; depth++) {
    if (cause instanceof Error) {
      traceback.push(`Caused by ${red(cause.name)}: ${cause.message}`, ...tracebackOf(cause));
      cause = cause.cause;
    } else {
      traceback.push(`Caused by ${inspect(cause)}`);
      cause = undefined;
    }
  }
  return { ename, evalue, traceback };
}

/** Frames of cells and of the learner's own modules, and the line of the first of them. */
function tracebackOf(error: Error): string[] {
  const frames = String(error.stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .filter((line) => framePattern.test(line) || !isOurs(line))
    .map((line) =>
      line.replace(framePattern, (_all, file: string, row: string, column: string) => mapped(file, row, column)),
    )
    .map((line) => line.replaceAll("__scope.", "").replace(/at (?:async )?__cell /, "at "));
  const first = frames.map((line) => framePattern.exec(line)).find((match) => match !== null);
  const excerpt = first === undefined || first === null ? [] : excerptOf(first[1]!, Number(first[2]), Number(first[3]));
  return [...frames, ...excerpt];
}

function isOurs(line: string): boolean {
  return /node:|\/dist\/(?:kernel|src)\/|<anonymous>/.test(line) || /tsover-runtime/.test(line);
}

function mapped(file: string, row: string, column: string): string {
  const source = sources.get(file);
  if (source === undefined) return `${file}:${row}:${column}`;
  let map = maps.get(file);
  if (map === undefined) {
    // Loaded at the first error: most cells have none.
    const { SourceMap } = createRequire(import.meta.url)("node:module") as typeof import("node:module");
    map = new SourceMap(JSON.parse(source.sourceMap));
    maps.set(file, map);
  }
  const entry = map.findEntry(Number(row) - 1, Number(column) - 1);
  if (!("originalLine" in entry) || entry.originalLine === undefined) return `${file}:${row}:${column}`;
  return `${file}:${entry.originalLine - source.linesBefore + 1}:${entry.originalColumn + 1}`;
}

function excerptOf(file: string, line: number, column: number): string[] {
  const text = sources.get(file)?.code.split("\n")[line - 1];
  return text === undefined
    ? []
    : [`${file}, line ${line}:`, `    ${text}`, `    ${" ".repeat(Math.max(0, column - 1))}^`];
}
