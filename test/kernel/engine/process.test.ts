import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Outcome, Session } from "./session.ts";

describe("the process that runs cells", () => {
  let session: Session;
  before(async () => {
    session = await Session.start();
  });
  after(() => session.engine.shutdown());

  /** Runs a cell that says when it is under way, and interrupts it then. */
  async function interrupted(code: string): Promise<Outcome> {
    let asked = false;
    return session.run(`console.log('under way');\n${code}`, () => {
      if (!asked) setTimeout(() => session.engine.interrupt(), 30);
      asked = true;
    });
  }

  const loops: Readonly<Record<string, string>> = {
    "a loop": "while (true);",
    "a pending await": "await new Promise(() => {})",
    "a loop after an await": "await null; while (true);",
    "a loop of microtasks": "while (true) await null;",
    "a loop in a timer": "setTimeout(() => { while (true); }, 1); await new Promise(() => {})",
    "a loop that catches everything": "while (true) { try { while (true); } catch {} finally {} }",
    "a loop that prints": "while (true) console.log('more');",
  };
  it("is interrupted in any loop, keeps its state, and runs the next cell", async () => {
    await session.show("let n = 0;");
    let turn = 0;
    for (const [name, code] of Object.entries(loops)) {
      const outcome = await interrupted(`n++;\n${code}`);
      assert.equal(outcome.result.kind, "interrupted", name);
      assert.equal(await session.show("n"), String(++turn), name);
      assert.equal(await session.show("await new Promise<number>((done) => setTimeout(() => done(7), 1))"), "7", name);
    }
  });

  it("keeps what a loop over numbers had reached, though it works on variables of its own", async () => {
    await session.show("let turns = 0, half = 0; const few = [1, 2, 3]; let most = 0;");
    for (let time = 0; time < 3; time++) {
      const code =
        "for (const x of few) if (x > most) most = x;\nwhile (true) { turns++; half += 0.5 }\nfor (const x of few) most += x;";
      assert.equal((await interrupted(code)).result.kind, "interrupted");
      const [turns, half, most] = JSON.parse((await session.show("[turns, half, most]"))!) as number[];
      assert.ok(turns! > 1000 * (time + 1), `${turns} turns`);
      assert.equal(half, turns! / 2);
      assert.equal(most, 3);
    }
    // One that is interrupted at once, and one that has run for some time.
    for (const wait of [20, 600]) {
      const before = Number(await session.show("turns"));
      setTimeout(() => session.engine.interrupt(), wait);
      assert.equal((await session.run("while (true) turns++;")).result.kind, "interrupted");
      assert.ok(Number(await session.show("turns")) > before);
    }
    // A cell with such a loop that waits for something else.
    const waiting = await interrupted("for (const x of few) most += x;\nawait new Promise(() => {});");
    assert.equal(waiting.result.kind, "interrupted");
    assert.equal(await session.show("most"), "9");
  });

  it("runs cells side by side, each with its own output, and stops them all at once", async () => {
    await session.show("let go = (): void => {}; const order: string[] = [];");
    const waits = session.run(
      "console.log('first'); await new Promise<void>((done) => { go = done; }); order.push('a'); order",
    );
    while ((await session.show("String(go).includes('done') || String(go).includes('native')")) !== "true");
    const { shown, stdout } = await session.run("console.log('second'); order.push('b'); go(); order.length");
    assert.deepEqual([shown, stdout], ["1", "second\n"]);
    const first = await waits;
    assert.deepEqual([first.shown, first.stdout], ["[ 'b', 'a' ]", "first\n"]);
    const both = [
      session.run("for (;;) await new Promise<void>((done) => setTimeout(done, 1));"),
      session.run("await null; console.log('in'); for (;;);", () => session.engine.interrupt()),
    ];
    assert.deepEqual(
      (await Promise.all(both)).map(({ result }) => result.kind),
      ["interrupted", "interrupted"],
    );
    assert.equal(await session.show("order.length"), "2");
  });

  it("does not go on with an interrupted cell when what it awaited comes", async () => {
    await session.show("let ticks = 0;");
    const outcome = await interrupted(
      "while (true) { await new Promise<void>((done) => setTimeout(done, 10)); ticks++ }",
    );
    assert.equal(outcome.result.kind, "interrupted");
    const first = await session.show("ticks");
    assert.equal(await session.show("await new Promise((done) => setTimeout(done, 80)); ticks"), first);
  });

  it("tells of the interrupt, not of what the cell made of it, whichever comes first", async () => {
    for (let turn = 0; turn < 40; turn++) {
      const outcome = await interrupted("while (true) await new Promise<void>((done) => setImmediate(done));");
      assert.equal(outcome.result.kind, "interrupted", `turn ${turn}`);
    }
  });

  it("stops a cell that is interrupted before it has begun, at any moment on its way", async () => {
    await session.show("let begun = 0");
    for (let delay = 0; delay < 12; delay++) {
      const outcome = session.run("begun++; while (true) {}");
      if (delay > 0) await new Promise((resolve) => setTimeout(resolve, (delay - 1) / 4));
      session.engine.interrupt();
      assert.equal((await outcome).result.kind, "interrupted", `after ${delay}`);
      assert.equal(await session.show("typeof begun"), "'number'");
    }
  });

  it("does not keep the next cell waiting for a compilation that was interrupted", async () => {
    await session.show("const before = 1;");
    // Minutes of checking.
    const endless = session.run("{ const a = [1].map((x) => x + before); }\n".repeat(200_000));
    setTimeout(() => session.engine.interrupt(), 100);
    assert.equal((await endless).result.kind, "interrupted");
    const began = performance.now();
    assert.equal(await session.show("before + 1"), "2");
    assert.ok(performance.now() - began < 20_000);
  });

  it("is not disturbed by an interrupt when no cell runs", async () => {
    session.engine.interrupt();
    assert.equal(await session.show("const a = 1; a"), "1");
    session.engine.interrupt();
    session.engine.interrupt();
    assert.equal(await session.show("a + 1"), "2");
  });

  it("answers questions about code while a cell computes", async () => {
    await session.show("const numbers = [1, 2, 3];");
    const running = interrupted("while (true);");
    const { items } = await session.engine.complete("numbers.fla", 11);
    assert.ok(items.some(({ text }) => text === "flat"));
    assert.equal((await running).result.kind, "interrupted");
  });

  const endings: readonly (readonly [string, string, RegExp])[] = [
    ["process.exit", "process.exit(3)", /process\.exit.*3/],
    ["a signal", "process.kill(process.pid, 'SIGKILL'); await new Promise(() => {})", /SIGKILL/],
    ["an abort", "process.abort()", /abort/i],
  ];
  for (const [name, code, words] of endings) {
    it(`starts afresh after ${name}, and says so`, async () => {
      await session.show("const lost = 1;");
      const { result, failure } = await session.run(code);
      assert.equal(result.kind, "died");
      assert.match(failure ?? "", words);
      assert.match(failure ?? "", /lost/);
      assert.match(failure ?? "", /afresh/);
      assert.match((await session.run("lost")).failure ?? "", /Cannot find name 'lost'/);
      assert.equal(await session.show("1 + 1"), "2");
    });
  }

  it("says that a cell's memory was full, and starts afresh", async () => {
    // The flag is the user process's; the compiler starts without it.
    process.env["NODE_OPTIONS"] = "--max-old-space-size=100";
    const small = await Session.start();
    delete process.env["NODE_OPTIONS"];
    try {
      await small.show("const kept = 1;");
      const { result, failure } = await small.run(
        "const all: number[][] = []; for (;;) all.push(new Array(1000).fill(1.5));",
      );
      assert.equal(result.kind, "died");
      assert.match(failure!, /its memory was full.*started afresh/);
      assert.match((await small.run("kept")).failure!, /Cannot find name 'kept'/);
      assert.equal(await small.show("1 + 1"), "2");
    } finally {
      await small.engine.shutdown();
    }
  });

  it("says what a cell had printed before it ended the process", async () => {
    const { stdout, result } = await session.run("console.log('last words'); process.exit()");
    assert.equal(result.kind, "died");
    assert.equal(stdout, "last words\n");
  });

  it("ends with the engine", async () => {
    const other = await Session.start();
    const pid = Number(await other.show("process.pid"));
    await other.engine.shutdown();
    assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
  });

  it("ends when its parent is killed, also in the middle of a loop", async () => {
    const start = pathToFileURL(path.join(fileURLToPath(import.meta.url), "../../../../kernel/engine/start.js")).href;
    const program =
      `const { startEngine } = await import(${JSON.stringify(start)});\n` +
      "const engine = await startEngine({ cwd: process.cwd() });\n" +
      "await engine.execute('console.log(process.pid); while (true);', { executionCount: 1, silent: false }, (event) => process.stdout.write(event.text));";
    const parent = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [chunk] = (await once(parent.stdout, "data")) as [Buffer];
    const pid = Number(chunk.toString());
    assert.ok(pid > 0);
    parent.kill("SIGKILL");
    for (let waited = 0; isAlive(pid); waited += 20) {
      assert.ok(waited < 5000, "the user process outlived its parent");
      await new Promise((done) => setTimeout(done, 20));
    }
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
