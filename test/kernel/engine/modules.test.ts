import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Session } from "./session.ts";

describe("modules of the learner's own", () => {
  let folder: string;
  let session: Session;
  let edits = 0;

  /** Writes a file of the notebook's folder, later than any before it. */
  const write = (name: string, text: string): void => {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    const time = Date.now() / 1000 + ++edits;
    utimesSync(file, time, time);
  };

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "gradbook-modules-"));
    session = await Session.start(folder);
  });
  after(async () => {
    await session.engine.shutdown();
    rmSync(folder, { recursive: true });
  });

  it("are TypeScript, imported by any of their names, and know each other", async () => {
    write("lib/scale.ts", "export const factor: number = 3;\nexport interface Point { x: number }\n");
    write(
      "util.ts",
      'import { factor, type Point } from "./lib/scale";\nexport const scaled = (p: Point): number => p.x * factor;\n',
    );
    assert.equal(await session.show('import { scaled } from "./util.ts"; scaled({ x: 2 })'), "6");
    assert.equal(await session.show('import * as util from "./util"; util.scaled({ x: 3 })'), "9");
    assert.equal(await session.show('const dynamic = await import("./util.js"); dynamic.scaled({ x: 4 })'), "12");
    assert.equal(await session.show("dynamic === await import('./util')"), "true");
  });

  it("are typed in the cell", async () => {
    const { failure } = await session.run('scaled("two")');
    assert.match(failure!, /Argument of type 'string' is not assignable to parameter of type 'Point'/);
  });

  it("load again after an edit, for cells that imported them before, too", async () => {
    write("edited.ts", "export const version = 1;\nexport const next = () => version + 1;\n");
    assert.equal(
      await session.show('import { version, next as following } from "./edited"; [version, following()]'),
      "[ 1, 2 ]",
    );
    assert.equal(await session.show("const uses = () => following(); uses()"), "2");
    write("edited.ts", "export const version = 'two';\nexport const next = () => 'after ' + version;\n");
    assert.equal(
      await session.show("[version.toUpperCase(), following(), uses()]"),
      "[ 'TWO', 'after two', 'after two' ]",
    );
  });

  it("load again when a module below them is edited, and otherwise keep their state", async () => {
    write("below.ts", "export const step = 1;\n");
    write("counter.ts", 'import { step } from "./below.ts";\nlet n = 0;\nexport const count = () => (n += step);\n');
    write("still.ts", "let n = 0;\nexport const still = () => ++n;\n");
    const both = 'import { count } from "./counter"; import { still } from "./still"; [count(), still()]';
    assert.equal(await session.show(both), "[ 1, 1 ]");
    assert.equal(await session.show(both), "[ 2, 2 ]");
    write("below.ts", "export const step = 10;\n");
    assert.equal(await session.show("[count(), still()]"), "[ 10, 3 ]");
  });

  it("may compute with Values by operators", async () => {
    write(
      "model.ts",
      'import { type Value } from "gradbook";\nexport const line = (x: Value, w: Value, b: Value) => -(w * x) + b;\n' +
        "export async function later(x: Value): Promise<Value> {\n  return (await Promise.resolve(x)) ** 2;\n}\n",
    );
    assert.equal(
      await session.show(
        'import { backward, variable } from "gradbook"; import { later, line } from "./model"; const x = variable(2), w = variable(3), b = variable(1); const z = line(x, w, b);' +
          "[z.item(), backward(z).of(w).item(), (await later(x)).item()]",
      ),
      "[ -5, -2, 4 ]",
    );
  });

  it("may await at their top, import packages and Node's modules, and know where they are", async () => {
    write(
      "top.ts",
      'import { basename } from "node:path";\nimport { variable } from "gradbook";\nexport const waited = await Promise.resolve(7);\n' +
        "export const name = basename(import.meta.filename);\nexport const made = variable(2).item();\n",
    );
    assert.equal(
      await session.show('import { made, name, waited } from "./top"; [waited, name, made]'),
      "[ 7, 'top.ts', 2 ]",
    );
  });

  it("may import each other in a circle", async () => {
    write(
      "even.ts",
      'import { odd } from "./odd";\nexport const even = (n: number): boolean => n === 0 || odd(n - 1);\n',
    );
    write(
      "odd.ts",
      'import { even } from "./even";\nexport const odd = (n: number): boolean => n !== 0 && even(n - 1);\n',
    );
    assert.equal(await session.show('import { even } from "./even"; [even(4), even(5)]'), "[ true, false ]");
    write(
      "odd.ts",
      'import { even } from "./even";\nexport const odd = (n: number): boolean => n === 3 || (n !== 0 && even(n - 1));\n',
    );
    assert.equal(await session.show("even(4)"), "true");
  });

  it("may be JavaScript modules, CommonJS and JSON, which load again too", async () => {
    write("plain.js", "export const doubled = (x) => 2 * x;\n");
    write("old.cjs", "exports.halved = (x) => x / 2;\n");
    write("numbers.json", '{ "n": [1, 2, 3], "rate": 0.5 }');
    assert.equal(
      await session.show(
        'import { doubled } from "./plain.js"; import { halved } from "./old.cjs"; import numbers, { rate } from "./numbers.json"; [doubled(2), halved(2), numbers.n.length, rate]',
      ),
      "[ 4, 1, 3, 0.5 ]",
    );
    write("numbers.json", '{ "n": [1], "rate": 0.25 }');
    write("plain.js", "export const doubled = (x) => 20 * x;\n");
    assert.equal(await session.show("[doubled(2), numbers.n.length, rate]"), "[ 40, 1, 0.25 ]");
  });

  it("point at their own lines when they throw, and are tried again once mended", async () => {
    write(
      "breaks.ts",
      "export interface Long {\n  x: number;\n}\n\nthrow new RangeError('no luck');\nexport const fine = 1;\n",
    );
    const broken = await session.run('import { fine } from "./breaks"; fine');
    assert.equal(broken.failure, "RangeError: no luck");
    assert.match(broken.traceback, /breaks\.ts, line 5:/);
    assert.match(broken.traceback, /at breaks\.ts:5:7/);
    write("breaks.ts", "export const fine = 2;\n");
    assert.equal(await session.show('import { fine } from "./breaks"; fine'), "2");
    write("called.ts", "export function fails(): never {\n  throw new Error('here');\n}\n");
    const { traceback } = await session.run('import { fails } from "./called";\nfails()');
    assert.match(traceback, /at fails \(called\.ts:2:9\)\n\s+at In \[\d+\]:2:1/);
  });

  it("with mistakes keep the cell from running, with the file's own line", async () => {
    write("wrong.ts", "export const good = 1;\nexport const bad: string = 2;\n");
    const wrong = await session.run('console.log("ran"); import { good } from "./wrong"; good');
    assert.equal(
      wrong.failure,
      "TypeScriptError: wrong.ts, line 2, column 14: Type 'number' is not assignable to type 'string'.",
    );
    assert.match(wrong.traceback, /export const bad: string = 2;/);
    assert.equal(wrong.stdout, "");
    write("wrong.ts", "export const good = ;\n");
    assert.match(
      (await session.run('import { good } from "./wrong"; good')).failure!,
      /wrong\.ts, line 1, column 21: Expression expected/,
    );
    write("wrong.ts", "export const good = 5;\n");
    assert.equal(await session.show('import { good } from "./wrong"; good'), "5");
  });

  it("may be missing at first", async () => {
    assert.match((await session.run('import { late } from "./late"; late')).failure!, /Cannot find module '.\/late'/);
    write("late.ts", 'import { later } from "./later";\nexport const late = later;\n');
    assert.match(
      (await session.run('import { late } from "./late"; late')).failure!,
      /late\.ts, line 1.*Cannot find module '.\/later'/,
    );
    write("later.ts", "export const later = 1;\n");
    assert.equal(await session.show('import { late } from "./late"; late'), "1");
  });

  it("can be interrupted while they loop, with state kept", async () => {
    write(
      "loops.ts",
      "export async function forever(): Promise<void> {\n  for (;;) await Promise.resolve();\n}\nexport function loop(): void {\n  for (;;);\n}\n",
    );
    await session.show('import { forever, loop } from "./loops"; const kept = 3;');
    for (const call of ["await forever()", "loop()"]) {
      const ended = session.run(`console.log("begun"); ${call}`, () =>
        setTimeout(() => session.engine.interrupt(), 20),
      );
      assert.equal((await ended).result.kind, "interrupted");
      assert.equal(await session.show("kept"), "3");
    }
  });

  it("are there again after the process had to start afresh", async () => {
    assert.equal((await session.run("process.exit(1)")).result.kind, "died");
    assert.equal(await session.show('import { scaled } from "./util.ts"; scaled({ x: 2 })'), "6");
  });
});

