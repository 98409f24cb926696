// Builds the compiler of cells into dist/compiler: tsover (TypeScript 5.9 with typed operators), changed as below, in
// one minified file, and the standard library's declarations in one file. Both make a cell's turn shorter: there is less
// to read and less to bind.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync, transformSync } from "esbuild";
import { cellFile } from "../engine/host.ts";
import { makeSnapshot } from "../engine/snapshot.ts";
import { forgetting } from "./forgetting.ts";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
const output = path.join(root, "dist", "compiler");
const require = createRequire(import.meta.url);
const library = path.dirname(require.resolve("tsover"));

let source = readFileSync(path.join(library, "typescript.js"), "utf8");

/** Replaces the one place where `anchor` stands. A new release of tsover that moves it must be looked at. */
function patch(anchor: string, replacement: string): void {
  const first = source.indexOf(anchor);
  if (first < 0 || source.indexOf(anchor, first + 1) >= 0) {
    throw new Error(`tsover has changed: this text must stand in it once:\n${anchor}`);
  }
  source = source.slice(0, first) + replacement + source.slice(first + anchor.length);
}

// Unary minus has the type that the operand's operatorPreMinus returns; stock tsover calls it a number.
patch(
  "  function __tsover__findDirective(",
  `  function __tsover__unaryMinus(operand, operandType) {
    if (!(__tsover__isInUseTsoverScope(operand) || __tsover__isInUseGpuScope(operand))) return void 0;
    const constraint = getBaseConstraintOrType(operandType);
    const parts = constraint.flags & 1048576 /* Union */ ? constraint.types : [constraint];
    const name = getPropertyNameForKnownSymbolName("operatorPreMinus");
    let found = false;
    const results = [];
    for (const part of parts) {
      const operator = getTypeOfPropertyOfType(part, name);
      if (!operator) { results.push(getUnaryResultType(part)); continue; }
      const signature = getSignaturesOfType(operator, 0).find((s) => s.parameters.length === 0 || isTypeAssignableTo(part, getTypeAtPosition(s, 0)));
      if (!signature) return void 0;
      found = true;
      results.push(getReturnTypeOfSignature(signature));
    }
    return found ? getUnionType(results) : void 0;
  }
  function __tsover__findDirective(`,
);
const prefixUnary = `    switch (node.operator) {
      case 40 /* PlusToken */:
      case 41 /* MinusToken */:
      case 55 /* TildeToken */:
        checkNonNullType(operandType, node.operand);`;
patch(
  prefixUnary,
  `    if (node.operator === 41 /* MinusToken */) {
      const overloaded = __tsover__unaryMinus(node.operand, operandType);
      if (overloaded) { checkNonNullType(operandType, node.operand); return overloaded; }
    }
${prefixUnary}`,
);

// Which nodes an edit touches is of use for one parse; the set that holds them for all grows to megabytes of empty places.
const update = "  function updateSourceFile2(sourceFile, newText, textChangeRange, aggressiveChecks) {";
patch(update, `${update}\n    intersectingChangeSet = new WeakSet();`);

// Operators on Values mean the same in cells and in modules of the learner's own; elsewhere a directive asks for it.
const directive = `    const sourceFile = getSourceFileOfNode(node);
    if (__tsover__findDirective(sourceFile.statements, directive)) {`;
patch(
  directive,
  `    const written = getSourceFileOfNode(node);
    if (directive === "use tsover" && !written.isDeclarationFile && !written.fileName.includes("/node_modules/")) return true;
${directive}`,
);

// What the rewriting of cells asks of the checker.
patch(
  `    __tsover__couldHaveOverloadedOperators,
    getNodeCount`,
  `    __tsover__couldHaveOverloadedOperators, __tsover__unaryMinus,
    __tsover__overloadMatches: (left, operator, right, leftType, rightType) => !!__tsover__getOverloadReturnType(left, operator, right, leftType, rightType, () => anyType),
    getNodeCount`,
);

