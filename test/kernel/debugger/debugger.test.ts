import assert from "node:assert/strict";
import { FrontEnd } from "./front-end.ts";

describe("the debugger", () => {
  let front: FrontEnd;
  beforeEach(async () => {
    front = await FrontEnd.start();
  });
  afterEach(() => front.close());

  const power = "const power = (base: number, exponent: number) => {\n  let result = 1;\n  for (let i = 0; i < exponent; i++) {\n    result *= base;\n  }\n  return result;\n};";

  it("stops at a breakpoint that was set before the cell ran, and goes on", async () => {
    await front.attach();
    const code = "const n = 3;\n\n// a remark\nconst m = n + 1;\nm";
    const [breakpoint] = await front.setBreakpoints(code, { line: 2 });
    assert.equal(breakpoint!["verified"], true);
    assert.equal(breakpoint!["line"], 4);
    const running = front.run(code);
    const stopped = await front.event("stopped");
    assert.deepEqual(stopped, {
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

  it("steps by lines: over, into and out of functions", async () => {
    await front.attach();
    await front.run(power);
    const code = "const a = 2;\nconst b = power(a, 2) + power(a, 1);\nb + 1";
    await front.setBreakpoints(code, { line: 1 });
    const running = front.run(code);
    await front.event("stopped");
    const places: string[] = [];
    for (const command of ["next", "stepIn", "next", "next", "next", "stepOut", "stepIn", "stepOut", "next"]) {
      await front.ask(command, { threadId: 1 });
      assert.equal((await front.event("stopped"))["reason"], "step");
      places.push((await front.where()).join(" "));
    }
    console.log(places);
    await front.ask("next", { threadId: 1 });
    assert.equal((await running)["shown"], "7");
  });
});
