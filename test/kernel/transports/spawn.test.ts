import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import type { JupyterMessage } from "../../../kernel/protocol/message.ts";
import { type KernelProcess, spawnKernel } from "../../../kernel/transports/spawn.ts";
import { request } from "../protocol/conversation.ts";

describe("The kernel in a child process", () => {
  let kernel: KernelProcess;
  before(() => {
    kernel = spawnKernel({ cwd: tmpdir() });
  });
  after(() => kernel.shutdown());

  function heard(fits: (message: JupyterMessage) => boolean): Promise<JupyterMessage> {
    return new Promise((resolve) => {
      const stop = kernel.onMessage((message) => {
        if (!fits(message)) return;
        stop();
        resolve(message);
      });
    });
  }

  function replyTo(asked: JupyterMessage): Promise<JupyterMessage> {
    return heard(
      ({ channel, parent_header }) => channel === asked.channel && parent_header.msg_id === asked.header.msg_id,
    );
  }

  it("runs cells", async () => {
    const asked = request("execute_request", { code: "let kept = 6 * 7; kept" });
    const result = heard(({ header }) => header.msg_type === "execute_result");
    const reply = replyTo(asked);
    kernel.send(asked);
    assert.equal((await reply).content["status"], "ok");
    assert.deepEqual((await result).content["data"], { "text/plain": "42" });
  });

  it("is interrupted, keeps its state, and tells nobody of the question", async () => {
    const strangers: JupyterMessage[] = [];
    const stop = kernel.onMessage((message) => {
      if (message.header.msg_type === "interrupt_reply") strangers.push(message);
    });
    const loop = request("execute_request", { code: "console.log('running'); while (true) {}" });
    const running = heard(({ header }) => header.msg_type === "stream");
    const reply = replyTo(loop);
    kernel.send(loop);
    await running;
    kernel.interrupt();
    assert.equal((await reply).content["status"], "error");
    const after = request("execute_request", { code: "kept" });
    const result = heard(({ header }) => header.msg_type === "execute_result");
    kernel.send(after);
    assert.deepEqual((await result).content["data"], { "text/plain": "42" });
    stop();
    assert.deepEqual(strangers, []);
  });

  it("survives what is no message", async () => {
    kernel.send({ channel: "shell" } as unknown as JupyterMessage);
    const asked = request("kernel_info_request");
    const reply = replyTo(asked);
    kernel.send(asked);
    assert.equal((await reply).content["implementation"], "gradbook");
  });

  it("shuts down, says so to who listens, and takes messages without complaint after that", async () => {
    const exit = new Promise<number | null>((resolve) => kernel.onExit(resolve));
    await kernel.shutdown();
    assert.equal(await exit, 0);
    kernel.send(request("execute_request", { code: "1" }));
    await kernel.shutdown();
    const late = new Promise<number | null>((resolve) => kernel.onExit(resolve));
    assert.equal(await late, 0);
  });
});
