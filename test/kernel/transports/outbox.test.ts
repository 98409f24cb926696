import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { Outbox } from "../../../kernel/transports/outbox.ts";

/** A socket that, as ZeroMQ's, refuses a send while another is under way. */
class BusySocket {
  readonly sent: string[] = [];
  #busy = false;

  async send(frames: readonly Buffer[]): Promise<void> {
    if (this.#busy) throw new Error("EBUSY");
    this.#busy = true;
    await setImmediate();
    this.sent.push(String(frames[0]));
    this.#busy = false;
  }
}

describe("Outbox", () => {
  it("sends all, in order, one at a time", async () => {
    const socket = new BusySocket();
    const outbox = new Outbox(socket);
    const wanted = Array.from({ length: 1000 }, (_, index) => String(index));
    for (const text of wanted) outbox.post([Buffer.from(text)]);
    await outbox.empty();
    assert.deepEqual(socket.sent, wanted);
    outbox.post([Buffer.from("later")]);
    await outbox.empty();
    assert.equal(socket.sent.at(-1), "later");
  });

  it("lets a welcome pass what waits", async () => {
    const socket = new BusySocket();
    const outbox = new Outbox(socket);
    for (const text of ["on its way", "waiting"]) outbox.post([Buffer.from(text)]);
    outbox.postFirst([Buffer.from("welcome")]);
    await outbox.empty();
    assert.deepEqual(socket.sent, ["on its way", "welcome", "waiting"]);
  });
});
