import type ts from "tsover";
import { advise, misuses } from "./advice.ts";
import { Configuration, caseSensitive, type FileProblem, type Place } from "./configuration.ts";
import { Declarations, type Declared, type ImportedName } from "./declarations.ts";
import type { Completeness, Completions } from "./engine.ts";
import { type CellProgram, cellFile, Host } from "./host.ts";
import { type LocalModule, LocalModules } from "./local-modules.ts";
import { versionFrom } from "./module-graph.ts";
import { type TopLevelNames, topLevelNames } from "./names.ts";
import { mentionsModule } from "./node-types.ts";
import { rewriteCell } from "./rewrite.ts";
import { loadTypeScript, type OperatorChecker, type TypeScript } from "./typescript.ts";

/** Something in a cell that keeps it from running. Lines and columns count from 1, in the cell's own text. */
export interface Problem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly code: number;
  /** The file that it stands in, where that is not the cell, and its text. */
  readonly file?: { readonly label: string; readonly code: string };
}

export type Compilation = { readonly kind: "problems"; readonly problems: readonly Problem[] } | Compiled;

/** What a cell becomes. */
export interface Emitted {
  /** The body of an async function of the scope. */
  readonly javascript: string;
  readonly sourceMap: string;
  /** Lines of the compiled file before the cell; the source map counts them too. */
  readonly linesBefore: number;
  /** What, in a loop that is stopped, puts its variables back into the bindings that they stand for. */
  readonly keep: readonly string[];
}

interface Compiled extends Emitted {
  readonly kind: "compiled";
  /** The learner's own modules that this cell and earlier ones import, in any order. */
  readonly modules: readonly LocalModule[];
  /** Which names of modules lead to these. */
  readonly imports: Readonly<Record<string, string>>;
  /** What earlier cells imported from a module that has changed since. */
  readonly renewed: readonly ImportedName[];
}

/** A cell, read and understood. */
interface ReadCell {
  readonly program: ts.Program;
  readonly file: ts.SourceFile;
  readonly checker: OperatorChecker;
  /** Where in the file the cell's own text is. */
  readonly start: number;
  readonly end: number;
  readonly names: TopLevelNames;
}

export interface CompileOptions {
  /** Whether somebody looks at the bindings while the cell runs: then loops work on these themselves. */
  readonly debugged?: boolean;
}

/** TypeScript's own word for text that is not to be checked, before any code. */
const unchecked = /^(?:\s*\/\/.*\n)*\s*\/\/\s*@ts-nocheck\b/;

/** Checks and rewrites cells, completes and explains their code. Knows what earlier cells declared; runs nothing. */
export class Compiler {
  private readonly ts: TypeScript;
  /** Where the notebook is; it may be said later. */
  readonly place: Place;
  private readonly configuration: Configuration;
  private readonly host: Host;
  private readonly service: ts.LanguageService;
  private readonly localModules: LocalModules;
  private readonly declarations: Declarations;
  /** The learner's own modules as they were when cells last imported them: versions by file. */
  private readonly loaded = new Map<string, string>();
  private prefix = "";
  /** What the file that is checked finds of earlier cells. */
  private earlier: object = {};
  /** The program that is there, its checker, and how many types this had when it was new. */
  private checked:
    | { readonly program: KeepingProgram; readonly checker: KeptChecker; readonly types: number }
    | undefined;
  /** What else it was made from. */
  private surroundings: string | undefined;
  /** Takes over what the cell that was compiled last declares. */
  private takeOver: () => void = () => {};
  /** Reads what that cell declares, while it is still in the program. */
  private readDeclared: () => void = () => {};
  /** The cell that was compiled last, where the same text comes to the same again. */
  private repeatable: Repeatable | undefined;

  constructor(place: Place = { folder: process.cwd() }) {
    const typescript = loadTypeScript();
    this.ts = typescript;
    this.place = place;
    this.configuration = new Configuration(typescript, place);
    this.host = new Host(typescript, place, this.configuration);
    const resolve = (module: string): ts.ResolvedModuleFull | undefined => this.host.resolve(module, cellFile);
    this.declarations = new Declarations(typescript, resolve, (file) => this.checked?.checker.__forget(file));
    this.service = typescript.createLanguageService(this.host, typescript.createDocumentRegistry(caseSensitive));
    this.localModules = new LocalModules(typescript, place, this.host);
  }

