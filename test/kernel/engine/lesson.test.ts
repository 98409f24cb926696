import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { md5 } from "../../../kernel/course/lessons.ts";
import { recordFileOf } from "../../../kernel/course/record-file.ts";
import { lessonPlace } from "../../../kernel/engine/user/lesson.ts";
import { notebookOfCell } from "../../../kernel/protocol/cell-place.ts";
import { recordType } from "../../../src/checkpoints/record.ts";
import { seal } from "../../../src/checkpoints/sealing.ts";
import { CheckpointSession } from "../../../src/checkpoints/session.ts";
import { writeNotebook } from "../../../src/course/notebook.ts";
import { release } from "../../../src/course/release.ts";
import { codeCell, lesson, notebookOf } from "../../src/course/sample.ts";
import { type Exchange, KernelClient } from "../../support/kernel-client.ts";
import { kernelCommand } from "../../support/kernel-command.ts";

const ask = 'import { answer, choice, exercise, lessonSession, progress, solution, variant } from "gradbook";\n';
// As a self-study release has it: one may try until it is right.
const sealed = seal(JSON.stringify({ right: "b" }));
const question = `choice("which", { question: "?", options: { a: "1", b: "2" }, sealed: "${sealed}" });\n`;

describe("a lesson's work, in a real kernel", () => {
  let folder: string;
  let notebook: string;
  let kernel: KernelClient | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "gradbook-lesson-"));
    notebook = path.join(folder, "lesson.ipynb");
    await writeFile(notebook, writeNotebook(notebookOf(codeCell("one", "1"))));
  });

  afterEach(async () => {
    await kernel?.close();
    kernel = undefined;
    await rm(folder, { recursive: true });
  });

  /** Runs a cell in a kernel that is started anew. */
  async function runAnew(
    code: string,
    environment: NodeJS.ProcessEnv = {},
    metadata: Readonly<Record<string, unknown>> = {},
  ): Promise<unknown> {
    await kernel?.close();
    kernel = await KernelClient.start({
      command: kernelCommand,
      cwd: folder,
      environment: { JPY_SESSION_NAME: notebook, ...environment },
    });
    await kernel.executeFirst("1");
    return resultOf(await kernel.execute(ask + code, metadata));
  }
  function resultOf({ said }: Exchange): unknown {
    const error = said.find(({ header }) => header.msg_type === "error");
    assert.equal(error?.content["evalue"], undefined);
    const result = said.find(({ header }) => header.msg_type === "execute_result");
    return (result?.content["data"] as Record<string, unknown> | undefined)?.["text/plain"];
  }
  const attempts = 'lessonSession.record.checkpoints["which"]?.attempts';

  it("is there again after a restart, also where all outputs were cleared", async () => {
    await runAnew(`${question}answer("which", "a");\nanswer("which", "b");`);
    assert.equal(await runAnew(attempts), "2");
    assert.equal(await runAnew(`${question}answer("which", "a"); answer("which", "b"); ${attempts}`), "4");
    assert.match(String(await runAnew(`${question}progress()`)), /1 of 1 {2}which \(4 attempts\)/);
    assert.deepEqual((await readdir(folder)).sort(), [".lesson.record.json", "lesson.ipynb"]);
  });

  it("is there again where VS Code names the notebook with each cell, and no server does", async () => {
    const cellId = `vscode-notebook-cell:${encodeURI(notebook)}#W0sZmlsZQ%3D%3D`;
    const run = (code: string): Promise<unknown> => runAnew(code, { JPY_SESSION_NAME: undefined }, { cellId });
    await run(`${question}answer("which", "a");`);
    assert.equal(await run(attempts), "1");
    assert.equal(notebookOfCell(cellId), notebook);
    for (const other of [undefined, "6a1c", "vscode-notebook-cell:Untitled-1.ipynb#W0", "vscode-notebook-cell:/%"]) {
      assert.equal(notebookOfCell(other), undefined);
    }
  });

  it("is said once to be in the outputs only, where nobody names the notebook", async () => {
    await runAnew(question, { JPY_SESSION_NAME: undefined });
    const said = async (): Promise<string> => JSON.stringify((await kernel!.execute("progress()")).said);
    assert.match(await said(), /your work is kept in the notebook's outputs only/);
    assert.doesNotMatch(await said(), /outputs only/);
    await runAnew(question);
    assert.doesNotMatch(await said(), /outputs only/);
  });

  it("is taken from the notebook's outputs where there is no file beside it", async () => {
    const session = new CheckpointSession();
    session.choice("which", { question: "?", options: { a: "1", b: "2" }, right: "b" });
    session.answer("which", "a");
    const output = { output_type: "display_data" as const, metadata: {}, data: { [recordType]: session.record } };
    const worked = notebookOf({ ...codeCell("one", "1"), outputs: [output] } as never);
    await writeFile(notebook, writeNotebook(worked));
    assert.equal(await runAnew(attempts), "1");
    assert.equal(await runAnew(`${attempts} ?? "none"`, { GRADBOOK_RECORD: "" }), "'none'");
  });

  it("has the solution of a function from the released notebook, and records that it was taken", async () => {
    await writeFile(notebook, writeNotebook(release(lesson, { selfStudy: true, md5 })));
    const stub = 'const square = (x: number): number => {\n  throw new Error("Not written yet.");\n};\n';
    const exercise = `${stub}exercise("square", square, { reference: (x) => x * x, inputs: [[2]] });\n`;
    assert.match(String(await runAnew(`${exercise}solution("square")`)), /return SECRET \* x;/);
    assert.equal(await runAnew('lessonSession.record.checkpoints["square"]?.solutions'), "[ 'result' ]");
    await writeFile(notebook, writeNotebook(release(lesson, { selfStudy: false, md5 })));
    assert.match(String(await runAnew(`${exercise}solution("square")`)), /There is no solution of “square”/);
  });

  it("names the learner's own line where their function fails", async () => {
    const code = 'const mine = (x: number): number => {\n  if (x > 2) throw new Error("too large");\n  return x;\n};\n';
    const text = await runAnew(`${code}exercise("mine", mine, { reference: (x) => x, inputs: [[1], [3]] })`);
    assert.match(String(text), /It fails at 1 of 2 inputs: Error: too large \(line 3 of In \[2\]\)/);
  });

  it("has numbers of the learner's own", async () => {
    const code = 'String(variant("seed").distinct(4))';
    const ann = await runAnew(code, { GRADBOOK_LEARNER: "ann", JUPYTERHUB_USER: "bob" });
    assert.equal(await runAnew(code, { JUPYTERHUB_USER: "ann" }), ann);
    assert.notEqual(await runAnew(code, { JUPYTERHUB_USER: "bob" }), ann);
  });

  it("is kept nowhere where nobody says which notebook runs", async () => {
    assert.equal(lessonPlace({}, folder).save, undefined);
    assert.equal(lessonPlace({ JPY_SESSION_NAME: "nothing.ipynb" }, folder).save, undefined);
    assert.notEqual(lessonPlace({ JPY_SESSION_NAME: "root/of/the/server/lesson.ipynb" }, folder).save, undefined);
    const chosen = lessonPlace({ GRADBOOK_RECORD: "mine.json" }, folder);
    chosen.save?.({ version: 1, checkpoints: {} });
    assert.deepEqual(JSON.parse(await readFile(path.join(folder, "mine.json"), "utf8")), {
      version: 1,
      checkpoints: {},
    });
    assert.equal(recordFileOf(notebook), path.join(folder, ".lesson.record.json"));
  });
});
