import type { CodeCell, Notebook, TextCell } from "../../../src/course/notebook.ts";
import { codeCell, notebookOf, solutionMetadata, testMetadata, textCell } from "../../src/course/sample.ts";

/** A lesson with one of each kind of cell that `gradbook verify` finds nothing wrong with, shape apart. */
export const smallLesson: Notebook = notebookOf(
  textCell("title", "# A lesson\n\nText."),
  textCell("guide", "The usual slip is to take one factor for the other one.", { gradbook: { role: "instructor" } }),
  codeCell(
    "product",
    'import { answer, checkpoint, points, variable } from "gradbook";\nconst x = variable(2);\nconst w = variable(3);\nconst z = x * w;\ncheckpoint("product", z, { ask: ["dz/dx", "dz/dw"], points: 2 })',
    { gradbook: { role: "checkpoint", checkpoint: "product" } },
  ),
  codeCell(
    "product-answer",
    '// BEGIN SOLUTION\nanswer("product", {\n  "dz/dx": "w",\n  "dz/dw": "x",\n});\n// END SOLUTION',
    {
      nbgrader: solutionMetadata("product-answer"),
      gradbook: {
        role: "answer",
        checkpoint: "product",
        mistakes: [{ answer: { "dz/dx": "x" }, expect: "own-factor" }],
      },
    },
  ),
  codeCell("product-points", 'points("product")', { nbgrader: testMetadata("product-points", 2) }),
  codeCell(
    "square",
    "function square(number: number): number {\n  // BEGIN SOLUTION\n  return number * number;\n  // END SOLUTION\n}",
    { nbgrader: solutionMetadata("square"), gradbook: { role: "exercise" } },
  ),
  codeCell(
    "square-test",
    'let score = 0;\ntry {\n  if (square(2) === 4) score += 1;\n  // BEGIN HIDDEN TESTS\n  if (square(-3) === 9) score += 1;\n  // END HIDDEN TESTS\n} catch {\n  console.log("Not yet.");\n}\nscore',
    { nbgrader: testMetadata("square-test", 2) },
  ),
);

type Change = { readonly [Key in keyof (CodeCell & TextCell)]?: unknown };

/** The small lesson with one cell changed. */
export function withCell(id: string, change: Change | ((source: string) => string)): Notebook {
  const cells = smallLesson.cells.map((cell) => {
    if (cell.id !== id) return cell;
    return { ...cell, ...(typeof change === "function" ? { source: change(cell.source) } : change) } as typeof cell;
  });
  return { ...smallLesson, cells };
}