  /** Compiles cells so that what they need is read and understood, and stays so; then forgets them. */
  warmUp(cells: readonly string[]): void {
    for (const code of cells) {
      if (this.compile(code).kind === "compiled") this.commit();
    }
    this.forget();
    this.compile("0");
  }

  /** Compiles and completes a cell for nobody, so that V8 knows what to optimise when somebody waits. */
  rehearse(code: string): void {
    const { takeOver, repeatable } = this;
    this.compile(code);
    const unfinished = `${code}\n;[1].ma`;
    this.complete(unfinished, unfinished.length);
    this.takeOver = takeOver;
    this.repeatable = repeatable;
  }

  /** Checks a cell and compiles it. Nothing of it has run, and nothing of it is known to later cells before `commit`. */
  compile(code: string, { debugged = false }: CompileOptions = {}): Compilation {
    this.takeOver = () => {};
    const text = cleaned(code);
    const repeated = this.repeated(text, debugged);
    if (repeated !== undefined) return repeated;
    this.repeatable = undefined;
    const own = this.parsed(text);
    const mistake = this.mistakeOfSyntax(own);
    if (mistake !== undefined) return { kind: "problems", problems: [mistake] };
    if (mentionsModule(text, "tslab")) this.configuration.beLikeTslab();
    const cell = this.read(own);
    const { program } = cell;
    const misconfigured = this.configuration.problems;
    if (misconfigured.length > 0)
      return { kind: "problems", problems: misconfigured.map((problem) => this.placed(problem)) };
    const problems = unchecked.test(text) ? [] : this.problems(cell);
    if (problems.length > 0) return { kind: "problems", problems };
    const imports = this.localModules.importsOf(cell.file);
    const modules = this.localModules.reachable(program, imports);
    const misread = this.localModules.problems(program, modules);
    if (misread.length > 0) return { kind: "problems", problems: misread.map((problem) => this.placed(problem)) };
    const versions = new Map(
      Object.values(imports).map((imported) => [imported, versionFrom(imported, (file) => modules.get(file))]),
    );
    const renewed = this.declarations.importedExcept(cell.names.kinds).filter(({ from }) => {
      const imported = imports[from];
      return imported !== undefined && this.loaded.get(imported) !== versions.get(imported);
    });
    const emitted = this.emit(cell, debugged);
    const compilation: Compiled = { kind: "compiled", ...emitted, modules: [...modules.values()], imports, renewed };
    const { takeOver, surroundings, declarations } = this;
    // What changes outside the cell is known of programs only; modules of the learner's own are a question of their own.
    const repeatable =
      surroundings === undefined || modules.size > 0
        ? undefined
        : {
            text,
            debugged,
            compilation,
            surroundings,
            ...(cell.names.kinds.size > 0 ? {} : { declared: declarations.count }),
          };
    this.repeatable = repeatable;
    this.takeOver = () => {
      for (const [imported, version] of versions) this.loaded.set(imported, version);
      takeOver();
      // With its own names declared, the cell is in the position that it is in when it comes again.
      this.repeatable = repeatable && { ...repeatable, declared: declarations.count };
    };
    return compilation;
  }

  /** What a cell comes to that comes again, where nothing that it depends on has changed. */
  private repeated(text: string, debugged: boolean): Compiled | undefined {
    const last = this.repeatable;
    if (last?.text !== text || last.debugged !== debugged || last.declared !== this.declarations.count)
      return undefined;
    this.host.refresh();
    return last.surroundings === this.host.surroundings() ? last.compilation : undefined;
  }

  /** What a cell compiles to whatever the types in it, of which some may still be unknown: its lines are the same. */
  compileUnchecked(code: string): Emitted | undefined {
    const own = this.parsed(cleaned(code));
    if (this.mistakeOfSyntax(own) !== undefined) return undefined;
    const { takeOver } = this;
    const emitted = this.emit(this.read(own), true);
    this.takeOver = takeOver;
    return emitted;
  }

  /** A cell in its file, behind what earlier cells declared. */
  private read(own: ts.SourceFile): ReadCell {
    const names = this.setCell(own, true);
    const program = this.program();
    const start = this.prefix.length;
    return {
      program,
      file: program.getSourceFile(cellFile)!,
      checker: program.getTypeChecker() as OperatorChecker,
      start,
      end: start + own.text.length,
      names,
    };
  }

