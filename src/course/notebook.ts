import { faultsOf } from "./schema.ts";

/** Jupyter's notebook format 4.5. Text that a file may hold as a list of lines is one string here. */
export interface Notebook {
  readonly nbformat: 4;
  readonly nbformat_minor: number;
  readonly metadata: Metadata;
  readonly cells: readonly Cell[];
}

export type Metadata = Readonly<Record<string, unknown>>;

export type Cell = CodeCell | TextCell;

export interface CodeCell {
  readonly cell_type: "code";
  readonly id: string;
  readonly metadata: Metadata;
  readonly source: string;
  readonly outputs: readonly Output[];
  readonly execution_count: number | null;
}

export interface TextCell {
  readonly cell_type: "markdown" | "raw";
  readonly id: string;
  readonly metadata: Metadata;
  readonly source: string;
  readonly attachments?: Readonly<Record<string, Bundle>>;
}

/** Data by MIME type. */
export type Bundle = Readonly<Record<string, unknown>>;

export type Output =
  | { readonly output_type: "stream"; readonly name: string; readonly text: string }
  | { readonly output_type: "display_data"; readonly data: Bundle; readonly metadata: Metadata }
  | {
      readonly output_type: "execute_result";
      readonly data: Bundle;
      readonly metadata: Metadata;
      readonly execution_count: number | null;
    }
  | {
      readonly output_type: "error";
      readonly ename: string;
      readonly evalue: string;
      readonly traceback: readonly string[];
    };

/** One thing wrong with a notebook; without a cell, with the file as a whole. */
export interface NotebookProblem {
  /** Counted from 1, as a reader counts. */
  readonly cell?: number;
  readonly id?: string;
  readonly what: string;
}

/** Thrown where a notebook cannot be read or released: every problem with its cell. */
export class NotebookError extends Error {
  readonly problems: readonly NotebookProblem[];

  constructor(problems: readonly NotebookProblem[]) {
    super(problems.map(problemText).join("\n"));
    this.name = "NotebookError";
    this.problems = problems;
  }
}

export function problemText(problem: NotebookProblem): string {
  if (problem.cell === undefined) return problem.what;
  return `cell ${problem.cell}${problem.id === undefined ? "" : ` (id ${problem.id})`}: ${problem.what}`;
}

/** Reads a notebook file's text; a file that is not one throws a `NotebookError` that says where and why. */
export function readNotebook(text: string): Notebook {
  const data = parse(text);
  const problems: NotebookProblem[] = [];
  const format = isRecord(data) ? data["nbformat"] : undefined;
  if (format === 4) {
    for (const what of faultsOf("notebook", "notebook", data))
      problems.push({ what: `The notebook is broken: ${what}.` });
  } else if (typeof format === "number") {
    const what = `The notebook is in format ${format}; only format 4 is read. Open and save it in Jupyter to convert it.`;
    throw new NotebookError([{ what }]);
  } else {
    throw new NotebookError([{ what: 'The file is not a notebook: it has no "nbformat".' }]);
  }
  const notebook = data as Record<string, unknown>;
  const given: readonly unknown[] = Array.isArray(notebook["cells"]) ? notebook["cells"] : [];
  const minor = Number(notebook["nbformat_minor"]);
  const cells = minor < 5 ? given.map(withId) : given;
  const places = new Map<string, number>();
  for (const [index, cell] of cells.entries()) {
    const place = { cell: index + 1, ...(isRecord(cell) && typeof cell["id"] === "string" ? { id: cell["id"] } : {}) };
    for (const what of cellFaults(cell)) problems.push({ ...place, what });
    if (place.id === undefined) continue;
    const first = places.get(place.id);
    if (first !== undefined) problems.push({ ...place, what: `cell ${first} has the same id` });
    places.set(place.id, first ?? index + 1);
  }
  if (problems.length > 0) throw new NotebookError(problems);
  // The schemas have just said that cells and metadata are what the types say.
  return {
    nbformat: 4,
    nbformat_minor: Math.max(minor, 5),
    metadata: notebook["metadata"] as Metadata,
    cells: (cells as readonly Record<string, unknown>[]).map(joinCell),
  };
}

