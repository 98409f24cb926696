import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import type ts from "tsover";
import { distribution, type TypeScript, typesFolder } from "./typescript.ts";

/** Where the notebook is. */
export interface Place {
  folder: string;
}

/** A mistake in a file of the learner's own. */
export interface FileProblem {
  readonly label: string;
  readonly code: string;
  readonly start: number;
  readonly message: string;
  readonly number: number;
}

/** What holds where no tsconfig.json says otherwise. */
function defaults(typescript: TypeScript): ts.CompilerOptions {
  return {
    strict: true,
    skipLibCheck: true,
    allowJs: true,
    resolveJsonModule: true,
    types: [],
    target: typescript.ScriptTarget.ES2022,
  };
}

/** What the kernel's own way of running cells needs, whatever a tsconfig.json says. */
function required(typescript: TypeScript): ts.CompilerOptions {
  return {
    module: typescript.ModuleKind.ESNext,
    moduleResolution: typescript.ModuleResolutionKind.Bundler,
    moduleDetection: typescript.ModuleDetectionKind.Force,
    allowImportingTsExtensions: true,
    // Nothing is written there; without it, what is JavaScript already would not be compiled.
    outDir: "/gradbook/output",
    declaration: true,
    sourceMap: true,
    noEmit: false,
    noEmitOnError: false,
    newLine: typescript.NewLineKind.LineFeed,
  };
}

const tslabOptions: ts.CompilerOptions = { strict: false, experimentalDecorators: true };

/** Options that say how a project is built and written to disk, or that a notebook of one cell at a time cannot keep. */
const passedOver = [
  ...[
    "outDir",
    "outFile",
    "rootDir",
    "rootDirs",
    "declarationDir",
    "declarationMap",
    "emitDeclarationOnly",
    "inlineSourceMap",
  ],
  ...["inlineSources", "mapRoot", "sourceRoot", "composite", "incremental", "tsBuildInfoFile", "isolatedDeclarations"],
  ...[
    "noUnusedLocals",
    "noUnusedParameters",
    "verbatimModuleSyntax",
    "isolatedModules",
    "lib",
    "noLib",
    "target",
    "removeComments",
  ],
  ...["importHelpers", "noEmitHelpers", "plugins", "customConditions", "noCheck", "allowUmdGlobalAccess"],
];

/** The compiler's options for a notebook's folder: the kernel's, with what the nearest tsconfig.json says of the language. */
export class Configuration {
  private readonly ts: TypeScript;
  private readonly place: Place;
  private stamp = "";
  private extended: readonly string[] = [];
  /** Whether the full types of Node are there. */
  withNodeTypes = false;
  private likeTslab = false;
  private file: string | undefined;
  private current: ts.CompilerOptions;
  /** Another number whenever the options are others. */
  version = 0;
  /** What is wrong with the tsconfig.json; empty where there is none, or it can be used. */
  problems: readonly FileProblem[] = [];

  constructor(typescript: TypeScript, place: Place) {
    this.ts = typescript;
    this.place = place;
    this.current = { ...defaults(typescript), ...required(typescript) };
  }

  get options(): ts.CompilerOptions {
    return this.current;
  }

  private set options(options: ts.CompilerOptions) {
    this.current = options;
    this.version++;
  }

  /** Reads the tsconfig.json again where it, or one that it extends, has changed; says whether it has. */
  refresh(): boolean {
    const found = this.ts.findConfigFile(this.place.folder, existsSync);
    const file = found === undefined || path.resolve(found) === ownConfiguration ? undefined : found;
    if (this.stampNow(file) === this.stamp) return false;
    this.read(file);
    this.stamp = this.stampNow(file);
    return true;
  }

  private stampNow(file: string | undefined): string {
    return file === undefined ? "" : [file, ...this.extended].map(stampOf).join("\n");
  }

  /** The notebook imports tslab: it was written for tslab's checks, which are not strict. */
  beLikeTslab(): void {
    if (this.likeTslab) return;
    this.likeTslab = true;
    this.read(this.file);
  }

  /** A cell needs the full types of Node. */
  addNodeTypes(): void {
    if (this.withNodeTypes) return;
    this.withNodeTypes = true;
    this.options = withNode(this.options);
  }

  private read(file: string | undefined): void {
    const { ts } = this;
    this.file = file;
    const standard = { ...defaults(ts), ...(this.likeTslab ? tslabOptions : {}) };
    const base = { ...standard, ...required(ts) };
    this.options = base;
    this.problems = [];
    this.extended = [];
    if (file !== undefined) {
      const extended = new Map<string, ts.ExtendedConfigCacheEntry>();
      const readFile = (name: string): string => readFileSync(name, "utf8");
      const source = ts.readJsonConfigFile(file, readFile);
      const host: ts.ParseConfigHost = {
        useCaseSensitiveFileNames: caseSensitive,
        fileExists: existsSync,
        readFile,
        readDirectory: () => [],
      };
      const folder = path.dirname(file);
      const parsed = ts.parseJsonSourceFileConfigFileContent(source, host, folder, {}, file, undefined, [], extended);
      // Which files belong to a project is no question of a notebook's.
      const noInputs = [18002, 18003];
      this.problems = parsed.errors
        .filter(({ code }) => !noInputs.includes(code))
        .map(({ start = 0, messageText, code: number, file: place = source }) => ({
          label: path.relative(this.place.folder, place.fileName),
          code: place.text,
          start,
          number,
          message: ts.flattenDiagnosticMessageText(messageText, "\n"),
        }));
      const own = Object.fromEntries(Object.entries(parsed.options).filter(([name]) => !passedOver.includes(name)));
      this.options = { ...standard, ...own, ...required(ts) };
      this.extended = [...extended.keys()];
    }
    if (this.withNodeTypes) this.options = withNode(this.options);
  }
}

/** Says how the notebook itself is built; lessons that are run in its checkout are not part of that. */
const ownConfiguration = path.join(path.dirname(distribution), "tsconfig.json");

function withNode(options: ts.CompilerOptions): ts.CompilerOptions {
  return {
    ...options,
    types: [...(options.types ?? []), "node"],
    typeRoots: [...(options.typeRoots ?? []), typesFolder],
  };
}

/** Whether a.ts and A.ts may be two files. */
export const caseSensitive: boolean = process.platform !== "win32" && process.platform !== "darwin";

/** A text that changes whenever a file does. */
export function stampOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? "" : `${file} ${found.mtimeMs} ${found.size}`;
}
