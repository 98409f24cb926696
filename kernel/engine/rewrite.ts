import type ts from "tsover";
import { isOutsideFunctions, loopOf, quietLoop } from "./loops.ts";
import { boundNames, isUsing } from "./names.ts";
import { OperatorRewriter } from "./operators.ts";
import type { OperatorChecker, TypeScript } from "./typescript.ts";

/** The part of the compiled file that is the cell, and the names that are bindings of the notebook. */
export interface CellRange {
  /** Where the cell starts: what stands before it are declarations of earlier cells. */
  readonly start: number;
  readonly end: number;
  /** Top-level names of this cell and of earlier ones. */
  readonly names: { has(name: string): boolean };
  /**
   * Takes what puts the variables of a loop back into the bindings that they stand for; without it, loops have no
   * variables of their own.
   */
  readonly keep?: string[];
}

/** What a loop on variables of its own is called in the compiled cell; stack.ts takes it for the cell itself. */
const loopName = "__loop";
/** Names that compiled cells use; start.ts and the user process agree on them. */
export const scopeName = "__scope";
export const importName = "__import";
export const bindName = "__bind";

/**
 * Turns a checked cell into the body of an async function:
 *
 * - top-level bindings become properties of one scope object, so that every cell and every closure sees the same one;
 * - operators on Values become calls;
 * - imports become awaited calls; the last expression is returned, in a list so that a promise is not awaited;
 * - what a top-level declaration binds is told its name;
 * - what follows an await is asked whether the cell was interrupted meanwhile.
 */
export function rewriteCell(
  typescript: TypeScript,
  checker: OperatorChecker,
  range: CellRange,
): ts.TransformerFactory<ts.SourceFile> {
  return (context) => (file) => new CellRewriter(typescript, checker, range, context, file).rewrite();
}

class CellRewriter extends OperatorRewriter {
  private readonly range: CellRange;
  private readonly file: ts.SourceFile;
  private readonly topLevel = new Map<ts.Symbol, boolean>();
  /** In a loop on variables of its own: these, by the bindings that they stand for. */
  private locals: ReadonlyMap<string, string> | undefined;
  private loops = 0;

  constructor(
    typescript: TypeScript,
    checker: OperatorChecker,
    range: CellRange,
    context: ts.TransformationContext,
    file: ts.SourceFile,
  ) {
    super(typescript, checker, context);
    this.range = range;
    this.file = file;
  }

  rewrite(): ts.SourceFile {
    const { ts, factory } = this;
    const prologue: ts.Statement[] = [];
    const body: ts.Statement[] = [];
    this.context.startLexicalEnvironment();
    const own = this.file.statements.filter(
      (statement) =>
        statement.end > this.range.start && statement.getStart() < this.range.end && !ts.isEmptyStatement(statement),
    );
    const last = own.at(-1);
    for (const statement of own) {
      if (ts.isImportDeclaration(statement)) prologue.push(...this.importStatements(statement));
      else if (ts.isExportDeclaration(statement)) continue;
      else if (ts.isExportAssignment(statement) || ts.isExpressionStatement(statement)) {
        const value = this.visit(statement.expression) as ts.Expression;
        body.push(statement === last ? this.result(value, statement) : this.statement(value, statement));
      } else if (ts.isFunctionDeclaration(statement)) {
        if (statement.body === undefined) continue;
        body.push(this.withoutExport(statement));
        if (statement.name !== undefined) prologue.push(this.publish(statement.name));
      } else if (this.isLocalDeclaration(statement)) {
        body.push(this.withoutExport(statement));
        if (!this.isAmbient(statement)) body.push(this.publish(statement.name));
      } else {
        const visited = this.visit(statement);
        body.push(visited as ts.Statement);
      }
    }
    const hoisted = this.context.endLexicalEnvironment() ?? [];
    const statements = factory.createNodeArray([...hoisted, ...prologue, ...body]);
    return factory.updateSourceFile(this.file, ts.setTextRange(statements, this.file.statements));
  }

