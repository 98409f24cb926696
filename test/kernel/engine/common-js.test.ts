import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Session } from "./session.ts";

describe("CommonJS in cells", () => {
  let session: Session;
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "gradbook-common-js-")));
  const write = (name: string, text: string): void => {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  };
  before(async () => {
    // Compiled from an ES module, as most packages are.
    write(
      "node_modules/compiled/index.js",
      'Object.defineProperty(exports, "__esModule", { value: true }); exports.default = "the default"; exports.named = "a name";',
    );
    write(
      "node_modules/compiled/index.d.ts",
      "declare const text: string;\nexport default text;\nexport declare const named: string;",
    );
    // Names that no reading of the text finds.
    write(
      "node_modules/dynamic/index.js",
      "function make() { return 'made' }\nfor (const name of ['one', 'two']) make[name] = name;\nmodule.exports = make;",
    );
    write(
      "node_modules/dynamic/index.d.ts",
      "declare function make(): string;\ndeclare namespace make { const one: string; const two: string }\nexport = make;",
    );
    write("node_modules/modern/package.json", '{ "type": "module", "exports": "./index.js", "types": "./index.d.ts" }');
    write("node_modules/modern/index.js", "export default 5; export const named = 6;");
    write(
      "node_modules/modern/index.d.ts",
      "declare const five: number;\nexport default five;\nexport declare const named: number;",
    );
    write("data.json", '{ "rows": [1, 2] }');
    session = await Session.start(folder);
  });
  after(async () => {
    await session.engine.shutdown();
    rmSync(folder, { recursive: true });
  });

  const cases: Readonly<Record<string, readonly (readonly [...cells: string[], shown: string])[]>> = {
    "require from the notebook's folder": [
      ["require('dynamic')()", "'made'"],
      ["const fs = require('fs'); fs.existsSync('data.json')", "true"],
      ["require('./data.json').rows", "[ 1, 2 ]"],
      ["require('modern').default", "5"],
      ["require.resolve('compiled') === __dirname + '/node_modules/compiled/index.js'", "true"],
      ["require('dynamic') === require('dynamic')", "true"],
    ],
    "import what the types say": [
      ["import text, { named } from 'compiled'; [text, named]", "[ 'the default', 'a name' ]"],
      ["import * as compiled from 'compiled'; [compiled.default, compiled.named]", "[ 'the default', 'a name' ]"],
      ["import make, { one } from 'dynamic'; [make(), one]", "[ 'made', 'one' ]"],
      ["import * as dynamic from 'dynamic'; dynamic.two", "'two'"],
      ["(await import('compiled')).default", "'the default'"],
      ["import five, { named as six } from 'modern'; [five, six]", "[ 5, 6 ]"],
      ["import os from 'os'; typeof os.cpus", "'function'"],
    ],
    "have the other names of a module": [
      ["[__dirname, __filename]", `[ '${folder}', '${path.join(folder, "cell.ts")}' ]`],
      ["let x = 1; exports.x", "1"],
      ["x = 2; exports.x", "2"],
      ["exports.made = 3; module.exports.made", "3"],
      [
        "Object.defineProperty(exports, 'k', { value: 1 }); Object.defineProperty(exports, 'k', { get: () => 2 }); exports.k",
        "2",
      ],
    ],
    "may take these names for their own": [
      ["class module { a = 1 }\nnew module().a", "1"],
      ["const require = (n: number) => n + 1; require(1)", "2"],
      ["require(2)", "3"],
      ["let exports = 'mine', __dirname = 4; [exports, __dirname]", "[ 'mine', 4 ]"],
    ],
  };
  for (const [fact, rows] of Object.entries(cases)) {
    describe(fact, () => {
      for (const row of rows) {
        const cells = row.slice(0, -1) as string[];
        it(cells.join(" ⏎ ").slice(0, 100), async () => {
          assert.equal(await session.show(...cells), row.at(-1));
        });
      }
    });
  }

  it("say what they cannot find, at its line", async () => {
    const fresh = await Session.start(folder);
    try {
      const { failure, traceback } = await fresh.run("const a = 1;\nrequire('not-installed')");
      assert.match(failure!, /^Error: Cannot find module 'not-installed'/);
      assert.match(traceback, /In \[1\]:2:1/);
    } finally {
      await fresh.engine.shutdown();
    }
  });

  it("require the library with its types, operators, names and figures", async () => {
    const fresh = await Session.start(folder);
    try {
      const code =
        "const { toListing, variable } = require('gradbook');\nconst x = variable(2), w = variable(3);\nconst z = x * w;";
      assert.equal(await fresh.show(code, "toListing(z).split('\\n')[2]"), "'z = x · w     = 6'");
      const { result } = await fresh.run("z");
      assert.ok(result.kind === "ok" && "application/vnd.vegalite.v5+json" in (result.data ?? {}));
      assert.match((await fresh.run("toListing(1)")).failure!, /^TypeScriptError/);
    } finally {
      await fresh.engine.shutdown();
    }
  });
});

describe("a cell that begins with // @ts-nocheck", () => {
  let session: Session;
  before(async () => {
    session = await Session.start(tmpdir());
  });
  after(() => session.engine.shutdown());

  it("runs as JavaScript does, whatever its types", async () => {
    const code =
      "// from another notebook\n//  @ts-nocheck\nclass Hello { constructor(name) { this.name = name } }\nlet now = 1; now += ' hello';\nnew Hello(now).name";
    assert.equal(await session.show(code), "'1 hello'");
    assert.equal(await session.show("typeof Hello"), "'function'");
  });

  it("must still be readable, and says nothing of other cells", async () => {
    assert.match((await session.run("// @ts-nocheck\nlet a +")).failure!, /^TypeScriptError: line 2/);
    assert.match((await session.run("const text: string = 1; // @ts-nocheck")).failure!, /^TypeScriptError: line 1/);
    assert.match((await session.run("const text: string = 1;")).failure!, /^TypeScriptError: line 1/);
  });
});
