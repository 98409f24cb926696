import assert from "node:assert/strict";
import { corpusOf, examine, type Findings } from "../../corpus/corpus.ts";

describe("the corpus of answers", () => {
  let graphs: ReturnType<typeof corpusOf>;
  let found: Findings;
  before(async () => {
    graphs = [...corpusOf("scalars"), ...corpusOf("layers")];
    found = await examine(graphs);
  });

  it("is large enough to say something", () => {
    assert.ok(graphs.length >= 40, `${graphs.length} graphs`);
    assert.ok(found.right >= 200, `${found.right} right answers`);
    assert.ok(found.modelled >= 400, `${found.modelled} wrong answers that are known slips`);
  });

  it("has no right answer rejected and no wrong one accepted", () => {
    assert.deepEqual(found.rightRejected, []);
    assert.deepEqual(found.wrongAccepted, []);
  });

  it("has its slips named: 95 of 100 among the reasons, 85 as the first", () => {
    const { modelled, undiagnosed, misdiagnosed, later, first } = found;
    const report = [...undiagnosed, ...misdiagnosed, ...later].join("\n");
    assert.ok(first + later.length >= 0.95 * modelled, report);
    assert.ok(first >= 0.85 * modelled, report);
  });

  it("has no answer accepted that somebody wrote who had not seen the rules, and four of five named", async () => {
    const blind = await examine(corpusOf("blind"));
    assert.ok(blind.wrong >= 100);
    assert.deepEqual(blind.wrongAccepted, []);
    assert.ok(blind.first >= 0.8 * blind.wrong, blind.undiagnosed.join("\n"));
  });
});
