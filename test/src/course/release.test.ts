import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { exerciseSolution } from "../../../src/course/kept.ts";
import { type Cell, type Notebook, NotebookError, writeNotebook } from "../../../src/course/notebook.ts";
import { codeStub, contentHash, release } from "../../../src/course/release.ts";
import { codeCell, lesson, notebookOf, solutionMetadata, testMetadata, textCell } from "./sample.ts";

const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
const forClass = (notebook: Notebook): Notebook => release(notebook, { selfStudy: false, md5 });
const forSelfStudy = (notebook: Notebook): Notebook => release(notebook, { selfStudy: true, md5 });
const cellOf = (notebook: Notebook, id: string): Cell => {
  const cell = notebook.cells.find((each) => each.id === id);
  assert.ok(cell !== undefined, `there is a cell ${id}`);
  return cell;
};
const problemsOf = (notebook: Notebook): string => {
  try {
    forClass(notebook);
  } catch (error) {
    if (error instanceof NotebookError) return error.message;
    throw error;
  }
  return "";
};

// Lines of an author: none of them holds a marker or the text of the stub.
const line = fc.stringMatching(/^[a-z =+*();]{0,20}$/);
const lines = fc.array(line, { maxLength: 4 }).map((all) => all.join("\n"));
const region = (kind: string, secret: string): string => `  // BEGIN ${kind}\n  ${secret}\n  // END ${kind}`;
const cell: fc.Arbitrary<(index: number) => Cell> = fc.oneof(
  lines.map((text) => (index: number) => textCell(`text-${index}`, text)),
  lines.map(
    (text) => (index: number) => textCell(`guide-${index}`, `${text} SECRET`, { gradbook: { role: "instructor" } }),
  ),
  fc.tuple(lines, lines).map(([before, after]) => (index: number) => ({
    ...codeCell(`ran-${index}`, `${before}\n${after}`, {
      execution: { "shell.execute_reply": "SECRET" },
      collapsed: true,
    }),
    outputs: [{ output_type: "stream" as const, name: "stdout", text: "SECRET" }],
    execution_count: 3,
  })),
  fc.tuple(lines, lines, fc.boolean()).map(
    ([before, after, exercise]) =>
      (index: number) =>
        codeCell(
          `solution-${index}`,
          [before, region("SOLUTION", "SECRET"), after, region("SOLUTION", "SECRET")].join("\n"),
          {
            nbgrader: solutionMetadata(`solution-${index}`),
            ...(exercise ? { gradbook: { role: "exercise" } } : {}),
          },
        ),
  ),
  lines.map(
    (text) => (index: number) =>
      codeCell(`whole-${index}`, `${text} SECRET`, { nbgrader: solutionMetadata(`whole-${index}`) }),
  ),
  fc.tuple(lines, fc.integer({ min: 0, max: 10 })).map(
    ([text, points]) =>
      (index: number) =>
        codeCell(`test-${index}`, `${text}\n${region("HIDDEN TESTS", "SECRET")}\nscore`, {
          nbgrader: testMetadata(`test-${index}`, points),
        }),
  ),
);
const notebook = fc.array(cell, { maxLength: 6 }).map((all) => notebookOf(...all.map((make, index) => make(index))));

