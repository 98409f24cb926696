import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Kernel, KernelManager, ServerConnection, SessionManager } from "@jupyterlab/services";
import { WebSocket } from "ws";
import { type RunningServer, startServer } from "../../../kernel/server/server.ts";

/** Kernels, through the client that JupyterLab itself uses. */

describe("kernels of the server", () => {
  let folder: string;
  let server: RunningServer;
  let serverSettings: ServerConnection.ISettings;
  let kernels: KernelManager;
  let sessions: SessionManager;
  const { debug, warn } = console;

  before(async () => {
    // The client tells every state of a kernel to the console.
    console.debug = () => {};
    console.warn = () => {};
    folder = await mkdtemp(path.join(tmpdir(), "gradbook-kernels-"));
    server = await startServer({ port: 0, folder });
    serverSettings = ServerConnection.makeSettings({ baseUrl: server.baseUrl, token: server.token });
    kernels = new KernelManager({ serverSettings });
    sessions = new SessionManager({ kernelManager: kernels, serverSettings });
    await sessions.ready;
  });

  after(async () => {
    Object.assign(console, { debug, warn });
    sessions.dispose();
    kernels.dispose();
    await server.close();
    await rm(folder, { recursive: true });
  });

  it("run cells, keep their variables through an interrupt and lose them in a restart", async () => {
    const kernel = await kernels.startNew({ name: "gradbook" });
    assert.deepEqual(await run(kernel, "const kept = 42; kept"), ["42"]);
    const endless = run(kernel, "while (true) {}");
    await statusOf(kernel, "busy");
    await kernel.interrupt();
    assert.match((await endless).join(), /^error: .*Interrupt/);
    assert.deepEqual(await run(kernel, "kept + 1"), ["43"]);
    await kernel.restart();
    assert.match((await run(kernel, "kept")).join(), /^error: /);
    await kernel.shutdown();
  });

  it("that die in a cell say so in the cell, and are started again", async () => {
    const kernel = await kernels.startNew({ name: "gradbook" });
    await run(kernel, "1");
    const died = new Promise<string>((resolve) => {
      kernel.iopubMessage.connect((_, message) => {
        if (message.header.msg_type === "error") resolve((message.content as { evalue: string }).evalue);
      });
    });
    const restarted = statusOf(kernel, "autorestarting");
    kernel
      .requestExecute({ code: "process.kill(process.ppid, 'SIGKILL'); await new Promise(() => {})" })
      .done.catch(() => {});
    assert.match(await died, /^The kernel ended by SIGKILL while this cell ran/);
    await restarted;
    assert.deepEqual(await run(kernel, "2 + 2"), ["4"]);
    await kernel.shutdown();
  });

  it("are shared by the sessions of one notebook, and tell every page what happens", async () => {
    const options = { path: "lesson.ipynb", type: "notebook", name: "lesson.ipynb", kernel: { name: "gradbook" } };
    const first = await sessions.startNew(options);
    const second = await sessions.startNew(options);
    assert.equal(second.id, first.id);
    const heard = new Promise<unknown>((resolve) => {
      second.kernel?.anyMessage.connect((_, { msg }) => {
        if (msg.header.msg_type === "stream") resolve((msg.content as { text: string }).text);
      });
    });
    await run(first.kernel!, "console.log('hello')");
    assert.equal(await heard, "hello\n");
    assert.deepEqual(await run(first.kernel!, "process.env.JPY_SESSION_NAME"), [
      `'${path.join(folder, "lesson.ipynb")}'`,
    ]);
    await first.shutdown();
    await sessions.refreshRunning();
    assert.equal([...sessions.running()].length, 0);
  });

  it("know their notebook where its path is told after the start, and where it moves", async () => {
    const session = await sessions.startNew({
      path: "0b2c-made-up",
      type: "notebook",
      name: "lesson.ipynb",
      kernel: { name: "gradbook" },
    });
    const notebook = async (): Promise<readonly string[]> => run(session.kernel!, "process.env.JPY_SESSION_NAME");
    assert.deepEqual(await notebook(), [`'${path.join(folder, "lesson.ipynb")}'`]);
    await session.setPath("lesson.ipynb");
    await session.setPath("moved.ipynb");
    await session.kernel!.restart();
    assert.deepEqual(await notebook(), [`'${path.join(folder, "moved.ipynb")}'`]);
    const kernel = { id: session.kernel!.id, name: "gradbook" };
    const side = await sessions.startNew({ path: "console-1", type: "console", name: "Console 1", kernel });
    await side.setPath("console-2");
    await session.kernel!.restart();
    assert.deepEqual(await notebook(), [`'${path.join(folder, "moved.ipynb")}'`]);
    await session.shutdown();
  });

  it("speak the older form of the protocol, too", async () => {
    const kernel = await kernels.startNew({ name: "gradbook" });
    const address = `ws://127.0.0.1:${server.port}/api/kernels/${kernel.id}/channels?token=${server.token}`;
    const socket = new WebSocket(address);
    await new Promise((resolve) => socket.once("open", resolve));
    const reply = new Promise<{ content: { status: string } }>((resolve) => {
      socket.on("message", (data: Buffer) => {
        const message = JSON.parse(data.toString("utf8"));
        if (message.header.msg_type === "kernel_info_reply") resolve(message);
      });
    });
    const header = {
      msg_id: "1",
      msg_type: "kernel_info_request",
      session: "s",
      username: "",
      date: "",
      version: "5.3",
    };
    socket.send(JSON.stringify({ channel: "shell", header, parent_header: {}, metadata: {}, content: {} }));
    assert.equal((await reply).content.status, "ok");
    socket.close();
    await kernel.shutdown();
  });

  it("are not reached without the token or from another origin", async () => {
    const address = `ws://127.0.0.1:${server.port}/api/kernels/x/channels`;
    assert.equal(await refusal(address, {}), 403);
    assert.equal(await refusal(`${address}?token=${server.token}`, { Origin: "https://example.org" }), 403);
    assert.equal(await refusal(`${address}?token=${server.token}`, {}), 404);
  });
});

/** Texts of a cell's results, an error as `error: NAME MESSAGE`. */
async function run(kernel: Kernel.IKernelConnection, code: string): Promise<readonly string[]> {
  const texts: string[] = [];
  const future = kernel.requestExecute({ code });
  future.onIOPub = ({ header, content }) => {
    const { data, ename, evalue } = content as { data?: Record<string, string>; ename?: string; evalue?: string };
    if (header.msg_type === "execute_result") texts.push(data?.["text/plain"] ?? "");
    if (header.msg_type === "error") texts.push(`error: ${ename} ${evalue}`);
  };
  await future.done;
  return texts;
}

function statusOf(kernel: Kernel.IKernelConnection, wanted: string): Promise<void> {
  return new Promise((resolve) => {
    kernel.statusChanged.connect((_, status) => {
      if (status === wanted) resolve();
    });
  });
}

function refusal(address: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address, { headers });
    socket.once("unexpected-response", (_, response) => {
      response.resume();
      resolve(response.statusCode);
    });
    socket.once("open", () => reject(new Error("was let in")));
    socket.once("error", () => {});
  });
}
