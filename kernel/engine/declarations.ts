import type ts from "tsover";
import { cellFile } from "./host.ts";
import type { TopLevelNames } from "./names.ts";
import type { TypeScript } from "./typescript.ts";

/** A binding that an import made. */
export interface ImportedName {
  readonly name: string;
  /** The module's name as the cell writes it. */
  readonly from: string;
  /** What the module calls it: `default` and `*` as in an import. */
  readonly exported: string;
}

/** What a cell declares, as the compiler puts it. */
export interface Declared {
  /** The declaration file that the compiler writes for it. */
  readonly file: string;
  /** The types of what `var` declares, which the file leaves out inside loops and blocks. */
  readonly types: ReadonlyMap<string, string>;
}

interface Import extends ImportedName {
  readonly text: string;
}

/** What one cell declared, as a declaration file of its own. */
interface EarlierCell {
  readonly file: EarlierFile;
  /** The modules that it imports. */
  readonly modules: readonly string[];
  /** The cells whose declarations it mentions. */
  readonly uses: ReadonlySet<number>;
}

/** What our build of the compiler asks of a file (kernel/build/compiler.ts). */
interface EarlierFile extends ts.SourceFile {
  readonly symbol?: { readonly exports?: SymbolTable };
  readonly locals?: SymbolTable;
  /** Where names are looked for that it does not declare. */
  __earlier?: EarlierNames;
  /** What the name of a module leads to. */
  __resolve?(name: string): ts.ResolvedModuleFull | undefined;
}

type SymbolTable = ReadonlyMap<string, ts.Symbol>;

/** What cells have declared under one name, the latest last. Without a symbol, there is nothing under it from then on. */
type History = readonly { readonly cell: number; readonly symbol: ts.Symbol | undefined }[];

/** How one cell's declarations refer to those of another that have been replaced since. */
const earlierModule = /^\.\/earlier-(\d+)$/;
const earlierReference = /import\("\.\/earlier-(\d+)"\)\.([\p{ID_Continue}$]+)/gu;
/** How the compiler refers to a declaration of the cell itself in some messages. */
const ownReference = `import("${cellFile.replace(/\.ts$/, "")}").`;

/**
 * What earlier cells declared. Each cell leaves a declaration file, which is read once: the compiler looks for a name in the
 * cell, then in the files of the cells before it, the latest first, then among the global names. So a name that is
 * declared again hides the old one from later cells only, and a cell's turn does not take longer the more there were.
 */
export class Declarations {
  private readonly ts: TypeScript;
  private readonly resolve: (module: string) => ts.ResolvedModuleFull | undefined;
  private readonly forget: (file: ts.SourceFile) => void;
  private readonly cells = new Map<number, EarlierCell>();
  /** By names as the compiler keeps them. */
  private readonly histories = new Map<string, History>();
  private readonly imports = new Map<string, ImportedName>();
  /** What cells add to the global names. It stands before each cell. */
  private globals: readonly string[] = [];
  /** In the order in which they came, so that this changes seldom. */
  private modules: readonly string[] = [];
  /** How many cells have declared something. */
  count = 0;

  /**
   * @param resolve finds the module that a cell calls so.
   * @param forget is told of what a cell declared when nothing leads to it any more.
   */
  constructor(
    typescript: TypeScript,
    resolve: (module: string) => ts.ResolvedModuleFull | undefined,
    forget: (file: ts.SourceFile) => void,
  ) {
    this.ts = typescript;
    this.resolve = resolve;
    this.forget = forget;
  }

  /** Whether an earlier cell has left something under a name. */
  has(name: string): boolean {
    return this.latest(this.key(name))?.symbol !== undefined;
  }

  /** What imports of earlier cells bind, except for a cell that binds `names` itself. */
  importedExcept(names: ReadonlyMap<string, unknown>): readonly ImportedName[] {
    return [...this.imports.values()].filter(({ name }) => !names.has(name));
  }

  /** The text that stands before a cell that binds `names`: the modules whose types it may meet, and global names. */
  textBefore(names: ReadonlyMap<string, unknown>): string {
    const imports = this.modules.map((module) => `import ${JSON.stringify(module)};`).join(" ");
    return [imports, ...(names.has("global") ? [] : this.globals)].map((text) => `${text}\n`).join("");
  }

  /** What a cell that binds `names` finds of earlier ones. */
  before(names: ReadonlyMap<string, unknown>): EarlierNames {
    const own = new Set([...names.keys()].map((name) => this.key(name)));
    return new EarlierNames((name) => (own.has(name) ? undefined : this.latest(name)?.symbol), this.visible);
  }

