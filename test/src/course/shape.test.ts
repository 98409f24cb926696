import assert from "node:assert/strict";
import type { Cell, Notebook } from "../../../src/course/notebook.ts";
import { linkedFiles, shapeProblems, silentFigures } from "../../../src/course/shape.ts";
import { codeCell, notebookOf, solutionMetadata, testMetadata, textCell } from "./sample.ts";

const beginning = "# 1 · Title\n\n**After this lesson you can**\n\n- say so.\n\n**Time** about 5 minutes.";
const asks = (id: string, call: string): Cell =>
  codeCell(id, call.replace("ID", `"${id}"`), { gradbook: { role: "checkpoint", checkpoint: id } });

/** A lesson that lacks nothing, with other texts below its title. */
function shaped(...texts: readonly string[]): Notebook {
  return notebookOf(
    textCell("title", beginning),
    ...texts.map((text, index) => textCell(`text-${index}`, text)),
    ...["one", "two", "three"].map((id) => asks(id, "checkpoint(ID, z)")),
    asks("four", 'checkpoint(ID, z, { ask: ["dz/dx"] })'),
    codeCell("exercise", "// BEGIN SOLUTION\n1\n// END SOLUTION", {
      nbgrader: solutionMetadata("exercise"),
      gradbook: { role: "exercise" },
    }),
    codeCell("test", "0\n// BEGIN HIDDEN TESTS\n1\n// END HIDDEN TESTS", { nbgrader: testMetadata("test", 1) }),
    textCell("guide", "# Another title\n\n#### Deep\n\n![](a.png) [b](b.ipynb)", { gradbook: { role: "instructor" } }),
  );
}

const without = (lesson: Notebook, ...ids: readonly string[]): Notebook => ({
  ...lesson,
  cells: lesson.cells.filter(({ id }) => !ids.includes(id)),
});
const saidOf = (lesson: Notebook): readonly string[] =>
  shapeProblems(lesson).map(({ id, what }) => (id === undefined ? what : `${id}: ${what}`));

describe("a lesson's shape", () => {
  it("lacks nothing where a lesson has all its parts", () => {
    const texts = [
      "## One\n\n### Two\n\n```ts\n# no heading\n```\n\n`![](no picture)`",
      "## Three\n\n![a graph](a.png)",
    ];
    assert.deepEqual(saidOf(shaped(...texts)), []);
  });

  it("has headings in order below one title", () => {
    assert.deepEqual(saidOf(shaped("### Deep", "# Again", "## Fine")), [
      "text-1: a lesson has one title (# …); “Again” is another",
      "text-0: the heading “Deep” skips a level: ## comes next",
    ]);
    assert.match(saidOf(without(shaped("## First"), "title"))[0]!, /does not begin with a title/);
  });

  it("says at its beginning how long it takes and what is learned", () => {
    const late = shaped("## One\n\n**Time** 5 minutes");
    const cells = late.cells.map((cell) => (cell.id === "title" ? { ...cell, source: "# 1 · Title" } : cell));
    assert.deepEqual(saidOf({ ...late, cells }), [
      "The beginning does not say how long it takes (**Time** …).",
      "The beginning does not list what is learned (**After this lesson you can**, then a list).",
    ]);
  });

  it("has words for each picture", () => {
    assert.deepEqual(saidOf(shaped('![](a.png)\n\n<img src="b.png">\n\n<img alt="b" src="b.png">')), [
      "text-0: the picture a.png has no words for it",
      'text-0: the picture <img src="b.png"> has no words for it',
    ]);
  });

  it("imports what its texts tell learners to type", () => {
    const lesson = shaped('## Stuck?\n\nRun `hint("one")`, then `solution("one")`. A hint (of ours) is no call.');
    const importing = codeCell("import", 'import { answer, hint } from "gradbook";');
    assert.deepEqual(saidOf(lesson), [
      "text-0: it offers hint(…), and no cell imports hint",
      "text-0: it offers solution(…), and no cell imports solution",
    ]);
    assert.deepEqual(saidOf({ ...lesson, cells: [...lesson.cells, importing] }), [
      "text-0: it offers solution(…), and no cell imports solution",
    ]);
  });

  it("has four checkpoints of two kinds, and an exercise with hidden tests", () => {
    assert.deepEqual(saidOf(without(shaped(), "four", "exercise")), [
      "The lesson has 3 checkpoints; at least 4 keep a reader at work.",
      "All checkpoints are of one kind.",
      "The lesson has no exercise with hidden tests.",
    ]);
  });

  it("has links to files and pictures, which are read as browsers read them", () => {
    const text =
      '[a](next%20one.ipynb#part) [b](#here) [c](https://example.org/a.ipynb) ![d](<e.png> "f") <img src="data/g.png">\n\n`[no](no.md)` [mail](mailto:a@b.c)';
    assert.deepEqual(
      linkedFiles(shaped(text)).map(({ place, file }) => [place.id, file]),
      ["next one.ipynb", "e.png", "data/g.png"].map((file) => ["text-0", file]),
    );
  });

  it("has words beside each figure that it shows", () => {
    const shows = (id: string, data: Readonly<Record<string, unknown>>): Cell =>
      ({
        ...codeCell(id, "z"),
        outputs: [{ output_type: "display_data", data, metadata: {} }],
      }) as Cell;
    const executed = notebookOf(
      shows("told", { "image/svg+xml": "<svg/>", "text/plain": "A graph" }),
      shows("text", { "text/markdown": "" }),
      shows("silent", { "application/vnd.vegalite.v5+json": {} }),
      shows("blank", { "image/png": "", "text/plain": " " }),
    );
    assert.deepEqual(
      silentFigures(executed).map(({ id }) => id),
      ["silent", "blank"],
    );
  });
});
