import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type ts from "tsover";
import { loadScript } from "../script.ts";

export type TypeScript = typeof ts;

/** What our build adds to the checker (kernel/build/compiler.ts). */
export interface OperatorChecker extends ts.TypeChecker {
  __tsover__couldHaveOverloadedOperators(
    left: ts.Node,
    operator: ts.SyntaxKind,
    right: ts.Node,
    leftType: ts.Type,
    rightType: ts.Type,
  ): boolean;
  __tsover__overloadMatches(
    left: ts.Node,
    operator: ts.SyntaxKind,
    right: ts.Node,
    leftType: ts.Type,
    rightType: ts.Type,
  ): boolean;
  __tsover__unaryMinus(operand: ts.Node, type: ts.Type): ts.Type | undefined;
}

/** dist/, wherever the package is installed. */
export const distribution: string = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
/** Where its processes have their programs; a module may be part of a program elsewhere (kernel/build/processes.ts). */
export const engineFolder: string = path.join(distribution, "kernel", "engine");
export const libraryFile: string = path.join(distribution, "compiler", "lib.d.ts");
/** The types of Node, and of what they import. */
export const typesFolder: string = path.join(distribution, "compiler", "types");

/** Loads the compiler of cells. */
export function loadTypeScript(): TypeScript {
  const { gradbookTypeScript } = globalThis as { readonly gradbookTypeScript?: TypeScript };
  // A startup snapshot holds it.
  if (gradbookTypeScript !== undefined) return gradbookTypeScript;
  const file = path.join(distribution, "compiler", "typescript.cjs");
  if (!existsSync(file)) {
    throw new Error(`The compiler of cells is missing (${file}). Run npm run build in gradbook's folder.`);
  }
  const { exports, save } = loadScript<TypeScript>(file);
  saveCodeCache = save;
  return exports;
}

/** Keeps V8's code of the compiler, with all that has been compiled so far. */
export let saveCodeCache: () => void = () => {};