  private emit(cell: ReadCell, debugged: boolean): Emitted {
    const { ts } = this;
    const { program, file, checker, start, end, names } = cell;
    let javascript = "";
    let sourceMap = "";
    const write = (name: string, content: string): void => {
      if (name.endsWith(".map")) sourceMap = content;
      else javascript = content;
    };
    const { declarations } = this;
    const known = { has: (name: string) => names.kinds.has(name) || declarations.has(name) };
    const keep: string[] = [];
    const range = { start, end, names: known, ...(debugged ? {} : { keep }) };
    program.emit(file, write, undefined, onlyJavaScript, {
      before: [rewriteCell(ts, checker, range)],
      after: [withoutExports(ts)],
    });
    if (names.kinds.size > 0) {
      let declared: Declared | undefined;
      const read = (): Declared => {
        declared ??= { file: declarationFileOf(cell), types: this.typesOfVariables(cell) };
        return declared;
      };
      this.readDeclared = read;
      this.takeOver = () => declarations.add(names, read());
    }
    return {
      javascript: javascript.replace(/^export \{\};\s*$/m, "").replace(/\/\/# sourceMappingURL=.*\s*$/, ""),
      sourceMap,
      linesBefore: lineCount(this.prefix),
      keep,
    };
  }

  /** The types of what `var` declares, wherever in the cell it stands. */
  private typesOfVariables({ file, checker, names }: ReadCell): ReadonlyMap<string, string> {
    const { locals } = file as ts.SourceFile & { readonly locals: ReadonlyMap<string, ts.Symbol> };
    const types = new Map<string, string>();
    for (const [name, kind] of names.kinds) {
      const symbol = kind === "var" ? locals.get(name) : undefined;
      if (symbol === undefined) continue;
      types.set(
        name,
        checker.typeToString(checker.getTypeOfSymbol(symbol), file, this.ts.TypeFormatFlags.NoTruncation),
      );
    }
    return types;
  }

  /** Takes over for later cells what the last one declares; called when it is run. */
  commit(): void {
    this.takeOver();
    this.takeOver = () => {};
    // Meanwhile the cell runs: nobody waits.
    if (this.hasTooMany(mostTypes)) this.compile("0");
  }

  /** Whether so many types have gathered that the next program is to have a checker of its own, without those of old cells. */
  private hasTooMany(most: number): boolean {
    const { checked } = this;
    if (checked === undefined || checked.checker.getTypeCount() - checked.types < most) return false;
    checked.program.__checker = undefined;
    this.checked = undefined;
    return true;
  }

  /**
   * Compiles an expression that is evaluated where local variables of unknown types are in reach.
   *
   * @returns the expression in JavaScript, or what keeps it from being evaluated.
   */
  compileExpression(expression: string, locals: readonly string[]): string | Problem {
    const parameters = ["this", ...locals].map((name) => `${name}: any`).join(", ");
    const own = this.parsed(`(function (${parameters}) { return (\n${expression}\n); })`);
    const mistake = this.mistakeOfSyntax(own);
    if (mistake !== undefined) return { ...mistake, line: mistake.line - 1 };
    const cell = this.read(own);
    const { program, file, checker, start, end } = cell;
    const [problem] = this.problems(cell);
    if (problem !== undefined) return { ...problem, line: problem.line - 1 };
    let javascript = "";
    const write = (name: string, content: string): void => {
      if (name.endsWith(".js")) javascript = content;
    };
    const range = { start, end, names: this.declarations };
    program.emit(file, write, undefined, onlyJavaScript, {
      before: [rewriteCell(this.ts, checker, range)],
      after: [bodyOfResult(this.ts)],
    });
    return javascript.replace(/\/\/# sourceMappingURL=.*\s*$/, "").replace(/;\s*$/, "");
  }

  /** Forgets what cells declared: the user process has started afresh. */
  forget(): void {
    this.declarations.clear();
    this.repeatable = undefined;
    this.loaded.clear();
  }

  complete(code: string, offset: number): Completions {
    const text = cleaned(code);
    this.setCell(this.parsed(text), false);
    const program = this.program();
    const position = this.prefix.length + offset;
    const found = this.service.getCompletionsAtPosition(cellFile, position, {
      includeCompletionsWithInsertText: false,
      includeSymbol: true,
    });
    const start = wordStart(text, offset);
    const typed = text.slice(start, offset).toLowerCase();
    if (found === undefined) return { start, end: offset, items: [] };
    const items = found.entries
      .filter((entry) => entry.name.toLowerCase().startsWith(typed) && !entry.name.startsWith("__"))
      // What an earlier cell declared comes before the global names, as what this one declares does.
      .map((entry) =>
        !found.isMemberCompletion && this.declarations.has(entry.name) ? { ...entry, sortText: nearby } : entry,
      )
      .sort((a, b) => (a.sortText === b.sortText ? compare(a.name, b.name) : compare(a.sortText, b.sortText)))
      .slice(0, 500);
    const sign = items.length <= fewItems ? this.signer(program, position) : () => ({});
    return {
      start,
      end: offset,
      items: items.map(({ name, kind, symbol }) => ({ text: name, type: kindNames[kind] ?? kind, ...sign(symbol) })),
    };
  }

  /** Tells signatures at a place. The language service would look for all completions again for each of them. */
  private signer(program: ts.Program, position: number): (symbol?: ts.Symbol) => { readonly signature?: string } {
    const { SymbolDisplay, getTouchingPropertyName, displayPartsToString } = this.ts as InnerTypeScript;
    const file = program.getSourceFile(cellFile)!;
    const checker = program.getTypeChecker();
    const place = getTouchingPropertyName(file, position);
    return (symbol) => {
      if (symbol === undefined) return {};
      const { displayParts } = SymbolDisplay.getSymbolDisplayPartsDocumentationAndSymbolKind(
        checker,
        symbol,
        file,
        place,
        place,
        allMeanings,
      );
      return { signature: displayPartsToString(displayParts).replace(/\s+/g, " ") };
    };
  }

  /** Type and documentation of what stands at `offset`, as Markdown and as text. */
  inspect(code: string, offset: number): Readonly<Record<string, string>> | undefined {
    const { ts } = this;
    this.setCell(this.parsed(cleaned(code)), false);
    this.program();
    const position = this.prefix.length + offset;
    const info =
      this.service.getQuickInfoAtPosition(cellFile, position) ??
      this.service.getQuickInfoAtPosition(cellFile, Math.max(this.prefix.length, position - 1)) ??
      this.callAround(position);
    // Of a name that nothing declares, TypeScript has no more to say than that it may be anything.
    if (info === undefined || info.kind === ts.ScriptElementKind.unknown) return undefined;
    const signature = this.declarations.worded(ts.displayPartsToString(info.displayParts));
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
  private mistakeOfSyntax(file: ParsedCell): Problem | undefined {
    const first = file.parseDiagnostics[0];
    if (first === undefined) return undefined;
    const { line, character } = file.getLineAndCharacterOfPosition(Math.min(first.start, file.text.trimEnd().length));
    const message = this.ts.flattenDiagnosticMessageText(first.messageText, "\n");
    return { line: line + 1, column: character + 1, message, code: first.code };
  }

  /** The cell alone, as a module, so that `await` is an operator in it. */
  private parsed(text: string): ParsedCell {
    const { ts } = this;
    const asModule = (file: ts.SourceFile): void => {
      Object.assign(file, { externalModuleIndicator: true });
    };
    const options = { languageVersion: ts.ScriptTarget.ES2022, setExternalModuleIndicator: asModule };
    const file: ts.SourceFile = ts.createSourceFile("cell.ts", text, options, true);
    return file as ParsedCell; // it has the mistakes that were found, which TypeScript keeps to itself
  }

  private callAround(position: number): ts.QuickInfo | undefined {
    const help = this.service.getSignatureHelpItems(cellFile, position, undefined);
    const start = help?.applicableSpan.start;
    return start === undefined ? undefined : this.service.getQuickInfoAtPosition(cellFile, Math.max(0, start - 2));
  }

  private problems({ program, checker, file, start, end }: ReadCell): readonly Problem[] {
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
        const message = this.declarations.worded(ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n"));
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

  private placed({ label, code, start, message, number }: FileProblem): Problem {
    const { line, character } = this.ts.getLineAndCharacterOfPosition(this.ts.createSourceFile(label, code, 99), start);
    return { line: line + 1, column: character + 1, message, code: number, file: { label, code } };
  }

  private program(): ts.Program {
    const program = this.programWithCell();
    const prefixEnd = this.prefix.length;
    Object.assign(program, { __prefixEnd: (file: string) => (file === cellFile ? prefixEnd : 0) });
    Object.assign(program.getSourceFile(cellFile)!, { __earlier: this.earlier });
    const checker = program.getTypeChecker() as KeptChecker;
    const types = this.checked?.checker === checker ? this.checked.types : checker.getTypeCount();
    this.checked = { program, checker, types };
    return program;
  }

  private programWithCell(): CellProgram {
    const { host, service, checked } = this;
    const isAsBefore = this.surroundings !== undefined && this.surroundings === host.surroundings();
    if (checked !== undefined && isAsBefore && host.putCellInto(checked.program)) return checked.program;
    host.expectProgram();
    let program = service.getProgram();
    if (host.takeNodeTypes()) program = service.getProgram();
    this.surroundings = host.surroundings();
    return program as CellProgram; // kernel/build/compiler.ts sees to it
  }

  /** Makes the file that is checked: the cell, behind what it is to be read with. */
  private setCell(own: ts.SourceFile, exporting: boolean): TopLevelNames {
    this.readDeclared();
    this.readDeclared = () => {};
    const { text } = own;
    // Cells with mistakes in them, and completions, leave types too; here somebody waits.
    this.hasTooMany(2 * mostTypes);
    const names = topLevelNames(this.ts, own);
    const exports = [...names.kinds].filter(
      ([name, kind]) => kind !== "import" && kind !== "using" && !names.exported.has(name),
    );
    const ending =
      exporting && exports.length > 0 ? `export { ${exports.map(([name]) => name).join(", ")} };` : "export {};";
    this.prefix = this.declarations.textBefore(names.kinds);
    this.earlier = this.declarations.before(names.kinds);
    this.host.setCell(`${this.prefix}${text}\n;${ending}`, text);
    return names;
  }
}

/**
 * What a checker still remembers of so many types, of cells that it has forgotten, is a few megabytes. A new one has to
 * learn the types of the language again, and V8 has to optimise much of it again.
 */
const mostTypes = 6000;

/** A cell by itself, with what is wrong with its syntax. */
interface ParsedCell extends ts.SourceFile {
  readonly parseDiagnostics: readonly ts.DiagnosticWithLocation[];
}

/** What the same text comes to, for as long as so much has been declared and nothing else has changed. */
interface Repeatable {
  readonly text: string;
  readonly debugged: boolean;
  readonly compilation: Compiled;
  readonly surroundings: string;
  readonly declared?: number;
}

/** A program that hands its checker on to the next one (kernel/build/compiler.ts). */
interface KeepingProgram extends CellProgram {
  __checker?: ts.TypeChecker | undefined;
}

interface KeptChecker extends ts.TypeChecker {
  /** TypeScript keeps it to itself. */
  getTypeCount(): number;
  /** Lets go of what is remembered of a file's types (kernel/build/forgetting.ts). */
  __forget(file: ts.SourceFile): void;
}

/** What the language service itself tells signatures with. */
type InnerTypeScript = TypeScript & {
  getTouchingPropertyName(file: ts.SourceFile, position: number): ts.Node;
  readonly SymbolDisplay: {
    getSymbolDisplayPartsDocumentationAndSymbolKind(
      checker: ts.TypeChecker,
      symbol: ts.Symbol,
      file: ts.SourceFile,
      enclosing: ts.Node,
      place: ts.Node,
      meaning: number,
    ): { readonly displayParts: ts.SymbolDisplayPart[] };
  };
};

/** SemanticMeaning.All: values, types and namespaces. */
const allMeanings = 7;

/** EmitOnly.Js, which TypeScript keeps to itself. */
const onlyJavaScript = 0 as unknown as boolean;

function declarationFileOf({ program, file }: ReadCell): string {
  let text = "";
  const write = (_name: string, content: string): void => {
    text = content;
  };
  program.emit(file, write, undefined, true);
  return text;
}

/** TypeScript's rank of what is declared near the place where a name is completed. */
const nearby = "11";

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

/** Of a cell that returns a function, what the function returns. */
function bodyOfResult(typescript: TypeScript): ts.TransformerFactory<ts.SourceFile> {
  const { factory } = typescript;
  return () => (file) => {
    let found: ts.FunctionExpression | undefined;
    const find = (node: ts.Node): void => {
      if (typescript.isFunctionExpression(node)) found = node;
      else typescript.forEachChild(node, find);
    };
    find(file);
    const { statements } = found!.body;
    const [only] = statements;
    // The rewriting adds statements where it needs variables of its own.
    const value =
      statements.length === 1 && typescript.isReturnStatement(only!)
        ? only.expression!
        : factory.createImmediatelyInvokedArrowFunction(statements);
    return factory.updateSourceFile(file, [factory.createExpressionStatement(value)]);
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
