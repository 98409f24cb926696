import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import vm from "node:vm";

export interface LoadedScript<Exports> {
  readonly exports: Exports;
  /** Keeps V8's code of the script, with all that has been compiled so far. */
  save(): void;
}

/** When a first use has made V8 compile what uses need (milliseconds). */
const saveAfter = 3000;

/**
 * Loads a large CommonJS script of our build. V8's compiled code is kept beside it: reading that takes a third of the time
 * of compiling the text anew. V8 rejects code of another version or with other flags; then it is made again.
 */
export function loadScript<Exports>(file: string): LoadedScript<Exports> {
  const text = readFileSync(file, "utf8");
  const { dir, name } = path.parse(file);
  const cacheFile = path.join(dir, `${name}-${process.version}-${process.arch}.cache`);
  const cachedData = existsSync(cacheFile) ? readFileSync(cacheFile) : undefined;
  const script = new vm.Script(`(function (exports, require, module, __filename, __dirname) {${text}\n})`, {
    filename: file,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  const save = (): void => {
    try {
      const temporary = `${cacheFile}.${process.pid}`;
      writeFileSync(temporary, script.createCachedData());
      renameSync(temporary, cacheFile);
    } catch {
      // A read-only installation starts more slowly, and works.
    }
  };
  const module = { exports: {} as Exports };
  // The script is the CommonJS wrapper above; vm gives it back without a type.
  const wrapper = script.runInThisContext() as (...bindings: unknown[]) => void;
  wrapper(module.exports, createRequire(file), module, file, dir);
  if (cachedData === undefined || script.cachedDataRejected === true) setTimeout(save, saveAfter).unref();
  return { exports: module.exports, save };
}
