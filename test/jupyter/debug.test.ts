import assert from "node:assert/strict";
import { type InstalledKernel, installedKernel } from "../support/installed.ts";

describe("The debugger through jupyter_client", () => {
  let jupyter: InstalledKernel;
  let report: Readonly<Record<string, unknown>>;
  before(async () => {
    jupyter = await installedKernel();
    report = JSON.parse(await jupyter.runPython("debug.py")) as typeof report;
  });
  after(() => jupyter.remove());

  it("is announced, and started by who asks for it", () => {
    assert.deepEqual([report["debugger"], report["features"]], [true, ["debugger", "kernel subshells"]]);
    assert.deepEqual(report["started"], [false, true]);
  });

  it("calls cells as the front end's own hash does", () => {
    assert.equal(report["same name"], true);
    assert.equal(report["source"], true);
  });

  it("stops at a breakpoint, steps, and shows frames and variables", () => {
    assert.deepEqual(report["breakpoints"], [[true, 4]]);
    assert.equal(report["stopped"], "breakpoint");
    assert.deepEqual(report["info while stopped"], [1]);
    const { frames, scopes } = report["step"] as { frames: unknown; scopes: Record<string, Record<string, string>> };
    assert.deepEqual(frames, [
      ["double", 5, true],
      ["In [1]", 7, true],
    ]);
    assert.deepEqual(scopes["Locals"], { factor: "3", doubled: "6" });
    assert.deepEqual(scopes["Globals"], {
      x: "Value(2)",
      w: "Value(4)",
      variable: "function variable",
      double: "function double",
    });
    assert.equal(report["evaluated"], "Value(16)");
  });

  it("lets the cell end as it would have, and shows its variables then", () => {
    assert.deepEqual([report["reply"], report["shown"]], ["ok", "16"]);
    assert.deepEqual(report["inspected"], { x: "Value(2)", w: "Value(4)", z: "Value(16)" });
    assert.ok((report["rich"] as readonly string[]).includes("application/vnd.vegalite.v5+json"));
    assert.deepEqual([report["disconnected"], report["unhindered"]], [true, "16"]);
  });

  it("leaves the interrupt its power over a cell that stands still", () => {
    assert.deepEqual([report["interrupted"], report["after"]], ["Interrupted", "4"]);
    assert.deepEqual(report["events"], [
      "initialized",
      "stopped",
      "continued",
      "stopped",
      "continued",
      "initialized",
      "stopped",
      "continued",
    ]);
  });
});
