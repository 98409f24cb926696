import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { twoAtATime } from "../../../kernel/course/two-at-a-time.ts";

describe("pieces of work, two at a time", () => {
  it("are all done, never three at once, and handed out in order", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(4), { maxLength: 12 }), async (turns) => {
        let running = 0;
        let most = 0;
        const taken: number[] = [];
        const work = async (index: number): Promise<number> => {
          most = Math.max(most, ++running);
          for (let turn = 0; turn < turns[index]!; turn++) await setImmediate();
          running -= 1;
          return index;
        };
        await twoAtATime([...turns.keys()], work, (index) => void taken.push(index));
        assert.deepEqual(taken, [...turns.keys()]);
        assert.ok(most <= 2);
      }),
    );
  });

  it("end with the first error", async () => {
    const work = async (piece: number): Promise<void> => {
      if (piece === 1) throw new Error("no luck");
    };
    await assert.rejects(
      twoAtATime([0, 1, 2], work, () => undefined),
      /no luck/,
    );
  });
});
