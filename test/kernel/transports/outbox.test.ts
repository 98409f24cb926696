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

function letter(text: string): () => Buffer[] {
  return () => [Buffer.from(text)];
}

describe("Outbox", () => {
  it("sends all, in order, one at a time", async () => {
    const socket = new BusySocket();
    const outbox = new Outbox(socket);
    const wanted = Array.from({ length: 1000 }, (_, index) => String(index));
    for (const text of wanted) outbox.post(letter(text));
    await outbox.empty();
    assert.deepEqual(socket.sent, wanted);
    outbox.post(letter("later"));
    await outbox.empty();
    assert.equal(socket.sent.at(-1), "later");
  });

  it("leaves the turn in which something is posted to whoever posts it", async () => {
    const outbox = new Outbox(new BusySocket());
    let made = false;
    outbox.post(() => {
      made = true;
      return [];
    });
    await Promise.resolve();
    assert.equal(made, false);
    await outbox.empty();
    assert.equal(made, true);
  });

  it("lets a welcome pass what waits", async () => {
    const socket = new BusySocket();
    const outbox = new Outbox(socket);
    for (const text of ["on its way", "waiting"]) outbox.post(letter(text));
    await setImmediate();
    outbox.postFirst(letter("welcome"));
    await outbox.empty();
    assert.deepEqual(socket.sent, ["on its way", "welcome", "waiting"]);
  });
});
