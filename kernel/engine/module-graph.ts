import type { LocalModule } from "./local-modules.ts";

/** All modules of the learner's own that some files lead to, themselves among them; those that are not there are left out. */
export function modulesFrom(
  files: readonly string[],
  moduleOf: (file: string) => LocalModule | undefined,
): ReadonlyMap<string, LocalModule> {
  const found = new Map<string, LocalModule>();
  const visit = (file: string): void => {
    const module = found.has(file) ? undefined : moduleOf(file);
    if (module === undefined) return;
    found.set(file, module);
    Object.values(module.imports).forEach(visit);
  };
  files.forEach(visit);
  return found;
}

/** A text that changes when a module, or one that it leads to, does. */
export function versionFrom(file: string, moduleOf: (file: string) => LocalModule | undefined): string {
  return [...modulesFrom([file], moduleOf).values()]
    .map((module) => `${module.file} ${module.version}`)
    .sort()
    .join("\n");
}
