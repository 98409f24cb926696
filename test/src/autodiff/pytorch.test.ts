import assert from "node:assert/strict";
import path from "node:path";
import { root } from "../../support/paths.ts";
import { compare, recordedIn, tolerances } from "../../support/pytorch.ts";

// What PyTorch computed for the same inputs; test/fixtures/pytorch/record.py made the files.

const recorded = recordedIn(path.join(root, "test", "fixtures", "pytorch"));

describe(`PyTorch ${recorded[0]?.torch}`, () => {
  for (const { group, cases } of recorded) {
    it(`agrees on ${group} (${cases.length} cases)`, () => {
      const wrong = cases.flatMap((example) => {
        const { name, comparisons } = compare(example);
        return comparisons
          .filter(({ dtype, error }) => !(error <= tolerances[dtype]))
          .map(({ what, dtype, error }) => `${name}: ${what} (${dtype}) is off by ${error}`);
      });
      assert.equal(wrong.length, 0, `${wrong.length} tensors differ:\n${wrong.slice(0, 20).join("\n")}`);
    });
  }

  it("was asked at least 1,500 times", () => {
    assert.ok(recorded.reduce((total, { cases }) => total + cases.length, 0) >= 1500);
  });
});
