import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { releaseLessons } from "../../kernel/course/release.ts";
import { type InstalledKernel, installedKernel } from "../support/installed.ts";
import { notebookOf, outputText, type TestNotebook } from "../support/notebooks.ts";
import { root } from "../support/paths.ts";

describe("The installed kernel in real Jupyter", () => {
  let jupyter: InstalledKernel;
  before(async () => {
    jupyter = await installedKernel();
  });
  after(() => jupyter.remove());

  it("passes jupyter_kernel_test with every sample set", async () => {
    const printed = await jupyter.runPython("conformance.py");
    const result = JSON.parse(printed) as { run: number; failed: string[]; skipped: string[] };
    console.log(
      `    jupyter_kernel_test: ${result.run} run, ${result.failed.length} failed, ${result.skipped.length} skipped`,
    );
    assert.deepEqual(result, { run: 13, failed: [], skipped: [] });
  });

  describe("through jupyter_client", () => {
    let report: Report;
    before(async () => {
      report = JSON.parse(await jupyter.runPython("client.py")) as Report;
    });

    it("says who it is", () => {
      assert.equal(report.info.implementation, "gradbook");
      assert.equal(report.info.language_info.name, "typescript");
    });

    it("interrupts every kind of loop and keeps the state", () => {
      assert.equal(Object.keys(report.interrupts).length, 5);
      for (const [loop, { ename, errors, state, seconds }] of Object.entries(report.interrupts)) {
        assert.deepEqual({ loop, errors, state }, { loop, errors: [ename], state: "42" });
        assert.ok(seconds < 2, `${loop}: ${seconds} s`);
      }
    });

    it("aborts queued cells after an error only where it is asked to", () => {
      assert.deepEqual(report.stop_on_error, { True: ["error", "aborted"], False: ["error", "ok"] });
    });

    it("loses none of 100,000 lines", () => {
      assert.ok(report.lines.complete, `${report.lines.lines} lines arrived`);
      assert.ok(report.lines.messages < 1000, `${report.lines.messages} messages`);
    });

    it("keeps its heart beating", () => {
      assert.equal(report.heartbeat, true);
    });

    it("survives malformed frames and answers malformed requests", () => {
      assert.deepEqual(report.malformed.replies, [
        "execute_request: code should be a string, got 7",
        "complete_request: code should be a string, got 7",
        'history_request: hist_access_type should be "tail", "range" or "search", got "?"',
        "This kernel does not know no_such_request",
      ]);
      assert.equal(report.malformed.after, "'number'");
    });

    it("replies to a shutdown request and exits", () => {
      assert.deepEqual(report.shutdown, { reply: { status: "ok", restart: false }, alive: false });
    });
  });

  describe("under nbclient", () => {
    async function execute(name: string, sources: readonly string[], ...flags: string[]): Promise<TestNotebook> {
      const file = path.join(jupyter.folder, name);
      writeFileSync(file, JSON.stringify(notebookOf(...sources)));
      return JSON.parse(await jupyter.runPython("execute.py", file, ...flags)) as TestNotebook;
    }

    it("executes a notebook of the running example", async () => {
      const { cells } = await execute("example.ipynb", [
        'import { backward, variable } from "gradbook";\nconst x = variable(2), y = variable(3), w = variable(4);',
        "const z = (x + y) * w;\nconst gradients = backward(z);",
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the cell's own template
        "console.log(`Gradient wrt x: ${gradients.of(x).item().toFixed(1)}`);",
        "z.item()",
      ]);
      assert.deepEqual(
        cells.map(({ outputs = [] }) => outputs.map(({ output_type }) => output_type)),
        [[], [], ["stream"], ["execute_result"]],
      );
      assert.equal(outputText(cells[2]!.outputs![0]!), "Gradient wrt x: 4.0\n");
      assert.equal(outputText(cells[3]!.outputs![0]!), "20");
    });

    it("executes each lesson as it is released, without an error", async () => {
      const folder = path.join(jupyter.folder, "released");
      const released = await releaseLessons(path.join(root, "lessons"), { output: folder, selfStudy: true });
      assert.ok(released.length > 0);
      for (const file of released) {
        const { cells } = JSON.parse(await jupyter.runPython("execute.py", file)) as TestNotebook;
        const printed = cells.flatMap(({ outputs = [] }) => outputs.map((output) => outputText(output))).join("");
        if (path.basename(file).startsWith("01-")) assert.match(printed, /Gradient wrt x: 4\.0\nGradient wrt y: 4\.0/);
      }
    });

    it("says an error in the cell that made it, and goes on where errors are allowed", async () => {
      const sources = ["const n: number = 'text';", "throw new RangeError('too far')", "1"];
      const { cells } = await execute("errors.ipynb", sources, "--allow-errors");
      assert.match(cells[0]!.outputs![0]!.evalue!, /line 1, column 7/);
      assert.equal(cells[1]!.outputs![0]!.ename, "RangeError");
      assert.equal(outputText(cells[2]!.outputs![0]!), "1");
      await assert.rejects(execute("errors.ipynb", sources), /CellExecutionError/);
    });
  });
});

interface Report {
  readonly info: { readonly implementation: string; readonly language_info: { readonly name: string } };
  readonly interrupts: Readonly<
    Record<string, { ename: string; errors: readonly string[]; seconds: number; state: string }>
  >;
  readonly stop_on_error: unknown;
  readonly lines: { readonly complete: boolean; readonly lines: number; readonly messages: number };
  readonly heartbeat: boolean;
  readonly malformed: { readonly replies: readonly string[]; readonly after: string };
  readonly shutdown: unknown;
}
