import type ts from "tsover";
import { boundNames, isUsing } from "./names.ts";
import { libraryFile, type TypeScript } from "./typescript.ts";

// Bindings of the notebook are properties of one object, which costs a loop over numbers twenty times its time. A loop
// in which nobody else can look at them works on variables of its own instead, and puts them back when it ends.

/** Tells whether an identifier is a binding of the notebook. */
type IsBinding = (identifier: ts.Identifier) => boolean;

/** Which bindings a loop reads and writes. */
export interface LoopBindings {
  readonly names: ReadonlySet<string>;
  readonly written: ReadonlySet<string>;
}

/** The loop that a statement is, with its label or without. */
export function loopOf(typescript: TypeScript, node: ts.Node): ts.IterationStatement | undefined {
  if (typescript.isLabeledStatement(node)) return loopOf(typescript, node.statement);
  return typescript.isIterationStatement(node, false) ? node : undefined;
}

/** Whether a statement is run once, where it stands: not as part of a function. */
export function isOutsideFunctions(typescript: TypeScript, node: ts.Node): boolean {
  for (let outer = node.parent; outer !== undefined; outer = outer.parent) {
    if (typescript.isFunctionLike(outer) || typescript.isClassLike(outer) || typescript.isModuleBlock(outer))
      return false;
  }
  return true;
}

/**
 * The bindings of a loop in which nothing runs but itself and what the language brings along; undefined for any other
 * loop, where a function might look at the bindings meanwhile, and where there are none.
 */
export function quietLoop(
  typescript: TypeScript,
  checker: ts.TypeChecker,
  loop: ts.Statement,
  isBinding: IsBinding,
): LoopBindings | undefined {
  return new LoopReader(typescript, checker, isBinding).read(loop);
}

/** Of the language's own objects, what keeps or gives back what it is handed and does nothing with it. */
const keeping: ReadonlySet<string> = new Set([
  ...[
    "push",
    "pop",
    "shift",
    "unshift",
    "fill",
    "at",
    "includes",
    "indexOf",
    "set",
    "get",
    "has",
    "add",
    "delete",
    "clear",
  ],
  ...["slice", "concat", "reverse", "keys", "values", "entries", "charCodeAt", "codePointAt"],
]);
/** Those that run text. */
const running: ReadonlySet<string> = new Set(["eval", "Function"]);
const printing = /^console\.(?:log|info|debug|warn|error)$/;
const collections: ReadonlySet<string> = new Set([
  "Array",
  "ReadonlyArray",
  "Map",
  "Set",
  "ReadonlyMap",
  "ReadonlySet",
]);

class LoopReader {
  private readonly ts: TypeScript;
  private readonly checker: ts.TypeChecker;
  private readonly isBinding: IsBinding;
  private readonly names = new Set<string>();
  private readonly written = new Set<string>();

  constructor(typescript: TypeScript, checker: ts.TypeChecker, isBinding: IsBinding) {
    this.ts = typescript;
    this.checker = checker;
    this.isBinding = isBinding;
  }

  read(loop: ts.Statement): LoopBindings | undefined {
    if (!this.isQuiet(loop, []) || this.names.size === 0) return undefined;
    return { names: this.names, written: this.written };
  }

  private isQuiet(node: ts.Node, labels: readonly string[]): boolean {
    const { ts } = this;
    if (ts.isTypeNode(node)) return true;
    if (ts.isFunctionLike(node) || ts.isClassLike(node) || ts.isModuleDeclaration(node)) return false;
    if (ts.isIdentifier(node)) {
      if (this.isBinding(node)) this.note(node);
      return true;
    }
    const inner = ts.isLabeledStatement(node) ? [...labels, node.label.text] : labels;
    if (!this.isQuietItself(node, inner)) return false;
    let quiet = true;
    ts.forEachChild(node, (child) => {
      quiet &&= this.isQuiet(child, inner);
    });
    return quiet;
  }

