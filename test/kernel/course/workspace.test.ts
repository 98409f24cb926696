import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { prepareWorkspace, resetLesson, type WorkspaceReport } from "../../../kernel/course/workspace.ts";
import { type Notebook, readNotebook, writeNotebook } from "../../../src/course/notebook.ts";
import { codeCell, lesson, textCell } from "../../src/course/sample.ts";

describe("the learner's folder", () => {
  let root: string;
  let lessons: string;
  let work: string;
  const name = "01-a-lesson.ipynb";

  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), "gradbook-work-"));
    lessons = path.join(root, "lessons");
    work = path.join(root, "work");
    await mkdir(path.join(lessons, "data"), { recursive: true });
    await author(lesson);
    await writeFile(path.join(lessons, "data", "digits.csv"), "1,2\n");
  });

  afterEach(async () => rm(root, { recursive: true }));

  const author = (notebook: Notebook): Promise<void> => writeFile(path.join(lessons, name), writeNotebook(notebook));
  const prepare = (): Promise<WorkspaceReport> => prepareWorkspace(lessons, work);
  const read = async (file = name): Promise<Notebook> => readNotebook(await readFile(path.join(work, file), "utf8"));
  const write = async (notebook: Notebook, file = name): Promise<void> =>
    writeFile(path.join(work, file), writeNotebook(notebook));
  const updated: Notebook = { ...lesson, cells: [...lesson.cells, textCell("more", "A new paragraph.")] };
  const filled = (notebook: Notebook): Notebook => ({
    ...notebook,
    cells: notebook.cells.map((cell) =>
      cell.id === "square" ? codeCell("square", "my own work", cell.metadata) : cell,
    ),
  });
  const notebooks = async (): Promise<string[]> =>
    (await readdir(work)).filter((file) => file.endsWith(".ipynb")).sort();

  it("gets a released copy of each lesson and its data", async () => {
    const report = await prepare();
    assert.deepEqual(report.problems, []);
    assert.deepEqual(report.lessons, [{ name, file: path.join(work, name), state: "new" }]);
    assert.deepEqual(report.data, [path.join("data", "digits.csv")]);
    assert.equal((await readFile(path.join(work, name), "utf8")).includes("SECRET"), false);
    assert.equal(await readFile(path.join(work, "data", "digits.csv"), "utf8"), "1,2\n");
  });

  it("stays as it is, byte for byte, when prepared again", async () => {
    await prepare();
    const before = await readFile(path.join(work, name), "utf8");
    const report = await prepare();
    assert.deepEqual([report.lessons[0]?.state, report.data], ["unchanged", []]);
    assert.equal(await readFile(path.join(work, name), "utf8"), before);
  });

  it("follows an updated lesson where no work is in the copy, also after it was opened and saved", async () => {
    await prepare();
    const saved = await read();
    const metadata = { ...saved.metadata, language_info: { name: "typescript" } };
    await writeFile(path.join(work, name), JSON.stringify({ ...saved, metadata }));
    await author(updated);
    assert.equal((await prepare()).lessons[0]?.state, "refreshed");
    assert.equal((await read()).cells.at(-1)?.source, "A new paragraph.");
  });

  it("keeps a copy with work in it and puts the updated lesson beside it, once", async () => {
    await prepare();
    const mine = filled(await read());
    await write(mine);
    await author(updated);
    const first = await prepare();
    const beside = path.join(work, "01-a-lesson (updated).ipynb");
    assert.deepEqual(first.lessons, [{ name, file: path.join(work, name), state: "kept", update: beside }]);
    assert.deepEqual(await read(), mine);
    assert.equal((await read(path.basename(beside))).cells.at(-1)?.source, "A new paragraph.");
    assert.equal((await prepare()).lessons[0]?.update, beside);
    await rm(beside);
    assert.equal((await prepare()).lessons[0]?.update, undefined);
    assert.deepEqual(await notebooks(), [name]);
  });

  it("keeps the work in an update, too, when the lesson is updated again", async () => {
    await prepare();
    await write(filled(await read()));
    await author(updated);
    await prepare();
    const beside = "01-a-lesson (updated).ipynb";
    const mine = filled(await read(beside));
    await write(mine, beside);
    await author({ ...updated, cells: [...updated.cells, textCell("third", "A third version.")] });
    assert.equal((await prepare()).lessons[0]?.update, path.join(work, "01-a-lesson (updated 2).ipynb"));
    assert.deepEqual(await read(beside), mine);
  });

  it("counts outputs as work: they hold what was tried", async () => {
    await prepare();
    const notebook = await read();
    const output = { output_type: "stream", name: "stdout", text: "tried\n" } as const;
    const ran = notebook.cells.map((cell) => (cell.cell_type === "code" ? { ...cell, outputs: [output] } : cell));
    await write({ ...notebook, cells: ran });
    await author(updated);
    assert.equal((await prepare()).lessons[0]?.state, "kept");
  });

  it("leaves a file that is broken or somebody's own alone", async () => {
    for (const text of ["{ half a file", writeNotebook(lesson)]) {
      await prepare();
      await writeFile(path.join(work, name), text);
      assert.equal((await prepare()).lessons[0]?.state, "kept");
      assert.equal(await readFile(path.join(work, name), "utf8"), text);
    }
  });

  it("follows updated data, but not over data that the learner changed", async () => {
    await prepare();
    const file = path.join("data", "digits.csv");
    await writeFile(path.join(lessons, file), "3,4\n");
    assert.deepEqual((await prepare()).data, [file]);
    await writeFile(path.join(work, file), "mine\n");
    await writeFile(path.join(lessons, file), "5,6\n");
    assert.deepEqual((await prepare()).data, []);
    assert.equal(await readFile(path.join(work, file), "utf8"), "mine\n");
  });

  it("gets the other lessons where one is broken, and is told file and cell", async () => {
    await writeFile(path.join(lessons, "00-broken.ipynb"), "not a notebook");
    const unclosed = codeCell("open", "// BEGIN SOLUTION\nx");
    await writeFile(path.join(lessons, "02-unclosed.ipynb"), writeNotebook({ ...lesson, cells: [unclosed] }));
    const report = await prepare();
    assert.deepEqual(await notebooks(), [name]);
    assert.match(report.problems[0] ?? "", /^00-broken\.ipynb: The file is not a notebook: it is not valid JSON/);
    assert.match(
      report.problems[1] ?? "",
      /^02-unclosed\.ipynb: cell 1 \(id open\): BEGIN SOLUTION in line 1 has no END/,
    );
  });

  it("is reset lesson by lesson, the old copy kept", async () => {
    await prepare();
    const fresh = await readFile(path.join(work, name), "utf8");
    const mine = filled(await read());
    await write(mine);
    const now = new Date(2026, 10, 24, 9, 5, 7);
    const kept = await resetLesson(work, lessons, name, now);
    assert.equal(kept, path.join(work, "01-a-lesson (before reset 2026-11-24 09.05.07).ipynb"));
    assert.deepEqual(await read(path.basename(kept ?? "")), mine);
    assert.equal(await readFile(path.join(work, name), "utf8"), fresh);
    const second = await resetLesson(work, lessons, name, now);
    assert.equal(path.basename(second ?? ""), "01-a-lesson (before reset 2026-11-24 09.05.07 2).ipynb");
  });

  it("moves the record of the work with the work when a lesson is reset", async () => {
    await prepare();
    await write(filled(await read()));
    await writeFile(path.join(work, ".01-a-lesson.record.json"), "{}");
    const kept = await resetLesson(work, lessons, name);
    const records = (await readdir(work)).filter((file) => file.endsWith(".record.json"));
    assert.deepEqual(records, [`.${path.basename(kept ?? "", ".ipynb")}.record.json`]);
  });

  it("resets only lessons: a name is no path", async () => {
    await prepare();
    await assert.rejects(
      resetLesson(work, lessons, "../lessons/01-a-lesson.ipynb"),
      /There is no lesson .*; there are 01-a/,
    );
  });

  it("leaves no half-written file behind", async () => {
    await prepare();
    await resetLesson(work, lessons, name);
    const left = (await readdir(work)).filter((file) => file.startsWith("."));
    assert.deepEqual(left, [".gradbook.json"]);
  });
});