  // Classes, enums and namespaces stay declarations, so that they see themselves; then the scope gets them too.
  private isLocalDeclaration(
    statement: ts.Statement,
  ): statement is (ts.ClassDeclaration | ts.EnumDeclaration | ts.ModuleDeclaration) & { readonly name: ts.Identifier } {
    const { ts } = this;
    return (
      (ts.isClassDeclaration(statement) || ts.isEnumDeclaration(statement) || ts.isModuleDeclaration(statement)) &&
      statement.name !== undefined &&
      ts.isIdentifier(statement.name)
    );
  }

  private isAmbient(statement: ts.Statement): boolean {
    const { ts } = this;
    return (
      ts.canHaveModifiers(statement) &&
      statement.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.DeclareKeyword) === true
    );
  }

  private withoutExport(statement: ts.Statement): ts.Statement {
    const { ts, factory } = this;
    const dropped: readonly ts.SyntaxKind[] = [ts.SyntaxKind.ExportKeyword, ts.SyntaxKind.DefaultKeyword];
    const keep = (modifiers: ts.NodeArray<ts.ModifierLike> | undefined, also?: ts.SyntaxKind): ts.ModifierLike[] =>
      (modifiers ?? []).filter((modifier) => !dropped.includes(modifier.kind) && modifier.kind !== also);
    const visited = ts.visitEachChild(statement, this.visit, this.context);
    if (ts.isFunctionDeclaration(visited)) {
      const name = visited.name ?? factory.createIdentifier("default_1");
      const { asteriskToken, typeParameters, parameters, type, body } = visited;
      return this.at(
        factory.createFunctionDeclaration(
          keep(visited.modifiers),
          asteriskToken,
          name,
          typeParameters,
          parameters,
          type,
          body,
        ),
        statement,
      );
    }
    if (ts.isClassDeclaration(visited)) {
      const { name, typeParameters, heritageClauses, members } = visited;
      return this.at(
        factory.createClassDeclaration(keep(visited.modifiers), name, typeParameters, heritageClauses, members),
        statement,
      );
    }
    if (ts.isEnumDeclaration(visited)) {
      // A const enum would leave nothing to see for later cells.
      const modifiers = keep(visited.modifiers, ts.SyntaxKind.ConstKeyword) as ts.Modifier[];
      return this.at(factory.createEnumDeclaration(modifiers, visited.name, visited.members), statement);
    }
    if (ts.isModuleDeclaration(visited)) {
      return this.at(
        factory.createModuleDeclaration(keep(visited.modifiers), visited.name, visited.body, visited.flags),
        statement,
      );
    }
    return visited;
  }

  private importStatements(statement: ts.ImportDeclaration): ts.Statement[] {
    const { ts, factory } = this;
    const clause = statement.importClause;
    if (clause?.isTypeOnly === true) return [];
    const module = factory.createUniqueName("__module");
    const specifier = (statement.moduleSpecifier as ts.StringLiteral).text;
    const load = factory.createAwaitExpression(
      factory.createCallExpression(factory.createIdentifier(importName), undefined, [
        factory.createStringLiteral(specifier),
      ]),
    );
    const declaration = factory.createVariableDeclaration(module, undefined, undefined, load);
    const result: ts.Statement[] = [
      ts.setTextRange(
        factory.createVariableStatement(
          undefined,
          factory.createVariableDeclarationList([declaration], ts.NodeFlags.Const),
        ),
        statement,
      ),
    ];
    const assign = (name: ts.Identifier, value: ts.Expression): void => {
      result.push(this.statement(factory.createAssignment(this.reference(name.text), value), statement));
    };
    const member = (name: string): ts.Expression => factory.createPropertyAccessExpression(module, name);
    if (clause?.name !== undefined && this.isValue(clause.name)) assign(clause.name, member("default"));
    const bindings = clause?.namedBindings;
    if (bindings !== undefined && ts.isNamespaceImport(bindings)) assign(bindings.name, module);
    if (bindings !== undefined && ts.isNamedImports(bindings)) {
      for (const element of bindings.elements) {
        if (!element.isTypeOnly && this.isValue(element.name)) {
          assign(element.name, member((element.propertyName ?? element.name).text));
        }
      }
    }
    return result;
  }

  private isValue(name: ts.Identifier): boolean {
    const { ts, checker } = this;
    const symbol = checker.getSymbolAtLocation(name);
    if (symbol === undefined) return true;
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    // What could not be resolved has no flags that say so; let the module itself decide.
    return checker.isUnknownSymbol(target) || (target.flags & ts.SymbolFlags.Value) !== 0;
  }

  protected override rewritten(node: ts.Node): ts.Node | undefined {
    const { ts, factory } = this;
    if (this.locals === undefined && loopOf(ts, node) !== undefined) {
      const loop = this.loop(node as ts.Statement);
      if (loop !== undefined) return loop;
    }
    const { SyntaxKind } = ts;
    switch (node.kind) {
      case SyntaxKind.Identifier:
        return this.isBinding(node as ts.Identifier) ? this.reference((node as ts.Identifier).text, node) : node;
      case SyntaxKind.InterfaceDeclaration:
      case SyntaxKind.TypeAliasDeclaration:
        return node;
      case SyntaxKind.ShorthandPropertyAssignment:
        return this.shorthand(node as ts.ShorthandPropertyAssignment);
      case SyntaxKind.CallExpression: {
        const call = node as ts.CallExpression;
        if (call.expression.kind === SyntaxKind.ImportKeyword) {
          return this.at(
            factory.createCallExpression(
              factory.createIdentifier(importName),
              undefined,
              call.arguments.map((argument) => this.visit(argument) as ts.Expression),
            ),
            node,
          );
        }
        if (
          ts.isIdentifier(call.expression) &&
          this.isBinding(call.expression) &&
          call.questionDotToken === undefined
        ) {
          return this.at(
            factory.createCallExpression(
              this.callee(call.expression),
              undefined,
              call.arguments.map((argument) => this.visit(argument) as ts.Expression),
            ),
            node,
          );
        }
        break;
      }
      case SyntaxKind.VariableStatement: {
        const statement = node as ts.VariableStatement;
        if (!this.isTopList(statement.declarationList)) break;
        const expression = this.declarations(statement.declarationList, false);
        if (expression === undefined) return factory.createNotEmittedStatement(node);
        const braced = ts.isObjectLiteralExpression(leftmost(ts, expression));
        return this.at(
          factory.createExpressionStatement(braced ? factory.createParenthesizedExpression(expression) : expression),
          node,
        );
      }
      case SyntaxKind.ForStatement: {
        const loop = node as ts.ForStatement;
        if (loop.initializer === undefined || !ts.isVariableDeclarationList(loop.initializer)) break;
        if (!this.isTopList(loop.initializer)) break;
        return this.at(
          factory.createForStatement(
            this.declarations(loop.initializer, true),
            this.visitOptional(loop.condition),
            this.visitOptional(loop.incrementor),
            this.visit(loop.statement) as ts.Statement,
          ),
          node,
        );
      }
      case SyntaxKind.ForOfStatement:
      case SyntaxKind.ForInStatement: {
        const loop = node as ts.ForOfStatement | ts.ForInStatement;
        if (!ts.isVariableDeclarationList(loop.initializer) || !this.isTopList(loop.initializer)) break;
        const target = this.target(loop.initializer.declarations[0]!.name);
        const expression = this.visit(loop.expression) as ts.Expression;
        const statement = this.visit(loop.statement) as ts.Statement;
        return this.at(
          ts.isForOfStatement(loop)
            ? factory.createForOfStatement(loop.awaitModifier, target, expression, statement)
            : factory.createForInStatement(target, expression, statement),
          node,
        );
      }
      case SyntaxKind.ExpressionWithTypeArguments: {
        const { expression } = node as ts.ExpressionWithTypeArguments;
        return this.at(
          factory.createExpressionWithTypeArguments(this.visit(expression) as ts.Expression, undefined),
          node,
        );
      }
    }
    return super.rewritten(node);
  }

  /** A loop in which nobody else looks at the bindings, on variables of its own; undefined for any other. */
  private loop(statement: ts.Statement): ts.Statement | undefined {
    const { ts, factory } = this;
    const { keep } = this.range;
    if (keep === undefined || !isOutsideFunctions(ts, statement)) return undefined;
    const bindings = quietLoop(ts, this.checker, statement, (identifier) => this.isBinding(identifier));
    if (bindings === undefined) return undefined;
    this.loops++;
    const locals = new Map([...bindings.names].map((name) => [name, `__${name}_${this.loops}`]));
    const written = [...bindings.written];
    const putBack = written.map((name) =>
      factory.createExpressionStatement(
        factory.createAssignment(this.reference(name), factory.createIdentifier(locals.get(name)!)),
      ),
    );
    keep.push(...written.map((name) => `${scopeName}.${name} = ${locals.get(name)}`));
    const taken = [...locals].map(([name, local]) =>
      factory.createVariableDeclaration(local, undefined, undefined, this.reference(name)),
    );
    this.locals = locals;
    const rewritten = (this.rewritten(statement) ??
      ts.visitEachChild(statement, this.visit, this.context)) as ts.Statement;
    this.locals = undefined;
    const take = factory.createVariableStatement(
      undefined,
      factory.createVariableDeclarationList(taken, ts.NodeFlags.Let),
    );
    const run =
      putBack.length === 0
        ? rewritten
        : factory.createTryStatement(factory.createBlock([rewritten]), undefined, factory.createBlock(putBack));
    // A function: V8 compiles a loop in it better than one in the async function that a cell is.
    const body = factory.createBlock([take, run], true);
    const name = factory.createIdentifier(loopName);
    const loop = factory.createFunctionExpression(undefined, undefined, name, undefined, [], undefined, body);
    return factory.createExpressionStatement(
      factory.createCallExpression(factory.createParenthesizedExpression(loop), undefined, []),
    );
  }

  private visitOptional(node: ts.Expression | undefined): ts.Expression | undefined {
    return node === undefined ? undefined : (this.visit(node) as ts.Expression);
  }

  private shorthand(node: ts.ShorthandPropertyAssignment): ts.Node {
    const { ts, factory } = this;
    if (!this.isBinding(node.name)) return ts.visitEachChild(node, this.visit, this.context);
    const reference = this.reference(node.name.text, node.name);
    const initial = node.objectAssignmentInitializer;
    const value =
      initial === undefined ? reference : factory.createAssignment(reference, this.visit(initial) as ts.Expression);
    return this.at(factory.createPropertyAssignment(factory.createIdentifier(node.name.text), value), node);
  }

  /** Declarations of top-level bindings as assignments to the scope. */
  private declarations(list: ts.VariableDeclarationList, inLoop: boolean): ts.Expression | undefined {
    const { ts, factory } = this;
    const expressions: ts.Expression[] = [];
    for (const declaration of list.declarations) {
      if (declaration.initializer !== undefined) {
        const value = this.visit(declaration.initializer) as ts.Expression;
        const named = ts.isIdentifier(declaration.name);
        const bound = named ? this.named(declaration.name.text, declaration.initializer, value) : value;
        expressions.push(this.at(factory.createAssignment(this.target(declaration.name), bound), declaration));
        if (!named) {
          for (const name of boundNames(ts, declaration.name)) {
            expressions.push(this.named(name, declaration.initializer, this.reference(name)));
          }
        }
      } else if (!inLoop && ts.isIdentifier(declaration.name) && list.parent.parent === this.file) {
        const target = this.reference(declaration.name.text, declaration.name);
        expressions.push(this.at(factory.createAssignment(target, factory.createVoidZero()), declaration));
      }
    }
    if (expressions.length === 0) return undefined;
    return expressions.reduce((left, right) => factory.createComma(left, right));
  }

  /** `__bind("z", value)`: a function gets the name that JavaScript would have given it, a Value the learner's own. */
  private named(name: string, initializer: ts.Expression, value: ts.Expression): ts.Expression {
    const { ts, factory } = this;
    const type = this.checker.getTypeAtLocation(initializer);
    const plain =
      ts.TypeFlags.NumberLike | ts.TypeFlags.StringLike | ts.TypeFlags.BooleanLike | ts.TypeFlags.BigIntLike;
    if ((type.flags & plain) !== 0) return value;
    return factory.createCallExpression(factory.createIdentifier(bindName), undefined, [
      factory.createStringLiteral(name),
      value,
    ]);
  }

  /** A binding pattern as an assignment pattern over properties of the scope. */
  private target(name: ts.BindingName): ts.Expression {
    const { ts, factory } = this;
    if (ts.isIdentifier(name)) return this.reference(name.text, name);
    const withDefault = (element: ts.BindingElement): ts.Expression => {
      const target = this.target(element.name);
      return element.initializer === undefined
        ? target
        : factory.createAssignment(target, this.visit(element.initializer) as ts.Expression);
    };
    if (ts.isArrayBindingPattern(name)) {
      const elements = name.elements.map((element) =>
        ts.isOmittedExpression(element)
          ? element
          : element.dotDotDotToken !== undefined
            ? factory.createSpreadElement(this.target(element.name))
            : withDefault(element),
      );
      return ts.setTextRange(factory.createArrayLiteralExpression(elements), name);
    }
    const properties = name.elements.map((element) => {
      if (element.dotDotDotToken !== undefined) return factory.createSpreadAssignment(this.target(element.name));
      const key = element.propertyName ?? (element.name as ts.Identifier);
      const property = ts.isComputedPropertyName(key)
        ? factory.createComputedPropertyName(this.visit(key.expression) as ts.Expression)
        : ts.isIdentifier(key)
          ? factory.createIdentifier(key.text)
          : key;
      return factory.createPropertyAssignment(property, withDefault(element));
    });
    return ts.setTextRange(factory.createObjectLiteralExpression(properties), name);
  }

  /** Whether an identifier reads or writes a top-level binding of the notebook. */
  private isBinding(identifier: ts.Identifier): boolean {
    const { ts, checker } = this;
    if (!this.range.names.has(identifier.text)) return false;
    const parent = identifier.parent as (ts.Node & { readonly name?: ts.Node }) | undefined;
    if (parent === undefined) return false;
    if (parent.name === identifier && !ts.isShorthandPropertyAssignment(parent)) return false;
    if (ts.isBindingElement(parent) && parent.propertyName === identifier) return false;
    const symbol = ts.isShorthandPropertyAssignment(parent)
      ? checker.getShorthandAssignmentValueSymbol(parent)
      : checker.getSymbolAtLocation(identifier);
    if (symbol === undefined || !this.isTopLevel(symbol)) return false;
    const declaration = symbol.declarations![0]!;
    // Inside its own declaration a class means itself, whatever the scope holds later.
    const local =
      ts.isClassDeclaration(declaration) || ts.isEnumDeclaration(declaration) || ts.isModuleDeclaration(declaration);
    const here = declaration.getSourceFile() === this.file && declaration.pos >= this.range.start;
    const inside = identifier.pos >= declaration.pos && identifier.end <= declaration.end;
    return !(local && here && inside);
  }

  private isTopLevel(symbol: ts.Symbol): boolean {
    let known = this.topLevel.get(symbol);
    if (known === undefined) {
      known =
        symbol.declarations?.some((d) => this.isOfNotebook(d.getSourceFile()) && this.isTopDeclaration(d)) ?? false;
      this.topLevel.set(symbol, known);
    }
    return known;
  }

  /** Whether a file is this cell's, or says what an earlier one declared. */
  private isOfNotebook(file: ts.SourceFile): boolean {
    return file === this.file || "__earlier" in file;
  }

  private isTopDeclaration(declaration: ts.Declaration): boolean {
    const { ts } = this;
    if (ts.isVariableDeclaration(declaration) || ts.isBindingElement(declaration)) {
      let node: ts.Node = declaration;
      while (!ts.isVariableDeclarationList(node)) {
        if (ts.isParameter(node) || ts.isCatchClause(node) || node.parent === undefined) return false;
        node = node.parent;
      }
      return this.isTopList(node);
    }
    if (ts.isFunctionDeclaration(declaration) || ts.isClassDeclaration(declaration))
      return ts.isSourceFile(declaration.parent);
    if (ts.isEnumDeclaration(declaration) || ts.isModuleDeclaration(declaration))
      return ts.isSourceFile(declaration.parent);
    return ts.isImportSpecifier(declaration) || ts.isImportClause(declaration) || ts.isNamespaceImport(declaration);
  }

  /** `let` and `const` at the top of the cell; `var` wherever it is not inside a function. */
  private isTopList(list: ts.VariableDeclarationList): boolean {
    const { ts } = this;
    if (isUsing(ts, list)) return false;
    if (list.flags & ts.NodeFlags.BlockScoped) {
      return ts.isVariableStatement(list.parent) && ts.isSourceFile(list.parent.parent);
    }
    for (let node: ts.Node = list.parent; !ts.isSourceFile(node); node = node.parent) {
      const closed =
        ts.isFunctionLike(node) ||
        ts.isClassStaticBlockDeclaration(node) ||
        ts.isModuleBlock(node) ||
        ts.isPropertyDeclaration(node);
      if (closed) return false;
    }
    return true;
  }

  private reference(name: string, original?: ts.Node): ts.Expression {
    const { ts, factory } = this;
    const local = this.locals?.get(name);
    const access =
      local === undefined
        ? factory.createPropertyAccessExpression(factory.createIdentifier(scopeName), name)
        : factory.createIdentifier(local);
    return original === undefined ? access : ts.setTextRange(access, original);
  }

  /**
   * `(0, __scope.f)`: called without a receiver. V8 reports a call at the end of its callee, which must map to the
   * callee's start: so nothing inside is mapped, and there is no mapping behind it.
   */
  private callee(identifier: ts.Identifier): ts.Expression {
    const { ts, factory } = this;
    const silent = <Node extends ts.Node>(node: Node): Node => ts.setEmitFlags(node, ts.EmitFlags.NoSourceMap);
    const access = silent(
      factory.createPropertyAccessExpression(
        silent(factory.createIdentifier(scopeName)),
        silent(factory.createIdentifier(identifier.text)),
      ),
    );
    const pair = silent(factory.createComma(silent(factory.createNumericLiteral(0)), access));
    const callee = ts.setTextRange(factory.createParenthesizedExpression(pair), identifier);
    return ts.setEmitFlags(callee, ts.EmitFlags.NoTrailingSourceMap);
  }

  private publish(name: ts.Identifier): ts.Statement {
    const { factory } = this;
    return this.statement(
      factory.createAssignment(this.reference(name.text), factory.createIdentifier(name.text)),
      name,
    );
  }

  private statement(expression: ts.Expression, original: ts.Node): ts.Statement {
    return this.ts.setTextRange(this.factory.createExpressionStatement(expression), original);
  }

  private result(expression: ts.Expression, original: ts.Node): ts.Statement {
    const { factory } = this;
    return this.at(factory.createReturnStatement(factory.createArrayLiteralExpression([expression])), original);
  }
}

function leftmost(typescript: TypeScript, expression: ts.Expression): ts.Expression {
  let node = expression;
  while (typescript.isBinaryExpression(node)) node = node.left;
  return node;
}
