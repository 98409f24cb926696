import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { newLesson } from "../../../kernel/course/new-lesson.ts";
import { verify } from "../../../kernel/course/verify.ts";
import { readNotebook } from "../../../src/course/notebook.ts";
import { printedBy } from "../../support/printed.ts";

describe("gradbook new lesson", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "gradbook-new-"));
  });
  afterEach(async () => rm(folder, { recursive: true }));

  const titleIn = async (file: string): Promise<string | undefined> =>
    readNotebook(await readFile(file, "utf8")).cells[0]?.source.split("\n")[0];

  it("writes a lesson that lacks nothing", async () => {
    const file = await newLesson("When paths meet", { folder });
    const { said, result } = await printedBy(() => verify(file, { strict: true }));
    assert.match(said, /^ok {6}01-when-paths-meet\.ipynb: 4 checkpoints, 1 exercise, 5 planted mistakes/);
    assert.equal(result, 0);
  });

  it("names it by a title or by words joined with hyphens, whatever characters there are", async () => {
    const names: readonly (readonly [name: string, file: string, title: string])[] = [
      ["chain-rule", "01-chain-rule.ipynb", "# 1 · Chain rule"],
      ["Why $& “ReLU”?", "02-why-relu.ipynb", "# 2 · Why $& “ReLU”?"],
      [" Größe\nund {{number}} ", "03-große-und-number.ipynb", "# 3 · Größe und {{number}}"],
    ];
    for (const [name, file, title] of names) {
      assert.equal(await newLesson(name, { folder }), path.join(folder, file));
      assert.equal(await titleIn(path.join(folder, file)), title);
    }
    await assert.rejects(newLesson("…", { folder }), /no letter or digit/);
  });

  it("takes the next free number or the one it is told, and overwrites nothing", async () => {
    await writeFile(path.join(folder, "07-there.ipynb"), "mine");
    assert.equal(path.basename(await newLesson("next", { folder })), "08-next.ipynb");
    assert.equal(path.basename(await newLesson("first", { folder, number: 0 })), "00-first.ipynb");
    await assert.rejects(newLesson("there", { folder, number: 7 }), /Lesson 7 is there already: 07-there\.ipynb/);
    assert.equal(await readFile(path.join(folder, "07-there.ipynb"), "utf8"), "mine");
  });

  it("makes the folder where there is none", async () => {
    assert.equal(
      await newLesson("one", { folder: path.join(folder, "a", "b") }),
      path.join(folder, "a", "b", "01-one.ipynb"),
    );
  });
});
