import { cellFile } from "../engine/host.ts";

/**
 * What makes a checker forget the cells that are gone, as changes of the compiler's text: each an anchor, and what takes its
 * place. TypeScript's checker remembers what it found of every node, and every type that was made of others, for as long
 * as it lives; its own answer is a new checker for every program, which has to learn the types of the language again and
 * throws away what V8 optimised for the old one. Ours goes on from cell to cell, so it takes note of what it remembers
 * of each cell's types and lets go of it with the cell. Nothing that is left can tell: what later cells know of
 * earlier ones goes by the text of their declarations, in files that stay (declarations.ts) until they are forgotten, too.
 */
export const forgetting: readonly (readonly [anchor: string, replacement: string])[] = [
  [
    "  var tupleTypes = /* @__PURE__ */ new Map();",
    `  var __cell;
  var __noted = [];
  var tupleTypes = /* @__PURE__ */ new Map();`,
  ],
  [
    "  function tryCreateTypeReference(target, typeArguments) {",
    `  // Takes note that map has an entry made of these types, and belongs to what owner declares, if to anything.
  function __note(map, key, types, owner) {
    __noted.push({ map, key, types, owner });
  }
  // The file of a cell, or of what an earlier one declared, where a declaration is in one.
  function __cellOf(declaration) {
    const file = getSourceFileOfNode(declaration);
    return file?.__earlier ? file : void 0;
  }
  function __addCellsOfAll(types, cells, depth) {
    if (types) for (const type of types) __addCells(type, cells, depth);
  }
  function __addDeclaring(declarations, cells) {
    if (declarations) for (const declaration of declarations) cells.add(__cellOf(declaration));
  }
  // Adds the files of cells whose declarations a type is made of. What lies deeper than any type that is written by hand
  // may stay unfound: then it is remembered a little longer.
  function __addCells(type, cells, depth) {
    if (!type || depth > 8) return;
    __addDeclaring(type.symbol?.declarations, cells);
    __addDeclaring(type.aliasSymbol?.declarations, cells);
    __addDeclaring(type.labeledElementDeclarations, cells);
    __addCellsOfAll(type.aliasTypeArguments, cells, depth + 1);
    if (type.flags & 3145728 /* UnionOrIntersection */) __addCellsOfAll(type.types, cells, depth + 1);
    if (type.flags & 8388608 /* IndexedAccess */) __addCellsOfAll([type.objectType, type.indexType], cells, depth + 1);
    if (type.flags & 524288 /* Object */ && type.objectFlags & 4 /* Reference */) {
      __addCellsOfAll(type.resolvedTypeArguments, cells, depth + 1);
      if (type.target !== type) __addCells(type.target, cells, depth + 1);
    }
    if (type.mapper) __addCellsOfMapper(type.mapper, cells, depth + 1);
  }
  function __addCellsOfMapper(mapper, cells, depth) {
    if (depth > 8) return;
    switch (mapper.kind) {
      case 0 /* Simple */:
        __addCellsOfAll([mapper.source, mapper.target], cells, depth);
        break;
      case 1 /* Array */:
        __addCellsOfAll(mapper.sources, cells, depth);
        __addCellsOfAll(mapper.targets, cells, depth);
        break;
      case 4 /* Composite */:
      case 5 /* Merged */:
        __addCellsOfMapper(mapper.mapper1, cells, depth + 1);
        __addCellsOfMapper(mapper.mapper2, cells, depth + 1);
    }
  }
  // Hands each entry that was noted to the cells that it is of; the present one is gone before any other.
  function __sortNoted() {
    for (const entry of __noted) {
      if (entry.owner && __cellOf(entry.owner) === __cell) continue;
      const cells = new Set();
      for (const type of entry.types) __addCells(type, cells, 0);
      cells.delete(void 0);
      for (const file of cells.has(__cell) ? [__cell] : cells) (file.__entries ??= []).push(entry);
    }
    __noted = [];
  }
  function __forget(file) {
    if (file === __cell) __sortNoted();
    if (file.__entries) for (const { map, key } of file.__entries) map.delete(key);
    file.__entries = void 0;
    const forgetSymbol = (symbol) => { if (symbol?.id) symbolLinks[symbol.id] = void 0; };
    const forgetNode = (node) => {
      if (node.id) nodeLinks[node.id] = void 0;
      forgetSymbol(node.symbol);
      forgetSymbol(node.localSymbol);
      node.locals?.forEach(forgetSymbol);
      forEachChild(node, forgetNode);
    };
    forgetNode(file);
  }
  // Goes on to a cell: the one before is gone.
  function __moveTo(program, file) {
    if (__cell && __cell !== file) __forget(__cell);
    __cell = file;
    // These are of use within a cell only.
    allPotentiallyUnusedIdentifiers.clear();
    evolvingArrayTypes.length = 0;
    flowLoopCaches.length = 0;
    host = program;
    diagnostics = createDiagnosticCollection();
    suggestionDiagnostics = createDiagnosticCollection();
    deferredDiagnosticsCallbacks = [];
    bindSourceFile(file, compilerOptions);
  }
  function tryCreateTypeReference(target, typeArguments) {`,
  ],
  [
    "    getNodeCount: () => reduceLeft(",
    `    __moveTo,
    __forget,
    getNodeCount: () => reduceLeft(`,
  ],
  [
    "  initializeTypeChecker();\n  return checker;",
    `  initializeTypeChecker();
  __cell = host.getSourceFile("${cellFile}");
  return checker;`,
  ],
  // Types that are made of others, each remembered under those.
  [
    "      instantiations.set(id, instantiation = createSignatureInstantiation(signature, typeArguments));",
    `      instantiations.set(id, instantiation = createSignatureInstantiation(signature, typeArguments));
      __note(instantiations, id, typeArguments || [], signature.declaration);`,
  ],
  [
    `      target.instantiations.set(id, type);
      type.objectFlags |=`,
    `      target.instantiations.set(id, type);
      if (typeArguments) __note(target.instantiations, id, typeArguments, target.symbol?.declarations?.[0]);
      type.objectFlags |=`,
  ],
  [
    `isInJSFile(symbol.valueDeclaration))), aliasSymbol, aliasTypeArguments));
    }
    return instantiation;`,
    `isInJSFile(symbol.valueDeclaration))), aliasSymbol, aliasTypeArguments));
      __note(links.instantiations, id, [...typeArguments || [], ...aliasTypeArguments || []], symbol.declarations?.[0]);
    }
    return instantiation;`,
  ],
  [
    `        target.instantiations.set(id, result);
        const resultObjectFlags`,
    `        target.instantiations.set(id, result);
        __note(target.instantiations, id, [...typeArguments, ...newAliasTypeArguments || []], declaration);
        const resultObjectFlags`,
  ],
  [
    `        root.instantiations.set(id, result);
      }
      return result;`,
    `        root.instantiations.set(id, result);
        __note(root.instantiations, id, [...typeArguments, ...aliasTypeArguments || []], root.node);
      }
      return result;`,
  ],
  [
    "      tupleTypes.set(key, type = createTupleTargetType(elementFlags, readonly, namedMemberDeclarations));",
    `      tupleTypes.set(key, type = createTupleTargetType(elementFlags, readonly, namedMemberDeclarations));
      __note(tupleTypes, key, [type]);`,
  ],
  ["      unionTypes.set(id, type);", "      unionTypes.set(id, type);\n      __note(unionTypes, id, types);"],
  [
    "        unionOfUnionTypes.set(id, type);",
    "        unionOfUnionTypes.set(id, type);\n        __note(unionOfUnionTypes, id, types);",
  ],
  [
    "      intersectionTypes.set(id, result);",
    "      intersectionTypes.set(id, result);\n      __note(intersectionTypes, id, typeSet);",
  ],
  [
    "    subtypeReductionCache.set(id, types);",
    "    subtypeReductionCache.set(id, types);\n    __note(subtypeReductionCache, id, types);",
  ],
  [
    "    if (key) cachedTypes.set(key, type);",
    "    if (key) {\n      cachedTypes.set(key, type);\n      __note(cachedTypes, key, [type]);\n    }",
  ],
  [
    "        iterationTypesCache.set(id, iterationTypes);",
    `        iterationTypesCache.set(id, iterationTypes);
        __note(iterationTypesCache, id, [yieldType, returnType, nextType]);`,
  ],
  [
    "      indexedAccessTypes.set(id, type = createIndexedAccessType(objectType, indexType, persistentAccessFlags, aliasSymbol, aliasTypeArguments));",
    `      indexedAccessTypes.set(id, type = createIndexedAccessType(objectType, indexType, persistentAccessFlags, aliasSymbol, aliasTypeArguments));
      __note(indexedAccessTypes, id, [objectType, indexType]);`,
  ],
  [
    "      templateLiteralTypes.set(id, type = createTemplateLiteralType(newTexts, newTypes));",
    `      templateLiteralTypes.set(id, type = createTemplateLiteralType(newTexts, newTypes));
      __note(templateLiteralTypes, id, newTypes);`,
  ],
  [
    "(enumLiteralTypes.set(key, type = createLiteralType(flags, value, symbol)), type)",
    "(enumLiteralTypes.set(key, type = createLiteralType(flags, value, symbol)), __note(enumLiteralTypes, key, [type]), type)",
  ],
];
