import path from "node:path";
import { fileURLToPath } from "node:url";
import type { RunCell } from "./messages.ts";
import { type Place, Places } from "./places.ts";

/** What a learner wrote, and how to find a place in it: a cell, or a module of the learner's own. */
type Source = Pick<RunCell, "label" | "code" | "sourceMap" | "linesBefore">;

interface SourcePlace extends Place {
  readonly source: Source;
}

interface KnownSource {
  readonly source: Source;
  /** Read where an error first asks for them. */
  places?: Places;
}

/** By the names of scripts. */
const sources = new Map<string, { deref(): KnownSource | undefined }>();
const gone = new FinalizationRegistry<string>((file) => sources.delete(file));
/** dist: frames of the kernel and of the library are not the learner's. */
const own = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..") + path.sep;
const firstPlaces = new WeakMap<object, SourcePlace>();

/** Remembers how to read positions in compiled code; `file` is its name as a script. */
export function rememberSource(file: string, source: Source): void {
  const known = { source };
  sources.set(file, { deref: () => known });
}

/** The same for as long as somebody has what it returns. */
export function rememberWeakly(file: string, source: Source): object {
  const known = { source };
  sources.set(file, new WeakRef(known));
  gone.register(known, file);
  return known;
}

/** From here on Error.stack reads as the learner should read it: the cells' own lines, nothing of the kernel. */
export function installStackTraces(): void {
  Error.prepareStackTrace = (error: unknown, sites) => {
    const frames: string[] = [];
    let inLoop = false;
    for (const site of sites) {
      const place = placeOf(site);
      const name = site.getFunctionName();
      // A loop that runs as a function of its own is still the cell, where it stands.
      if (inLoop && name === "__cell") continue;
      inLoop = name === "__loop";
      if (place === undefined && isOwn(site)) continue;
      frames.push(`    at ${place === undefined ? String(site) : frameOf(site, place)}`);
      if (place !== undefined && error instanceof Error && !firstPlaces.has(error)) firstPlaces.set(error, place);
    }
    return [headOf(error), ...frames].join("\n");
  };
}

/** The line of a cell that an error comes from, with a caret below the place. */
export function excerptOf(error: Error): readonly string[] {
  const place = firstPlaces.get(error);
  const text = place?.source.code.split("\n")[place.line - 1];
  if (place === undefined || text === undefined) return [];
  return [`${place.source.label}, line ${place.line}:`, `    ${text}`, `    ${" ".repeat(place.column - 1)}^`];
}

function headOf(error: unknown): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return "Error";
  }
}

function isOwn(site: NodeJS.CallSite): boolean {
  const file = fileOf(site);
  if (file === undefined) return false;
  return file.startsWith("node:") || file.startsWith(own) || file.includes("tsover-runtime");
}

function fileOf(site: NodeJS.CallSite): string | undefined {
  const file = site.getFileName() ?? undefined;
  return file?.startsWith("file:") ? fileURLToPath(file) : file;
}

function frameOf(site: NodeJS.CallSite, { source, line, column }: SourcePlace): string {
  const place = `${source.label}:${line}:${column}`;
  const name = site.getFunctionName()?.replace(/^(?:Object\.)?(?:__scope\.)?/, "");
  // The function that a cell itself becomes has no name for the learner.
  if (!name || name === "__cell" || name === "__loop") return place;
  const kind = site.isConstructor() ? "new " : site.isAsync() ? "async " : "";
  const owner = site.isConstructor() ? "" : ownerOf(site);
  return `${kind}${owner !== "" && !name.startsWith(owner) ? `${owner}.` : ""}${name} (${place})`;
}

function ownerOf(site: NodeJS.CallSite): string {
  const type = site.isToplevel() ? null : site.getTypeName();
  return type === null || type === "Object" || type === "Function" ? "" : type;
}

function placeOf(site: NodeJS.CallSite): SourcePlace | undefined {
  const known = sources.get(site.getFileName() ?? "")?.deref();
  if (known === undefined) return undefined;
  const { source } = known;
  known.places ??= new Places(source.sourceMap, source.linesBefore);
  const place = known.places.of((site.getLineNumber() ?? 1) - 1, (site.getColumnNumber() ?? 1) - 1);
  return { source, ...(place ?? { line: 1, column: 1 }) };
}
