import assert from "node:assert/strict";
import fc from "fast-check";
import { CheckpointSession } from "../../../src/checkpoints/session.ts";
import { type CheckpointReport, classReport, recordIn, type Work } from "../../../src/course/report.ts";
import { csvCell, reportCsv, reportTable } from "../../../src/course/report-text.ts";
import { variable } from "../../../src/graph/value.ts";
import { codeCell, notebookOf } from "./sample.ts";
import { withRecord } from "./worked.ts";

/** The work of a learner who does these things at one checkpoint. */
function workOf(learner: string, act: (session: CheckpointSession) => void): Work {
  const session = new CheckpointSession();
  session.checkpoint("product", variable(2, "x").mul(variable(3, "w")), { ask: ["da/dx", "da/dw"] });
  act(session);
  return { learner, lesson: "one", record: session.record };
}

const right = { "da/dx": "w", "da/dw": "x" };
const wrong = { "da/dx": "x", "da/dw": "x" };
const diagnose: Parameters<typeof classReport>[2] = (_lesson, _checkpoint, answers) =>
  answers["da/dx"] === "x" ? [{ key: "da/dx", rules: ["own-factor", "other-variable"] }] : [];
const reportOf = (works: readonly Work[]): readonly CheckpointReport[] => classReport(works, new Map(), diagnose);

describe("the report on a class", () => {
  const works = [
    workOf("ada", (session) => session.answer("product", right)),
    workOf("ben", (session) => {
      session.answer("product", wrong);
      session.hint("product");
      session.answer("product", wrong);
      session.answer("product", right);
    }),
    workOf("cy", (session) => {
      session.solution("product");
      session.answer("product", right);
    }),
    workOf("di", () => undefined),
    workOf("eve", (session) => {
      session.answer("product", wrong);
      session.reset();
      session.answer("product", right);
    }),
  ];

  it("counts who tried, who was right at first and in the end, what help was taken, and mistakes once a learner", () => {
    assert.deepEqual(reportOf(works), [
      {
        lesson: "one",
        checkpoint: "product",
        learners: 5,
        tried: 4,
        firstTry: 2,
        right: 3,
        hints: 1,
        solutions: 1,
        mistakes: [{ key: "da/dx", rules: ["own-factor", "other-variable"], learners: 2 }],
      },
    ]);
  });

  it("does not depend on the order of learners, nor on how often a record was saved", () => {
    const shuffled = fc.shuffledSubarray(works, { minLength: works.length });
    fc.assert(fc.property(shuffled, (order) => assert.deepEqual(reportOf([...order, ...order]), reportOf(works))));
  });

  it("has a line for each known checkpoint, tried or not, in the lesson's order", () => {
    const known = new Map([["one", ["later", "product"]]]);
    const reports = classReport(works, known, diagnose);
    assert.deepEqual(
      reports.map(({ checkpoint, tried }) => [checkpoint, tried]),
      [
        ["later", 0],
        ["product", 4],
      ],
    );
  });

  it("reads the record from a notebook's outputs, all of them together, whatever else is in them", () => {
    const [ada, ben] = works;
    const notebook = notebookOf(
      codeCell("none", "1"),
      withRecord(codeCell("first", "answer()"), ada!.record),
      withRecord(codeCell("second", "answer()"), { version: 9 }),
      withRecord(codeCell("third", "answer()"), {
        version: 1,
        checkpoints: { product: 7, other: ben!.record.checkpoints["product"] },
      }),
    );
    const read = recordIn(notebook)!;
    assert.deepEqual(read.checkpoints["product"], ada!.record.checkpoints["product"]);
    assert.deepEqual(read.checkpoints["other"], ben!.record.checkpoints["product"]);
    assert.equal(recordIn(notebookOf(codeCell("none", "1"))), undefined);
  });

  it("is a table whose columns stand one below the other", () => {
    assert.equal(
      reportTable(reportOf(works)),
      [
        "Lesson  Checkpoint  Learners  Tried  First try  Right  Hints  Solutions",
        "one     product            5      4          2      3      1          1",
        "    2 × own-factor or other-variable at da/dx",
      ].join("\n"),
    );
  });

  it("lets no name from a file move a terminal's cursor", () => {
    const [first] = reportOf(works);
    const table = reportTable([{ ...first!, lesson: "\u001b[2Jevil\u202e", checkpoint: "a\nb" }]);
    assert.match(table, /�\[2Jevil� {2}a�b/);
  });
});

describe("comma-separated values", () => {
  it("hold no text that a spreadsheet would compute", () => {
    for (const text of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "\r=1", "\n=1"]) {
      assert.match(csvCell(text), /^"?'/, text);
    }
    assert.deepEqual(["a=b", 'say "a", b', -1, "x"].map(csvCell), ["a=b", '"say ""a"", b"', "-1", "x"]);
  });

  it("are read back as they were written, apostrophes before formulas apart", () => {
    const [report] = reportOf([workOf("ada", (session) => session.answer("product", right))]);
    fc.assert(
      fc.property(fc.string(), fc.string(), (lesson, checkpoint) => {
        const rows = parsed(reportCsv([{ ...report!, lesson, checkpoint }]));
        assert.equal(rows.length, 2);
        const texts = rows[1]!.slice(0, 2).map((cell) => cell.replace(/^'/, ""));
        assert.deepEqual(texts, [lesson.replace(/^'/, ""), checkpoint.replace(/^'/, "")]);
      }),
    );
  });
});

/** Reads comma-separated values, quoted cells as RFC 4180 has them. */
function parsed(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain!);
    if (end === "\r\n") rows.push([]);
  }
  return rows.slice(0, -1);
}
