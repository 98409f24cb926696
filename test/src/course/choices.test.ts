import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { seal } from "../../../src/checkpoints/sealing.ts";
import { readTruth } from "../../../src/course/choices.ts";
import { graderMetadata } from "../../../src/course/nbgrader.ts";
import { type Notebook, NotebookError } from "../../../src/course/notebook.ts";
import { release } from "../../../src/course/release.ts";
import { codeCell, notebookOf, testMetadata } from "./sample.ts";

const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
const released = (notebook: Notebook, selfStudy: boolean): Notebook => release(notebook, { selfStudy, md5 });

const before = 'choice("which", {\n  question: "How many ways?",\n  options: { a: "one", b: "two" },\n';
const region = (truth: string): string => `  // BEGIN HIDDEN TESTS\n${truth}\n  // END HIDDEN TESTS\n`;
const authored = (truth: string): Notebook =>
  notebookOf(codeCell("which", `${before}${region(truth)}});`, { nbgrader: testMetadata("which", 0) }));

describe("a choice in a release", () => {
  it("has no truth for a class, and one that cannot be read at a glance for self-study", () => {
    fc.assert(
      fc.property(fc.constantFrom("a", "b"), fc.string(), (right, because) => {
        const truth = `  right: "${right}",\n  because: { ${right}: ${JSON.stringify(because)} }, // SECRET`;
        const author = authored(truth);
        const [own] = released(author, true).cells;
        const sealed = seal(JSON.stringify({ right, because: { [right]: because } }));
        assert.equal(own?.source, `${before}  sealed: "${sealed}",\n});`);
        const [others] = released(author, false).cells;
        assert.equal(others?.source, `${before}});`);
        assert.notEqual(graderMetadata(own)?.checksum, graderMetadata(others!)?.checksum);
        // A self-study copy becomes a class's.
        assert.deepEqual(released(released(author, true), false), released(author, false));
        assert.deepEqual(released(released(author, true), true), released(author, true));
      }),
    );
  });

  it("reads texts as TypeScript does, without running anything", () => {
    const truth = `
      // why
      right: 'b', /* one */
      "because": {
        a: "it \\"is\\" \\u00e9\\n", 'b': \`two $ and \\\`ticks\\\`\`,
        c: "in two " +
          "parts",
      },`;
    assert.deepEqual(readTruth(truth), {
      truth: { right: "b", because: { a: 'it "is" é\n', b: "two $ and `ticks`", c: "in two parts" } },
    });
  });

  it("is refused where its truth cannot be read or stands in the open", () => {
    const faults: readonly (readonly [Notebook, RegExp])[] = [
      [authored("  right: answer(),"), /right is not a text in quotes/],
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the author's own
      [authored("  right: `${x}`,"), /right is not a text in quotes/],
      [authored('  because: { a: "" },'), /it has no right/],
      [authored('  right: "a" because: {}'), /a comma is missing before because/],
      [authored('  right "a"'), /a colon is missing after right/],
      [notebookOf(codeCell("w", `${before}  right: "a",\n});`)), /line 4 gives the right answer of a choice away/],
    ];
    for (const [notebook, expected] of faults) {
      assert.throws(
        () => released(notebook, true),
        (error: unknown) => error instanceof NotebookError && expected.test(error.message),
        String(expected),
      );
    }
  });

  it("leaves hidden tests of other cells as they were", () => {
    const tests = codeCell("t", `let score = 0;\n${region("  score += 1;")}score`, { nbgrader: testMetadata("t", 1) });
    for (const selfStudy of [true, false]) {
      assert.equal(released(notebookOf(tests), selfStudy).cells[0]?.source, "let score = 0;\nscore");
    }
  });
});
