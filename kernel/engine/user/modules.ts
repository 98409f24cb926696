import path from "node:path";
import { pathToFileURL } from "node:url";
import vm from "node:vm";
import type { LocalModule } from "../local-modules.ts";
import { versionFrom } from "../module-graph.ts";
import { rememberSource } from "./stack.ts";

type Namespace = Record<string, unknown>;

interface Instance {
  /** Of the module and of all that it imports: what it was made of. */
  readonly versions: string;
  readonly module: vm.Module;
}

/** Loads what is not the learner's own, as a module in a certain folder would. */
export type ImportFrom = (folder: string, specifier: string) => Promise<Namespace>;

/**
 * The learner's own modules, as the kernel compiled them. Each is run once, and once more when it, or a module that it
 * imports, has changed and is imported again.
 */
export class ModuleRegistry {
  private readonly importFrom: ImportFrom;
  private readonly sources = new Map<string, LocalModule>();
  private readonly instances = new Map<string, Instance>();
  private made = 0;

  constructor(importFrom: ImportFrom) {
    this.importFrom = importFrom;
  }

  /** Takes modules that are new or have changed. */
  add(modules: readonly LocalModule[]): void {
    for (const module of modules) this.sources.set(module.file, module);
  }

  async load(file: string): Promise<Namespace> {
    const module = this.instance(file);
    try {
      if (module.status === "unlinked") await module.link((specifier, from) => this.dependency(specifier, from));
      await module.evaluate();
      return module.namespace as Namespace;
    } catch (error) {
      // What failed is tried again at the next import.
      this.instances.delete(file);
      throw error;
    }
  }

  private instance(file: string): vm.Module {
    const versions = versionFrom(file, (name) => this.sources.get(name));
    const known = this.instances.get(file);
    if (known?.versions === versions && known.module.status !== "errored") return known.module;
    const source = this.sources.get(file)!;
    const module = source.javascript === undefined ? jsonModule(source) : this.scriptModule(source, source.javascript);
    this.instances.set(file, { versions, module });
    return module;
  }

  private scriptModule({ file, label, code, sourceMap }: LocalModule, javascript: string): vm.Module {
    const identifier = `${file}#${++this.made}`;
    rememberSource(identifier, { label, code, sourceMap: sourceMap!, linesBefore: 0 });
    return new vm.SourceTextModule(javascript, {
      identifier,
      initializeImportMeta: (meta) => {
        Object.assign(meta, { url: pathToFileURL(file).href, filename: file, dirname: path.dirname(file) });
      },
      importModuleDynamically: ((specifier: string) => this.importInto(specifier, file)) as never,
    });
  }

  private async dependency(specifier: string, from: vm.Module): Promise<vm.Module> {
    const file = from.identifier.replace(/#\d+$/, "");
    const own = this.sources.get(file)!.imports[specifier];
    if (own !== undefined) return this.instance(own);
    return synthetic(specifier, await this.importFrom(path.dirname(file), specifier));
  }

  private importInto(specifier: string, file: string): Promise<Namespace> {
    const own = this.sources.get(file)!.imports[specifier];
    return own === undefined ? this.importFrom(path.dirname(file), specifier) : this.load(own);
  }
}

function jsonModule({ label, code }: LocalModule): vm.Module {
  let content: unknown;
  try {
    content = JSON.parse(code);
  } catch (error) {
    throw new SyntaxError(`${label} is no JSON: ${(error as Error).message}`);
  }
  const named = typeof content === "object" && content !== null && !Array.isArray(content) ? content : {};
  return synthetic(label, { ...named, default: content });
}

function synthetic(identifier: string, namespace: Namespace): vm.Module {
  const names = Object.keys(namespace);
  const module: vm.SyntheticModule = new vm.SyntheticModule(
    names,
    () => {
      for (const name of names) module.setExport(name, namespace[name]);
    },
    { identifier },
  );
  return module;
}
