import "tsover-runtime";
import vm from "node:vm";

// How a compiled cell becomes a function, and what it is given; rewrite.ts writes cells for this.

export type Scope = Record<string, unknown>;
type ImportModule = (specifier: string) => Promise<Record<string, unknown>>;
type Bind = (name: string, value: unknown) => unknown;
type Resume = (value: unknown) => unknown;

/** Runs the cell; resolves to its last expression's value, in a list. */
export type CellFunction = (
  scope: Scope,
  importModule: ImportModule,
  bind: Bind,
  resume: Resume,
) => Promise<readonly [unknown] | undefined>;

/** Makes a function of what the compiler made of a cell. */
export function cellFunction(javascript: string, filename: string): CellFunction {
  const wrapped = `(async function __cell(__scope, __import, __bind, __resume) { "use strict";\n${javascript}\n})`;
  return new vm.Script(wrapped, { filename, lineOffset: -1 }).runInThisContext() as CellFunction;
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
