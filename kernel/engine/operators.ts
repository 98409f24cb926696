import type ts from "tsover";
import type { OperatorChecker, TypeScript } from "./typescript.ts";

/** Called with what an await gave, in code that is the learner's: see interruption.ts. */
const resumeName = "__resume";

type OperatorNames = Readonly<Partial<Record<ts.SyntaxKind, string>>>;

/** Operators on Values become calls, and what follows an await is asked whether the cell was interrupted meanwhile. */
export class OperatorRewriter {
  protected readonly ts: TypeScript;
  protected readonly checker: OperatorChecker;
  protected readonly context: ts.TransformationContext;
  protected readonly factory: ts.NodeFactory;
  private readonly operators: OperatorNames;
  private readonly assignments: OperatorNames;

  constructor(typescript: TypeScript, checker: OperatorChecker, context: ts.TransformationContext) {
    this.ts = typescript;
    this.checker = checker;
    this.context = context;
    this.factory = context.factory;
    const { SyntaxKind } = typescript;
    const table = [
      ["add", SyntaxKind.PlusToken, SyntaxKind.PlusEqualsToken],
      ["sub", SyntaxKind.MinusToken, SyntaxKind.MinusEqualsToken],
      ["mul", SyntaxKind.AsteriskToken, SyntaxKind.AsteriskEqualsToken],
      ["div", SyntaxKind.SlashToken, SyntaxKind.SlashEqualsToken],
      ["pow", SyntaxKind.AsteriskAsteriskToken, SyntaxKind.AsteriskAsteriskEqualsToken],
      ["mod", SyntaxKind.PercentToken, SyntaxKind.PercentEqualsToken],
    ] as const;
    this.operators = Object.fromEntries(table.map(([name, operator]) => [operator, name]));
    this.assignments = Object.fromEntries(table.map(([name, , assignment]) => [assignment, name]));
  }

  /** An arrow, so that it can be handed on as a visitor. */
  readonly visit = (node: ts.Node): ts.Node => {
    const { ts } = this;
    return this.rewritten(node) ?? (ts.isTypeNode(node) ? node : ts.visitEachChild(node, this.visit, this.context));
  };

  /** What takes the place of a node; undefined where only its children may change. */
  protected rewritten(node: ts.Node): ts.Node | undefined {
    const { factory } = this;
    const { SyntaxKind } = this.ts;
    switch (node.kind) {
      case SyntaxKind.AwaitExpression: {
        const awaited = this.visit((node as ts.AwaitExpression).expression) as ts.Expression;
        const resumed = this.at(factory.createAwaitExpression(awaited), node);
        return factory.createCallExpression(factory.createIdentifier(resumeName), undefined, [resumed]);
      }
      case SyntaxKind.PrefixUnaryExpression: {
        const unary = node as ts.PrefixUnaryExpression;
        if (unary.operator !== SyntaxKind.MinusToken) return undefined;
        const type = this.checker.getTypeAtLocation(unary.operand);
        if (this.isAny(type) || this.checker.__tsover__unaryMinus(unary.operand, type) !== undefined) {
          return this.call("neg", [this.visit(unary.operand) as ts.Expression], node);
        }
        return undefined;
      }
      case SyntaxKind.BinaryExpression:
        return this.binary(node as ts.BinaryExpression);
    }
    return undefined;
  }

  /** An operator on a Value, or on something untyped that may be one, as a call. */
  private binary(node: ts.BinaryExpression): ts.Expression | undefined {
    const { ts, factory } = this;
    const operator = this.overloaded(node);
    if (operator === undefined) return undefined;
    const right = this.visit(node.right) as ts.Expression;
    if (this.assignments[node.operatorToken.kind] === undefined) {
      return this.call(operator, [this.visit(node.left) as ts.Expression, right], node);
    }
    let left: ts.Expression = node.left;
    while (ts.isParenthesizedExpression(left) || ts.isNonNullExpression(left)) left = left.expression;
    if (!ts.isPropertyAccessExpression(left) && !ts.isElementAccessExpression(left)) {
      const target = this.visit(node.left) as ts.Expression;
      return this.at(
        factory.createAssignment(target, this.call(operator, [this.visit(left) as ts.Expression, right], node)),
        node,
      );
    }
    // object[key()] += value: object and key are evaluated once.
    const [object, objectAgain] = this.once(left.expression);
    if (ts.isPropertyAccessExpression(left)) {
      const before = factory.createPropertyAccessExpression(objectAgain, left.name);
      const target = factory.createPropertyAccessExpression(object, left.name);
      return this.at(factory.createAssignment(target, this.call(operator, [before, right], node)), node);
    }
    const [key, keyAgain] = this.once(left.argumentExpression);
    const before = factory.createElementAccessExpression(objectAgain, keyAgain);
    const target = factory.createElementAccessExpression(object, key);
    return this.at(factory.createAssignment(target, this.call(operator, [before, right], node)), node);
  }

  private once(expression: ts.Expression): [first: ts.Expression, again: ts.Expression] {
    const { ts, factory } = this;
    const visited = this.visit(expression) as ts.Expression;
    const repeatable =
      ts.isIdentifier(expression) ||
      ts.isLiteralExpression(expression) ||
      expression.kind === ts.SyntaxKind.ThisKeyword ||
      expression.kind === ts.SyntaxKind.SuperKeyword;
    if (repeatable) return [visited, visited];
    const kept = factory.createTempVariable(this.context.hoistVariableDeclaration);
    return [factory.createParenthesizedExpression(factory.createAssignment(kept, visited)), kept];
  }

  private overloaded(node: ts.BinaryExpression): string | undefined {
    const kind = node.operatorToken.kind;
    const operator = this.operators[kind] ?? this.assignments[kind];
    if (operator === undefined) return undefined;
    const { checker } = this;
    const left = checker.getTypeAtLocation(node.left);
    const right = checker.getTypeAtLocation(node.right);
    // The first question alone also says yes to text plus a Value; the second one asks for a signature that fits.
    if (checker.__tsover__couldHaveOverloadedOperators(node.left, kind, node.right, left, right)) {
      return checker.__tsover__overloadMatches(node.left, kind, node.right, left, right) ? operator : undefined;
    }
    return this.isAny(left) || this.isAny(right) ? operator : undefined;
  }

  private isAny(type: ts.Type): boolean {
    return (type.flags & this.ts.TypeFlags.Any) !== 0;
  }

  private call(operator: string, operands: readonly ts.Expression[], original: ts.Node): ts.Expression {
    const { ts, factory } = this;
    const callee = ts.setTextRange(factory.createIdentifier(`__tsover_${operator}`), original);
    return this.at(factory.createCallExpression(callee, undefined, operands), original);
  }

  protected at<Node extends ts.Node>(node: Node, original: ts.Node): Node {
    return this.ts.setTextRange(this.ts.setOriginalNode(node, original), original);
  }
}

/** Rewrites a module of the learner's own, which stays a module. */
export function rewriteModule(typescript: TypeScript, checker: OperatorChecker): ts.TransformerFactory<ts.SourceFile> {
  return (context) => {
    const rewriter = new OperatorRewriter(typescript, checker, context);
    return (file) => typescript.visitEachChild(file, rewriter.visit, context);
  };
}