describe("packages", () => {
  it("are found from the notebook's folder: ESM only, types only in exports, CommonJS, JSON", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "gradbook-packages-"));
    const put = (name: string, text: string): void => {
      const file = path.join(folder, "node_modules", name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
    };
    put(
      "modern/package.json",
      '{"name":"modern","version":"1.2.3","type":"module","exports":{".":{"types":"./types/main.d.ts","default":"./main.js"},"./package.json":"./package.json"}}',
    );
    put("modern/types/main.d.ts", "export declare function shout(text: string): string;\n");
    put("modern/main.js", "export const shout = (text) => text.toUpperCase() + '!';\n");
    put("classic/package.json", '{"name":"classic","main":"index.js"}');
    put("classic/index.js", "module.exports = { add: (a, b) => a + b };\n");
    put("classic/index.d.ts", "declare const classic: { add(a: number, b: number): number };\nexport = classic;\n");
    const session = await Session.start(folder);
    try {
      assert.equal(
        await session.show(
          'import { shout } from "modern"; import classic from "classic"; import about from "modern/package.json"; [shout("a"), classic.add(1, 2), about.version]',
        ),
        "[ 'A!', 3, '1.2.3' ]",
      );
      assert.match((await session.run("shout(1)")).failure!, /not assignable to parameter of type 'string'/);
    } finally {
      await session.engine.shutdown();
      rmSync(folder, { recursive: true });
    }
  });
});

