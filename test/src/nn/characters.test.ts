import assert from "node:assert/strict";
import { characterLosses, recordedLosses } from "../../support/character-lstm.ts";
import { assertClose } from "../../support/close.ts";

describe("a character LSTM", () => {
  it("loses what the same model loses in PyTorch, from the first step to the last", () => {
    const { losses } = recordedLosses();
    const own = characterLosses(losses.length);
    assertClose(own, losses, 1e-6);
    // It has learned: a guess among all characters alike is worse than 3.7.
    assert.ok(own.at(-1)! < 2, `the last loss is ${own.at(-1)}`);
  });
});
