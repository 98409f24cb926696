import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { lintLessons } from "../../../kernel/course/lint.ts";
import { type Metadata, type Notebook, writeNotebook } from "../../../src/course/notebook.ts";
import { codeCell, notebookOf } from "../../src/course/sample.ts";
import { printedBy } from "../../support/printed.ts";

const gate = (invisible: Metadata = {}): Notebook =>
  notebookOf(
    codeCell(
      "gate",
      'import { checkpoint, relu, variable } from "gradbook";\nconst x = variable(2);\nconst y = variable(3);\nconst b = x * y;\nconst a = relu(b);\nconst z = a * a;\ncheckpoint("gate", z, { ask: ["dz/dx"], at: "anywhere" })',
      { gradbook: { role: "checkpoint", checkpoint: "gate", ...invisible } },
    ),
  );

describe("gradbook lint", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "gradbook-lint-"));
  });
  afterEach(async () => rm(folder, { recursive: true }));

  const lintOf = async (
    lessons: Readonly<Record<string, Notebook | string>>,
  ): Promise<{ readonly said: string; readonly result: number }> => {
    for (const [name, lesson] of Object.entries(lessons)) {
      await writeFile(path.join(folder, name), typeof lesson === "string" ? lesson : writeNotebook(lesson));
    }
    return printedBy(() => lintLessons(folder));
  };

  it("fails where a mistake does not show and nobody says why", async () => {
    const { said, result } = await lintOf({ "a.ipynb": gate() });
    assert.match(said, /^a\.ipynb\n {2}gate: \d+ possible mistakes, 3 do not show\n/);
    assert.match(said, / {4}relu-gate-lost at ∂a\/∂b does not show: ask for da\/db, or say why not\n/);
    assert.match(said, / {4}cannot be told apart: path-missing at ∂z\/∂x, edge-dropped at ∂z\/∂a/);
    assert.equal(result, 1);
  });

  it("is content with reasons, which a learner does not get to see", async () => {
    const reason = "The square hides the gate; the next checkpoint asks for it.";
    const lesson = gate({ invisible: { "relu-gate-lost": reason, "local-missing": reason, "link-inverted": reason } });
    const { said, result } = await lintOf({ "a.ipynb": lesson });
    assert.match(said, new RegExp(`relu-gate-lost at ∂a/∂b does not show: ${reason}\n`));
    assert.equal(result, 0);
  });

  it("says of tensors what their sizes and numbers hide, and of questions what they leave open", async () => {
    const tensors = notebookOf(
      codeCell(
        "tensors",
        'import { checkpoint, choice, matmul, square, sum, variable } from "gradbook";\nconst X = variable([[1, 2], [3, 4], [0, 1]]), W = variable([[2, 1], [1, 3]]);\nconst Y = matmul(X, W);\nconst L = sum(square(Y));\ncheckpoint("product", L);\nchoice("which", { question: "Which?", options: { a: "one", b: "two" }, right: "a", because: { a: "Yes." } });',
      ),
    );
    const { said, result } = await lintOf({ "a.ipynb": tensors });
    assert.match(said, / {4}transpose-missing at ∂Y\/∂X looks right in numbers \(W is symmetric\)\n/);
    assert.match(said, / {4}sizes let through: .*transpose-missing at ∂Y\/∂X.*\n {4}better sizes: W 2×4\n/);
    assert.match(said, / {4}better numbers: X = \[\[.*\]\], W = \[\[.*\]\]\n/);
    assert.match(said, / {2}which: 1 possible mistake, 1 does not show\n/);
    assert.match(
      said,
      / {4}no-reason: Whoever chooses b does not learn why: give a reason, because: \{ b: "…" \}, or say/,
    );
    assert.equal(result, 1);
  });

  it("suggests better numbers, and names what it cannot run", async () => {
    const ones = notebookOf(
      codeCell(
        "ones",
        'import { checkpoint, variable } from "gradbook";\nconst x = variable(1), w = variable(1);\nconst z = x * w;\ncheckpoint("ones", z)',
      ),
    );
    const failing = notebookOf(codeCell("fails", 'throw new Error("no luck")'));
    const { said, result } = await lintOf({
      "a.ipynb": ones,
      "b.ipynb": failing,
      "c.ipynb": "{}",
      "d.ipynb": notebookOf(),
    });
    assert.match(
      said,
      / {4}local-missing at ∂z\/∂x looks right in numbers\n[\s\S]* {4}better numbers: x = −?\d, w = −?\d\n/,
    );
    assert.match(said, /b\.ipynb: Cell 1 \(id fails\) fails: Error: no luck\nc\.ipynb: The file is not a notebook/);
    assert.match(said, /d\.ipynb\n {2}there is no checkpoint in it\n/);
    assert.equal(result, 1);
  });
});
