import type ts from "tsover";
import type { TypeScript } from "./typescript.ts";

export type NameKind = "const" | "let" | "var" | "using" | "declaration" | "import";

/** The names that a cell binds at its top level. */
export interface TopLevelNames {
  readonly file: ts.SourceFile;
  readonly kinds: ReadonlyMap<string, NameKind>;
  /** Those that the cell exports itself. */
  readonly exported: ReadonlySet<string>;
}

/** @param file the cell alone, whose nodes know their parents. */
export function topLevelNames(typescript: TypeScript, file: ts.SourceFile): TopLevelNames {
  const { SyntaxKind, NodeFlags } = typescript;
  const kinds = new Map<string, NameKind>();
  const exported = new Set<string>();
  const add = (name: string, kind: NameKind): void => {
    if (!kinds.has(name)) kinds.set(name, kind);
  };
  const addList = (list: ts.VariableDeclarationList, kind: NameKind): void => {
    for (const { name } of list.declarations) for (const bound of boundNames(typescript, name)) add(bound, kind);
  };
  // `var` belongs to the top level from inside blocks and loops too.
  const addNestedVariables = (node: ts.Node): void => {
    if (typescript.isFunctionLike(node) || typescript.isClassLike(node)) return;
    if (typescript.isVariableDeclarationList(node) && !(node.flags & NodeFlags.BlockScoped)) addList(node, "var");
    typescript.forEachChild(node, addNestedVariables);
  };
  for (const statement of file.statements) {
    const before = new Set(kinds.keys());
    if (typescript.isVariableStatement(statement)) {
      const { flags } = statement.declarationList;
      const using = isUsing(typescript, statement.declarationList);
      addList(
        statement.declarationList,
        using ? "using" : flags & NodeFlags.Const ? "const" : flags & NodeFlags.Let ? "let" : "var",
      );
    } else if (
      typescript.isFunctionDeclaration(statement) ||
      typescript.isClassDeclaration(statement) ||
      typescript.isEnumDeclaration(statement) ||
      typescript.isInterfaceDeclaration(statement) ||
      typescript.isTypeAliasDeclaration(statement) ||
      typescript.isModuleDeclaration(statement)
    ) {
      if (statement.name !== undefined && typescript.isIdentifier(statement.name))
        add(statement.name.text, "declaration");
    } else if (typescript.isImportDeclaration(statement)) {
      const clause = statement.importClause;
      if (clause?.name !== undefined) add(clause.name.text, "import");
      const bindings = clause?.namedBindings;
      if (bindings !== undefined && typescript.isNamespaceImport(bindings)) add(bindings.name.text, "import");
      if (bindings !== undefined && typescript.isNamedImports(bindings)) {
        for (const element of bindings.elements) add(element.name.text, "import");
      }
    } else {
      addNestedVariables(statement);
    }
    const isExported =
      typescript.canHaveModifiers(statement) &&
      statement.modifiers?.some((modifier) => modifier.kind === SyntaxKind.ExportKeyword) === true;
    if (isExported) for (const name of kinds.keys()) if (!before.has(name)) exported.add(name);
  }
  return { file, kinds, exported };
}

/** Whether variables are disposed of where their block ends. At the top of a cell that is the cell's end: no other cell sees them. */
export function isUsing({ NodeFlags }: TypeScript, { flags }: ts.VariableDeclarationList): boolean {
  const kind = flags & NodeFlags.BlockScoped;
  return kind === NodeFlags.Using || kind === NodeFlags.AwaitUsing;
}

/** The names that a pattern binds, in order. */
export function boundNames(typescript: TypeScript, name: ts.BindingName): readonly string[] {
  if (typescript.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) =>
    typescript.isOmittedExpression(element) ? [] : boundNames(typescript, element.name),
  );
}
