import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type ts from "tsover";
import { type Configuration, caseSensitive, type Place, stampOf } from "./configuration.ts";
import { cellDeclarations, globalDeclarations, requireDeclarations } from "./globals.ts";
import { needsNodeTypes } from "./node-types.ts";
import { distribution, engineFolder, libraryFile, type TypeScript, typesFolder } from "./typescript.ts";

export const cellFile = "/gradbook/cell.ts";
const globalsFile = "/gradbook/globals.d.ts";
const cellGlobalsFile = "/gradbook/cell-globals.d.ts";
const requireFile = "/gradbook/require.d.ts";
const libraryEntry = path.join(distribution, "src", "index.d.ts");
/** Where the modules are that the kernel gives to cells itself. */
const userFolder = path.join(engineFolder, "user");

/** A program that can take another cell in the place of the one it has (kernel/build/compiler.ts). */
export interface CellProgram extends ts.Program {
  __replaceCell(cell: ts.IScriptSnapshot, version: string): boolean;
}

/** The files that the language service sees: one virtual file for the cell, the globals, and what is on disk. */
export class Host implements ts.LanguageServiceHost {
  private readonly ts: TypeScript;
  private readonly place: Place;
  private readonly configuration: Configuration;
  private readonly snapshots = new Map<string, { readonly version: string; readonly snapshot?: ts.IScriptSnapshot }>();
  // Every cell makes a new program, which asks for the modules of every file again.
  private readonly resolved = new Map<string, ts.ResolvedModuleFull | undefined>();
  /** The learner's own of the files that were asked for. */
  private readonly local = new Set<string>();
  /** Files of the learner's own that import what is not there. */
  private readonly lacking = new Set<string>();
  private cell: ts.IScriptSnapshot;
  private cells = 0;
  private programs = 0;
  private wantsNodeTypes = false;

  constructor(typescript: TypeScript, place: Place, configuration: Configuration) {
    this.ts = typescript;
    this.place = place;
    this.configuration = configuration;
    this.cell = typescript.ScriptSnapshot.fromString("");
    for (const [file, text] of [
      [globalsFile, globalDeclarations],
      [cellGlobalsFile, cellDeclarations],
      [requireFile, requireDeclarations],
    ] as const) {
      this.snapshots.set(file, { version: "1", snapshot: typescript.ScriptSnapshot.fromString(text) });
    }
  }

  /** What a file lacked may be there by now. An arrow, since it is called without its host. */
  readonly hasInvalidatedResolutions = (file: string): boolean => this.lacking.delete(file);

  /** Gives the cell's file another text; `own` is what of it is the cell's. */
  setCell(text: string, own: string): void {
    this.refresh();
    if (!this.configuration.withNodeTypes && needsNodeTypes(own)) this.configuration.addNodeTypes();
    this.cell = this.ts.ScriptSnapshot.fromString(text);
    this.cells++;
  }

  /** Reads the configuration again where it has changed. */
  refresh(): void {
    if (this.configuration.refresh()) this.resolved.clear();
  }

  /** Whether a file that was read since needs the full types of Node, which are there from now on. */
  takeNodeTypes(): boolean {
    if (this.configuration.withNodeTypes || !this.wantsNodeTypes) return false;
    this.configuration.addNodeTypes();
    return true;
  }

  /** What a program is made from besides the cell, as a text that changes with it; undefined where something is missing that may come. */
  surroundings(): string | undefined {
    if (this.lacking.size > 0) return undefined;
    return [this.configuration.version, ...[...this.local].map(stampOf)].join("\n");
  }

  /** Puts the cell that was set last into a program that is there; says whether that could be done. */
  putCellInto(program: CellProgram): boolean {
    return program.__replaceCell(this.cell, String(this.cells));
  }

  /** The next program is a new one. */
  expectProgram(): void {
    this.programs++;
  }

  /** While this stays the same, the language service keeps the program that it has. */
  getProjectVersion(): string {
    const surroundings = this.surroundings();
    // Without one, it looks at every file.
    return surroundings === undefined ? "" : `${this.programs}\n${surroundings}`;
  }

