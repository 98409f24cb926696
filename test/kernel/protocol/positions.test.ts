import assert from "node:assert/strict";
import fc from "fast-check";
import { toCodePoints, toOffset } from "../../../kernel/protocol/positions.ts";

const text = fc.string({ unit: "binary" });

describe("Positions", () => {
  it("agree with the string's own code points", () => {
    fc.assert(
      fc.property(text, fc.nat({ max: 20 }), (code, position) => {
        const before = [...code].slice(0, position);
        assert.equal(toOffset(code, position), before.join("").length);
        assert.equal(toCodePoints(code, toOffset(code, position)), before.length);
      }),
    );
  });

  it("put an offset inside a pair before it", () => {
    assert.equal(toCodePoints("🙂x", 1), 0);
    assert.equal(toCodePoints("🙂x", 2), 1);
    assert.equal(toCodePoints("🙂x", 99), 2);
  });
});
