import "tsover-runtime";
import vm from "node:vm";
import type { OperatorOperation } from "../../../src/graph/record.ts";
import { cellBody, cellParameters } from "./cell-source.ts";
import type { CommonJs } from "./common-js.ts";

// How a compiled cell becomes a function, and what it is given; rewrite.ts writes cells for this.

export type Scope = Record<string, unknown>;
type ImportModule = (specifier: string) => Promise<Record<string, unknown>>;
type Bind = (name: string, value: unknown) => unknown;
type Resume = (value: unknown) => unknown;

/** Runs the cell; resolves to its last expression's value, in a list. Calls `ended` when it ends, however it does. */
export type CellFunction = (
  scope: Scope,
  importModule: ImportModule,
  bind: Bind,
  resume: Resume,
  ended: () => void,
) => Promise<readonly [unknown] | undefined>;

/**
 * Makes a function of what the compiler made of a cell; in it, `commonJs` gives the names that a CommonJS module has. As
 * long as anything of the cell is there, so is `source`.
 */
export function cellFunction(
  javascript: string,
  filename: string,
  commonJs: Partial<CommonJs> = {},
  source?: object,
): CellFunction {
  // No vm.Script: V8 keeps scripts for the case that the same text is run again, long after all of it is garbage.
  const around = vm.compileFunction(cellBody(javascript), cellParameters, { filename, lineOffset: -1 });
  const { require, module, exports, __dirname, __filename } = commonJs;
  return around(require, module, exports, __dirname, __filename, source) as CellFunction; // what the body returns
}

/** What a declaration binds: functions get the name they would have had as a variable, Values the learner's own. */
export function binder(nameValue: (value: unknown, name: string) => void): Bind {
  return (name, value) => {
    if (typeof value === "function") {
      if (value.name === "") Object.defineProperty(value, "name", { value: name, configurable: true });
    } else if (typeof value === "object" && value !== null) {
      nameValue(value, name);
    }
    return value;
  };
}

type Negatable = { [Symbol.operatorPreMinus](operand: unknown): unknown };

// The one operator that the runtime leaves out.
Object.assign(globalThis, {
  __tsover_neg: (operand: unknown): unknown =>
    typeof (operand as Negatable | undefined | null)?.[Symbol.operatorPreMinus] === "function"
      ? (operand as Negatable)[Symbol.operatorPreMinus](operand)
      : -(operand as number),
});

/** Two Values of the library meet in its own operation; anything else takes the runtime's way, which asks both operands. */
export function quickenOperators(library: Readonly<Record<string, unknown>>): void {
  const operators = globalThis as unknown as Record<string, (a: unknown, b: unknown) => unknown>;
  for (const name of ["add", "sub", "mul", "div", "pow"]) {
    const global = `__tsover_${name}`;
    operators[global] = (library[name] as OperatorOperation).asOperator(operators[global]!);
  }
}
