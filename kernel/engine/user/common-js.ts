import { createRequire } from "node:module";
import path from "node:path";
import type { Scope } from "./cell-function.ts";

/** What a CommonJS module has for names, and a cell too. */
export interface CommonJs {
  readonly require: NodeJS.Require;
  readonly module: { exports: unknown };
  readonly exports: unknown;
  readonly __dirname: string;
  readonly __filename: string;
}

const fromKernel = createRequire(import.meta.url);

/**
 * The names of CommonJS for the cells of a notebook in `folder`. `exports` holds the notebook's top-level names; `own`
 * gives the modules that are the kernel's, and `undefined` for any other.
 */
export function commonJsOf(folder: string, scope: Scope, own: (specifier: string) => unknown): CommonJs {
  const fromFolder = createRequire(path.join(folder, "cell.js"));
  const require = Object.assign((specifier: string) => own(specifier) ?? fromFolder(specifier), fromFolder);
  // What a cell defines on it, a later cell may define anew.
  const exports = new Proxy(scope, {
    defineProperty: (names, name, { get, value }) => Reflect.set(names, name, get === undefined ? value : get()),
  });
  return { require, module: { exports }, exports, __dirname: folder, __filename: path.join(folder, "cell.ts") };
}

/** A module of the kernel's own, at once. */
export function requireOwn(file: string): Record<string, unknown> {
  return fromKernel(file) as Record<string, unknown>;
}

type Namespace = Record<string, unknown>;

/**
 * A module as its types describe it. Node gives a CommonJS module as a default; where that was compiled from an ES
 * module, its types speak of what it exports itself, and otherwise of all its properties, also those that Node did not
 * find by reading the text.
 */
export function asTyped(namespace: Namespace): Namespace {
  const { default: exported } = namespace;
  if (!isCommonJs(exported)) return namespace;
  return exported["__esModule"] === true ? exported : Object.assign(Object.create(exported), namespace);
}

function isCommonJs(exported: unknown): exported is Namespace {
  if (typeof exported !== "object" && typeof exported !== "function") return false;
  return exported !== null && Object.values(fromKernel.cache).some((module) => module?.exports === exported);
}