describe("a release", () => {
  it("holds nothing of a solution, hidden test, guide or output, anywhere in the file", () => {
    fc.assert(
      fc.property(notebook, (author) => {
        const text = writeNotebook(forClass(author));
        assert.doesNotMatch(text, /SECRET|BEGIN |END |U0VDUkVU/);
      }),
    );
  });

  it("keeps worked solutions out of plain sight for self-study", () => {
    fc.assert(
      fc.property(notebook, (author) => assert.doesNotMatch(writeNotebook(forSelfStudy(author)), /SECRET|BEGIN |END /)),
    );
  });

  it("changes nothing the second time", () => {
    fc.assert(
      fc.property(notebook, (author) => {
        for (const make of [forClass, forSelfStudy]) assert.deepEqual(make(make(author)), make(author));
        assert.deepEqual(forClass(forSelfStudy(author)), forClass(author));
      }),
    );
  });

  it("leaves every line outside the markers as it was", () => {
    fc.assert(
      fc.property(notebook, (author) => {
        const released = forClass(author);
        for (const before of author.cells) {
          if (before.id.startsWith("guide")) continue;
          const after = cellOf(released, before.id);
          assert.equal(after.cell_type, before.cell_type);
          const outside = before.source.replaceAll(
            / {2}\/\/ BEGIN SOLUTION\n.*\n {2}\/\/ END SOLUTION/g,
            codeStub.map((text) => `  ${text}`).join("\n"),
          );
          if (before.id.startsWith("whole")) assert.equal(after.source, codeStub.join("\n"));
          else
            assert.equal(
              after.source,
              outside.replaceAll(/ {2}\/\/ BEGIN HIDDEN TESTS\n.*\n {2}\/\/ END HIDDEN TESTS\n/g, ""),
            );
        }
      }),
    );
  });

  it("has no outputs, counts or traces of a run", () => {
    fc.assert(
      fc.property(notebook, (author) => {
        for (const each of forClass(author).cells) {
          if (each.cell_type !== "code") continue;
          assert.deepEqual([each.outputs, each.execution_count], [[], null]);
          assert.equal("execution" in each.metadata || "collapsed" in each.metadata, false);
        }
      }),
    );
  });

  it("does not depend on the layout of metadata, and does on every text", () => {
    const released = forClass(lesson);
    const reversed = (cell: Cell): Cell => ({
      ...cell,
      metadata: Object.fromEntries(Object.entries(cell.metadata).reverse()),
    });
    assert.equal(contentHash({ ...released, cells: released.cells.map(reversed) }, md5), contentHash(released, md5));
    const changed = {
      ...released,
      cells: released.cells.map((each, i) => (i === 0 ? { ...each, source: "# Mine" } : each)),
    };
    assert.notEqual(contentHash(changed, md5), contentHash(released, md5));
  });

  it("puts a stub where a solution was, as deep as its marker stood", () => {
    const expected =
      'function square(x: number): number {\n  // YOUR CODE HERE\n  throw new Error("Not written yet.");\n}';
    assert.equal(cellOf(forClass(lesson), "square").source, expected);
  });

  it("leaves the form of an answer and empties its entries", () => {
    assert.equal(cellOf(forClass(lesson), "seed-answer").source, 'answer("seed", {\n  "dz/da": "",\n});');
    const single = codeCell("one", 'answer("one", "w"); // why', {
      nbgrader: solutionMetadata("one"),
      gradbook: { role: "answer", checkpoint: "one" },
    });
    assert.equal(cellOf(forClass(notebookOf(single)), "one").source, 'answer("one", "");');
  });

  it("refuses an answer that it cannot empty", () => {
    const answer = codeCell("odd", 'answer("odd", { "a": f("w") });', {
      nbgrader: solutionMetadata("odd"),
      gradbook: { role: "answer", checkpoint: "odd" },
    });
    assert.match(problemsOf(notebookOf(answer)), /^cell 1 \(id odd\): line 1 of the answer is not of the form/);
  });

  it("removes planted mistakes and keeps what a cell is", () => {
    assert.deepEqual(cellOf(forClass(lesson), "seed-answer").metadata["gradbook"], {
      role: "answer",
      checkpoint: "seed",
    });
  });

  it("gives a self-study learner the author's cell on request, without markers", () => {
    const expected = "function square(x: number): number {\n  return SECRET * x;\n}";
    assert.equal(exerciseSolution(forSelfStudy(lesson), "square"), expected);
    assert.equal(exerciseSolution(forClass(lesson), "square"), undefined);
    assert.equal(exerciseSolution(forSelfStudy(lesson), "nothing"), undefined);
  });

  it("keeps letters beyond ASCII in a kept solution", () => {
    const source = '"∂z/∂x = ŷ − 𝑥"';
    const author = notebookOf(codeCell("s", source, { nbgrader: solutionMetadata("s") }));
    assert.equal(exerciseSolution(forSelfStudy(author), "s"), source);
  });

  it("protects cells as nbgrader does: solutions stay, tests stay unchanged", () => {
    const released = forClass(lesson);
    const protection = (id: string): unknown[] =>
      ["deletable", "editable"].map((key) => cellOf(released, id).metadata[key]);
    assert.deepEqual(protection("square"), [false, undefined]);
    assert.deepEqual(protection("square-test"), [false, false]);
    assert.deepEqual(protection("title"), [undefined, undefined]);
  });

  it("refuses a learner's copy with work in it", () => {
    const released = forClass(lesson);
    const worked = { ...released, cells: released.cells.map((each) => ({ ...each, source: "mine" })) };
    assert.match(problemsOf(worked), /learner's copy with work in it/);
  });

  it("names each cell that it cannot release, and why", () => {
    const solution = (source: string, gradeId = "s"): Cell =>
      codeCell("c", source, { nbgrader: solutionMetadata(gradeId) });
    const cases: readonly (readonly [Cell, RegExp])[] = [
      [solution("// BEGIN SOLUTION\nx"), /BEGIN SOLUTION in line 1 has no END SOLUTION/],
      [solution("x\n// END SOLUTION"), /END SOLUTION in line 2 has no BEGIN SOLUTION before it/],
      [solution("// BEGIN SOLUTION\n// BEGIN SOLUTION\n// END SOLUTION"), /line 2 stands inside BEGIN SOLUTION/],
      [solution("// BEGIN SOLUTION x END SOLUTION"), /needs a line of its own/],
      [codeCell("c", "// BEGIN SOLUTION\n// END SOLUTION"), /does not make it a solution/],
      [solution("// BEGIN HIDDEN TESTS\n// END HIDDEN TESTS"), /does not make it a graded cell/],
      [textCell("c", "BEGIN MARK SCHEME\nEND MARK SCHEME"), /does not make it a task/],
      [codeCell("c", "", { gradbook: { role: "teacher" } }), /in its gradbook metadata "role" is not one of/],
      [codeCell("c", "", { gradbook: { role: "answer" } }), /a cell with the role answer names its checkpoint/],
      [codeCell("c", "", { nbgrader: { schema_version: 2 } }), /is of version 2; version 3 is read/],
      [codeCell("c", "", { nbgrader: { ...testMetadata("t", 1), points: "two" } }), /"points" is not a number/],
    ];
    for (const [each, expected] of cases) {
      const text = problemsOf(notebookOf(textCell("first", "Text."), each));
      assert.match(text, expected);
      assert.match(text, /^cell 2 \(id c\): /);
    }
    const twice = notebookOf(solution("x", "same"), { ...solution("y", "same"), id: "d" });
    assert.match(problemsOf(twice), /^cell 2 \(id d\): cell 1 has the same grade_id, same$/);
  });
});
