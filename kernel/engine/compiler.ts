import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type ts from "tsover";
import { advise, misuses } from "./advice.ts";
import { Declarations } from "./declarations.ts";
import type { Completeness, Completions } from "./engine.ts";
import { cellDeclarations, globalDeclarations } from "./globals.ts";
import { type TopLevelNames, topLevelNames } from "./names.ts";
import { needsNodeTypes } from "./node-types.ts";
import { rewriteCell } from "./rewrite.ts";
import {
  distribution,
  libraryFile,
  loadTypeScript,
  type OperatorChecker,
  type TypeScript,
  typesFolder,
} from "./typescript.ts";

/** Something in a cell that keeps it from running. Lines and columns count from 1, in the cell's own text. */
export interface Problem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly code: number;
}

export type Compilation =
  | { readonly kind: "problems"; readonly problems: readonly Problem[] }
  | {
      readonly kind: "compiled";
      /** The body of an async function of the scope. */
      readonly javascript: string;
      readonly sourceMap: string;
      /** Lines of the compiled file before the cell; the source map counts them too. */
      readonly linesBefore: number;
      /** Takes the cell's declarations over for later cells; called when the cell is run. */
      commit(): void;
    };

const cellFile = "/gradbook/cell.ts";
const globalsFile = "/gradbook/globals.d.ts";
const cellGlobalsFile = "/gradbook/cell-globals.d.ts";

/** Checks and rewrites cells, completes and explains their code. Knows what earlier cells declared; runs nothing. */
export class Compiler {
  private readonly ts: TypeScript;
  private readonly cwd: string;
  private declarations: Declarations;
  private options: ts.CompilerOptions;
  private readonly service: ts.LanguageService;
  private readonly files = new Map<string, ts.IScriptSnapshot | undefined>();
  private snapshot: ts.IScriptSnapshot;
  private version = 0;
  private prefix = "";
  private withNodeTypes = false;

  constructor(cwd: string) {
    const typescript = loadTypeScript();
    this.ts = typescript;
    this.cwd = cwd;
    this.declarations = new Declarations(typescript);
    this.snapshot = typescript.ScriptSnapshot.fromString("");
    this.options = {
      target: typescript.ScriptTarget.ES2022,
      module: typescript.ModuleKind.ESNext,
      moduleResolution: typescript.ModuleResolutionKind.Bundler,
      moduleDetection: typescript.ModuleDetectionKind.Force,
      strict: true,
      declaration: true,
      sourceMap: true,
      skipLibCheck: true,
      allowJs: true,
      resolveJsonModule: true,
      allowImportingTsExtensions: true,
      noEmitOnError: false,
      newLine: typescript.NewLineKind.LineFeed,
      types: [],
    };
    for (const [file, text] of [
      [globalsFile, globalDeclarations],
      [cellGlobalsFile, cellDeclarations],
    ] as const) {
      this.files.set(file, typescript.ScriptSnapshot.fromString(text));
    }
    this.service = typescript.createLanguageService(this.host(), typescript.createDocumentRegistry());
  }