  private isQuietItself(node: ts.Node, labels: readonly string[]): boolean {
    const { ts } = this;
    const { SyntaxKind } = ts;
    switch (node.kind) {
      case SyntaxKind.AwaitExpression:
      case SyntaxKind.YieldExpression:
      case SyntaxKind.ReturnStatement:
      case SyntaxKind.WithStatement:
      case SyntaxKind.TaggedTemplateExpression:
      case SyntaxKind.SpreadAssignment:
      case SyntaxKind.ImportKeyword:
      case SyntaxKind.DeleteExpression:
        return false;
      case SyntaxKind.BreakStatement:
      case SyntaxKind.ContinueStatement: {
        const { label } = node as ts.BreakOrContinueStatement;
        return label === undefined || labels.includes(label.text);
      }
      case SyntaxKind.VariableDeclarationList: {
        const list = node as ts.VariableDeclarationList;
        if ((list.flags & ts.NodeFlags.BlockScoped) === 0) this.noteVariables(list);
        return !isUsing(ts, list);
      }
      case SyntaxKind.ForOfStatement: {
        const { awaitModifier, expression } = node as ts.ForOfStatement;
        return awaitModifier === undefined && this.isCollection(expression);
      }
      case SyntaxKind.SpreadElement:
        return this.isCollection((node as ts.SpreadElement).expression);
      case SyntaxKind.ArrayBindingPattern:
        return this.isCollection(node as ts.ArrayBindingPattern);
      case SyntaxKind.CallExpression:
      case SyntaxKind.NewExpression:
        return this.isQuietCall(node as ts.CallExpression | ts.NewExpression);
      case SyntaxKind.PropertyAccessExpression:
        return this.isStored(node as ts.PropertyAccessExpression);
      case SyntaxKind.ElementAccessExpression: {
        const { expression, argumentExpression } = node as ts.ElementAccessExpression;
        return !this.isUnknown(expression) && this.isPrimitive(argumentExpression);
      }
      case SyntaxKind.TemplateSpan:
        return this.isPrimitive((node as ts.TemplateSpan).expression);
      case SyntaxKind.PrefixUnaryExpression:
      case SyntaxKind.PostfixUnaryExpression: {
        const { operator, operand } = node as ts.PrefixUnaryExpression | ts.PostfixUnaryExpression;
        return operator === SyntaxKind.ExclamationToken || this.isPrimitive(operand);
      }
      case SyntaxKind.BinaryExpression:
        return this.isQuietOperator(node as ts.BinaryExpression);
      default:
        return true;
    }
  }

  private isQuietOperator({ left, operatorToken: { kind }, right }: ts.BinaryExpression): boolean {
    const { SyntaxKind } = this.ts;
    switch (kind) {
      case SyntaxKind.EqualsToken:
      case SyntaxKind.CommaToken:
      case SyntaxKind.EqualsEqualsEqualsToken:
      case SyntaxKind.ExclamationEqualsEqualsToken:
      case SyntaxKind.AmpersandAmpersandToken:
      case SyntaxKind.BarBarToken:
      case SyntaxKind.QuestionQuestionToken:
      case SyntaxKind.AmpersandAmpersandEqualsToken:
      case SyntaxKind.BarBarEqualsToken:
      case SyntaxKind.QuestionQuestionEqualsToken:
        return true;
      case SyntaxKind.InstanceOfKeyword:
        return false;
      case SyntaxKind.InKeyword:
        return this.isPrimitive(left) && !this.isUnknown(right);
      default:
        return this.isPrimitive(left) && this.isPrimitive(right);
    }
  }

  /** A call of what the language brings along, with nothing handed over that it could call in turn. */
  private isQuietCall(call: ts.CallExpression | ts.NewExpression): boolean {
    const { ts, checker } = this;
    const callee = call.expression;
    const given = call.arguments ?? [];
    if (ts.isIdentifier(callee) && running.has(callee.text)) return false;
    if (printing.test(callee.getText())) return given.every((argument) => this.isPrimitive(argument));
    const declaration = checker.getResolvedSignature(call)?.declaration;
    if (declaration?.getSourceFile().fileName !== libraryFile) return false;
    const name = ts.isPropertyAccessExpression(callee) ? callee.name.text : "";
    if (keeping.has(name)) return given.every((argument) => !this.isUnknown(argument));
    return given.every((argument) => this.isPrimitive(ts.isSpreadElement(argument) ? argument.expression : argument));
  }

