import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import path from "node:path";
import { inspect } from "node:util";
import type ts from "tsover";
import { loadTypeScript } from "../../kernel/engine/typescript.ts";
import { Value } from "../../src/index.ts";
import { Cells } from "../support/cells.ts";
import { type Example, examplesOf, type Piece, piecesOf } from "../support/examples.ts";
import { root } from "../support/paths.ts";

const sources = readdirSync(path.join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => path.posix.join("src", file.split(path.sep).join("/")))
  .sort();

/** Examples that are not run, by file, and why. */
const notRun: Readonly<Record<string, string>> = {};

describe("examples", () => {
  const cells = new Cells();

  for (const file of sources) {
    for (const example of examplesOf(file)) {
      it(`in ${file}, line ${example.line}, print what they say`, async () => {
        assert.ok(!example.ignored || file in notRun, "it is marked as not to be run; notRun has no reason for that");
        if (example.ignored) return;
        // Each stands for itself: what it uses it imports or declares.
        cells.forget();
        await checkAll(example);
      });
    }
  }

  it("in the README print what they say, one after the other", async () => {
    cells.forget();
    const examples = examplesOf("README.md");
    assert.ok(examples.length > 0);
    for (const example of examples) await checkAll(example);
  });

  async function checkAll({ file, line, code }: Example): Promise<void> {
    let at = line;
    for (const piece of piecesOf(code)) {
      await check(piece, `${file}:${at}`);
      at += piece.code.split("\n").length - 1;
    }
  }

  async function check({ code, expected }: Piece, where: string): Promise<void> {
    let printed: string;
    try {
      printed = textOf(await cells.run(code));
    } catch (error) {
      if (expected?.startsWith("throws ") !== true) throw new Error(`${where}: ${error}`, { cause: error });
      printed = `throws ${error}`;
    }
    if (expected !== undefined) assert.ok(agrees(printed, expected), `${where}:\n${code}\nprints ${printed}`);
  }

  it("count a number as its digits say, and end at an ellipsis", () => {
    assert.ok(agrees("[ 0.6224593312, -2 ]", "[0.6225, -2]"));
    assert.ok(agrees("throws ShapeError: add: 2 and 3", "throws ShapeError: add…"));
    for (const [printed, expected] of [
      ["0.6224593312", "0.6226"],
      ["2.01", "2"],
      ["[1, 2]", "[1, 2, 3]"],
      ["[1, 2]", "[1, 2"],
      ["ShapeError", "throws ShapeError"],
    ] as const) {
      assert.ok(!agrees(printed, expected), `${printed} is not ${expected}`);
    }
  });
});

/** As console.log prints it, but of a Value its numbers. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(quoted).join(", ")}]`;
  if (value instanceof Value) return textOf(value.toArray());
  return typeof value === "string" ? value : inspect(value, { depth: 6, breakLength: Number.POSITIVE_INFINITY });
}

function quoted(value: unknown): string {
  return typeof value === "string" ? inspect(value) : textOf(value);
}

/** The same text but for spaces; a number with digits after the point stands for all that are rounded to it. */
function agrees(printed: string, expected: string): boolean {
  const [left, right] = [printed, expected.replace(/…$/, "")].map(
    (text) =>
      text
        .replace(/\s/g, "")
        .replaceAll("−", "-")
        .match(/-?\d+(?:\.\d+)?(?:e[-+]?\d+)?|[^\d-]+|-/g) ?? [],
  );
  const ends = expected.endsWith("…");
  if (ends ? left!.length < right!.length : left!.length !== right!.length) return false;
  return right!.every((wanted, i) => {
    const got = left![i]!;
    const decimals = /^-?\d+\.(\d+)$/.exec(wanted)?.[1]?.length;
    if (decimals !== undefined) return Math.abs(Number(got) - Number(wanted)) <= 0.5000001 * 10 ** -decimals;
    return ends && i === right!.length - 1 ? got.startsWith(wanted) : got === wanted;
  });
}

describe("the public names", () => {
  const typescript = loadTypeScript();
  const declarations = path.join(root, "dist", "src", "index.d.ts");
  const program = typescript.createProgram([declarations], { skipLibCheck: true, types: [] });
  const checker = program.getTypeChecker();

  /** What a module exports to be used, with what the namespaces in it hold. */
  const exportsOf = (module: ts.Symbol): readonly ts.Symbol[] =>
    checker.getExportsOfModule(module).flatMap((name) => {
      const symbol = name.flags & typescript.SymbolFlags.Alias ? checker.getAliasedSymbol(name) : name;
      if (symbol.flags & typescript.SymbolFlags.ValueModule) return exportsOf(symbol);
      return symbol.flags & typescript.SymbolFlags.Value ? [symbol] : [];
    });
  const all = exportsOf(checker.getSymbolAtLocation(program.getSourceFile(declarations)!)!);
  const hasTag = (symbol: ts.Symbol, tag: string): boolean =>
    symbol.getJsDocTags(checker).some(({ name }) => name === tag);
  // What only the kernel calls says so.
  const exported = all.filter((symbol) => !hasTag(symbol, "internal"));

  it("have a doc comment", () => {
    assert.ok(exported.length > 100);
    const bare = exported.filter((symbol) => symbol.getDocumentationComment(checker).length === 0);
    assert.deepEqual(
      bare.map(({ name }) => name),
      [],
    );
  });

  it("have an example", () => {
    const bare = exported.filter((symbol) => !hasTag(symbol, "example"));
    assert.deepEqual(
      bare.map(({ name }) => name),
      [],
    );
  });
});