// A checker learns the types of the language and of the library again with every program, which takes most of a small
// cell's time. Where nothing but the cell has changed, the next program goes on with the checker that is there, which
// forgets the cell before.
for (const [anchor, replacement] of forgetting) patch(anchor, replacement);
patch(
  "  structureIsReused = tryReuseStructureFromOldProgram();",
  `  let before = oldProgram && oldProgram.__checker && oldProgram.getCompilerOptions() === options ? { files: oldProgram.getSourceFiles(), checker: oldProgram.__checker } : void 0;
  structureIsReused = tryReuseStructureFromOldProgram();`,
);
patch(
  "    return typeChecker || (typeChecker = createTypeChecker(program));",
  `    if (typeChecker) return typeChecker;
    let cell;
    const isKept = before && before.files.length === files.length && files.every((file, index) => {
      const old = before.files[index];
      if (file === old) return true;
      cell = file;
      // What a cell adds to the types of others stays in the checker that saw it.
      return file.fileName === "${cellFile}" && old.fileName === file.fileName && !file.moduleAugmentations.length && !old.moduleAugmentations.length;
    });
    typeChecker = isKept && cell ? before.checker : createTypeChecker(program);
    if (isKept && cell) typeChecker.__moveTo(program, cell);
    before = void 0;
    program.__checker = typeChecker;
    return typeChecker;`,
);
// Most cells differ from the one before in their text alone: the program that is there takes the new cell in the place of
// the old one. One that imports something else, or adds to what others see, gets a program of its own.
patch(
  "    getRootFileNames: () => rootNames,",
  `    getRootFileNames: () => rootNames,
    __replaceCell: (snapshot, version) => {
      if (!program.__checker) return false;
      const index = files.findLastIndex((file) => file.fileName === "${cellFile}");
      const old = files[index];
      const { path, resolvedPath, originalFileName, impliedNodeFormat, packageJsonLocations, packageJsonScope } = old;
      const setExternalModuleIndicator = getSetExternalModuleIndicator(options);
      const cell = createLanguageServiceSourceFile(old.fileName, snapshot, { languageVersion: getEmitScriptTarget(options), impliedNodeFormat, setExternalModuleIndicator, jsDocParsingMode: host.jsDocParsingMode }, version, false);
      Object.assign(cell, { path, resolvedPath, originalFileName, packageJsonLocations, packageJsonScope });
      collectExternalModuleReferences(cell);
      const isSimple = (file) => ![file.moduleAugmentations, file.ambientModuleNames, file.referencedFiles, file.typeReferenceDirectives, file.libReferenceDirectives].some((parts) => parts.length) && file.imports.every((name) => isImportDeclaration(name.parent) && !name.parent.attributes);
      const isLikeOld = isSimple(cell) && isSimple(old) && cell.imports.length === old.imports.length && cell.imports.every((name, at) => name.text === old.imports[at].text);
      if (!isLikeOld) return false;
      files[index] = cell;
      filesByName.set(path, cell);
      cachedBindAndCheckDiagnosticsForFile = void 0;
      cachedDeclarationDiagnosticsForFile = void 0;
      classifiableNames = void 0;
      program.__checker.__moveTo(program, cell);
      return true;
    },`,
);
// Names that a file does not declare itself are looked for among those that earlier cells declared, and then among the
// global ones (declarations.ts). What earlier cells declared is in files of their own, which no program knows.
patch(
  `      if (!excludeGlobals) {
        result = lookup(globals, name, meaning);`,
  `      if (lastLocation && lastLocation.__earlier) {
        result = lookup(lastLocation.__earlier, name, meaning);
      }
      if (!result && !excludeGlobals) {
        result = lookup(globals, name, meaning);`,
);
patch(
  `    return callback(
      globals,`,
  `    const earlier = enclosingDeclaration && getSourceFileOfNode(enclosingDeclaration)?.__earlier;
    if (earlier && (result = callback(earlier, void 0, true, void 0))) return result;
    return callback(
      globals,`,
);
patch(
  `        isStaticSymbol = isStatic(location);
        location = location.parent;
      }
      copySymbols(globals, meaning);`,
  `        isStaticSymbol = isStatic(location);
        if (location.__earlier) copySymbols(location.__earlier, meaning);
        location = location.parent;
      }
      copySymbols(globals, meaning);`,
);
patch(
  `  function getResolvedModule(file, moduleName, mode) {
`,
  `  function getResolvedModule(file, moduleName, mode) {
    if (file.__resolve) return { resolvedModule: file.__resolve(moduleName) };
`,
);
patch(
  "resolutionDiagnostic === Diagnostics.Module_0_was_resolved_to_1_but_jsx_is_not_set) && host.getSourceFile(resolvedModule.resolvedFileName);",
  "resolutionDiagnostic === Diagnostics.Module_0_was_resolved_to_1_but_jsx_is_not_set) && (resolvedModule.__file || host.getSourceFile(resolvedModule.resolvedFileName));",
);

