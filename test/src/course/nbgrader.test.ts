import assert from "node:assert/strict";
import fc from "fast-check";
import { checksum, graderFaults, isLocked, pythonFloat } from "../../../src/course/nbgrader.ts";
import { codeCell, solutionMetadata, testMetadata, textCell } from "./sample.ts";

const identity = (text: string): string => text;

describe("nbgrader's metadata", () => {
  it("is hashed in nbgrader's order, written as Python writes it", () => {
    const solution = codeCell("a", "x", { nbgrader: solutionMetadata("one") });
    assert.equal(checksum(solution, identity), "xcodeFalseTrueFalseone");
    const test = codeCell("b", "y", { nbgrader: { ...testMetadata("two", 2), locked: false } });
    assert.equal(checksum(test, identity), "ycodeTrueFalseTruetwo2.0");
  });

  it("has points as Python's floats", () => {
    const cases = [2, 0, 0.5, 1e-4, 12.25, 1e16, 1.5e-7, 123456789] as const;
    assert.deepEqual(cases.map(pythonFloat), [
      "2.0",
      "0.0",
      "0.5",
      "0.0001",
      "12.25",
      "1e+16",
      "1.5e-07",
      "123456789.0",
    ]);
    fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => Number(pythonFloat(x)) === x));
  });

  it("locks tests and never solutions, whatever it says", () => {
    assert.equal(isLocked(codeCell("a", "", { nbgrader: { ...solutionMetadata("a"), locked: true } })), false);
    assert.equal(isLocked(codeCell("b", "", { nbgrader: { ...testMetadata("b", 1), locked: false } })), true);
  });

  it("is refused where nbgrader would refuse it", () => {
    const { grade_id: _id, ...nameless } = solutionMetadata("a");
    const { points: _points, ...worthless } = testMetadata("a", 1);
    assert.match(graderFaults(codeCell("a", "", { nbgrader: nameless })).join(), /needs a "grade_id"/);
    assert.match(graderFaults(codeCell("a", "", { nbgrader: worthless })).join(), /needs "points"/);
    assert.match(
      graderFaults(textCell("a", "", { nbgrader: solutionMetadata("a") })).join(),
      /either graded and a solution/,
    );
    assert.match(
      graderFaults(codeCell("a", "", { nbgrader: { ...testMetadata("a", 1), task: true } })).join(),
      /a task is a Markdown cell/,
    );
    assert.deepEqual(graderFaults(codeCell("a", "", { nbgrader: testMetadata("a", 1) })), []);
  });
});
