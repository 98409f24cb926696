import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import type { CellEvent } from "../../../kernel/engine/engine.ts";
import { examplesOf, piecesOf } from "../../support/examples.ts";
import { type Outcome, Session } from "./session.ts";

describe("the module tslab in cells", () => {
  let session: Session;
  // A folder in which nobody has installed tslab.
  const folder = mkdtempSync(path.join(tmpdir(), "gradbook-tslab-"));
  before(async () => {
    session = await Session.start(folder);
    await session.show('import * as tslab from "tslab"; import { display, newDisplay } from "tslab";');
  });
  after(async () => {
    await session.engine.shutdown();
    rmSync(folder, { recursive: true });
  });

  const mimeTypes: Readonly<Record<string, string>> = {
    javascript: "text/javascript",
    html: "text/html",
    markdown: "text/markdown",
    latex: "text/latex",
    svg: "image/svg+xml",
    text: "text/plain",
    png: "image/png",
    jpeg: "image/jpeg",
    gif: "image/gif",
    pdf: "application/pdf",
  };
  const binary = ["png", "jpeg", "gif", "pdf"];
  for (const [name, mimeType] of Object.entries(mimeTypes)) {
    it(`shows ${mimeType} with display.${name}`, async () => {
      const [argument, data] = binary.includes(name)
        ? ["Uint8Array.of(1, 2, 255)", "AQL/"]
        : ["'some text'", "some text"];
      const { events, result } = await session.run(`display.${name}(${argument});`);
      assert.deepEqual(events, [shown({ [mimeType]: data })]);
      assert.deepEqual(result, { kind: "ok" });
    });
  }

  it("shows any MIME type with display.raw, bytes in base64", async () => {
    const { events } = await session.run(
      "display.raw('a/b', 'as it is'); display.raw('c/d', Buffer.from('bytes')); display.raw('e/f', new Uint8Array([9, 1, 2, 9]).subarray(1, 3))",
    );
    assert.deepEqual(events, [shown({ "a/b": "as it is" }), shown({ "c/d": "Ynl0ZXM=" }), shown({ "e/f": "AQI=" })]);
  });

  it("replaces what a display of newDisplay showed, also in a later cell", async () => {
    const first = await session.run(
      "const place = newDisplay(), other = newDisplay(); place.text('1'); other.text('o'); place.html('2')",
    );
    const later = await session.run("place.png(Uint8Array.of(3))");
    const events = [...first.events, ...later.events].filter((event) => event.kind === "display");
    const ids = events.map(({ displayId }) => displayId);
    assert.equal(new Set(ids).size, 2);
    assert.deepEqual([ids[2], ids[3]], [ids[0], ids[0]]);
    assert.deepEqual(
      events.map(({ update, data }) => [update, data]),
      [
        [false, { "text/plain": "1" }],
        [false, { "text/plain": "o" }],
        [true, { "text/html": "2" }],
        [true, { "image/png": "Aw==" }],
      ],
    );
  });

  it("shows in the cell that called it, also after that cell's end", async () => {
    const caller = await session.run("setTimeout(() => display.text('late'), 30);");
    const next = await session.run("await new Promise((done) => setTimeout(done, 80)); display.text('mine');");
    assert.deepEqual(caller.events, [shown({ "text/plain": "late" })]);
    assert.deepEqual(next.events, [shown({ "text/plain": "mine" })]);
  });

  it("is checked and completed by its types", async () => {
    const { failure } = await session.run("display.png('no bytes')");
    assert.match(failure!, /^TypeScriptError: .*'string' is not assignable to parameter of type 'Uint8Array/);
    const { items } = await session.engine.complete("tslab.display.", 14);
    assert.deepEqual(items.map(({ text }) => text).sort(), [...Object.keys(mimeTypes), "raw"].sort());
    const code = "tslab.newDisplay";
    assert.match(
      String((await session.engine.inspect(code, code.length))?.["text/plain"]),
      /newDisplay\(\): .*Display/,
    );
  });

  it("is one module, imported or required", async () => {
    assert.equal(
      await session.show("[require('tslab').display === display, (await import('tslab')).display === display]"),
      "[ true, true ]",
    );
  });

  it("tells the versions", async () => {
    const require = createRequire(import.meta.url);
    const [{ version: tslab }, { version: typescript }] = ["tslab/package.json", "tsover"].map(
      (name) => require(name) as { readonly version: string },
    ) as [{ readonly version: string }, { readonly version: string }];
    assert.equal(
      await session.show("JSON.stringify(tslab.versions)"),
      `'${JSON.stringify({ tslab, typescript, node: process.version })}'`,
    );
  });

  it("brings tslab's checks with it, from the cell that imports it on", async () => {
    const untyped = "function first(xs) { return xs[0] }\nconst none: string = null;\nfirst([none])";
    assert.equal(await session.show(untyped), "null");
    assert.match((await session.run("const count: number = 'one'")).failure!, /^TypeScriptError/);
    const strict = await Session.start(folder);
    try {
      assert.match((await strict.run(untyped)).failure!, /Parameter 'xs' implicitly has an 'any' type/);
      await strict.engine.complete("import * as tslab from 'tslab'; tsl", 35);
      assert.match((await strict.run(untyped)).failure!, /Parameter 'xs' implicitly has an 'any' type/);
      assert.equal(await strict.show("const tslab = require('tslab')", untyped), "null");
    } finally {
      await strict.engine.shutdown();
    }
  });

  it("leaves operators on Values typed", async () => {
    const code =
      'import { backward, variable } from "gradbook"; const x = variable(3), y = x * x + 2; backward(y).of(x).item()';
    assert.equal(await session.show(code), "6");
  });
});

describe("kernel/tslab.md", () => {
  it("shows what it says, one cell after the other", async () => {
    const session = await Session.start(tmpdir());
    try {
      const examples = examplesOf("kernel/tslab.md");
      assert.ok(examples.length > 5);
      for (const { code, line } of examples) {
        for (const piece of piecesOf(code)) {
          const outcome = await session.run(piece.code);
          if (piece.expected === undefined) assert.equal(outcome.failure, undefined, `line ${line}:\n${piece.code}`);
          else assertSays(outcome, piece.expected, `line ${line}:\n${piece.code}`);
        }
      }
    } finally {
      await session.engine.shutdown();
    }
  });
});

function shown(data: Readonly<Record<string, string>>): CellEvent {
  return { kind: "display", data, metadata: {}, update: false };
}

/** What a cell shows and prints, then its result or its error; where `expected` ends in an ellipsis, so may that. */
function assertSays({ events, failure, shown: result }: Outcome, expected: string, where: string): void {
  const said = events.map((event) => {
    if (event.kind === "stream") return event.text.trimEnd();
    return event.kind === "display" ? Object.entries(event.data).map(([mimeType, data]) => `${mimeType}: ${data}`) : "";
  });
  const all = [...said.flat(), failure ?? result ?? ""].filter((text) => text !== "").join("; ");
  const plain = expected.replace(/…$/, "");
  assert.equal(plain === expected ? all : all.slice(0, plain.length), plain, where);
}
