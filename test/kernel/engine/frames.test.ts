import assert from "node:assert/strict";
import fc from "fast-check";
import { FrameReader, frame } from "../../../kernel/engine/user/frames.ts";

describe("messages in frames", () => {
  it("arrive as they were, however they are cut", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.infiniteStream(fc.integer({ min: 1, max: 40 })), (messages, sizes) => {
        const bytes = Buffer.concat(messages.map(frame));
        const received: unknown[] = [];
        const reader = new FrameReader<unknown>((message) => received.push(message));
        for (let start = 0; start < bytes.length; ) {
          const size: number = sizes.next().value;
          reader.push(bytes.subarray(start, start + size));
          start += size;
        }
        // As JSON has them: it knows no negative zero.
        assert.deepEqual(received, JSON.parse(JSON.stringify(messages)));
      }),
    );
  });

  it("take no longer for each byte, the larger they are", () => {
    const bytes = frame("x".repeat(40_000_000));
    let received = 0;
    const reader = new FrameReader<string>((message) => {
      received = message.length;
    });
    const began = performance.now();
    for (let start = 0; start < bytes.length; start += 4096) reader.push(bytes.subarray(start, start + 4096));
    assert.equal(received, 40_000_000);
    // Put together anew with each piece, it would be two hundred gigabytes to copy.
    assert.ok(performance.now() - began < 10_000);
  });
});
