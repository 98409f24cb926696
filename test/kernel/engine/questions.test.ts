import assert from "node:assert/strict";
import { Session } from "./session.ts";

describe("questions about code", () => {
  let session: Session;
  before(async () => {
    session = await Session.start();
    await session.show(
      'import { variable } from "gradbook";\nconst x = variable(2);\nconst scores = [1, 2, 3];\n/** Half of a number. */\nfunction half(n: number): number { return n / 2 }',
    );
  });
  after(() => session.engine.shutdown());

  async function completions(before: string, after = ""): Promise<readonly string[]> {
    const { items } = await session.engine.complete(before + after, before.length);
    return items.map(({ text }) => text);
  }

  it("complete members by their types, with kinds and signatures", async () => {
    const { items, start, end } = await session.engine.complete("x.ta", 4);
    assert.deepEqual([start, end], [2, 4]);
    const tanh = items.find(({ text }) => text === "tanh");
    assert.equal(tanh?.type, "method");
    assert.match(tanh?.signature ?? "", /tanh\(\): Value/);
    assert.ok((await completions("(-x * 2).sig")).includes("sigmoid"));
  });

  it("complete names of earlier cells and of code not yet run", async () => {
    assert.ok((await completions("hal")).includes("half"));
    assert.ok((await completions("const notYetRun = [1];\nnotYetRun.fla")).includes("flatMap"));
    assert.ok((await completions("const q = sco", ";\nq")).includes("scores"));
    const { items } = await session.engine.complete("sc", 2);
    assert.equal(items.find(({ text }) => text === "scores")?.type, "variable");
  });

  it("leave out the kernel's own names", async () => {
    const all = await completions("");
    assert.ok(all.includes("half") && all.includes("display"));
    assert.deepEqual(
      all.filter((name) => name.startsWith("__")),
      [],
    );
  });

  it("count in UTF-16 units", async () => {
    const { items, start } = await session.engine.complete("'😀'; x.ta", 10);
    assert.equal(start, 8);
    assert.ok(items.some(({ text }) => text === "tanh"));
  });

  it("explain a name: its type and its documentation", async () => {
    const bundle = await session.engine.inspect("half(3)", 2);
    assert.match(String(bundle?.["text/plain"]), /function half\(n: number\): number[\s\S]*Half of a number\./);
    assert.match(String(bundle?.["text/markdown"]), /^```typescript\nfunction half/);
    assert.match(String((await session.engine.inspect("x", 1))?.["text/plain"]), /x: Value/);
    assert.match(String((await session.engine.inspect("variable(", 9))?.["text/plain"]), /variable\(data/);
    assert.equal(await session.engine.inspect("   ", 1), undefined);
    assert.equal(await session.engine.inspect("nowhere", 7), undefined);
  });

  it("tell of a Value what it is, what it was made from, and its derivatives", async () => {
    await session.show(
      "const y = variable(3), w = variable(4); const s = x + y; const p = s * w; const row = variable([1, 2.5, 1 / 3]);",
    );
    const text = async (code: string): Promise<string> =>
      String((await session.engine.inspect(code, code.length))?.["text/plain"])
        .split("\n\n")
        .at(-1)!;
    assert.equal(
      await text("p"),
      "p = 20 (a float64 scalar; mul(s, w))\nlocal derivatives: ∂p/∂s = 4, ∂p/∂w = 5\ngradient: ∂p/∂x = 4, ∂p/∂y = 4, ∂p/∂w = 5",
    );
    assert.equal(await text("const q = x"), "x = 2 (a float64 scalar; variable)");
    assert.equal(await text("row"), "row = [ 1, 2.5, 0.333333 ] (float64, shape 3; variable)");
    assert.doesNotMatch(await text("scores"), /float64/);
    assert.doesNotMatch(await text("p.item"), /float64/);
    // While a cell computes, the type is all there is.
    let asked: Promise<unknown> | undefined;
    const busy = session.run("console.log('in'); const until = Date.now() + 600; while (Date.now() < until);", () => {
      asked ??= session.engine.inspect("p", 1).then((bundle) => bundle?.["text/plain"]);
    });
    await busy;
    assert.equal(await asked, "const p: Value");
    assert.match(await text("p"), /∂p\/∂w = 5/);
  });

  it("survive code that does not parse", async () => {
    assert.ok((await completions("const broken = ;\nfor (;;) { x.ta")).includes("tanh"));
    assert.equal(await session.engine.inspect("((((", 99), undefined);
    assert.deepEqual((await session.engine.complete("", 0)).start, 0);
  });

  const completeness: readonly (readonly [string, string, string?])[] = [
    ["1 + 1", "complete"],
    ["", "complete"],
    ["await 1", "complete"],
    ["const a: string = 1", "complete"],
    ["function f() {", "incomplete", "  "],
    ["for (const a of [1]) {\n  f(", "incomplete", "    "],
    ["  if (x) {\n    y()", "incomplete", "    "],
    ["foo(1,", "incomplete"],
    ["const text = `open", "incomplete", ""],
    ["/* open", "incomplete", ""],
    ["1 +", "incomplete"],
    ["a = ;", "invalid"],
    ["}", "invalid"],
    ["const 1 = 2; {", "invalid"],
  ];
  for (const [code, status, indent] of completeness) {
    it(`call ${JSON.stringify(code)} ${status}`, async () => {
      const answer = await session.engine.isComplete(code);
      assert.equal(answer.status, status);
      if (indent !== undefined) assert.equal(answer.status === "incomplete" && answer.indent, indent);
    });
  }
});
