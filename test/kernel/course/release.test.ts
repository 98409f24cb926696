import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { releaseLessons } from "../../../kernel/course/release.ts";
import { readNotebook, writeNotebook } from "../../../src/course/notebook.ts";
import { lesson, notebookOf, textCell } from "../../src/course/sample.ts";

describe("gradbook release", () => {
  let folder: string;
  let output: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "gradbook-release-"));
    output = path.join(folder, "out");
    await writeFile(path.join(folder, "a.ipynb"), writeNotebook(lesson));
    await writeFile(path.join(folder, "data.csv"), "1\n");
  });
  afterEach(async () => rm(folder, { recursive: true }));

  it("copies a folder of lessons with its data, or one lesson", async () => {
    const written = await releaseLessons(folder, { output, selfStudy: false });
    const names = ["a.ipynb", "data.csv", "nbgrader_config.py"];
    assert.deepEqual(
      written,
      names.map((name) => path.join(output, name)),
    );
    const one = await releaseLessons(path.join(folder, "a.ipynb"), { output: `${output}-one`, selfStudy: false });
    const [copy, settings] = ["a.ipynb", "nbgrader_config.py"].map((name) => path.join(`${output}-one`, name));
    assert.deepEqual(one, [copy, settings]);
    assert.deepEqual(await readFile(one[0] ?? ""), await readFile(written[0] ?? ""));
  });

  it("never writes over the author's notebooks", async () => {
    await assert.rejects(
      releaseLessons(folder, { output: `${folder}/.`, selfStudy: false }),
      /would overwrite the author's/,
    );
    assert.match(await readFile(path.join(folder, "a.ipynb"), "utf8"), /SECRET/);
  });

  it("releases the rest where one notebook is broken or its copy has work in it, and says so at the end", async () => {
    await releaseLessons(folder, { output, selfStudy: false });
    const copy = path.join(output, "a.ipynb");
    const released = readNotebook(await readFile(copy, "utf8"));
    const worked = writeNotebook({ ...released, cells: released.cells.map((cell) => ({ ...cell, source: "mine" })) });
    await writeFile(copy, worked);
    await writeFile(path.join(folder, "b.ipynb"), "{}");
    await writeFile(path.join(folder, "c.ipynb"), writeNotebook(lesson));
    await assert.rejects(
      releaseLessons(folder, { output, selfStudy: false }),
      /a\.ipynb: .*holds somebody's work.*\nb\.ipynb: The file is not a notebook.*\nWritten all the same: .*c\.ipynb/,
    );
    assert.equal(await readFile(copy, "utf8"), worked);
    assert.deepEqual((await readdir(output)).sort(), ["a.ipynb", "c.ipynb", "data.csv", "nbgrader_config.py"]);
  });

  it("leaves nbgrader's settings to a class, and those that the instructor changed as they are", async () => {
    await releaseLessons(folder, { output, selfStudy: true });
    assert.deepEqual((await readdir(output)).sort(), ["a.ipynb", "data.csv"]);
    await writeFile(path.join(output, "nbgrader_config.py"), "# mine\n");
    await rm(path.join(output, "a.ipynb"));
    await releaseLessons(folder, { output, selfStudy: false });
    assert.equal(await readFile(path.join(output, "nbgrader_config.py"), "utf8"), "# mine\n");
  });

  it("keeps links right, and says where one leads to nothing any more", async () => {
    const linked = notebookOf(textCell("title", "# A\n\n[b](b.ipynb), [data](data.csv), [gone](gone.md)"));
    await writeFile(path.join(folder, "a.ipynb"), writeNotebook(linked));
    await writeFile(path.join(folder, "b.ipynb"), writeNotebook(lesson));
    await releaseLessons(folder, { output, selfStudy: false });
    await assert.rejects(
      releaseLessons(path.join(folder, "a.ipynb"), { output: `${output}-one`, selfStudy: false }),
      /a\.ipynb: the cell with the id title links to b\.ipynb, which is not among the copies\na\.ipynb: .*data\.csv/,
    );
  });

  it("hands out no data with marked solutions", async () => {
    await writeFile(path.join(folder, "model.ts"), "// BEGIN SOLUTION\nSECRET\n// END SOLUTION\n");
    await assert.rejects(releaseLessons(folder, { output, selfStudy: false }), /model\.ts: it marks a solution/);
    assert.ok(!(await readdir(output)).includes("model.ts"));
  });

  it("says what it cannot find", async () => {
    await assert.rejects(
      releaseLessons(path.join(folder, "no"), { output, selfStudy: false }),
      /no cannot be read: there is no/,
    );
    await rm(path.join(folder, "a.ipynb"));
    await assert.rejects(releaseLessons(folder, { output, selfStudy: false }), /There is no notebook/);
  });
});
