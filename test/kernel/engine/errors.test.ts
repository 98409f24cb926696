import assert from "node:assert/strict";
import { stripVTControlCharacters as plain } from "node:util";
import { Session } from "./session.ts";

describe("what goes wrong in a cell", () => {
  let session: Session;
  before(async () => {
    session = await Session.start();
  });
  after(() => session.engine.shutdown());

  it("is found by types before anything runs, with line, column and a caret below the place", async () => {
    const { failure, stdout, traceback, result } = await session.run("console.log('ran');\nconst wrong: string = 1;");
    assert.equal(result.kind, "error");
    assert.match(failure ?? "", /^TypeScriptError: /);
    assert.match(failure ?? "", /2\D+7/);
    assert.match(failure ?? "", /Type 'number' is not assignable to type 'string'/);
    assert.doesNotMatch(failure ?? "", /\n/);
    assert.equal(stdout, "");
    const lines = plain(traceback).split("\n");
    const at = lines.findIndex((line) => line.includes("const wrong: string = 1;"));
    assert.ok(at >= 0, traceback);
    assert.equal(lines[at + 1]!.indexOf("^"), lines[at]!.indexOf("wrong"));
    assert.match((await session.run("wrong")).failure ?? "", /Cannot find name 'wrong'/);
  });

  it("keeps what a loop had reached, and points at the line in it once", async () => {
    const { traceback } = await session.run(
      "let reached = 0;\nfor (let i = 0; ; i++) {\n  reached = i;\n  if (i === 3) throw new RangeError('far');\n}",
    );
    assert.match(plain(traceback), /^RangeError: far\n {4}at In \[\d+\]:4:22\nIn \[\d+\], line 4:/);
    assert.equal(await session.show("reached"), "3");
  });

  it("is strict: null, missing arguments, implicit any", async () => {
    assert.match((await session.run("[1].find((n) => n > 0).toFixed()")).failure ?? "", /possibly 'undefined'/);
    assert.match((await session.run("Math.pow(1)")).failure ?? "", /Expected 2 arguments/);
    assert.match((await session.run("function untyped(x) { return x }")).failure ?? "", /implicitly has an 'any' type/);
    assert.equal(await session.show("const firsts: number[] = [1]; firsts[0].toFixed(1)"), "'1.0'");
  });

  it("is found by syntax, also at the very end", async () => {
    assert.match((await session.run("const a2 = ;")).failure ?? "", /1\D+12.*Expression expected/);
    assert.match((await session.run("function open() {")).failure ?? "", /'}' expected/);
    assert.match((await session.run("const constant = 1;\nconstant = 2")).failure ?? "", /2\D+1.*constant/);
  });

  it("is traced to the lines of its cells, frames of the kernel left out", async () => {
    const first =
      "interface Given { a: number }\nfunction boom(given: Given | undefined): number {\n\n  return given!.a;\n}\nconst one = 1; boom(undefined)";
    const { failure, traceback } = await session.run(first);
    assert.match(failure ?? "", /^TypeError: Cannot read properties of undefined/);
    assert.match(plain(traceback), /at boom \(In \[\d+\]:4:17\)\n\s+at .*In \[\d+\]:6:16/);
    const across = await session.run("const call = () => {\n  return boom(undefined);\n};\n\ncall()");
    assert.match(
      plain(across.traceback),
      /at boom \(In \[\d+\]:4:17\)\n\s+at call \(In \[\d+\]:2:10\)\n\s+at .*In \[\d+\]:5:1/,
    );
    assert.doesNotMatch(across.traceback, /node:|dist|__/);
  });

  it("is traced through awaits, and in the stack that the cell itself reads", async () => {
    const { traceback } = await session.run(
      "const wait = async () => {\n  await null;\n  throw new Error('late');\n};\nawait wait()",
    );
    assert.match(plain(traceback), /In \[\d+\]:3:9/);
    assert.match(plain(traceback), /In \[\d+\]:5:1/);
    const read = "\n\nconst read = new Error('seen').stack!.split('\\n')[1]; read";
    assert.match((await session.show(read)) ?? "", /In \[\d+\]:3:14/);
  });

  it("keeps its causes, and may be anything", async () => {
    const caused = await session.run("throw new Error('outer', { cause: new RangeError('inner') })");
    assert.equal(caused.failure, "Error: outer");
    assert.match(plain(caused.traceback), /RangeError: inner/);
    assert.match((await session.run("throw 'words'")).failure ?? "", /words/);
    assert.match((await session.run("throw undefined")).failure ?? "", /undefined/);
    assert.match((await session.run("throw { status: 404 }")).failure ?? "", /404/);
    assert.match(
      (await session.run("class Mine extends Error { override name = 'Mine' } throw new Mine('own')")).failure ?? "",
      /^Mine: own/,
    );
    assert.match((await session.run("await Promise.reject(new Error('rejected'))")).failure ?? "", /^Error: rejected/);
    assert.match((await session.run("throw new AggregateError([new Error('part')], 'all')")).failure ?? "", /all/);
    assert.match(
      (await session.run("const loop: Error & { cause?: unknown } = new Error('loop'); loop.cause = loop; throw loop"))
        .failure ?? "",
      /loop/,
    );
    assert.match(
      (await session.run("const deep = (): number => deep() + 1; deep()")).failure ?? "",
      /^RangeError: Maximum call stack/,
    );
  });

  it("leaves what came before it usable", async () => {
    await session.run("const before = 1; throw new Error('in the middle')");
    assert.equal(await session.show("before + 1"), "2");
  });

  it("does not hide the library's own words", async () => {
    await session.show('import { matmul, variable } from "gradbook"');
    const { failure, traceback } = await session.run("const A = variable([[1, 2]]);\n\nmatmul(A, A)");
    assert.match(failure ?? "", /^ShapeError: matmul/);
    assert.match(plain(traceback), /In \[\d+\]:3:1/);
  });
});