/** A notebook as file text, formatted as Jupyter formats it: a change of one line is a difference of one line. */
export function writeNotebook(notebook: Notebook): string {
  return `${JSON.stringify(sortKeys({ ...notebook, cells: notebook.cells.map(splitCell) }), null, 1)}\n`;
}

function parse(text: string): unknown {
  const plain = text.startsWith("\uFEFF") ? text.slice(1) : text;
  if (plain.trim() === "") throw new NotebookError([{ what: "The file is empty; a notebook was expected." }]);
  if (/^<{7} /m.test(plain)) {
    throw new NotebookError([{ what: "The file holds the marks of an unresolved merge (<<<<<<<); resolve it first." }]);
  }
  try {
    return JSON.parse(plain);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const offset = Number(/position (\d+)/.exec(reason)?.[1] ?? Number.NaN);
    const before = plain.slice(0, offset).split("\n");
    const where = Number.isNaN(offset) ? "" : ` at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
    throw new NotebookError([{ what: `The file is not a notebook: it is not valid JSON${where} (${reason}).` }]);
  }
}

const outputKinds = ["stream", "display_data", "execute_result", "error"] as const;

function cellFaults(cell: unknown): readonly string[] {
  if (!isRecord(cell)) return ["it is not a cell (an object was expected)"];
  const kind = cell["cell_type"];
  if (kind !== "code" && kind !== "markdown" && kind !== "raw") {
    return [`its "cell_type" is ${JSON.stringify(kind) ?? "missing"}; "code", "markdown" or "raw" was expected`];
  }
  const faults = [...faultsOf("notebook", kind, cell)];
  const outputs: readonly unknown[] = Array.isArray(cell["outputs"]) ? cell["outputs"] : [];
  for (const [index, output] of outputs.entries()) {
    const of = isRecord(output) ? outputKinds.find((each) => each === output["output_type"]) : undefined;
    const found =
      of === undefined
        ? [`its "output_type" is not one of ${outputKinds.join(", ")}`]
        : faultsOf("notebook", of, output);
    faults.push(...found.map((fault) => `output ${index + 1}: ${fault}`));
  }
  return faults;
}

// Formats before 4.5 had no ids; a number in reading order is as stable as such a file allows.
function withId(cell: unknown, index: number): unknown {
  return isRecord(cell) && cell["id"] === undefined ? { ...cell, id: `cell-${index + 1}` } : cell;
}

function joinCell(cell: Record<string, unknown>): Cell {
  const joined = { ...cell, source: joinText(cell["source"]) } as Cell;
  if (joined.cell_type !== "code") {
    if (joined.attachments === undefined) return joined;
    const attachments = Object.entries(joined.attachments).map(([name, bundle]) => [name, mapBundle(bundle, joinText)]);
    return { ...joined, attachments: Object.fromEntries(attachments) };
  }
  return { ...joined, outputs: joined.outputs.map((output) => mapOutput(output, joinText)) };
}

function splitCell(cell: Cell): Record<string, unknown> {
  const source = splitText(cell.source);
  if (cell.cell_type === "code") {
    return { ...cell, source, outputs: cell.outputs.map((output) => mapOutput(output, splitText)) };
  }
  if (cell.attachments === undefined) return { ...cell, source };
  const attachments = Object.entries(cell.attachments).map(([name, bundle]) => [name, mapBundle(bundle, splitText)]);
  return { ...cell, source, attachments: Object.fromEntries(attachments) };
}

function mapOutput(output: Output, change: (text: unknown) => unknown): Output {
  switch (output.output_type) {
    case "stream":
      return { ...output, text: change(output.text) as string };
    case "display_data":
    case "execute_result":
      return { ...output, data: mapBundle(output.data, change) };
    case "error":
      return output;
  }
}

// JSON representations stay as they are: a list in one is a list, not lines.
function mapBundle(bundle: Bundle, change: (text: unknown) => unknown): Bundle {
  const entries = Object.entries(bundle);
  return Object.fromEntries(
    entries.map(([type, data]) => [type, /^application\/(?:.*\+)?json$/.test(type) ? data : change(data)]),
  );
}

const joinText = (text: unknown): string => (Array.isArray(text) ? text.join("") : String(text));

const splitText = (text: unknown): readonly string[] => String(text).match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** The same data with the keys of its objects in alphabetical order. */
export function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isRecord(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sortKeys(value[key])]));
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
