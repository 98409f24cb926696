import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import vm from "node:vm";
import { binder, quickenOperators } from "./cell-function.ts";
import { asTyped, requireOwn } from "./common-js.ts";
import { setLibrary } from "./display.ts";
import { beginLesson } from "./lesson.ts";
import * as tslab from "./tslab.ts";

export type Namespace = Record<string, unknown>;

const libraryFile = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../../src/index.js");

const importers = new Map<string, (specifier: string) => Promise<Namespace>>();

/** `import()` as a module in a folder would do it; `gradbook` and `tslab` are the kernel's own, whatever the folder holds. */
export async function importFrom(folder: string, specifier: string): Promise<Namespace> {
  if (specifier === "gradbook") return useLibrary((await import(pathToFileURL(libraryFile).href)) as Namespace);
  if (specifier === "tslab") return tslab;
  let importer = importers.get(folder);
  if (importer === undefined) {
    const script = new vm.Script("(specifier) => import(specifier)", {
      filename: path.join(folder, "cell.js"),
      importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    importer = script.runInThisContext() as (specifier: string) => Promise<Namespace>;
    importers.set(folder, importer);
  }
  return asTyped(await importer(specifier));
}

/** The same modules for `require`, at once; undefined for any other. */
export function requiredFromKernel(specifier: string): Namespace | undefined {
  if (specifier === "gradbook") return useLibrary(requireOwn(libraryFile));
  return specifier === "tslab" ? tslab : undefined;
}

let nameValue: ((value: unknown, name: string) => void) | undefined;

/** What a cell declares is told its name. */
export const bind: ReturnType<typeof binder> = binder((value, name) => nameValue?.(value, name));

function useLibrary(module: Namespace): Namespace {
  if (nameValue === undefined) {
    quickenOperators(module);
    beginLesson(module);
  }
  nameValue = module["bindName"] as (value: unknown, name: string) => void;
  setLibrary(module);
  return module;
}