  /** A file of the learner's own: it may change at any time. */
  isLocal(file: string): boolean {
    return !file.includes("/node_modules/") && !file.startsWith("/gradbook/") && !file.startsWith(ownFolder);
  }

  /** The file that a module's name leads to. */
  resolve(name: string, containing: string): ts.ResolvedModuleFull | undefined {
    const { ts } = this;
    if (name === "gradbook") {
      return { resolvedFileName: libraryEntry, extension: ts.Extension.Dts };
    }
    // The notebook's folder need not have it, and its own would write to nobody here.
    if (name === "tslab") {
      return { resolvedFileName: path.join(userFolder, "tslab.d.ts"), extension: ts.Extension.Dts };
    }
    if (name === "undici-types") {
      return { resolvedFileName: path.join(typesFolder, name, "index.d.ts"), extension: ts.Extension.Dts };
    }
    const from = isOwn(containing) ? path.join(this.place.folder, "cell.ts") : containing;
    const key = `${path.dirname(from)}\n${name}`;
    if (this.resolved.has(key)) {
      const known = this.resolved.get(key);
      if (known === undefined || !this.isLocal(known.resolvedFileName) || existsSync(known.resolvedFileName))
        return known;
    }
    const resolveFrom = (file: string): ts.ResolvedModuleFull | undefined =>
      ts.resolveModuleName(name, file, this.configuration.options, this).resolvedModule;
    // The compiler writes the types of earlier cells with paths from the cell's file to the module's.
    const module = resolveFrom(from) ?? (isOwn(containing) ? resolveFrom(containing) : undefined);
    // A module that the notebook misses now may be there for the next cell; one that a package misses may not.
    if (module !== undefined || !this.isLocal(from)) this.resolved.set(key, module);
    else this.lacking.add(caseSensitive ? containing : containing.toLowerCase());
    return module;
  }

  fileExists(file: string): boolean {
    return file === cellFile || this.snapshots.get(file)?.snapshot !== undefined || (!isOwn(file) && existsSync(file));
  }

  readFile(file: string): string {
    return readFileSync(file, "utf8");
  }

  directoryExists(folder: string): boolean {
    return existsSync(folder);
  }

  getCompilationSettings(): ts.CompilerOptions {
    return this.configuration.options;
  }

  useCaseSensitiveFileNames(): boolean {
    return caseSensitive;
  }

  getCurrentDirectory(): string {
    return this.place.folder;
  }

  getDefaultLibFileName(): string {
    return libraryFile;
  }

  getScriptFileNames(): string[] {
    // The library is always there, so that a cell that imports it makes no new program.
    return [libraryEntry, cellGlobalsFile, this.configuration.withNodeTypes ? requireFile : globalsFile, cellFile];
  }

  getScriptVersion(file: string): string {
    if (file === cellFile) return String(this.cells);
    return isOwn(file) || !this.isLocal(file) ? "1" : stampOf(file);
  }

  getScriptSnapshot(file: string): ts.IScriptSnapshot | undefined {
    if (file === cellFile) return this.cell;
    const version = this.getScriptVersion(file);
    let known = this.snapshots.get(file);
    if (known?.version !== version) {
      const text = existsSync(file) ? readFileSync(file, "utf8") : undefined;
      const isLocal = this.isLocal(file);
      if (isLocal) this.local.add(file);
      if (text !== undefined && isLocal && needsNodeTypes(text)) this.wantsNodeTypes = true;
      known = text === undefined ? { version } : { version, snapshot: this.ts.ScriptSnapshot.fromString(text) };
      this.snapshots.set(file, known);
    }
    return known.snapshot;
  }

  getDirectories(folder: string): string[] {
    return existsSync(folder) ? readdirSync(folder) : [];
  }

  resolveModuleNameLiterals(
    literals: readonly ts.StringLiteralLike[],
    containing: string,
  ): readonly ts.ResolvedModuleWithFailedLookupLocations[] {
    return literals.map(({ text }) => ({ resolvedModule: this.resolve(text, containing) }));
  }
}

/** As TypeScript writes paths. */
const ownFolder = distribution.replaceAll(path.sep, "/");

function isOwn(file: string): boolean {
  return file.startsWith("/gradbook/");
}
