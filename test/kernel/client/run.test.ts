import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { type RunOptions, run } from "../../../kernel/client/run.ts";
import { type RunningServer, startServer } from "../../../kernel/server/server.ts";
import { type Notebook, readNotebook, writeNotebook } from "../../../src/course/notebook.ts";
import { codeCell, notebookOf, textCell } from "../../src/course/sample.ts";

describe("gradbook run", () => {
  let folder: string;
  let server: RunningServer;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "gradbook-run-"));
    server = await startServer({ port: 0, folder });
  });
  after(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs a notebook; resolves to the exit code, the executed copy and what was said on stderr. */
  async function runOf(
    notebook: Notebook,
    options: RunOptions,
  ): Promise<{ code: number; copy: Notebook; said: string }> {
    const file = path.join(folder, "one.ipynb");
    await writeFile(file, writeNotebook(notebook));
    const { error } = console;
    const lines: string[] = [];
    console.error = (...parts: unknown[]): void => void lines.push(parts.join(" "));
    try {
      const code = await run(file, options);
      const copy = readNotebook(await readFile(path.join(folder, "one.executed.ipynb"), "utf8"));
      return { code, copy, said: lines.join("\n") };
    } finally {
      console.error = error;
    }
  }

  it("writes the executed copy and says which cell fails, and why", async () => {
    const notebook = notebookOf(
      textCell("text", "Text."),
      codeCell("hello", 'console.log("one");\nconsole.log("two");\n1 + 2'),
      codeCell("empty", ""),
      codeCell("shown", 'throw new Error("on purpose");', { tags: ["raises-exception"] }),
      codeCell("wrong", '\nthrow new Error("no such luck");'),
      codeCell("never", "4"),
    );
    const { code, copy, said } = await runOf(notebook, { server: server.baseUrl, token: server.token });
    assert.equal(code, 1);
    assert.match(said, /^cell 1\/4 {2}hello\ncell 2\/4 {2}shown\ncell 3\/4 {2}wrong\n/);
    assert.match(said, /Cell 5 \(id wrong\) failed: throw new Error\("no such luck"\);\n {2}Error: no such luck/);
    const [, hello, , , wrong, never] = copy.cells;
    assert.ok(hello?.cell_type === "code" && wrong?.cell_type === "code" && never?.cell_type === "code");
    assert.deepEqual(hello.outputs[0], { output_type: "stream", name: "stdout", text: "one\ntwo\n" });
    assert.equal(hello.outputs[1]?.output_type, "execute_result");
    assert.deepEqual([hello.execution_count, wrong.execution_count, never.execution_count], [1, 3, null]);
    assert.equal(wrong.outputs[0]?.output_type, "error");
  });

  it("stops a cell that takes too long, and keeps what it wrote", async () => {
    const endless = notebookOf(codeCell("endless", 'console.log("on and on");\nwhile (true) {}'));
    const { code, copy, said } = await runOf(endless, { server: server.baseUrl, token: server.token, timeout: 1 });
    assert.equal(code, 1);
    assert.match(said, /longer than the time limit of 1 s/);
    assert.match(JSON.stringify(copy.cells[0]), /on and on/);
  });

  it("runs notebooks written for tslab, and any on the kernel it is told", async () => {
    const { baseUrl, token } = server;
    for (const [name, kernel] of [["tslab"], ["jslab"], ["cobol", "gradbook"]]) {
      const notebook = {
        ...notebookOf(codeCell("one", "1 + 1")),
        metadata: { kernelspec: { name, display_name: "X" } },
      };
      const { code, copy } = await runOf(notebook, {
        server: baseUrl,
        token,
        ...(kernel === undefined ? {} : { kernel }),
      });
      assert.equal(code, 0);
      assert.deepEqual(copy.metadata, notebook.metadata);
    }
    const other = runOf(notebookOf(), { server: baseUrl, token, kernel: "tslab" });
    await assert.rejects(other, /has no kernel “tslab”; it has gradbook/);
  });

  it("says in one sentence what is in the way", async () => {
    const unknown = { ...notebookOf(), metadata: { kernelspec: { name: "cobol", display_name: "COBOL" } } };
    const any = notebookOf();
    const { baseUrl, token } = server;
    await assert.rejects(runOf(unknown, { server: baseUrl, token }), /has no kernel “cobol”; it has gradbook/);
    await assert.rejects(runOf(any, { server: baseUrl, token: "guess" }), /refused the token; give it as --token/);
    await assert.rejects(runOf(any, { server: "http://127.0.0.1:9" }), /cannot be reached/);
    await assert.rejects(runOf(any, { server: "ftp://here" }), /must begin with http/);
    await assert.rejects(run(path.join(folder, "missing.ipynb"), {}), /missing\.ipynb: there is no such file/);
    await writeFile(path.join(folder, "broken.ipynb"), "{");
    await assert.rejects(run(path.join(folder, "broken.ipynb"), {}), /broken\.ipynb: The file is not a notebook/);
  });

  it("notices a server that is not Jupyter's", async () => {
    const other: Server = createServer((_request, response) => response.end("<p>Welcome</p>"));
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    try {
      const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
      await assert.rejects(runOf(notebookOf(), { server: url }), /did not answer as a Jupyter server does/);
    } finally {
      other.close();
    }
  });
});
