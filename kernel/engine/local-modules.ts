import { readFileSync } from "node:fs";
import path from "node:path";
import type ts from "tsover";
import type { FileProblem, Place } from "./configuration.ts";
import type { Host } from "./host.ts";
import { modulesFrom, versionFrom } from "./module-graph.ts";
import { rewriteModule } from "./operators.ts";
import type { OperatorChecker, TypeScript } from "./typescript.ts";

/** A module of the learner's own, compiled for the user process: a .ts, .tsx or .js file, or one of JSON. */
export interface LocalModule {
  readonly file: string;
  /** What it is called in messages: its path from the notebook's folder. */
  readonly label: string;
  /** Another one after each edit. */
  readonly version: string;
  /** What it says, for excerpts; of JSON, all there is. */
  readonly code: string;
  /** An ECMAScript module; undefined for JSON. */
  readonly javascript?: string;
  readonly sourceMap?: string;
  /** Which of the names that it imports are modules of the learner's own, and where these are. */
  readonly imports: Readonly<Record<string, string>>;
}

type Imports = Readonly<Record<string, string>>;

/**
 * The files of the learner's own that cells import. They are read again after an edit: a cell that is run then gets the
 * module as it is now.
 */
export class LocalModules {
  private readonly ts: TypeScript;
  private readonly place: Place;
  private readonly host: Host;
  private readonly compiled = new Map<string, LocalModule>();
  private readonly checked = new Map<string, string>();
  /** Whether JavaScript is CommonJS. */
  private readonly kinds = new Map<string, { readonly version: string; readonly commonJS: boolean }>();

  constructor(typescript: TypeScript, place: Place, host: Host) {
    this.ts = typescript;
    this.place = place;
    this.host = host;
  }

  /** Which of the names that a file imports lead to the learner's own modules. */
  importsOf(file: ts.SourceFile): Imports {
    const found: Record<string, string> = {};
    for (const { text } of (file as ts.SourceFile & { readonly imports: readonly ts.StringLiteralLike[] }).imports) {
      const resolved = this.host.resolve(text, file.fileName)?.resolvedFileName;
      if (resolved !== undefined && this.isModule(resolved)) found[text] = resolved;
    }
    return found;
  }

  /** All that `imports` lead to, compiled where a file has changed. */
  reachable(program: ts.Program, imports: Imports): ReadonlyMap<string, LocalModule> {
    return modulesFrom(Object.values(imports), (file) => this.module(program, file));
  }

  /** Mistakes in modules that, themselves or by what they import, have changed since they were last found right. */
  problems(program: ts.Program, modules: ReadonlyMap<string, LocalModule>): readonly FileProblem[] {
    const found: FileProblem[] = [];
    for (const { file, label, code } of modules.values()) {
      const source = program.getSourceFile(file);
      if (source === undefined) continue;
      const version = versionFrom(file, (name) => modules.get(name));
      if (this.checked.get(file) === version) continue;
      const own = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
      if (own.length === 0) this.checked.set(file, version);
      for (const { start = 0, messageText, code: number } of own) {
        found.push({ label, code, start, number, message: this.ts.flattenDiagnosticMessageText(messageText, "\n") });
      }
    }
    return found;
  }

  private isModule(file: string): boolean {
    if (file.endsWith(".json")) return true;
    return (
      this.host.isLocal(file) &&
      /\.(?:[mc]?tsx?|[mc]?jsx?)$/.test(file) &&
      !/\.d\.[mc]?ts$/.test(file) &&
      !this.isCommonJS(file)
    );
  }

  /** CommonJS is Node's to load. */
  private isCommonJS(file: string): boolean {
    if (file.endsWith(".cjs")) return true;
    if (!/\.jsx?$/.test(file)) return false;
    const version = this.host.getScriptVersion(file);
    let known = this.kinds.get(file);
    if (known?.version !== version) {
      const { ts } = this;
      const text = this.host.readFile(file);
      const source = ts.createSourceFile(file, text, { languageVersion: ts.ScriptTarget.ES2022 });
      known = { version, commonJS: !ts.isExternalModule(source) };
      this.kinds.set(file, known);
    }
    return known.commonJS;
  }

  private module(program: ts.Program, file: string): LocalModule | undefined {
    const version = this.host.getScriptVersion(file);
    const known = this.compiled.get(file);
    const source = program.getSourceFile(file);
    if (known !== undefined && known.version === version) {
      // An import of what was missing may lead somewhere now.
      return source === undefined || sameImports(known.imports, this.importsOf(source))
        ? known
        : this.compile(program, source, version);
    }
    if (file.endsWith(".json")) {
      const module = { file, label: this.label(file), version, code: readFileSync(file, "utf8"), imports: {} };
      this.compiled.set(file, module);
      return module;
    }
    return source === undefined ? undefined : this.compile(program, source, version);
  }

  private compile(program: ts.Program, source: ts.SourceFile, version: string): LocalModule {
    let javascript = "";
    let sourceMap = "";
    const write = (name: string, content: string): void => {
      if (name.endsWith(".map")) sourceMap = content;
      else if (!/\.d\.[mc]?ts$/.test(name)) javascript = content;
    };
    const before = [rewriteModule(this.ts, program.getTypeChecker() as OperatorChecker)];
    // EmitOnly.Js: nobody reads its declarations.
    program.emit(source, write, undefined, 0 as unknown as boolean, { before });
    const module: LocalModule = {
      file: source.fileName,
      label: this.label(source.fileName),
      version,
      code: source.text,
      javascript: javascript.replace(/\/\/# sourceMappingURL=.*\s*$/, ""),
      sourceMap,
      imports: this.importsOf(source),
    };
    this.compiled.set(source.fileName, module);
    return module;
  }

  private label(file: string): string {
    return path.relative(this.place.folder, file);
  }
}

function sameImports(a: Imports, b: Imports): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
