import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { Compiler } from "../../../kernel/engine/compiler.ts";
import { collectGarbage } from "../../support/garbage.ts";

describe("what earlier cells declared", () => {
  let compiler: Compiler;
  beforeEach(() => {
    compiler = new Compiler({ folder: tmpdir() });
  });

  /** Compiles a cell as one that is run; its mistakes, as the learner reads them. */
  function run(code: string): readonly string[] {
    const compilation = compiler.compile(code);
    if (compilation.kind === "problems") return compilation.problems.map(({ message }) => message);
    compiler.commit();
    return [];
  }

  it("keeps its type when the names in it are declared again", () => {
    run("class Point { constructor(readonly x: number) {} }\nconst old = new Point(1);");
    run("class Point { constructor(readonly x: string) {} }\nconst next = new Point('a');");
    assert.deepEqual(run("const a: number = old.x, b: string = next.x;"), []);
    // Said by a cell that comes after both.
    assert.deepEqual(run("const again = [old];"), []);
    assert.deepEqual(run("const c: number = again[0]!.x;"), []);
    const [message = ""] = run("const wrong: Point = old;");
    assert.match(message, /^Type 'earlier Point' is not assignable to type 'Point'/);
  });

  it("goes by its name in messages of its own cell, too", () => {
    const message = "Type 'Kind' is not assignable to type 'string'.";
    assert.deepEqual(run("enum Kind { small }\nfunction text(kind: Kind): string { return kind; }"), [message]);
    run("enum Kind { small }");
    assert.deepEqual(run("const text: string = Kind.small as Kind;"), [message]);
  });

  it("is hidden by a name of another kind, and by one that is disposed of", () => {
    run("const both = 1; const gone = 2;");
    run("interface both { z: number }");
    assert.match(run("both + 1").join(), /'both' only refers to a type/);
    run("{ using inner = { [Symbol.dispose]() {} }; }\nusing gone = { [Symbol.dispose]() {} };");
    assert.match(run("gone").join(), /Cannot find name 'gone'/);
  });

  it("hides global names from later cells only where it declares them", () => {
    run("const name = 3; interface Map { mine: true }");
    assert.deepEqual(run("name.toFixed(1); ({ mine: true }) satisfies Map;"), []);
    assert.deepEqual(run("const set = new Set([1]); set.size"), []);
  });

  it("can be assigned to, narrowed, and named with underscores", () => {
    run("let __count: number | undefined = 1; let _ = 2;");
    assert.deepEqual(run("__count = 2; _ += 1; if (__count !== undefined) __count.toFixed(_);"), []);
    assert.match(run("__count.toFixed(1)").join(), /possibly 'undefined'/);
  });

  it("is completed before global names", () => {
    run("const mathematics = 1;");
    const { items } = compiler.complete("math", 4);
    assert.deepEqual(
      items.slice(0, 2).map(({ text }) => text),
      ["mathematics", "Math"],
    );
  });

  it("is there after so many types that the checker is made anew, and costs no more memory than before", async () => {
    const gather = async (): Promise<number> => {
      await collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const cell = (round: number): string =>
      `interface Point { x: number; at: ${round} }\nconst points = [{ x: 1, at: ${round} }] as Point[];\npoints.map((point) => point.x + first).filter((x) => x > 1)`;
    run("const first = 1;");
    for (let round = 0; round < 100; round++) assert.deepEqual(run(cell(round)), []);
    const before = await gather();
    for (let round = 0; round < 600; round++) assert.deepEqual(run(cell(round)), []);
    assert.deepEqual(run("const at: 599 = points[0]!.at;"), []);
    assert.ok((await gather()) < before * 1.25);
  });
});
