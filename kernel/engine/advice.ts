import type ts from "tsover";
import type { TypeScript } from "./typescript.ts";

/**
 * What to write instead, where the compiler's own message would not tell a learner. `undefined` keeps its message.
 */
export function advise(
  typescript: TypeScript,
  checker: ts.TypeChecker,
  file: ts.SourceFile,
  diagnostic: { readonly code: number; readonly start: number; readonly message: string },
): string | undefined {
  const node = innermost(typescript, file, diagnostic.start);
  const isValue = (expression: ts.Expression): boolean => {
    const type = checker.getNonNullableType(checker.getTypeAtLocation(expression));
    return type.getProperties().some((property) => property.name.startsWith("__@operatorPlus"));
  };
  const began = sumThatBegan(typescript, checker, node, isValue);
  if (began !== undefined && diagnostic.code !== 2304) {
    return `The sum begins as the number ${began}, and a Value cannot become one. Begin with constant(${began}).`;
  }
  for (let at: ts.Node | undefined = node; at !== undefined; at = at.parent) {
    if (typescript.isBinaryExpression(at)) {
      const { left, right, operatorToken } = at;
      if (!isValue(left) && !isValue(right)) continue;
      const operator = operatorToken.getText(file);
      const [l, r] = [left.getText(file), right.getText(file)];
      if (operator === "^") return `${l} ^ ${r}: ^ works on bits. Write ${l} ** ${r} for a power.`;
      if (operator.endsWith("=") && operator.length === 2 && typescript.isIdentifier(left) && !isValue(left)) {
        return (
          `${l} holds a plain number, and ${l} ${operator} ${r} would make it a Value. ` +
          `Start it as a Value: let ${l} = constant(0), or variable(0) to ask for its gradient.`
        );
      }
    }
  }
  return undefined;
}

/** The number that a `reduce` over Values begins with, where it does. */
function sumThatBegan(
  typescript: TypeScript,
  checker: ts.TypeChecker,
  node: ts.Node,
  isValue: (expression: ts.Expression) => boolean,
): string | undefined {
  for (let at: ts.Node | undefined = node; at !== undefined && !typescript.isStatement(at); at = at.parent) {
    if (!typescript.isCallExpression(at) || !typescript.isPropertyAccessExpression(at.expression)) continue;
    const { expression, name } = at.expression;
    const [step, initial] = at.arguments;
    if (!/^reduce(?:Right)?$/.test(name.text) || step === undefined || initial === undefined) continue;
    const element = checker.getTypeAtLocation(expression).getNumberIndexType();
    const ofValues = element?.getProperties().some((property) => property.name.startsWith("__@operatorPlus")) === true;
    const type = checker.getTypeAtLocation(initial);
    if (ofValues && !isValue(initial) && (type.flags & typescript.TypeFlags.NumberLike) !== 0) return initial.getText();
  }
  return undefined;
}

const comparisons = ["<", ">", "<=", ">="] as const;

/** Places that the checker lets pass, and that would not do what they look like: comparisons and + or ~ on Values. */
export function misuses(
  typescript: TypeScript,
  checker: ts.TypeChecker,
  file: ts.SourceFile,
  from: number,
): { readonly start: number; readonly message: string }[] {
  const found: { start: number; message: string }[] = [];
  const isValue = (expression: ts.Expression): boolean =>
    checker
      .getTypeAtLocation(expression)
      .getProperties()
      .some((property) => property.name.startsWith("__@operatorPlus"));
  const visit = (node: ts.Node): void => {
    if (node.end <= from) return;
    if (typescript.isBinaryExpression(node)) {
      const operator = node.operatorToken.getText(file);
      if (comparisons.some((comparison) => comparison === operator) && (isValue(node.left) || isValue(node.right))) {
        const side = (expression: ts.Expression): string =>
          `${expression.getText(file)}${isValue(expression) ? ".item()" : ""}`;
        found.push({
          start: node.getStart(file),
          message: `A Value is no plain number: compare numbers with ${side(node.left)} ${operator} ${side(node.right)}.`,
        });
      }
    } else if (typescript.isPrefixUnaryExpression(node) && isValue(node.operand)) {
      const operand = node.operand.getText(file);
      const { SyntaxKind } = typescript;
      if (node.operator === SyntaxKind.PlusToken) {
        found.push({ start: node.getStart(file), message: `+${operand}: write ${operand}.item() for its number.` });
      } else if (node.operator === SyntaxKind.PlusPlusToken || node.operator === SyntaxKind.MinusMinusToken) {
        found.push({
          start: node.getStart(file),
          message: `${node.getText(file)}: write ${operand} = ${operand} + 1.`,
        });
      }
    } else if (typescript.isPostfixUnaryExpression(node) && isValue(node.operand)) {
      const operand = node.operand.getText(file);
      const sign = node.operator === typescript.SyntaxKind.PlusPlusToken ? "+" : "-";
      found.push({
        start: node.getStart(file),
        message: `${node.getText(file)}: a Value does not change. Write ${operand} = ${operand} ${sign} 1.`,
      });
    }
    typescript.forEachChild(node, visit);
  };
  for (const statement of file.statements) if (statement.end > from) visit(statement);
  return found;
}

function innermost(typescript: TypeScript, file: ts.SourceFile, position: number): ts.Node {
  let found: ts.Node = file;
  const visit = (node: ts.Node): void => {
    if (node.getStart(file) <= position && position < node.end) {
      found = node;
      typescript.forEachChild(node, visit);
    }
  };
  typescript.forEachChild(file, visit);
  return found;
}