  /** A property that is read or written without running anything. */
  private isStored(access: ts.PropertyAccessExpression): boolean {
    const { ts, checker } = this;
    if (this.isUnknown(access.expression)) return false;
    const symbol = checker.getSymbolAtLocation(access.name);
    if (symbol === undefined) return false;
    const isLibrary = symbol.declarations?.every((d) => d.getSourceFile().fileName === libraryFile) ?? false;
    return isLibrary || (symbol.flags & ts.SymbolFlags.Accessor) === 0;
  }

  private isCollection(node: ts.Node): boolean {
    const type = this.checker.getTypeAtLocation(node);
    const parts = type.isUnion() ? type.types : [type];
    return parts.every((part) => {
      if (this.isPrimitiveType(part) || this.checker.isTupleType(part)) return true;
      const symbol = part.getSymbol();
      const isLibrary = symbol?.declarations?.every((d) => d.getSourceFile().fileName === libraryFile) ?? false;
      return (
        isLibrary &&
        (collections.has(symbol!.name) || /^(?:Big)?(?:Int|Uint|Float)\d+(?:Clamped)?Array$/.test(symbol!.name))
      );
    });
  }

  private isUnknown(node: ts.Node): boolean {
    const { TypeFlags } = this.ts;
    return (this.checker.getTypeAtLocation(node).flags & (TypeFlags.Any | TypeFlags.Unknown)) !== 0;
  }

  private isPrimitive(node: ts.Node): boolean {
    return this.isPrimitiveType(this.checker.getTypeAtLocation(node));
  }

  private isPrimitiveType(type: ts.Type): boolean {
    const { TypeFlags } = this.ts;
    if (type.isUnion()) return type.types.every((part) => this.isPrimitiveType(part));
    const plain =
      TypeFlags.StringLike |
      TypeFlags.NumberLike |
      TypeFlags.BigIntLike |
      TypeFlags.BooleanLike |
      TypeFlags.Null |
      TypeFlags.Undefined;
    return (type.flags & plain) !== 0;
  }

  /** `var` outside functions: bindings of the notebook, wherever they are declared. */
  private noteVariables(list: ts.VariableDeclarationList): void {
    for (const { name } of list.declarations) {
      for (const bound of boundNames(this.ts, name)) {
        this.names.add(bound);
        this.written.add(bound);
      }
    }
  }

  private note(identifier: ts.Identifier): void {
    this.names.add(identifier.text);
    if (this.isWritten(identifier)) this.written.add(identifier.text);
  }

  private isWritten(identifier: ts.Identifier): boolean {
    const { ts } = this;
    let node: ts.Node = identifier;
    let { parent } = identifier;
    while (ts.isParenthesizedExpression(parent) || ts.isNonNullExpression(parent)) {
      node = parent;
      parent = parent.parent;
    }
    if (ts.isPrefixUnaryExpression(parent) || ts.isPostfixUnaryExpression(parent)) {
      return parent.operator === ts.SyntaxKind.PlusPlusToken || parent.operator === ts.SyntaxKind.MinusMinusToken;
    }
    if (ts.isBinaryExpression(parent) && parent.left === node) {
      const { kind } = parent.operatorToken;
      return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
    }
    // In a pattern on the left, or as the variable of for … of: seldom enough to be put back without asking further.
    return this.isInPattern(node);
  }

  private isInPattern(node: ts.Node): boolean {
    const { ts } = this;
    for (let inner = node, { parent } = node; ; inner = parent, parent = parent.parent) {
      if (ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
        if (parent.left === inner) return true;
      } else if (ts.isForOfStatement(parent) || ts.isForInStatement(parent)) return parent.initializer === inner;
      else if (ts.isStatement(parent)) return false;
    }
  }
}