// What stands before the cell was checked with the cells that it is from.
patch(
  `      forEach(node.statements, checkSourceElement);
      checkSourceElement(node.endOfFileToken);
      checkDeferredNodes(node);`,
  `      const checkedUntil = host.__prefixEnd && host.__prefixEnd(node.fileName) || 0;
      forEach(node.statements, (statement) => { if (statement.end > checkedUntil) checkSourceElement(statement); });
      checkSourceElement(node.endOfFileToken);
      checkDeferredNodes(node);`,
);

/** The declarations of a library and of all it refers to, as one text. */
function inline(name: string, seen: Set<string>): string {
  if (seen.has(name)) return "";
  seen.add(name);
  return readFileSync(path.join(library, `lib.${name}.d.ts`), "utf8")
    .replace(/^\/\*![\s\S]*?\*\//, "")
    .replace(/^\/\/\/ <reference (?:lib="(.+?)"|no-default-lib.*?) *\/>.*$/gm, (_all, referred: string | undefined) =>
      referred === undefined ? "" : inline(referred, seen),
    );
}

rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });
const minified = transformSync(source, { minify: true, target: "node20", legalComments: "none" });
const licence =
  "/*! tsover: TypeScript, Copyright (c) Microsoft Corporation and contributors, Apache-2.0; changed by gradbook */\n";
writeFileSync(path.join(output, "typescript.cjs"), licence + minified.code);
// Cells may ask for it, and the process they run in does not load the compiler.
const { version } = require("tsover") as { readonly version: string };
writeFileSync(path.join(output, "version.json"), JSON.stringify(version));
const seen = new Set<string>();
const declarations = ["es2023", "esnext.disposable", "tsover"].map((name) => inline(name, seen)).join("\n");
writeFileSync(path.join(output, "lib.d.ts"), `/// <reference no-default-lib="true"/>\n${declarations}`);

/** The types of Node travel with the package. Not below a folder node_modules, which npm would leave out. */
function copyTypes(packageName: string, folder: string): void {
  const from = path.dirname(require.resolve(`${packageName}/package.json`));
  const isOther = (file: string): boolean => /(?:^|[\\/])(?:ts5\.\d|node_modules)$/.test(path.relative(from, file));
  cpSync(from, path.join(output, "types", folder), {
    recursive: true,
    dereference: true,
    filter: (file) => !isOther(file),
  });
}
copyTypes("@types/node", "node");
copyTypes("undici-types", "undici-types");

// The startup snapshot's program: all of the compiler's side in one script, as Node wants it for a snapshot. Where it
// stands is asked when the snapshot is made, since its paths are part of it.
const bundled = buildSync({
  entryPoints: [fileURLToPath(new URL("../engine/compiler-snapshot.js", import.meta.url))],
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  // Nothing answers import() in a snapshot.
  supported: { "dynamic-import": false },
  write: false,
  define: { "import.meta.url": "gradbookModule" },
});
const banner = `globalThis.gradbookModule = require("node:url").pathToFileURL(require("node:path").join(__dirname, "..", "kernel", "engine", "typescript.js")).href;
globalThis.gradbookTypeScript = (() => {
  const module = { exports: {} };
  // Without Node's own modules: what it would do with them cannot be kept in a snapshot.
  (function (exports, module, require, process) {${minified.code}
})(module.exports, module);
  return module.exports;
})();
`;
writeFileSync(path.join(output, "snapshot.cjs"), `${licence}${banner}${bundled.outputFiles[0]!.text}`);
const started = Date.now();
const made = await makeSnapshot();
if (made === undefined) console.error("gradbook: no startup snapshot could be made; kernels start a little later");
else console.error(`gradbook: the compiler's startup snapshot took ${((Date.now() - started) / 1000).toFixed(1)} s`);

// V8's code cache is best made by a process that has just compiled some cells: it holds the functions that matter then.
const warmUp = fileURLToPath(new URL("warm-up.js", import.meta.url));
if (spawnSync(process.execPath, [warmUp], { stdio: "inherit" }).status !== 0) {
  console.error("gradbook: the compiler's code cache could not be made; kernels start a little later");
}
