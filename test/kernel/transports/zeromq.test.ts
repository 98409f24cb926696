import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import fc from "fast-check";
import { KernelClient } from "../../support/kernel-client.ts";
import { kernelCommand } from "../../support/kernel-command.ts";

describe("The kernel over ZeroMQ", () => {
  let client: KernelClient;
  before(async () => {
    client = await KernelClient.start({ command: kernelCommand, cwd: tmpdir() });
    await client.executeFirst("let kept = 41;");
  });
  after(() => client.close());

  it("welcomes a subscriber before anything else", () => {
    assert.equal(client.heard[0]!.header.msg_type, "iopub_welcome");
    assert.deepEqual(client.heard[0]!.content, { subscription: "" });
  });

  it("runs cells and answers on the socket that asked", async () => {
    const { reply, said } = await client.execute("kept + 1");
    assert.equal(reply.channel, "shell");
    assert.equal(reply.content["status"], "ok");
    const result = said.find(({ header }) => header.msg_type === "execute_result");
    assert.deepEqual(result?.content["data"], { "text/plain": "42" });
  });

  it("echoes heartbeats", async () => {
    assert.equal(await client.beat("still there?"), "still there?");
  });

  it("is interrupted by a message and by a signal, and keeps its state", async () => {
    const interrupts = [
      () => client.ask("interrupt_request", {}, { channel: "control" }),
      ...(process.platform === "win32" ? [] : [() => client.process.kill("SIGINT")]),
    ];
    for (const interrupt of interrupts) {
      const cell = client.execute("console.log('running'); for (;;) {}");
      const seen = client.heard.length;
      await client.hears((message) => client.heard.indexOf(message) >= seen && message.header.msg_type === "stream");
      await interrupt();
      assert.equal((await cell).reply.content["status"], "error");
    }
    const { said } = await client.execute("kept");
    assert.ok(said.some(({ content }) => JSON.stringify(content).includes('"41"')));
  });

  it("survives whatever frames it is sent", async () => {
    const frame = fc.oneof(
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      fc.constant(Buffer.from("<IDS|MSG>")),
      fc.json().map((text) => Buffer.from(text)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 8 }), fc.boolean(), async (frames, control) => {
        await client.sendFrames(frames, control ? "control" : "shell");
      }),
    );
    assert.equal((await client.execute("1")).reply.content["status"], "ok");
  });

  it("says what is wrong with a connection file, and with none", () => {
    const [node, program] = kernelCommand("");
    const run = (...args: string[]): string => spawnSync(node!, [program!, ...args], { encoding: "utf8" }).stderr;
    assert.match(run(), /^gradbook: Jupyter starts this program with a connection file/);
    assert.match(run("/nowhere.json"), /^gradbook: The connection file \/nowhere\.json cannot be read/);
  });
});