describe("the user's tsconfig.json", () => {
  it("is honoured in what it says of the language, and read again after an edit", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "gradbook-tsconfig-"));
    const session = await Session.start(path.join(mkdtempSync(`${folder}/`)));
    const configure = (text: string): void => writeFileSync(path.join(folder, "tsconfig.json"), text);
    try {
      const untyped = "const same = (x) => x; const firsts = [1]; same(firsts[0]).toFixed(1)";
      assert.match((await session.run(untyped)).failure!, /implicitly has an 'any' type/);
      configure(
        '{ "compilerOptions": { "strict": false, "outDir": "elsewhere", "target": "es5", "module": "commonjs" } }',
      );
      assert.equal(await session.show(untyped), "'1.0'");
      configure('{ "extends": "./base.json" } // with a comment');
      writeFileSync(path.join(folder, "base.json"), '{ "compilerOptions": { "noUncheckedIndexedAccess": true } }');
      assert.match((await session.run("const list = [1]; list[0].toFixed(1)")).failure!, /possibly 'undefined'/);
    } finally {
      await session.engine.shutdown();
      rmSync(folder, { recursive: true });
    }
  });

  it("names modules by its paths", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "gradbook-paths-"));
    mkdirSync(path.join(folder, "source"));
    writeFileSync(path.join(folder, "source", "greet.ts"), "export const greeting = 'hello';\n");
    writeFileSync(path.join(folder, "tsconfig.json"), '{ "compilerOptions": { "paths": { "@/*": ["./source/*"] } } }');
    const session = await Session.start(folder);
    try {
      assert.equal(await session.show('import { greeting } from "@/greet"; greeting'), "'hello'");
    } finally {
      await session.engine.shutdown();
      rmSync(folder, { recursive: true });
    }
  });

  it("that cannot be used is said to be", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "gradbook-bad-tsconfig-"));
    writeFileSync(path.join(folder, "tsconfig.json"), '{ "compilerOptions": { "strict": "yes" } }');
    const session = await Session.start(folder);
    try {
      assert.match(
        (await session.run("1 + 1")).failure!,
        /tsconfig\.json, line 1.*'strict' requires a value of type boolean/,
      );
      writeFileSync(path.join(folder, "tsconfig.json"), "{}");
      assert.equal(await session.show("1 + 1"), "2");
    } finally {
      await session.engine.shutdown();
      rmSync(folder, { recursive: true });
    }
  });
});
