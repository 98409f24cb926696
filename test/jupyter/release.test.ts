import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { releaseLessons } from "../../kernel/course/release.ts";
import { graderMetadata } from "../../src/course/nbgrader.ts";
import { readNotebook, writeNotebook } from "../../src/course/notebook.ts";
import { lesson } from "../src/course/sample.ts";
import { type InstalledKernel, installedKernel } from "../support/installed.ts";
import { root } from "../support/paths.ts";

interface Verdict {
  readonly valid: boolean;
  readonly error?: string;
  readonly checksums?: Readonly<Record<string, string>>;
}

describe("Notebooks, as nbformat and nbgrader see them", () => {
  let jupyter: InstalledKernel;
  before(async () => {
    jupyter = await installedKernel();
  });
  after(() => jupyter.remove());

  const verdicts = async (files: readonly string[]): Promise<readonly Verdict[]> =>
    JSON.parse(await jupyter.runPython("release.py", ...files)) as readonly Verdict[];

  it("are valid when released, with the checksums nbgrader computes", async () => {
    const files = await releaseLessons(path.join(root, "lessons"), {
      output: path.join(jupyter.folder, "out"),
      selfStudy: true,
    });
    const notebooks = files.filter((file) => file.endsWith(".ipynb"));
    assert.ok(notebooks.length > 0);
    for (const [index, verdict] of (await verdicts(notebooks)).entries()) {
      const { cells } = readNotebook(readFileSync(notebooks[index]!, "utf8"));
      const tracked = cells.map(graderMetadata).filter((metadata) => metadata !== undefined);
      assert.ok(tracked.length > 0);
      const own = Object.fromEntries(tracked.map(({ grade_id, checksum }) => [grade_id, checksum]));
      assert.deepEqual(verdict, { valid: true, checksums: own });
    }
  });

  it("are broken for nbformat where they are broken for us", async () => {
    const breaks: readonly ((cell: Record<string, unknown>) => void)[] = [
      () => undefined,
      (cell) => delete cell["outputs"],
      (cell) => Object.assign(cell, { id: "two words" }),
      (cell) => Object.assign(cell, { source: 7 }),
      (cell) => Object.assign(cell, { execution_count: -1 }),
      (cell) => Object.assign(cell, { execution_count: 1.5 }),
      (cell) => Object.assign(cell, { extra: true }),
      (cell) => Object.assign(cell, { cell_type: "poem" }),
      (cell) => Object.assign(cell, { metadata: { tags: ["a", "a"] } }),
      (cell) => Object.assign(cell, { metadata: { tags: ["a", "b"], anything: { at: "all" } } }),
      (cell) => Object.assign(cell, { metadata: { scrolled: "maybe" } }),
      (cell) => Object.assign(cell, { outputs: [{ output_type: "stream", name: "stdout", text: ["a", "b"] }] }),
      (cell) => Object.assign(cell, { outputs: [{ output_type: "stream", name: "stdout" }] }),
      (cell) =>
        Object.assign(cell, { outputs: [{ output_type: "display_data", data: { "text/plain": 7 }, metadata: {} }] }),
      (cell) =>
        Object.assign(cell, { outputs: [{ output_type: "display_data", data: { "a/b+json": 7 }, metadata: {} }] }),
      (cell) =>
        Object.assign(cell, {
          outputs: [{ output_type: "display_data", data: { "application/b+json": 7 }, metadata: {} }],
        }),
      (cell) => Object.assign(cell, { outputs: [{ output_type: "error", ename: "E", evalue: "", traceback: "text" }] }),
    ];
    const files = breaks.map((change, index) => {
      const data = JSON.parse(writeNotebook(lesson)) as { cells: Record<string, unknown>[] };
      change(data.cells[2]!);
      const file = path.join(jupyter.folder, `${index}.ipynb`);
      writeFileSync(file, JSON.stringify(data));
      return file;
    });
    const ours = files.map((file) => {
      try {
        readNotebook(readFileSync(file, "utf8"));
        return true;
      } catch {
        return false;
      }
    });
    assert.deepEqual(
      (await verdicts(files)).map(({ valid }) => valid),
      ours,
    );
    assert.deepEqual([ours.includes(true), ours.includes(false)], [true, true]);
  });
});
