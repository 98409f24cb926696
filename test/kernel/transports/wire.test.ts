import assert from "node:assert/strict";
import fc from "fast-check";
import { decode, encode, MalformedFrames } from "../../../kernel/transports/wire.ts";
import { request } from "../protocol/conversation.ts";

const signing = { key: "a secret", scheme: "hmac-sha256" };
const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
const identities = fc.array(bytes, { maxLength: 2 });
const content = fc.dictionary(fc.string(), fc.jsonValue());

describe("Messages in ZeroMQ frames", () => {
  it("come back as they were sent, buffers and identities included", () => {
    fc.assert(
      fc.property(identities, content, fc.array(bytes), (route, said, buffers) => {
        const sent = { ...request("execute_request", said as Record<string, unknown>), buffers };
        const received = decode(encode(sent, route, signing), "shell", signing);
        assert.deepEqual(received.identities, route);
        assert.deepEqual(received.message, { ...(JSON.parse(JSON.stringify(sent)) as object), buffers });
      }),
    );
  });

  it("are refused when any signed byte has changed", () => {
    const frames = encode(request("execute_request", { code: "1 + 1" }), [], signing);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (which, at, change) => {
        const forged = frames.map((frame) => Buffer.from(frame));
        const frame = forged[which]!;
        frame[at % frame.length]! ^= change;
        assert.throws(() => decode(forged, "shell", signing), MalformedFrames);
      }),
    );
  });

  it("are refused under another key, and pass unsigned where there is none", () => {
    const sent = request("kernel_info_request");
    assert.throws(() => decode(encode(sent, [], signing), "shell", { ...signing, key: "other" }), MalformedFrames);
    const open = { key: "", scheme: "hmac-sha256" };
    assert.deepEqual(decode(encode(sent, [], open), "shell", open).message.header, sent.header);
  });

  it("that are no message are refused with a reason, whatever they are", () => {
    const delimiter = Buffer.from("<IDS|MSG>");
    const frame = fc.oneof(
      bytes,
      fc.constant(delimiter),
      fc.json().map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(fc.array(frame), (frames) => {
        assert.throws(() => decode(frames, "shell", signing), MalformedFrames);
        // Even correctly signed nonsense is nonsense.
        const parts = [...frames, ...Array<Buffer>(4).fill(Buffer.from("[]"))].slice(0, 4);
        assert.throws(
          () => decode([delimiter, Buffer.alloc(0), ...parts], "shell", { key: "", scheme: "hmac-sha256" }),
          MalformedFrames,
        );
      }),
    );
  });
});
