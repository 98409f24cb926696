import type ts from "tsover";
import type { TopLevelNames } from "./names.ts";
import type { TypeScript } from "./typescript.ts";

interface Declaration {
  readonly name: string;
  statements: string[];
}

/** A binding that an import made. */
export interface ImportedName {
  readonly name: string;
  /** The module's name as the cell writes it. */
  readonly from: string;
  /** What the module calls it: `default` and `*` as in an import. */
  readonly exported: string;
}

interface Import extends ImportedName {
  readonly text: string;
}

/**
 * What earlier cells declared, as text: ambient declarations that stand before each new cell, so that it is checked as
 * if it came right after them. A name that is declared again replaces the old declaration.
 */
export class Declarations {
  private readonly ts: TypeScript;
  private readonly alive = new Map<string, Declaration>();
  /** Old types that living declarations still mention, under names nobody writes. */
  private replaced: Declaration[] = [];
  private readonly imports = new Map<string, Import>();
  private generation = 0;

  constructor(typescript: TypeScript) {
    this.ts = typescript;
  }

  get names(): Iterable<string> {
    return [...this.alive.keys(), ...this.imports.keys()];
  }

  /** What imports of earlier cells bind. */
  get imported(): readonly ImportedName[] {
    return [...this.imports.values()];
  }

  /** A copy for a cell that binds `names` itself: what is left of earlier cells before it. */
  without(names: Iterable<string>): Declarations {
    const left = new Declarations(this.ts);
    left.generation = this.generation + 1;
    for (const [name, { statements }] of this.alive) left.alive.set(name, { name, statements });
    for (const [name, imported] of this.imports) left.imports.set(name, imported);
    left.replaced = this.replaced.map(({ name, statements }) => ({ name, statements }));
    left.retire(names);
    return left;
  }

  /** The text that stands before the next cell. */
  get text(): string {
    const lines = [...this.imports.values()].map(({ text }) => text);
    for (const { statements } of [...this.replaced, ...this.alive.values()]) lines.push(...statements);
    return lines.map((line) => `${line}\n`).join("");
  }

  /** Takes over what a cell declared, from the declaration file that the compiler wrote for it. */
  add(names: TopLevelNames, declarationFile: string, typeOf: (name: string) => string | undefined): void {
    const found = this.read(names, declarationFile);
    // The declaration emitter leaves out `var` inside loops and blocks.
    for (const [name, kind] of names.kinds) {
      const type = kind === "var" && !found.has(name) ? typeOf(name) : undefined;
      if (type !== undefined) found.set(name, { name, statements: [`declare let ${name}: ${type};`] });
    }
    for (const [name, declaration] of found) this.alive.set(name, declaration);
    for (const imported of importsOf(this.ts, names.file)) this.imports.set(imported.name, imported);
  }

  private read(names: TopLevelNames, text: string): Map<string, Declaration> {
    const { ts } = this;
    const found = new Map<string, Declaration>();
    const put = (name: string, statement: string): void => {
      const declaration = found.get(name) ?? { name, statements: [] };
      declaration.statements.push(statement);
      found.set(name, declaration);
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

  /** Removes declarations; those that a living one still mentions are kept under another name. */
  private retire(names: Iterable<string>): void {
    let leaving: Declaration[] = [];
    for (const name of names) {
      const old = this.alive.get(name);
      if (old !== undefined) leaving.push(old);
      this.alive.delete(name);
      this.imports.delete(name);
    }
    for (let found = true; found; ) {
      found = false;
      for (const old of leaving) {
        const users = [...this.alive.values(), ...this.replaced].filter((user) => this.mentions(user, old.name));
        if (users.length === 0) continue;
        const alias = `${old.name}__${this.generation}`;
        leaving = leaving.filter((other) => other !== old);
        for (const user of [...users, ...leaving]) this.rename(user, old.name, alias);
        this.rename(old, old.name, alias);
        const head = new RegExp(
          `^((?:/\\*[\\s\\S]*?\\*/\\s*)?(?:declare )?(?:const enum|abstract class|let|const|function|class|enum|interface|type|namespace) )${old.name}\\b`,
        );
        old.statements = old.statements.map((statement) => statement.replace(head, `$1${alias}`));
        this.replaced.push({ name: alias, statements: old.statements });
        found = true;
        break;
      }
    }
    for (let before = -1; before !== this.replaced.length; ) {
      before = this.replaced.length;
      this.replaced = this.replaced.filter((old) =>
        [...this.alive.values(), ...this.replaced].some(
          (user) => user !== old && user.statements.some((statement) => statement.includes(old.name)),
        ),
      );
    }
  }

  private mentions(user: Declaration, name: string): boolean {
    return user.statements.some((statement) => typeReferences(this.ts, statement, name).length > 0);
  }

  private rename(user: Declaration, name: string, alias: string): void {
    user.statements = user.statements.map((statement) => {
      let text = statement;
      for (const position of [...typeReferences(this.ts, statement, name)].reverse()) {
        text = text.slice(0, position) + alias + text.slice(position + name.length);
      }
      return text;
    });
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

/** References of statements by their text: every redeclaration asks this of all declarations that are alive. */
const known = new Map<string, ReadonlyMap<string, readonly number[]>>();
const mostKnown = 2000;

/** Where a declaration names a type or a value of another one. */
function typeReferences(typescript: TypeScript, statement: string, name: string): readonly number[] {
  if (!statement.includes(name)) return [];
  let references = known.get(statement);
  if (references === undefined) {
    if (known.size >= mostKnown) known.clear();
    references = allReferences(typescript, statement);
    known.set(statement, references);
  }
  return references.get(name) ?? [];
}

function allReferences(typescript: TypeScript, statement: string): ReadonlyMap<string, readonly number[]> {
  const file = typescript.createSourceFile("declared.d.ts", statement, typescript.ScriptTarget.ES2022, true);
  const found = new Map<string, number[]>();
  const visit = (node: ts.Node): void => {
    if (typescript.isIdentifier(node)) {
      const { parent } = node;
      const refers =
        (typescript.isTypeReferenceNode(parent) && parent.typeName === node) ||
        (typescript.isQualifiedName(parent) && parent.left === node) ||
        (typescript.isTypeQueryNode(parent) && parent.exprName === node) ||
        (typescript.isExpressionWithTypeArguments(parent) && parent.expression === node) ||
        (typescript.isPropertyAccessExpression(parent) && parent.expression === node) ||
        typescript.isComputedPropertyName(parent);
      if (refers) found.set(node.text, [...(found.get(node.text) ?? []), node.getStart()]);
    }
    typescript.forEachChild(node, visit);
  };
  visit(file);
  return found;
}
