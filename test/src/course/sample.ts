import type { Cell, Metadata, Notebook } from "../../../src/course/notebook.ts";

/** Small author's notebooks for the tests. */

export function codeCell(id: string, source: string, metadata: Metadata = {}): Cell {
  return { cell_type: "code", id, metadata, source, outputs: [], execution_count: null };
}

export function textCell(id: string, source: string, metadata: Metadata = {}): Cell {
  return { cell_type: "markdown", id, metadata, source };
}

export function notebookOf(...cells: readonly Cell[]): Notebook {
  const kernelspec = { name: "gradbook", display_name: "TypeScript (gradbook)", language: "typescript" };
  return { nbformat: 4, nbformat_minor: 5, metadata: { kernelspec }, cells };
}

export const solutionMetadata = (gradeId: string): Metadata => ({
  schema_version: 3,
  grade_id: gradeId,
  grade: false,
  solution: true,
  locked: false,
  task: false,
});

export const testMetadata = (gradeId: string, points: number): Metadata => ({
  schema_version: 3,
  grade_id: gradeId,
  grade: true,
  solution: false,
  locked: true,
  task: false,
  points,
});

export const lesson: Notebook = notebookOf(
  textCell("title", "# A lesson\n\nText."),
  textCell("guide", "Allow ten minutes: the usual slip is SECRET-GUIDE.", { gradbook: { role: "instructor" } }),
  codeCell("seed", 'checkpoint("seed", z);', {
    gradbook: { role: "checkpoint", checkpoint: "seed", invisible: { sign: "SECRET-REASON" } },
  }),
  codeCell("seed-answer", '// BEGIN SOLUTION\nanswer("seed", {\n  "dz/da": "SECRET-W",\n});\n// END SOLUTION', {
    nbgrader: solutionMetadata("seed-answer"),
    gradbook: {
      role: "answer",
      checkpoint: "seed",
      mistakes: [{ answer: { "dz/da": "SECRET-A" }, expect: "own-factor" }],
    },
  }),
  codeCell(
    "square",
    "function square(x: number): number {\n  // BEGIN SOLUTION\n  return SECRET * x;\n  // END SOLUTION\n}",
    { nbgrader: solutionMetadata("square"), gradbook: { role: "exercise" } },
  ),
  codeCell(
    "square-test",
    "let score = 0;\nscore += 1;\n// BEGIN HIDDEN TESTS\nscore += SECRET;\n// END HIDDEN TESTS\nscore",
    { nbgrader: testMetadata("square-test", 2) },
  ),
);