  /** Takes over what a cell declared. */
  add(names: TopLevelNames, declared: Declared): void {
    const { ts } = this;
    const cell = ++this.count;
    const statements = this.read(names, declared.file);
    for (const [name, type] of declared.types) {
      if (!statements.has(name)) statements.set(name, [`declare let ${name}: ${type};`]);
    }
    const globals = statements.get("global");
    if (globals !== undefined) this.globals = globals;
    statements.delete("global");
    const imports = importsOf(ts, names.file);
    const file = this.fileOf(cell, imports, [...statements.values()].flat());
    for (const name of names.kinds.keys()) this.imports.delete(name);
    for (const { name, from, exported } of imports) this.imports.set(name, { name, from, exported });
    for (const name of [...names.kinds.keys()].map((name) => this.key(name))) {
      // What is exported is itself in its exports only; an import is no export.
      const symbol = file.symbol?.exports?.get(name) ?? file.locals?.get(name);
      this.histories.set(name, [...(this.histories.get(name) ?? []), { cell, symbol }]);
    }
    this.cells.set(cell, { file, ...this.mentionsOf(file) });
    this.sweep();
  }

  /** Lets go of all of it. */
  clear(): void {
    this.histories.clear();
    this.sweep();
    this.imports.clear();
    this.globals = [];
  }

  /** A message of the compiler's, in which replaced declarations are told from what goes by their names now. */
  worded(message: string): string {
    return message.replaceAll(ownReference, "").replace(earlierReference, (_all, cell: string, name: string) => {
      const replaced = this.latest(this.key(name))?.cell !== Number(cell);
      return replaced ? `earlier ${name}` : name;
    });
  }

  /** A name as the compiler's tables have it. */
  private key(name: string): string {
    return String(this.ts.escapeLeadingUnderscores(name));
  }

  private latest(name: string): History[number] | undefined {
    return this.histories.get(name)?.at(-1);
  }

  private readonly visible = (
    before: (cell: number) => boolean = () => true,
  ): readonly (readonly [string, ts.Symbol])[] =>
    [...this.histories].flatMap(([name, history]) => {
      const symbol = history.findLast(({ cell }) => before(cell))?.symbol;
      return symbol === undefined ? [] : [[name, symbol] as const];
    });

  private fileOf(cell: number, imports: readonly Import[], statements: readonly string[]): EarlierFile {
    const { ts } = this;
    const text = [...imports.map((each) => each.text), ...statements.map(exported), "export {};"].join("\n");
    const fileName = `/gradbook/earlier-${cell}.d.ts`;
    const isBefore = (other: number): boolean => other < cell;
    const names = new EarlierNames(
      (name) => this.histories.get(name)?.findLast((entry) => isBefore(entry.cell))?.symbol,
      () => this.visible(isBefore),
    );
    const file: EarlierFile = Object.assign(ts.createSourceFile(fileName, text, ts.ScriptTarget.ES2022, true), {
      path: fileName,
      resolvedPath: fileName,
      originalFileName: fileName,
      // What the compiler calls it where it writes that a type is from there.
      moduleName: `./earlier-${cell}`,
      __earlier: names,
      __resolve: (name: string) => this.resolveFrom(name),
    });
    (ts as TypeScript & { bindSourceFile(file: ts.SourceFile, options: ts.CompilerOptions): void }).bindSourceFile(
      file,
      {},
    );
    return file;
  }

  private resolveFrom(name: string): ts.ResolvedModuleFull | undefined {
    const cell = earlierModule.exec(name)?.[1];
    if (cell === undefined) return this.resolve(name);
    const file = this.cells.get(Number(cell))?.file;
    if (file === undefined) return undefined;
    const resolved = { resolvedFileName: file.fileName, extension: this.ts.Extension.Dts, __file: file };
    return resolved;
  }

  /** The statements that declare each name. */
  private read(names: TopLevelNames, text: string): Map<string, string[]> {
    const { ts } = this;
    const found = new Map<string, string[]>();
    const put = (name: string, statement: string): void => {
      const statements = found.get(name) ?? [];
      statements.push(statement);
      found.set(name, statements);
    };
    const file = ts.createSourceFile("declared.d.ts", text, ts.ScriptTarget.ES2022, true);
    for (const statement of file.statements) {
      if (ts.isVariableStatement(statement)) {
        const keyword = statement.declarationList.flags & ts.NodeFlags.Const ? "const" : "let";
        const documentation = text.slice(statement.getFullStart(), statement.getStart()).trim();
        for (const declaration of statement.declarationList.declarations) {
          if (!ts.isIdentifier(declaration.name) || !names.kinds.has(declaration.name.text)) continue;
          const line = `declare ${keyword} ${declaration.getText()};`;
          put(declaration.name.text, documentation === "" ? line : `${documentation}\n${line}`);
        }
        continue;
      }
      const { name } = statement as ts.Statement & { readonly name?: ts.Node };
      if (name !== undefined && ts.isIdentifier(name) && names.kinds.has(name.text)) {
        put(name.text, ambient(statement.getFullText().trim()));
      }
    }
    return found;
  }

