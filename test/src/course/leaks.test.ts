import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { leaks } from "../../../src/course/leaks.ts";
import type { Cell, Notebook } from "../../../src/course/notebook.ts";
import { release } from "../../../src/course/release.ts";
import { codeCell, lesson, notebookOf, solutionMetadata, textCell } from "./sample.ts";

const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
const copyOf = (notebook: Notebook, selfStudy: boolean): Notebook => release(notebook, { selfStudy, md5 });
const saidOf = (author: Notebook, copy: Notebook, selfStudy = false): readonly string[] =>
  leaks(author, copy, selfStudy).map(({ id, what }) => `${id ?? "notebook"}: ${what}`);

/** The class release with one cell of it changed. */
function changed(change: (cell: Cell) => Cell, id = "title"): Notebook {
  const copy = copyOf(lesson, false);
  return { ...copy, cells: copy.cells.map((cell) => (cell.id === id ? change(cell) : cell)) };
}

describe("what a learner's copy gives away", () => {
  it("is nothing in either release", () => {
    for (const selfStudy of [false, true]) assert.deepEqual(saidOf(lesson, copyOf(lesson, selfStudy), selfStudy), []);
  });

  it("is everything where the author's notebook itself is handed out", () => {
    const said = saidOf(lesson, lesson);
    for (const part of [
      /^guide: it is for the instructor alone/,
      /^seed-answer: its metadata holds planted mistakes/,
      /^seed-answer: it shows a line of a solution \(cell seed-answer\): "dz\/da": "SECRET-W"/,
      /^square: it shows a line of a solution \(cell square\)/,
      /^square-test: it shows a line of hidden tests \(cell square-test\): score \+= SECRET/,
    ]) {
      assert.ok(
        said.some((line) => part.test(line)),
        `${part} in\n${said.join("\n")}`,
      );
    }
  });

  it("is a worked solution in a class release", () => {
    assert.deepEqual(saidOf(lesson, copyOf(lesson, true)), ["square: its metadata holds a worked solution"]);
  });

  it("is found in texts, outputs, metadata and attachments", () => {
    const hidden = "score += SECRET;";
    const output = { output_type: "stream", name: "stdout", text: `see ${hidden}` } as const;
    const places: readonly Notebook[] = [
      changed((cell) => ({ ...cell, source: `before\n  ${hidden}\nafter` })),
      changed((cell) => ({ ...cell, metadata: { note: [{ deep: hidden }] } })),
      changed((cell) => ({ ...cell, metadata: { [hidden]: 1 } })),
      changed((cell) => ({ ...cell, attachments: { "a.txt": { "text/plain": hidden } } }) as Cell),
      changed((cell) => ({ ...cell, outputs: [output] }) as Cell, "square"),
      { ...copyOf(lesson, false), metadata: { title: hidden } },
    ];
    for (const copy of places)
      assert.match(saidOf(lesson, copy).join("\n"), /a line of hidden tests \(cell square-test\)/);
  });

  it("is a planted mistake in metadata under any name", () => {
    const copy = changed((cell) => ({ ...cell, metadata: { wrong: { "dz/da": "SECRET-A" } } }));
    assert.match(saidOf(lesson, copy).join("\n"), /title: its metadata or outputs hold a line of the planted mistakes/);
  });

  it("is a solution that the author left standing in another cell, but no line that the lesson shows anyway", () => {
    const body = "  const half = number / 2;\n  return half * half * 4;";
    const exercise = codeCell("square", `// BEGIN SOLUTION\n${body}\n// END SOLUTION`, {
      nbgrader: solutionMetadata("square"),
    });
    const twice = notebookOf(exercise, textCell("text", `For example\n\n${body}`));
    assert.deepEqual(saidOf(twice, copyOf(twice, false)), ["text: it shows a solution (cell square) in another place"]);
    const once = notebookOf(exercise, codeCell("half", "const half = number / 2;"));
    assert.deepEqual(saidOf(once, copyOf(once, false)), []);
  });
});