  /** Checks a cell and compiles it. Nothing of it has run, and nothing of it is known to later cells before `commit`. */
  compile(code: string): Compilation {
    const { ts } = this;
    const text = cleaned(code);
    const misread = this.misread(text);
    if (misread !== undefined) return { kind: "problems", problems: [misread] };
    const { names, before } = this.setCell(text, true);
    const program = this.program();
    const file = program.getSourceFile(cellFile)!;
    const checker = program.getTypeChecker() as OperatorChecker;
    const start = this.prefix.length;
    const end = start + text.length;
    const problems = this.problems(program, checker, file, start, end);
    if (problems.length > 0) return { kind: "problems", problems };

    let javascript = "";
    let sourceMap = "";
    let declarationFile = "";
    const write = (name: string, content: string): void => {
      if (name.endsWith(".d.ts")) declarationFile = content;
      else if (name.endsWith(".map")) sourceMap = content;
      else javascript = content;
    };
    const known = new Set([...names.kinds.keys(), ...before.names]);
    const range = { start, end, names: known };
    // EmitOnly.Js: without names there is nothing to declare.
    const only = names.kinds.size > 0 ? undefined : (0 as unknown as boolean);
    program.emit(file, write, undefined, only, {
      before: [rewriteCell(ts, checker, range)],
      after: [withoutExports(ts)],
    });
    const locals = (file as ts.SourceFile & { readonly locals: ReadonlyMap<string, ts.Symbol> }).locals;
    const printType = (name: string): string | undefined => {
      const symbol = locals.get(name);
      return symbol === undefined
        ? undefined
        : checker.typeToString(checker.getTypeOfSymbol(symbol), file, ts.TypeFormatFlags.NoTruncation);
    };
    // Printed now: the next cell makes another program.
    const nested = new Map(
      [...names.kinds].filter(([, kind]) => kind === "var").map(([name]) => [name, printType(name)]),
    );
    return {
      kind: "compiled",
      javascript: javascript.replace(/^export \{\};\s*$/m, "").replace(/\/\/# sourceMappingURL=.*\s*$/, ""),
      sourceMap,
      linesBefore: lineCount(this.prefix),
      commit: () => {
        if (names.kinds.size === 0) return;
        before.add(names, declarationFile, (name) => nested.get(name));
        this.declarations = before;
      },
    };
  }

  /** Forgets what cells declared: the user process has started afresh. */
  forget(): void {
    this.declarations = new Declarations(this.ts);
  }

  complete(code: string, offset: number): Completions {
    const text = cleaned(code);
    this.setCell(text, false);
    this.program();
    const position = this.prefix.length + offset;
    const found = this.service.getCompletionsAtPosition(cellFile, position, {
      includeCompletionsWithInsertText: false,
    });
    const start = wordStart(text, offset);
    const typed = text.slice(start, offset).toLowerCase();
    if (found === undefined) return { start, end: offset, items: [] };
    const items = found.entries
      .filter((entry) => entry.name.toLowerCase().startsWith(typed) && !entry.name.startsWith("__"))
      .sort((a, b) => (a.sortText === b.sortText ? compare(a.name, b.name) : compare(a.sortText, b.sortText)))
      .slice(0, 500);
    const signed = items.length <= fewItems;
    return {
      start,
      end: offset,
      items: items.map(({ name, kind }) => ({
        text: name,
        type: kindNames[kind] ?? kind,
        ...(signed ? this.signature(position, name) : {}),
      })),
    };
  }

  private signature(position: number, name: string): { readonly signature?: string } {
    const details = this.service.getCompletionEntryDetails(cellFile, position, name, {}, undefined, {}, undefined);
    if (details === undefined) return {};
    return { signature: this.ts.displayPartsToString(details.displayParts).replace(/\s+/g, " ") };
  }

  /** Type and documentation of what stands at `offset`, as Markdown and as text. */
  inspect(code: string, offset: number): Readonly<Record<string, string>> | undefined {
    const { ts } = this;
    this.setCell(cleaned(code), false);
    this.program();
    const position = this.prefix.length + offset;
    const info =
      this.service.getQuickInfoAtPosition(cellFile, position) ??
      this.service.getQuickInfoAtPosition(cellFile, Math.max(this.prefix.length, position - 1)) ??
      this.callAround(position);
    // Of a name that nothing declares, TypeScript has no more to say than that it may be anything.
    if (info === undefined || info.kind === ts.ScriptElementKind.unknown) return undefined;
    const signature = ts.displayPartsToString(info.displayParts);
    const documentation = ts.displayPartsToString(info.documentation);
    const tags = (info.tags ?? []).map((tag) => `@${tag.name} ${ts.displayPartsToString(tag.text)}`);
    const rest = [documentation, ...tags].filter((part) => part.trim() !== "");
    return {
      "text/markdown": [`\`\`\`typescript\n${signature}\n\`\`\``, ...rest].join("\n\n"),
      "text/plain": [signature, ...rest].join("\n\n"),
    };
  }

  isComplete(code: string): Completeness {
    const text = cleaned(code);
    const first = this.parsed(text).parseDiagnostics[0];
    if (first === undefined) return { status: "complete" };
    // What is missing only at the end can still be typed.
    const unterminated = [1160, 1010, 1161].includes(first.code);
    if (!unterminated && first.start < text.trimEnd().length) return { status: "invalid" };
    const lastLine = text.trimEnd().split("\n").at(-1)!;
    const indent = /^\s*/.exec(lastLine)![0];
    const opens = (lastLine.match(/[{([]/g)?.length ?? 0) > (lastLine.match(/[})\]]/g)?.length ?? 0);
    return { status: "incomplete", indent: unterminated ? "" : opens ? `${indent}  ` : indent };
  }

  /** The first mistake of syntax: the others often follow from it. */
  private misread(text: string): Problem | undefined {
    const file = this.parsed(text);
    const first = file.parseDiagnostics[0];
    if (first === undefined) return undefined;
    const { line, character } = file.getLineAndCharacterOfPosition(Math.min(first.start, text.trimEnd().length));
    const message = this.ts.flattenDiagnosticMessageText(first.messageText, "\n");
    return { line: line + 1, column: character + 1, message, code: first.code };
  }

  /** The cell alone, as a module, so that `await` is an operator in it. */
  private parsed(text: string): ts.SourceFile & { readonly parseDiagnostics: readonly ts.DiagnosticWithLocation[] } {
    const { ts } = this;
    const asModule = (file: ts.SourceFile): void => {
      Object.assign(file, { externalModuleIndicator: true });
    };
    const options = { languageVersion: ts.ScriptTarget.ES2022, setExternalModuleIndicator: asModule };
    const file: ts.SourceFile = ts.createSourceFile("cell.ts", text, options, false);
    return file as ReturnType<Compiler["parsed"]>;
  }

  private callAround(position: number): ts.QuickInfo | undefined {
    const help = this.service.getSignatureHelpItems(cellFile, position, undefined);
    const start = help?.applicableSpan.start;
    return start === undefined ? undefined : this.service.getQuickInfoAtPosition(cellFile, Math.max(0, start - 2));
  }

  private problems(
    program: ts.Program,
    checker: OperatorChecker,
    file: ts.SourceFile,
    start: number,
    end: number,
  ): readonly Problem[] {
    const { ts } = this;
    const at = (position: number): { line: number; column: number } => {
      const { line, character } = file.getLineAndCharacterOfPosition(Math.min(position, end));
      return { line: line - lineCount(this.prefix) + 1, column: character + 1 };
    };
    const inCell = (diagnostic: ts.Diagnostic): boolean =>
      diagnostic.start === undefined || (diagnostic.start >= start && diagnostic.start <= end);
    const problems = program
      .getSemanticDiagnostics(file)
      .filter(inCell)
      .map((diagnostic): Problem => {
        const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n");
        const position = diagnostic.start ?? start;
        const advice = advise(ts, checker, file, { code: diagnostic.code, start: position, message });
        return { ...at(position), message: advice ?? message, code: diagnostic.code };
      });
    // Our word on a misuse takes the place of the checker's, where it has one.
    const misused = misuses(ts, checker, file, start).map(
      (misuse): Problem => ({ ...at(misuse.start), message: misuse.message, code: 0 }),
    );
    const others = problems.filter(
      (problem) => !misused.some((misuse) => misuse.line === problem.line && misuse.column === problem.column),
    );
    return [...others, ...misused].sort((a, b) => a.line - b.line || a.column - b.column);
  }

  private program(): ts.Program {
    const program = this.service.getProgram()!;
    const prefixEnd = this.prefix.length;
    Object.assign(program, { __prefixEnd: (file: string) => (file === cellFile ? prefixEnd : 0) });
    return program;
  }

  /** Makes the one file that is checked: declarations of earlier cells, then the cell. */
  private setCell(text: string, exporting: boolean): { names: TopLevelNames; before: Declarations } {
    const names = topLevelNames(this.ts, text);
    if (!this.withNodeTypes && needsNodeTypes(text)) {
      this.withNodeTypes = true;
      this.options = { ...this.options, types: ["node"], typeRoots: [typesFolder] };
    }
    const before = names.kinds.size === 0 ? this.declarations : this.declarations.without(names.kinds.keys());
    const prefix = `'use tsover';\n${before.text}`;
    const exports = [...names.kinds].filter(([name, kind]) => kind !== "import" && !names.exported.has(name));
    const ending =
      exporting && exports.length > 0 ? `export { ${exports.map(([name]) => name).join(", ")} };` : "export {};";
    this.prefix = prefix;
    this.snapshot = changingSnapshot(`${prefix}${text}\n;${ending}`);
    this.version++;
    return { names, before };
  }

  private host(): ts.LanguageServiceHost {
    const { ts, files } = this;
    const isOwn = (file: string): boolean => file.startsWith("/gradbook/");
    const readable = {
      fileExists: (file: string): boolean =>
        file === cellFile || files.get(file) !== undefined || (!isOwn(file) && existsSync(file)),
      readFile: (file: string): string => readFileSync(file, "utf8"),
      directoryExists: (folder: string): boolean => existsSync(folder),
    };
    // Every cell makes a new program, which asks for the modules of every file again.
    const resolved = new Map<string, ts.ResolvedModuleFull | undefined>();
    const resolve = (name: string, containing: string): ts.ResolvedModuleFull | undefined => {
      if (name === "gradbook") {
        return { resolvedFileName: path.join(distribution, "src", "index.d.ts"), extension: ts.Extension.Dts };
      }
      if (name === "undici-types") {
        return { resolvedFileName: path.join(typesFolder, name, "index.d.ts"), extension: ts.Extension.Dts };
      }
      const from = isOwn(containing) ? path.join(this.cwd, "cell.ts") : containing;
      const key = `${path.dirname(from)}\n${name}`;
      if (resolved.has(key)) return resolved.get(key);
      const module = ts.resolveModuleName(name, from, this.options, readable).resolvedModule;
      // A module that the notebook misses now may be there for the next cell; one that a package misses may not.
      if (module !== undefined || from.includes("node_modules") || from.startsWith(typesFolder))
        resolved.set(key, module);
      return module;
    };
    return {
      ...readable,
      getCompilationSettings: () => this.options,
      getCurrentDirectory: () => this.cwd,
      getDefaultLibFileName: () => libraryFile,
      getScriptFileNames: () =>
        this.withNodeTypes ? [cellFile, cellGlobalsFile] : [cellFile, cellGlobalsFile, globalsFile],
      getScriptVersion: (file) => (file === cellFile ? String(this.version) : "1"),
      getScriptSnapshot: (file) => {
        if (file === cellFile) return this.snapshot;
        if (!files.has(file)) {
          files.set(file, existsSync(file) ? ts.ScriptSnapshot.fromString(readFileSync(file, "utf8")) : undefined);
        }
        return files.get(file);
      },
      getDirectories: (folder) => (existsSync(folder) ? readdirSync(folder) : []),
      resolveModuleNameLiterals: (literals, containing) =>
        literals.map(({ text }) => ({ resolvedModule: resolve(text, containing) })),
    };
  }
}

/** The signatures of so many completions are found without a delay that one would feel. */
const fewItems = 40;

const kindNames: Readonly<Record<string, string>> = {
  "local var": "variable",
  var: "variable",
  let: "variable",
  const: "variable",
  alias: "variable",
  "local function": "function",
  getter: "property",
  setter: "property",
  enum: "enum",
  interface: "interface",
  type: "type",
};

/** A first line that starts with # is a comment to other tools; it keeps its length so that positions stay. */
function cleaned(code: string): string {
  const text = code.replace(/\r\n/g, "\n");
  return /^#/.test(text) ? text.replace(/^#+[^\n]*/, (line) => `//${" ".repeat(Math.max(0, line.length - 2))}`) : text;
}

function wordStart(text: string, offset: number): number {
  let start = offset;
  while (start > 0 && /[\p{L}\p{N}_$]/u.test(text[start - 1]!)) start--;
  return start;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function lineCount(text: string): number {
  return text.split("\n").length - 1;
}

/** A snapshot that says what changed since the last one, so that only that is parsed again. */
function changingSnapshot(text: string): ts.IScriptSnapshot {
  return {
    getText: (from, to) => text.slice(from, to),
    getLength: () => text.length,
    getChangeRange: (old) => {
      const before = old.getText(0, old.getLength());
      const most = Math.min(before.length, text.length);
      let head = 0;
      while (head < most && before.charCodeAt(head) === text.charCodeAt(head)) head++;
      let tail = 0;
      while (
        tail < most - head &&
        before.charCodeAt(before.length - 1 - tail) === text.charCodeAt(text.length - 1 - tail)
      ) {
        tail++;
      }
      return { span: { start: head, length: before.length - head - tail }, newLength: text.length - head - tail };
    },
  };
}

function withoutExports(typescript: TypeScript): ts.TransformerFactory<ts.SourceFile> {
  return () => (file) =>
    typescript.factory.updateSourceFile(
      file,
      file.statements.filter(
        (statement) => !(typescript.isExportDeclaration(statement) && statement.moduleSpecifier === undefined),
      ),
    );
}