  private mentionsOf(file: EarlierFile): Pick<EarlierCell, "modules" | "uses"> {
    const { ts } = this;
    const uses = new Set<number>();
    const modules: string[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isIdentifier(node) && refers(ts, node)) {
        const name = this.key(node.text);
        const entry = file.locals?.has(name) === true ? undefined : this.histories.get(name)?.at(-1);
        if (entry !== undefined) uses.add(entry.cell);
      } else if (ts.isStringLiteral(node) && (ts.isImportDeclaration(node.parent) || isTypeOfModule(ts, node))) {
        const cell = earlierModule.exec(node.text)?.[1];
        if (cell === undefined) modules.push(node.text);
        else uses.add(Number(cell));
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
    return { modules, uses };
  }

  /** Lets go of the cells that neither a name leads to, nor what a name leads to mentions. */
  private sweep(): void {
    const needed = new Set<number>();
    const need = (cell: number): void => {
      const earlier = this.cells.get(cell);
      if (earlier === undefined || needed.has(cell)) return;
      needed.add(cell);
      earlier.uses.forEach(need);
    };
    for (const history of this.histories.values()) {
      const { cell, symbol } = history.at(-1)!;
      if (symbol !== undefined) need(cell);
    }
    for (const [cell, { file }] of this.cells) {
      if (needed.has(cell)) continue;
      this.cells.delete(cell);
      this.forget(file);
    }
    for (const [name, history] of this.histories) {
      const left = history.filter((entry, index) => needed.has(entry.cell) || index === history.length - 1);
      if (left.every(({ symbol }) => symbol === undefined)) this.histories.delete(name);
      else if (left.length < history.length) this.histories.set(name, left);
    }
    const imported = new Set([...this.cells.values()].flatMap(({ modules }) => modules));
    const kept = this.modules.filter((module) => imported.has(module));
    this.modules = [...new Set([...kept, ...imported])];
  }
}

/** A table of symbols, as the compiler asks for one. */
class EarlierNames {
  readonly get: (name: string) => ts.Symbol | undefined;
  private readonly all: () => readonly (readonly [string, ts.Symbol])[];

  constructor(get: (name: string) => ts.Symbol | undefined, all: () => readonly (readonly [string, ts.Symbol])[]) {
    this.get = get;
    this.all = all;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  entries(): IterableIterator<readonly [string, ts.Symbol]> {
    return this.all()
      .filter(([name]) => this.has(name))
      .values();
  }

  values(): IterableIterator<ts.Symbol> {
    return [...this.entries()].map(([, symbol]) => symbol).values();
  }

  forEach(visit: (symbol: ts.Symbol, name: string) => void): void {
    for (const [name, symbol] of this.entries()) visit(symbol, name);
  }
}

/** A declaration as an ambient one: `export` away, `declare` in front. */
function ambient(text: string): string {
  const plain = text
    .replace(/\bexport default (?=function|class|declare)/, "")
    .replace(/^((?:\/\*[\s\S]*?\*\/\s*)?)export\s+/, "$1");
  return /^((?:\/\*[\s\S]*?\*\/\s*)?)(declare|interface|type)\b/.test(plain)
    ? plain
    : plain.replace(/^((?:\/\*[\s\S]*?\*\/\s*)?)/, "$1declare ");
}

function importsOf(typescript: TypeScript, file: ts.SourceFile): readonly Import[] {
  return file.statements.flatMap((statement): readonly Import[] => {
    if (!typescript.isImportDeclaration(statement) || statement.importClause === undefined) return [];
    const { name, namedBindings, isTypeOnly } = statement.importClause;
    const from = (statement.moduleSpecifier as ts.StringLiteral).text;
    const bound = ({ text: local }: ts.Identifier, exported: string, binding: string): Import => ({
      name: local,
      from,
      exported,
      text: `import ${isTypeOnly ? "type " : ""}${binding} from ${statement.moduleSpecifier.getText()};`,
    });
    const found = name === undefined ? [] : [bound(name, "default", name.text)];
    if (namedBindings === undefined) return found;
    if (typescript.isNamespaceImport(namedBindings)) {
      return [...found, bound(namedBindings.name, "*", `* as ${namedBindings.name.text}`)];
    }
    const elements = namedBindings.elements.map((element) =>
      bound(element.name, (element.propertyName ?? element.name).text, `{ ${element.getText()} }`),
    );
    return [...found, ...elements];
  });
}

/** A declaration that others may use, as a statement of a module. */
function exported(statement: string): string {
  return statement.replace(/^((?:\/\*[\s\S]*?\*\/\s*)?)/, "$1export ");
}

function refers(typescript: TypeScript, node: ts.Identifier): boolean {
  const { parent } = node;
  return (
    (typescript.isTypeReferenceNode(parent) && parent.typeName === node) ||
    (typescript.isQualifiedName(parent) && parent.left === node) ||
    (typescript.isTypeQueryNode(parent) && parent.exprName === node) ||
    (typescript.isExpressionWithTypeArguments(parent) && parent.expression === node) ||
    (typescript.isPropertyAccessExpression(parent) && parent.expression === node) ||
    typescript.isComputedPropertyName(parent)
  );
}

/** Whether a text names the module in `import("module").Type`. */
function isTypeOfModule(typescript: TypeScript, { parent }: ts.StringLiteral): boolean {
  return typescript.isLiteralTypeNode(parent) && typescript.isImportTypeNode(parent.parent);
}
