import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import type { CellEvent } from "../../../kernel/engine/engine.ts";
import { Session } from "./session.ts";

describe("what a cell says", () => {
  let session: Session;
  before(async () => {
    session = await Session.start();
  });
  after(() => session.engine.shutdown());

  it("comes in order, each text on its stream", async () => {
    const { events } = await session.run(
      "console.log('a', 1); console.error('b'); process.stdout.write('c'); display(4); console.log({ d: [5] })",
    );
    const said = events.map((event) =>
      event.kind === "stream"
        ? `${event.name}:${event.text}`
        : event.kind === "display"
          ? `display:${event.data["text/plain"]}`
          : "",
    );
    assert.equal(said.join("|"), "stdout:a 1\n|stderr:b\n|stdout:c|display:4|stdout:{ d: [ 5 ] }\n");
  });

  it("arrives while a loop computes", async () => {
    let seen = 0;
    const started = Date.now();
    await session.run("console.log('first');\nconst until = Date.now() + 300;\nwhile (Date.now() < until);", () => {
      seen ||= Date.now() - started;
    });
    assert.ok(seen > 0 && seen < Date.now() - started - 200, `seen after ${seen} ms`);
  });

  it("loses none of 100,000 lines", async () => {
    const { stdout } = await session.run("for (let i = 0; i < 1e5; i++) console.log('line', i);");
    assert.equal(stdout, Array.from({ length: 1e5 }, (_, i) => `line ${i}\n`).join(""));
  });

  it("loses nothing of a million lines", async () => {
    const { stdout } = await session.run("for (let i = 0; i < 1e6; i++) console.log(i);");
    const lines = stdout.split("\n");
    assert.equal(lines.length, 1e6 + 1);
    assert.ok(lines.every((line, i) => (i === 1e6 ? line === "" : line === String(i))));
  });

  it("may be one text of several megabytes, of any characters", async () => {
    const { stdout } = await session.run("process.stdout.write('é😀\\n'.repeat(5e5))");
    assert.equal(stdout, "é😀\n".repeat(5e5));
  });

  it("reaches the cell that caused it, also after that cell's end", async () => {
    const late = await session.run(
      "setTimeout(() => { console.log('timer'); Promise.resolve().then(() => console.log('promise')); }, 40);\n" +
        "void (async () => { await null; await new Promise<void>((done) => setTimeout(done, 60)); console.log('awaited'); })();",
    );
    const meanwhile = await session.run(
      "for (let i = 0; i < 4; i++) { await new Promise<void>((done) => setTimeout(done, 30)); console.log('mine') }",
    );
    assert.equal(textOf(late.events), "timer\npromise\nawaited\n");
    assert.equal(meanwhile.stdout, "mine\n".repeat(4));
  });

  it("includes errors that nobody caught; they end nothing", async () => {
    const kept = await session.run(
      "let kept = 1;\nsetTimeout(() => { throw new Error('from a timer') }, 1);\nvoid Promise.reject(new RangeError('from a promise'));",
    );
    await session.run("await new Promise((done) => setTimeout(done, 30))");
    const text = stripVTControlCharacters(textOf(kept.events, "stderr"));
    assert.match(text, /Uncaught Error: from a timer\n.*In \[\d+\]:2/);
    assert.match(text, /RangeError: from a promise\n.*In \[\d+\]:3/);
    assert.equal(await session.show("kept"), "1");
  });

  it("includes what processes write that it starts", async () => {
    const { stdout } = await session.run(
      "import { spawnSync } from 'node:child_process'; spawnSync('node', ['-e', 'console.log(42)'], { stdio: 'inherit' }); await new Promise((done) => setTimeout(done, 50));",
    );
    assert.equal(stdout, "42\n");
  });

  it("has no warnings of Node's", async () => {
    const { stderr } = await session.run(
      "process.emitWarning('careful'); new Buffer(1); await new Promise((done) => setTimeout(done, 20));",
    );
    assert.equal(stderr, "");
  });

  describe("as values that show themselves", () => {
    const hook = '[Symbol.for("Jupyter.display")]';

    it("one bundle", async () => {
      const { result } = await session.run(`({ ${hook}() { return { "text/html": "<b>1</b>", "text/plain": "1" } } })`);
      assert.deepEqual(result.kind === "ok" && result.data, { "text/html": "<b>1</b>", "text/plain": "1" });
    });

    it("several bundles: all but the last are displayed, the last is the result", async () => {
      const { result, events } = await session.run(
        `({ async ${hook}() { return [{ "text/plain": "first" }, { "text/plain": "second" }] } })`,
      );
      assert.deepEqual(
        events.map((event) => event.kind === "display" && event.data["text/plain"]),
        ["first"],
      );
      assert.deepEqual(result.kind === "ok" && result.data, { "text/plain": "second" });
    });

    it("before the cell ends, when display() waits for them", async () => {
      const { events } = await session.run(
        `display({ async ${hook}() { await new Promise((done) => setTimeout(done, 30)); return { "text/plain": "slow" } } });`,
      );
      assert.deepEqual(
        events.map((event) => event.kind === "display" && event.data["text/plain"]),
        ["slow"],
      );
    });

    it("an error where the hook throws", async () => {
      assert.equal(
        (await session.run(`({ ${hook}() { throw new Error("no picture") } })`)).failure,
        "Error: no picture",
      );
    });

    it("replaced under the same id", async () => {
      const { events } = await session.run("display(1, { id: 'one' }); display(2, { id: 'one', update: true })");
      const shown = events.map(
        (event) => event.kind === "display" && [event.displayId, event.update, event.data["text/plain"]],
      );
      assert.deepEqual(shown, [
        ["one", false, "1"],
        ["one", true, "2"],
      ]);
    });

    it("in its place when a cell shows it again under the same id, and anew by another cell or after all was cleared", async () => {
      const shown = async (code: string): Promise<unknown> =>
        (await session.run(code)).events.map((event) => event.kind === "display" && event.update);
      const loop = "for (let i = 0; i < 3; i++) { display(i, { id: 'loop' }); await null }";
      assert.deepEqual(await shown(loop), [false, true, true]);
      assert.deepEqual(await shown(`${loop}\nclearOutput();\ndisplay(3, { id: 'loop' })`), [
        false,
        true,
        true,
        false,
        false,
      ]);
      assert.deepEqual(await shown("display(4, { id: 'loop', update: true })"), [true]);
    });

    it("a curve that grows while something is trained", async () => {
      const { events, failure } = await session.run(`
        import { adam, backward, curve, nn, Random, type Value, variable } from "gradbook";
        const w = variable(5);
        let at: Value = w;
        const loss: number[] = [];
        for (let step = 0; step < 4; step++) {
          const error = (at - 1) ** 2;
          loss.push(error.item());
          at = variable(at.item() - 0.2 * backward(error).of(at).item());
          display(curve({ loss }, { title: "Loss" }), { id: "loss" });
          await null;
        }`);
      assert.equal(failure, undefined);
      const words = events.map((event) => event.kind === "display" && [event.update, event.data["text/plain"]]);
      assert.deepEqual(words.at(0), [false, "Loss\nCurve of loss by step\nloss: 16 at step 0"]);
      assert.match(
        String(words.at(-1)),
        /^true,Loss\nCurve of loss by step\nloss: 4 points, from 16 at step 0 to 0\.746 at step 3/,
      );
    });

    it("a figure as a file where a cell asks for one", async () => {
      const { shown, failure } = await session.run(`
        import { curve as drawn, variable as number } from "gradbook";
        const svg = await toSvg(drawn([1, 2]));
        const png = await toPng(number(2) * 3, { scale: 1 });
        [svg.slice(0, 4), [...png.slice(1, 4)].map((byte) => String.fromCharCode(byte)).join("")]`);
      assert.equal(failure, undefined);
      assert.equal(shown, "[ '<svg', 'PNG' ]");
      assert.match(
        String((await session.run("await toPng([1])")).failure),
        /toSvg and toPng take a figure, a plot or a Value; this is \[ 1 \]/,
      );
    });

    it("a Value by its figure, and by its number where text must do", async () => {
      const { result } = await session.run('import { variable } from "gradbook";\nconst x = variable(2);\nx * 3');
      const data = result.kind === "ok" ? result.data : undefined;
      assert.ok(data !== undefined && "application/vnd.vegalite.v5+json" in data && "text/plain" in data);
      assert.match((await session.show("[x]")) ?? "", /2/);
    });
  });
});

function textOf(events: readonly CellEvent[], name: "stdout" | "stderr" = "stdout"): string {
  return events.map((event) => (event.kind === "stream" && event.name === name ? event.text : "")).join("");
}
