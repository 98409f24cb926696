import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { courseFaults, courseMetadata } from "../../../src/course/metadata.ts";
import { readNotebook } from "../../../src/course/notebook.ts";
import { codeCell } from "../../src/course/sample.ts";
import { root } from "../../support/paths.ts";

const page = await readFile(path.join(root, "kernel", "course", "authoring.md"), "utf8");
const blocks = [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language, text]) => ({
  language,
  text: text!,
}));

describe("the page for authors", () => {
  let folder: string;
  let shell: (script: string) => Promise<{ readonly stdout: string; readonly stderr: string }>;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "gradbook-authoring-"));
    const programs = path.join(folder, ".programs");
    await mkdir(programs);
    const command = path.join(programs, "gradbook");
    const program = path.join(root, "dist", "kernel", "gradbook.js");
    await writeFile(command, `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
    await chmod(command, 0o755);
    const environment = { ...process.env, PATH: [programs, process.env["PATH"]].join(path.delimiter) };
    shell = (script) => promisify(execFile)("sh", ["-euc", script], { cwd: folder, env: environment });
  });
  after(async () => rm(folder, { recursive: true, force: true }));

  it("has ten steps", () => {
    const steps = [...page.matchAll(/^## (\d+)\. /gm)].map(([, number]) => Number(number));
    assert.deepEqual(steps, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it("has commands that work, one after the other", async () => {
    const scripts = blocks.filter(({ language }) => language === "sh").map(({ text }) => text);
    assert.ok(scripts.length >= 8);
    let said = "";
    for (const script of scripts) said += (await shell(script)).stdout;
    assert.match(said, /^lessons\/01-how-far-we-get\.ipynb\n/);
    assert.equal(said.match(/^ok {6}01-how-far-we-get\.ipynb/gm)?.length, 3);
    assert.match(said, /^class\/nbgrader_config\.py$/m);
    const copy = await readFile(path.join(folder, "class", "01-how-far-we-get.ipynb"), "utf8");
    assert.doesNotMatch(copy, /For the author|BEGIN SOLUTION|"mistakes"/);
    assert.match(
      await readFile(path.join(folder, "class.csv"), "utf8"),
      /^Lesson,[\s\S]*\n01-how-far-we-get\.ipynb,steps,1,0,/,
    );
  }).timeout(240_000);

  it("shows metadata that the schema knows and the new lesson has", async () => {
    const json = blocks.filter(({ language }) => language === "json").map(({ text }) => JSON.parse(text) as object);
    assert.equal(json.length, 1);
    for (const gradbook of json) assert.deepEqual(courseFaults(codeCell("shown", "", { gradbook })), []);
    const template = readNotebook(
      await readFile(path.join(root, "kernel", "course", "template", "lesson.ipynb"), "utf8"),
    );
    const planted = template.cells.flatMap((cell) => courseMetadata(cell).mistakes ?? []);
    const { mistakes } = json[0] as { mistakes: readonly unknown[] };
    for (const mistake of mistakes) assert.ok(planted.some((one) => JSON.stringify(one) === JSON.stringify(mistake)));
  });
});
