import { inspect } from "node:util";
import type { MimeBundle } from "../engine.ts";
import { cellAtWork, send } from "./output.ts";

/** An object that can show itself returns a bundle of representations, or several to be shown one below the other. */
const displayHook = Symbol.for("Jupyter.display");
type Bundles = MimeBundle | readonly MimeBundle[];

interface Library {
  readonly Value?: unknown;
  readonly show?: unknown;
  readonly backward?: unknown;
}

let library: Library = {};

/** The library whose Values cells compute with; empty before a cell has imported it. */
export function valueLibrary(): Library {
  return library;
}

/** Tells what the library's Value is, once a cell has imported it: its Values are shown as figures. */
export function setLibrary(module: Readonly<Record<string, unknown>>): void {
  library = module;
  const { Value } = library;
  // Inside arrays and objects a Value is its number or its shape; the tape it hangs on is of no use there.
  if (typeof Value === "function") {
    Object.defineProperty(Value.prototype, inspect.custom, {
      value(this: unknown) {
        return `Value(${String(this)})`;
      },
      configurable: true,
    });
  }
}

export function isValue(value: unknown): boolean {
  const { Value } = library;
  return typeof Value === "function" && value instanceof Value;
}

/** The last of a value's bundles, where it is there without waiting. */
export function bundleOf(value: unknown): MimeBundle | undefined {
  const bundles = bundlesOf(value);
  return bundles === undefined || bundles instanceof Promise ? undefined : listOf(bundles).at(-1);
}

/** The representations of a value; `undefined` has none. */
function bundlesOf(value: unknown): Bundles | Promise<Bundles> | undefined {
  if (value === undefined) return undefined;
  const { show } = library;
  const shown: unknown = typeof show === "function" && isValue(value) ? show(value) : value;
  if (typeof shown === "object" && shown !== null && displayHook in shown) {
    const hook = (shown as Record<symbol, unknown>)[displayHook];
    if (typeof hook === "function") return hook.call(shown) as Bundles | Promise<Bundles>;
  }
  return { "text/plain": inspect(value, { depth: 4, maxArrayLength: 200, breakLength: 100 }) };
}

export interface DisplayOptions {
  readonly id?: string;
  /** Whether to replace what was shown under the id; by default where this cell has shown something under it. */
  readonly update?: boolean;
}

/** Which cell last showed something under an id: what it shows next under it takes its place. */
const shownBy = new Map<string, number>();

/** Shows a value now. */
export function display(value: unknown, options: DisplayOptions = {}): void {
  const cell = cellAtWork();
  const { id } = options;
  const update = options.update ?? (id !== undefined && shownBy.get(id) === cell);
  if (id !== undefined) shownBy.set(id, cell);
  const emit = (bundles: Bundles): void => {
    for (const data of listOf(bundles)) {
      const displayId = id === undefined ? {} : { displayId: id };
      send({ kind: "display", cell, data, ...displayId, update });
    }
  };
  const bundles = bundlesOf(value) ?? { "text/plain": "undefined" };
  if (bundles instanceof Promise) unfinished.add(bundles.then(emit));
  else emit(bundles);
}

/** Displays that are still being made. */
const unfinished = new Set<Promise<void>>();

/** A cell ends when all it displays is there. @throws what making a display threw. */
export async function finishDisplays(): Promise<void> {
  for (const display of unfinished) {
    unfinished.delete(display);
    await display;
  }
}

export function clearOutput(options: { readonly wait?: boolean } = {}): void {
  const cell = cellAtWork();
  for (const [id, by] of shownBy) if (by === cell) shownBy.delete(id);
  send({ kind: "clear", cell, wait: options.wait === true });
}

/** What a cell's last expression shows: all bundles but the last at once, the last as the cell's result. */
export async function resultBundle(value: unknown): Promise<MimeBundle | undefined> {
  const bundles = await bundlesOf(value);
  if (bundles === undefined) return undefined;
  const list = listOf(bundles);
  for (const data of list.slice(0, -1)) send({ kind: "display", cell: cellAtWork(), data, update: false });
  return list.at(-1);
}

function listOf(bundles: Bundles): readonly MimeBundle[] {
  const list = Array.isArray(bundles) ? (bundles as readonly MimeBundle[]) : [bundles as MimeBundle];
  const wrong = list.findIndex((bundle) => typeof bundle !== "object" || bundle === null);
  if (wrong < 0) return list;
  throw new TypeError(`[Symbol.for("Jupyter.display")] gives an object of MIME types, not ${inspect(list[wrong])}`);
}
