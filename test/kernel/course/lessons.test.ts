import assert from "node:assert/strict";
import path from "node:path";
import { lessonFiles, md5, readLesson } from "../../../kernel/course/lessons.ts";
import { courseMetadata } from "../../../src/course/metadata.ts";
import { graderMetadata } from "../../../src/course/nbgrader.ts";
import type { Notebook } from "../../../src/course/notebook.ts";
import { codeStub, release } from "../../../src/course/release.ts";
import { bindName, CheckpointSession, type Value, variable } from "../../../src/index.ts";
import { root } from "../../support/paths.ts";

const folder = path.join(root, "lessons");
const { lessons } = await lessonFiles(folder);

describe("the lessons", () => {
  it("are there", () => assert.ok(lessons.includes("01-the-graph-of-a-function.ipynb")));

  for (const name of lessons) {
    describe(name, () => {
      let author: Notebook;
      before(async () => {
        author = await readLesson(path.join(folder, name));
      });
      const released = (): Notebook => release(author, { selfStudy: true, md5 });

      it("can be released, for a class and for self-study", () => {
        for (const selfStudy of [true, false]) release(author, { selfStudy, md5 });
      });

      it("has no outputs, and TypeScript as its language", () => {
        for (const cell of author.cells) {
          if (cell.cell_type === "code")
            assert.deepEqual([cell.id, cell.outputs, cell.execution_count], [cell.id, [], null]);
        }
        const kernelspec = { name: "gradbook", display_name: "TypeScript (gradbook)", language: "typescript" };
        assert.deepEqual(author.metadata["kernelspec"], kernelspec);
      });

      it("has short code cells and a guide for the instructor", () => {
        for (const cell of released().cells) {
          if (cell.cell_type === "code")
            assert.ok(cell.source.split("\n").length <= 12, `${cell.id} is longer than 12 lines`);
        }
        assert.ok(author.cells.some((cell) => courseMetadata(cell).role === "instructor"));
      });

      it("is written in words that make nobody feel slow", () => {
        for (const cell of author.cells)
          assert.doesNotMatch(cell.source, /\b(?:simply|obviously|just|trivial(?:ly)?)\b/i, cell.id);
      });

      it("asks for work in cells that say so", () => {
        const blank = released().cells.filter((cell) => cell.source.includes(codeStub[0] ?? ""));
        assert.ok(blank.length > 0);
        assert.ok(
          blank.every((cell) => courseMetadata(cell).role === "exercise" && graderMetadata(cell)?.solution === true),
        );
      });
    });
  }
});

describe("the checkpoints of lesson 1", () => {
  const [x, y, w] = [variable(2, "x"), variable(3, "y"), variable(4, "w")];
  const [p, r, n] = [variable(7, "p"), variable(2, "r"), variable(3, "n")];
  const [z, c] = [x.add(y).mul(w), p.sub(r).mul(n)];
  bindName(z, "z");
  bindName(c, "c");
  const [u, v, s, k] = [variable(2, "u"), variable(3, "v"), variable(4, "s"), variable(5, "k")];
  const b = u.mul(v);
  const sum = b.add(s);
  const q = sum.mul(k);
  bindName(b, "b");
  bindName(sum, "c");
  bindName(q, "q");
  const values: Readonly<Record<string, Value>> = { seed: z, rebate: c, plan: q };

  it("are answered wrongly as planted, and the mistake is named", async () => {
    const author = await readLesson(path.join(folder, "01-the-graph-of-a-function.ipynb"));
    let planted = 0;
    for (const { checkpoint = "", mistakes = [] } of author.cells.map(courseMetadata)) {
      for (const { answer, expect } of mistakes) {
        const value = values[checkpoint];
        assert.ok(value !== undefined && typeof answer === "object");
        const session = new CheckpointSession();
        session.checkpoint(checkpoint, value);
        const wrong = session.answer(checkpoint, answer).entries.filter((entry) => entry.kind === "incorrect");
        const rules = wrong.flatMap((entry) => entry.because.map((slip) => slip.rule));
        assert.ok(rules.includes(expect), `${JSON.stringify(answer)}: ${rules.join(", ")}`);
        planted += 1;
      }
    }
    assert.ok(planted >= 8);
  });
});
