import assert from "node:assert/strict";
import { murmur2 } from "../../../kernel/debugger/murmur2.ts";
import { FrontEnd, type Variable } from "./front-end.ts";

describe("the debugger", () => {
  let front: FrontEnd;
  beforeEach(async () => {
    front = await FrontEnd.start();
  });
  afterEach(() => front.close());

  const power = `const power = (base: number, exponent: number) => {
  let result = 1;
  for (let i = 0; i < exponent; i++) {
    result *= base;
  }
  return result;
};`;

  describe("breakpoints", () => {
    it("stop before a line that was chosen before the cell ran", async () => {
      await front.attach();
      const code = "const n = 3;\n\n// a remark\nconst m = n + 1;\nm";
      const [breakpoint] = await front.setBreakpoints(code, { line: 2 });
      assert.equal(breakpoint!["verified"], true);
      assert.equal(breakpoint!["line"], 4);
      const running = front.run(code);
      assert.deepEqual(await front.event("stopped"), {
        reason: "breakpoint",
        threadId: 1,
        allThreadsStopped: true,
        hitBreakpointIds: [breakpoint!["id"]],
      });
      assert.deepEqual(await front.where(), ["In [2]:4"]);
      assert.deepEqual(await front.scope("Globals"), { n: "3" });
      await front.ask("continue", { threadId: 1 });
      await front.event("continued");
      assert.equal((await running)["shown"], "4");
    });

    it("stop in every run of the cell, until they are taken away", async () => {
      await front.attach();
      const code = "1 + 1;\n2 + 2";
      await front.setBreakpoints(code, { line: 2 });
      for (let run = 0; run < 2; run++) {
        const running = front.run(code);
        await front.event("stopped");
        await front.ask("continue");
        assert.equal((await running)["shown"], "4");
      }
      assert.deepEqual(await front.setBreakpoints(code), []);
      assert.equal((await front.run(code))["shown"], "4");
    });

    it("stop in functions of cells that ran before, also before there was a debugger", async () => {
      await front.run(power);
      await front.attach();
      const [breakpoint] = await front.setBreakpoints(power, { line: 6 });
      assert.equal(breakpoint!["line"], 6);
      const running = front.run("power(2, 5)");
      await front.event("stopped");
      assert.deepEqual(await front.where(), ["power:6", "In [3]:1"]);
      assert.deepEqual(await front.scope("Locals"), { base: "2", exponent: "5", result: "32" });
      await front.ask("continue");
      assert.equal((await running)["shown"], "32");
    });

    it("know their lines in cells whose names are not declared yet", async () => {
      await front.attach();
      const code = "const later = earlier * 2;\n\nlater";
      assert.equal((await front.setBreakpoints(code, { line: 2 }))[0]!["line"], 3);
      await front.run("const earlier = 4;");
      const running = front.run(code);
      await front.event("stopped");
      assert.deepEqual(await front.where(), ["In [3]:3"]);
      await front.ask("continue");
      assert.equal((await running)["shown"], "8");
    });

    it("say where they cannot stop", async () => {
      await front.attach();
      const [beyond] = await front.setBreakpoints("1", { line: 7 });
      assert.deepEqual([beyond!["verified"], beyond!["message"]], [false, "Nothing runs in line 7 or after it."]);
      const [unread] = await front.setBreakpoints("const = 1", { line: 1 });
      assert.deepEqual(
        [unread!["verified"], unread!["message"]],
        [false, "Where this can stop is seen when the cell runs."],
      );
    });

    it("stop only where their condition holds, in the learner's own names", async () => {
      await front.attach();
      await front.run("const limit = 3;");
      const code = "let sum = 0;\nfor (let i = 0; i < 6; i++) {\n  sum += i;\n}\nsum";
      await front.setBreakpoints(code, { line: 3, condition: "i > limit && sum % 2 === 0" });
      const running = front.run(code);
      await front.event("stopped");
      assert.deepEqual(await front.scope("Locals"), { i: "4" });
      assert.equal((await front.scope("Globals"))["sum"], "6");
      await front.ask("continue");
      await front.event("stopped");
      assert.deepEqual(await front.scope("Locals"), { i: "5" });
      await front.ask("continue");
      await front.event("continued");
      assert.equal((await running)["shown"], "15");
      assert.deepEqual(
        front.events.map(({ event }) => event),
        ["initialized", "stopped", "continued", "stopped", "continued"],
      );
    });

    it("are one where several lines have nothing before the next that runs", async () => {
      await front.attach();
      const code = "1;\n\n\n2";
      const set = await front.setBreakpoints(code, { line: 2 }, { line: 3 }, { line: 4 });
      assert.deepEqual(
        set.map(({ line }) => line),
        [4, 4, 4],
      );
      const running = front.run(code);
      await front.event("stopped");
      await front.ask("continue");
      assert.equal((await running)["shown"], "2");
    });

    it("ask their condition in methods, too, and often", async () => {
      await front.attach();
      const code = `class Sum {
  total = 0;
  add(n: number) {
    this.total += n;
  }
}
const sum = new Sum();
for (let i = 0; i < 300; i++) sum.add(i);
sum.total`;
      await front.setBreakpoints(code, { line: 4, condition: "this.total > 1000 && n === 299" });
      const running = front.run(code);
      await front.event("stopped");
      assert.equal(await front.evaluate("n"), "299");
      await front.ask("continue");
      assert.equal((await running)["shown"], "44850");
    });

    it("with a condition that fails stop and say why", async () => {
      await front.attach();
      await front.setBreakpoints("1 + 2", { line: 1, condition: "j > 1" });
      const running = front.run("1 + 2");
      assert.equal((await front.event("stopped"))["text"], "The condition j > 1 fails: Cannot find name 'j'.");
      await front.ask("continue");
      await running;
    });

    it("are listed for a front end that comes later", async () => {
      await front.attach();
      const { sourcePath } = await front.ask("dumpCell", { code: "1;\n2" });
      await front.setBreakpoints("1;\n2", { line: 2 });
      const info = await front.ask("debugInfo");
      assert.deepEqual(info["breakpoints"], [{ source: sourcePath, breakpoints: [{ line: 2 }] }]);
      assert.equal(info["isStarted"], true);
      assert.deepEqual(info["stoppedThreads"], []);
      assert.deepEqual(await front.ask("source", { source: { path: sourcePath } }), {
        content: "1;\n2",
        mimeType: "text/typescript",
      });
    });
  });

  it("steps by lines: over, into and out of functions, and to the cell's end", async () => {
    await front.attach();
    await front.run(power);
    const code = "const a = 2;\nconst b = power(a, 2) + power(a, 1);\nb + 1";
    await front.setBreakpoints(code, { line: 1 });
    const running = front.run(code);
    await front.event("stopped");
    const expected: readonly (readonly [string, ...string[]])[] = [
      ["next", "In [3]:2"],
      ["stepIn", "power:2", "In [3]:2"],
      ["next", "power:3", "In [3]:2"],
      ["next", "power:4", "In [3]:2"],
      ["next", "power:3", "In [3]:2"],
      ["stepOut", "In [3]:2"],
      ["next", "In [3]:3"],
    ];
    for (const [command, ...places] of expected) {
      await front.ask(command, { threadId: 1 });
      assert.equal((await front.event("stopped"))["reason"], "step");
      assert.deepEqual(await front.where(), places, command);
    }
    await front.ask("stepIn", { threadId: 1 });
    assert.equal((await running)["shown"], "7");
    assert.equal((await front.run("b"))["shown"], "6");
    assert.deepEqual((await front.ask("debugInfo"))["stoppedThreads"], []);
  });

  it("steps over an await", async () => {
    await front.attach();
    const code = "const late = await new Promise<number>((done) => setTimeout(() => done(5), 20));\nlate + 1";
    await front.setBreakpoints(code, { line: 1 });
    const running = front.run(code);
    await front.event("stopped");
    await front.ask("next");
    await front.event("stopped");
    assert.deepEqual(await front.where(), ["In [2]:2"]);
    assert.equal((await front.scope("Globals"))["late"], "5");
    await front.ask("continue");
    assert.equal((await running)["shown"], "6");
  });

  it("stops at a debugger statement, in the cell that runs when it is asked to pause, and in the next one where none runs", async () => {
    await front.attach();
    const first = front.run("let turns = 0;\ndebugger;\nturns");
    assert.equal((await front.event("stopped"))["reason"], "breakpoint");
    assert.deepEqual(await front.where(), ["In [2]:2"]);
    await front.ask("continue");
    await first;
    await front.ask("pause", { threadId: 1 });
    const next = front.run("// not yet\nturns + 1");
    assert.equal((await front.event("stopped"))["reason"], "pause");
    assert.deepEqual(await front.where(), ["In [3]:2"]);
    await front.ask("continue");
    await next;
    const running = front.run("let on = true;\nconsole.log('on');\nwhile (on) {\n  turns++;\n}\n'out'");
    await front.said("stream");
    await front.ask("pause", { threadId: 1 });
    assert.equal((await front.event("stopped"))["reason"], "pause");
    assert.match((await front.where())[0]!, /^In \[4\]:[34]$/);
    await front.ask("next");
    await front.event("stopped");
    await front.evaluate("on = false");
    await front.ask("continue");
    assert.equal((await running)["shown"], "'out'");
  });

  describe("variables", () => {
    const graph = `import { backward, variable } from "gradbook";
const x = variable(2), y = variable(3);
const z = (x + y) * x;
const gradients = backward(z);`;

    it("of the notebook are shown while nothing stands still, without a debugger attached", async () => {
      await front.run(graph);
      await front.run("const words = ['a', 'b']; const table = new Map([['k', { deep: true }]]); class Net {}");
      const { variables } = await front.ask("inspectVariables");
      const shown = variables as readonly Variable[];
      assert.deepEqual(
        shown.map(({ name, value }) => [name, value]),
        [
          ["x", "Value(2)"],
          ["y", "Value(3)"],
          ["z", "Value(10)"],
          ["gradients", shown[3]!.value],
          ["words", "[ 'a', 'b' ]"],
          ["table", "Map(1) { 'k' => { deep: true } }"],
          ["backward", "function backward"],
          ["variable", "function variable"],
          ["Net", "class Net"],
        ],
      );
      const parts = async (name: string): Promise<readonly (readonly [string, string])[]> => {
        const found = shown.find((each) => each.name === name)!;
        return (await front.variables(found.variablesReference)).map((each) => [each.name, each.value]);
      };
      assert.deepEqual(await parts("x"), [
        ["value", "2"],
        ["shape", "[]"],
        ["dtype", "'float64'"],
        ["name", "'x'"],
        ["kind", "'variable'"],
        ["inputs", "[]"],
        ["gradient of z", "Value(7)"],
      ]);
      assert.deepEqual((await parts("z")).find(([name]) => name === "inputs")?.[1], "[ Value(5), Value(2) ]");
      assert.deepEqual(await parts("words"), [
        ["0", "'a'"],
        ["1", "'b'"],
      ]);
      assert.deepEqual(await parts("table"), [["'k'", "{ deep: true }"]]);
      assert.ok(!front.calls.some((call) => call.startsWith("Debugger.")));
    });

    it("of a function that stands still are its own, its blocks' and what it closes over", async () => {
      await front.attach();
      const code = `class Counter {
  count = 1;
  add(step: number) {
    const outer = [step];
    return [1].map((each) => {
      const inner = outer[0]! + each + this.count;
      return inner;
    });
  }
}
new Counter().add(5)`;
      await front.setBreakpoints(code, { line: 7 });
      const running = front.run(code);
      await front.event("stopped");
      assert.deepEqual(await front.scope("Locals"), {
        this: "Counter { count: 1 }",
        each: "1",
        inner: "7",
        outer: "[ 5 ]",
      });
      assert.deepEqual(Object.keys(await front.scope("Globals")), ["Counter"]);
      assert.equal(await front.evaluate("this.count + outer.length"), "2");
      assert.equal((await front.where()).length, 3);
      assert.equal((await front.scope("Locals", 1))["step"], "5");
      await front.ask("continue");
      assert.equal((await running)["shown"], "[ 7 ]");
    });

    it("say that they are gone once the code goes on", async () => {
      await front.attach();
      const running = front.run("const list = [1];\ndebugger;");
      await front.event("stopped");
      const frameId = (await front.frames())[0]!.id;
      const { scopes } = await front.ask("scopes", { frameId });
      const { variablesReference } = (scopes as readonly { variablesReference: number }[])[0]!;
      await front.ask("continue");
      await running;
      assert.equal(
        (await front.respond("variables", { variablesReference })).message,
        "These variables are gone: the code went on.",
      );
      assert.match((await front.respond("scopes", { frameId })).message!, /^Nothing stands still/);
    });

    it("are shown a page at a time where there are many", async () => {
      await front.run("const many = Array.from({ length: 1000 }, (_, i) => i * i);");
      const { variables } = await front.ask("inspectVariables");
      const { variablesReference } = (variables as readonly { variablesReference: number }[])[0]!;
      const first = await front.variables(variablesReference);
      assert.deepEqual([first.length, first.at(-1)!.value], [201, "800 more"]);
      const page = await front.ask("variables", { variablesReference, start: 500, count: 2 });
      assert.deepEqual(
        (page["variables"] as typeof first).map(({ name, value }) => [name, value]),
        [
          ["500", "250000"],
          ["501", "251001"],
        ],
      );
    });

    it("are shown as rich as a cell shows them", async () => {
      await front.run(graph);
      const { data } = await front.ask("richInspectVariables", { variableName: "z" });
      assert.ok("application/vnd.vegalite.v5+json" in (data as object));
      await front.attach();
      const running = front.run("const f = (local: number[]) => {\n  debugger;\n};\nf([1, 2])");
      await front.event("stopped");
      const frameId = (await front.frames())[0]!.id;
      assert.deepEqual((await front.ask("richInspectVariables", { variableName: "local", frameId }))["data"], {
        "text/plain": "[ 1, 2 ]",
      });
      await front.ask("continue");
      await running;
    });

    it("of a function become the notebook's where they are copied there", async () => {
      await front.attach();
      const running = front.run("const f = () => {\n  const found = [4];\n  debugger;\n  return found;\n};\nf()");
      await front.event("stopped");
      const srcFrameId = (await front.frames())[0]!.id;
      const copy = (name: string): ReturnType<FrontEnd["respond"]> =>
        front.respond("copyToGlobals", { srcVariableName: "found", dstVariableName: name, srcFrameId });
      assert.equal((await copy("kept")).success, true);
      assert.equal((await copy("a b")).message, 'copyToGlobals: "a b" is no name of a variable.');
      await front.ask("continue");
      await running;
      assert.equal((await front.run("kept[0] + 1"))["shown"], "5");
    });
  });

  it("evaluates expressions where the code stands, with operators on Values", async () => {
    await front.run('import { variable } from "gradbook";\nconst w = variable(4);\nlet changed = 1;');
    assert.equal((await front.ask("evaluate", { expression: "w * w" }))["result"], "Value(16)");
    await front.attach();
    const code = "const scaled = (factor: number) => {\n  let s = w * factor;\n  return s;\n};";
    await front.run(code);
    await front.setBreakpoints(code, { line: 3 });
    const again = front.run("scaled(5) * 2");
    await front.event("stopped");
    assert.equal(await front.evaluate("s + w"), "Value(24)");
    assert.equal(await front.evaluate("factor + 1"), "6");
    assert.equal(await front.evaluate("changed = factor * 2"), "10");
    assert.equal(await front.evaluate("s = s + w"), "Value(24)");
    await assert.rejects(front.evaluate("nowhere"), /^Error: Cannot find name 'nowhere'\.$/);
    await assert.rejects(front.evaluate("s +"), /Expression expected/);
    await assert.rejects(front.evaluate("missing.value + factor", 0), /Cannot find name 'missing'/);
    await assert.rejects(front.evaluate("factor.no.way"), /^Error: TypeError: Cannot read properties of undefined/);
    await front.ask("continue");
    await again;
    assert.equal((await front.run("changed"))["shown"], "10");
  });

  describe("errors", () => {
    const caught = "try {\n  throw new RangeError('caught');\n} catch {}\n";

    it("that nobody catches stop the cell where they are thrown, also after an await", async () => {
      await front.attach();
      await front.ask("setExceptionBreakpoints", { filters: ["uncaught"] });
      for (const code of [
        `${caught}throw new TypeError('thrown')`,
        `${caught}await null; throw new TypeError('thrown')`,
      ]) {
        const running = front.run(code);
        const { reason, text } = await front.event("stopped");
        assert.deepEqual([reason, text], ["exception", "TypeError: thrown"]);
        assert.match((await front.where())[0]!, /:4$/);
        await front.ask("continue");
        assert.equal((await running)["ename"], "TypeError");
      }
    });

    it("that are caught stop the cell only where all are asked for", async () => {
      await front.attach();
      assert.equal((await front.run(caught))["status"], "ok");
      await front.ask("setExceptionBreakpoints", { filters: ["all"] });
      const running = front.run(caught);
      assert.equal((await front.event("stopped"))["text"], "RangeError: caught");
      assert.match((await front.where())[0]!, /:2$/);
      await front.ask("continue");
      assert.equal((await running)["status"], "ok");
      await front.ask("setExceptionBreakpoints", { filters: [] });
      assert.equal((await front.run("throw new Error('past')"))["ename"], "Error");
    });

    it("of the library stop in the line of the cell that called it", async () => {
      await front.attach();
      await front.ask("setExceptionBreakpoints", { filters: ["uncaught"] });
      const running = front.run(
        'import { variable } from "gradbook";\nconst a = variable([1, 2]);\nconst b = variable([1, 2, 3]);\na + b',
      );
      assert.match((await front.event("stopped"))["text"] as string, /^ShapeError/);
      assert.deepEqual(await front.where(), ["In [2]:4"]);
      await front.ask("continue");
      assert.equal((await running)["ename"], "ShapeError");
    });
  });

  describe("the session", () => {
    it("costs a notebook that is not debugged nothing: V8's debugger is never on", async () => {
      assert.equal((await front.run("debugger;\n1"))["shown"], "1");
      await front.ask("debugInfo");
      await front.ask("inspectVariables");
      await front.ask("initialize");
      assert.equal((await front.run("debugger;\n2"))["shown"], "2");
      assert.ok(!front.calls.some((call) => call.startsWith("Debugger.")), front.calls.join());
      await front.ask("attach");
      assert.ok(front.calls.includes("Debugger.enable"));
    });

    it("leaves code running and forgets its breakpoints when it is disconnected", async () => {
      await front.attach();
      const code = "let step = 1;\nstep++;\nstep";
      await front.setBreakpoints(code, { line: 2 });
      const running = front.run(code);
      await front.event("stopped");
      await front.ask("disconnect", { restart: false, terminateDebuggee: false });
      assert.equal((await running)["shown"], "2");
      assert.equal((await front.run(code))["shown"], "2");
      assert.equal((await front.run("debugger;\n3"))["shown"], "3");
      assert.deepEqual((await front.ask("debugInfo"))["breakpoints"], []);
      await front.attach();
      assert.equal((await front.run(code))["shown"], "2");
    });

    it("leaves the interrupt its power over a cell that stands still, and its state", async () => {
      await front.attach();
      const code = "let kept = 1;\nkept++;\nkept = 100";
      await front.setBreakpoints(code, { line: 3 });
      for (let turn = 0; turn < 3; turn++) {
        const running = front.run(code);
        await front.event("stopped");
        await front.interrupt();
        assert.equal((await running)["ename"], "Interrupted");
        await front.event("continued");
        assert.equal((await front.run("kept + 1"))["shown"], "3");
      }
    });

    it("takes an interrupt of a cell that waits for no error to stop at", async () => {
      await front.attach();
      await front.ask("setExceptionBreakpoints", { filters: ["all"] });
      const code = "console.log('waits');\nfor (;;) await new Promise((done) => setTimeout(done, 10))";
      const running = front.run(code);
      await front.said("stream");
      await front.interrupt();
      assert.equal((await running)["ename"], "Interrupted");
      const later = "await new Promise((done) => setTimeout(done, 50));\n'later'";
      assert.equal((await front.run(later))["shown"], "'later'");
    });

    it("answers what needs no cell while one stands still", async () => {
      await front.attach();
      const running = front.run("debugger;");
      await front.event("stopped");
      assert.deepEqual((await front.ask("debugInfo"))["stoppedThreads"], [1]);
      assert.deepEqual(await front.ask("threads"), { threads: [{ id: 1, name: "Cells" }] });
      const [breakpoint] = await front.setBreakpoints("const one = 1;", { line: 1 });
      assert.equal(breakpoint!["verified"], true);
      await front.ask("continue");
      await running;
    });

    it("goes on with a process that had to start afresh", async () => {
      await front.attach();
      const code = "const again = 1;\nagain";
      await front.setBreakpoints(code, { line: 2 });
      const stuck = front.run(code);
      await front.event("stopped");
      await front.ask("evaluate", { expression: "1" });
      await front.ask("continue");
      await stuck;
      assert.equal((await front.run("process.exit(0)"))["ename"], "ProcessEnded");
      const running = front.run(code);
      await front.event("stopped");
      assert.deepEqual(await front.scope("Globals"), { again: "1" });
      await front.ask("continue");
      assert.equal((await running)["shown"], "1");
    });

    it("ends an evaluation that does not end", async function () {
      this.timeout(30_000);
      const { success, message } = await front.respond("evaluate", { expression: "(() => { while (true); })()" });
      assert.equal(success, false);
      assert.match(message!, /terminated/);
      assert.equal((await front.run("1 + 1"))["shown"], "2");
    });

    it("does not stop within an evaluation, which would wait for ever", async () => {
      await front.attach();
      const code = "const watched = () => {\n  return 4;\n};";
      await front.run(code);
      await front.setBreakpoints(code, { line: 2 });
      assert.equal((await front.ask("evaluate", { expression: "watched()" }))["result"], "4");
    });

    it("lists modules that cells have loaded, with their text", async () => {
      await front.attach();
      await front.run('import { variable } from "gradbook";');
      const modules = (await front.ask("modules"))["modules"] as readonly { name: string; path: string }[];
      const found = modules.find(({ name }) => name === "backward.js");
      const { content } = await front.ask("source", { source: { path: found!.path } });
      assert.match(content as string, /class FoundGradients/);
      assert.ok(!modules.some(({ path }) => path.includes("/dist/kernel/")));
    });

    it("says what it does not know or cannot do", async () => {
      const message = async (command: string, given = {}): Promise<string | undefined> =>
        (await front.respond(command, given)).message;
      assert.equal(await message("setBreakpoints"), "setBreakpoints: the debugger is not attached.");
      assert.equal(await message("attach"), "attach: the debugger is not initialized.");
      await front.attach();
      assert.equal(await message("restartFrame"), "This debugger does not know restartFrame.");
      assert.equal(await message("constructor"), "This debugger does not know constructor.");
      assert.equal(await message("setBreakpoints"), "source should be an object, got nothing");
      assert.equal(await message("continue"), "Nothing stands still: no cell has stopped at a breakpoint.");
      assert.equal(await message("next"), "Nothing stands still: no cell has stopped at a breakpoint.");
      assert.match((await message("source", { source: { path: "/nowhere" } }))!, /nothing is known of \/nowhere/);
    });
  });

  it("names the text of a cell by its MurmurHash2, as ipykernel and JupyterLab do", () => {
    // Printed by ipykernel.compiler.murmur2_x86 with the seed 0xC70F6907.
    const printed: readonly (readonly [string, number])[] = [
      ["", 3990065800],
      ["a", 2167009006],
      ["ab", 2805137849],
      ["abc", 3350977461],
      ["abcd", 804720481],
      ["const z = (x + y) * w;\nz", 2170608840],
      ["∂z/∂x — 😀é", 392847387],
      ["x".repeat(1001), 2469510316],
    ];
    for (const [text, hash] of printed) assert.equal(murmur2(text, 0xc70f6907), hash, text);
  });
});
