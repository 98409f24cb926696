import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import vm from "node:vm";
import type ts from "tsover";

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
export const libraryFile: string = path.join(distribution, "compiler", "lib.d.ts");
/** The types of Node, and of what they import. */
export const typesFolder: string = path.join(distribution, "compiler", "types");

/**
 * Loads the compiler of cells. V8's compiled code is kept beside it: reading that takes a third of the time of compiling
 * the text anew. V8 rejects code of another version or with other flags; then it is made again.
 */
export function loadTypeScript(): TypeScript {
  const { gradbookTypeScript } = globalThis as { readonly gradbookTypeScript?: TypeScript };
  // A startup snapshot holds it.
  if (gradbookTypeScript !== undefined) return gradbookTypeScript;
  const file = path.join(distribution, "compiler", "typescript.cjs");
  if (!existsSync(file)) {
    throw new Error(`The compiler of cells is missing (${file}). Run npm run build in gradbook's folder.`);
  }
  const text = readFileSync(file, "utf8");
  const cacheFile = path.join(distribution, "compiler", `typescript-${process.version}-${process.arch}.cache`);
  const cachedData = existsSync(cacheFile) ? readFileSync(cacheFile) : undefined;
  const script = new vm.Script(`(function (exports, require, module, __filename, __dirname) {${text}\n})`, {
    filename: file,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  saveCodeCache = () => saveCache(script, cacheFile);
  const module = { exports: {} as TypeScript };
  // The script is the CommonJS wrapper above; vm gives it back without a type.
  const wrapper = script.runInThisContext() as (...bindings: unknown[]) => void;
  wrapper(module.exports, createRequire(file), module, file, path.dirname(file));
  if (cachedData === undefined || script.cachedDataRejected === true) {
    // Later, when a first cell has made V8 compile what cells need.
    setTimeout(saveCodeCache, 3000).unref();
  }
  return module.exports;
}

/** Keeps V8's code of the compiler, with all that has been compiled so far. */
export let saveCodeCache: () => void = () => {};

function saveCache(script: vm.Script, file: string): void {
  try {
    const temporary = `${file}.${process.pid}`;
    writeFileSync(temporary, script.createCachedData());
    renameSync(temporary, file);
  } catch {
    // A read-only installation starts more slowly, and works.
  }
}
