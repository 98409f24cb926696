import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { Compiler } from "../../../kernel/engine/compiler.ts";

/** What a cell compiles to, or what is said of it. */
function outcome(compiler: Compiler, code: string): unknown {
  const compilation = compiler.compile(code);
  if (compilation.kind === "problems") return compilation.problems;
  compiler.commit();
  const { javascript, sourceMap, keep, imports } = compilation;
  return { javascript, sourceMap, keep, imports };
}

/** Cells that declare, use and redeclare the same few names, import and augment, and are wrong. */
const cells = [
  "1 + 1",
  "const x = 1;",
  "const x = 'one';",
  "x.toFixed(1)",
  "let total = 0; for (let i = 0; i < 3; i++) total += i; total",
  "total.length",
  "interface Point { x: number }",
  "interface Point { y: string }",
  "const p: Point = { x: 1 };",
  "p.y",
  "type Pair<T> = [T, T]; const pair: Pair<number> = [1, 2]; pair[0]",
  "class Line { constructor(readonly slope: number) {} at(x: number) { return -this.slope * x; } }\nnew Line(2).at(3)",
  'import { variable } from "gradbook";\nconst v = variable(2);',
  "const w = v * v + 1; -w",
  'import * as library from "gradbook";\nlibrary.constant(1)',
  "declare global { interface Array<T> { third(): T | undefined } }",
  "[1, 2, 3].third()",
  "function f(",
  "export const shown = 3;",
  "for (var inner = 0; inner < 2; inner++); inner",
  "inner + shown",
  "await Promise.resolve(3)",
  "// @ts-nocheck\nconst unchecked: string = 1;",
  "enum Kind { small, large }\nconst kinds = [Kind.small, Kind.large];",
  "kinds.map((kind) => Kind[kind])",
  "const points = [1, 2].map((x): Point => ({ x })); const found = points.find(({ x }) => x > 1);",
  "const named = new Map(points.map((point) => [String(point.x), point])); found?.x",
  "for (const [name, { x }] of named) console.log(name, x.toFixed(1));",
  "type Range = [start: number, end: number]; const range: Range = [1, 2]; const all: readonly Range[] = [range];",
  "all.map(([start, end]) => end - start).concat(all)",
  "type Shown<T> = { readonly [K in keyof T]: T[K] extends number ? string : T[K] };",
  "const shownPoint: Shown<Point> = { x: '1' }; const some: Partial<Point> = {};",
  "shownPoint.x.length + (some.x ?? 0)",
  "function pick<T, K extends keyof T>(from: T, key: K): T[K] { return from[key]; }\npick({ a: 1 }, 'a')",
  "pick(pick({ p: found }, 'p')!, 'x').toFixed(1)",
  "const grown = []; for (const point of points) grown.push(point);\ngrown[0]?.x",
  `const label = \`\${pick({ name: "one" as const }, "name")}-\${range[0]}\`; type Label = \`\${"a" | "b"}-\${number}\`;`,
  "const late = Promise.all([Promise.resolve(found), 1]); const [first] = await late; first?.x",
  "function* generated() { yield* points; }\n[...generated()].length",
];

describe("the program that goes on from cell to cell", () => {
  it("compiles each as a new one would, whatever came before, and whatever is asked in between", () => {
    const fresh = (compiler: Compiler): void => {
      Object.assign(compiler, { checked: undefined, surroundings: undefined, repeatable: undefined });
    };
    const steps = fc.array(fc.record({ cell: fc.constantFrom(...cells), asked: fc.boolean() }), {
      minLength: 2,
      maxLength: 8,
    });
    fc.assert(
      fc.property(steps, (sequence) => {
        const going = new Compiler({ folder: tmpdir() });
        const anew = new Compiler({ folder: tmpdir() });
        for (const { cell, asked } of sequence) {
          fresh(anew);
          const expected = outcome(anew, cell);
          // A completion between a cell and what it declares being read changes nothing.
          const compilation = going.compile(cell);
          if (asked) going.complete("const q = [1];\nq.ma", 19);
          if (compilation.kind === "problems") assert.deepEqual(compilation.problems, expected);
          else {
            going.commit();
            const { javascript, sourceMap, keep, imports } = compilation;
            assert.deepEqual({ javascript, sourceMap, keep, imports }, expected);
          }
          const at = (compiler: Compiler): unknown => compiler.complete("x.to", 4);
          assert.deepEqual(at(going), at(anew));
        }
      }),
      { numRuns: 12 },
    );
  });
});

describe("a cell that comes again", () => {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "gradbook-again-")));
  let compiler: Compiler;
  beforeEach(() => {
    compiler = new Compiler({ folder });
  });
  after(() => rmSync(folder, { recursive: true }));

  const run = (code: string): unknown => outcome(compiler, code);
  const isWrong = (code: string): boolean => Array.isArray(run(code));

  it("is not compiled again", () => {
    for (const code of ["1 + 1", "const a = [1, 2];\na.length"]) {
      const first = compiler.compile(code);
      compiler.commit();
      assert.equal(compiler.compile(code), first);
      compiler.commit();
    }
  });

  it("is compiled again where what it uses has been declared again", () => {
    run("let size = 1;");
    const again = "size.toFixed(1)";
    assert.equal(isWrong(again), false);
    assert.equal(isWrong(again), false);
    run("let size = 'small';");
    assert.equal(isWrong(again), true);
    run("let size = 2;");
    assert.equal(isWrong(again), false);
  });

  it("is compiled again after another cell that declares", () => {
    const declares = "interface Shape { sides: number }\nconst shape: Shape = { sides: 3 };";
    run(declares);
    run("interface Shape { name: string }");
    assert.equal(isWrong("const other: Shape = { sides: 3 };"), true);
    run(declares);
    assert.equal(isWrong("const other: Shape = { sides: 3 };"), false);
  });

  it("is compiled again where it was not run, or all is forgotten", () => {
    run("const kept = 1;");
    compiler.compile("kept + 1");
    compiler.forget();
    assert.equal(isWrong("kept + 1"), true);
    compiler.compile("const never = 1;");
    compiler.compile("const never = 1;");
    assert.equal(isWrong("never"), true);
  });

  it("is compiled again where a module of the learner's own, or the tsconfig.json, has changed", () => {
    writeFileSync(path.join(folder, "own.ts"), "export const own = 1;");
    const imports = 'import { own } from "./own.ts";\nown.toFixed(1)';
    assert.equal(isWrong(imports), false);
    assert.equal(isWrong(imports), false);
    writeFileSync(path.join(folder, "own.ts"), "export const own = 'one now';");
    assert.equal(isWrong(imports), true);
    const implicit = "((value) => value)(1)\nfunction any(x) { return x; }";
    assert.equal(isWrong(implicit), true);
    writeFileSync(path.join(folder, "tsconfig.json"), '{ "compilerOptions": { "strict": false } }');
    assert.equal(isWrong(implicit), false);
    assert.equal(isWrong(implicit), false);
    rmSync(path.join(folder, "tsconfig.json"));
    assert.equal(isWrong(implicit), true);
  });

  it("finds a module that was not there", () => {
    const imports = 'import { late } from "./late.ts";\nlate';
    assert.equal(isWrong(imports), true);
    assert.equal(isWrong("1"), false);
    writeFileSync(path.join(folder, "late.ts"), "export const late = 1;");
    assert.equal(isWrong(imports), false);
  });
});
