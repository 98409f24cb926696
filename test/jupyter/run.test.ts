import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { releasedLesson } from "../../kernel/course/lessons.ts";
import { writeFileWhole } from "../../kernel/course/write-file.ts";
import { startServer } from "../../kernel/server/server.ts";
import { type CodeCell, type Output, readNotebook, writeNotebook } from "../../src/course/notebook.ts";
import { type InstalledKernel, installedKernel } from "../support/installed.ts";
import { root } from "../support/paths.ts";
import { python } from "../support/python.ts";

const lesson = "01-the-graph-of-a-function.ipynb";
const command = path.join(root, "dist", "kernel", "gradbook.js");

interface Peer {
  readonly url: string;
  readonly token: string;
  close(): Promise<void>;
}

describe("gradbook run, one lesson on any server", () => {
  let jupyter: InstalledKernel;
  before(async () => {
    jupyter = await installedKernel();
    const author = path.join(root, "lessons", lesson);
    await writeFileWhole(path.join(jupyter.folder, "solved.ipynb"), readFileSync(author));
    await writeFileWhole(
      path.join(jupyter.folder, "released.ipynb"),
      writeNotebook(await releasedLesson(author, true)),
    );
  });
  after(() => jupyter.remove());

  const servers: Readonly<Record<string, () => Promise<Peer | undefined>>> = {
    "one of its own": async () => undefined,
    "our server": async () => {
      const server = await startServer({ port: 0, folder: jupyter.folder });
      return { url: server.url, token: server.token, close: () => server.close() };
    },
    jupyter_server: async () => jupyterServer(jupyter),
  };

  for (const [name, start] of Object.entries(servers)) {
    describe(`on ${name}`, () => {
      let peer: Peer | undefined;
      before(async () => {
        peer = await start();
      });
      after(async () => peer?.close());

      const run = async (file: string): Promise<Readonly<Record<string, readonly Output[]>>> => {
        const output = path.join(jupyter.folder, `executed-${file}`);
        const where = peer === undefined ? [] : ["--server", peer.url, "--token", peer.token];
        const args = [command, "run", path.join(jupyter.folder, file), "--output", output, ...where];
        const { code, stdout, stderr } = await new Promise<{ code: unknown; stdout: string; stderr: string }>(
          (resolve) => {
            execFile(process.execPath, args, (error, stdout, stderr) =>
              resolve({ code: error?.code ?? 0, stdout, stderr }),
            );
          },
        );
        assert.deepEqual([code, stdout], [0, ""], stderr);
        const { cells } = readNotebook(readFileSync(output, "utf8"));
        const codeCells = cells.filter((cell): cell is CodeCell => cell.cell_type === "code");
        return Object.fromEntries(codeCells.map((cell) => [cell.id, cell.outputs]));
      };

      it("runs the solved lesson: the article's gradients, every checkpoint right, full marks", async () => {
        const outputs = await run("solved.ipynb");
        const expected = "Gradient wrt x: 4.0\nGradient wrt y: 4.0\nGradient wrt w: 5.0\n";
        for (const id of ["backward-by-hand", "library-gradients"]) {
          assert.deepEqual(outputs[id], [{ output_type: "stream", name: "stdout", text: expected }]);
        }
        assert.match(JSON.stringify(outputs["seed-answer"]), /all 8 right/);
        assert.match(JSON.stringify(outputs["rebate-answer"]), /all 5 right/);
        assert.deepEqual(
          ["seed-points", "rebate-points", "gradients-test"].map((id) => result(outputs[id])),
          ["2", "1", "3"],
        );
        const figure = outputs["figure"]?.[0];
        assert.ok(figure !== undefined && "data" in figure);
        assert.deepEqual(Object.keys(figure.data), [
          "application/vnd.vegalite.v5+json",
          "image/png",
          "image/svg+xml",
          "text/plain",
        ]);
      });

      it("runs the released lesson without an error: what is not attempted counts nothing", async () => {
        const outputs = await run("released.ipynb");
        assert.match(JSON.stringify(outputs["seed-answer"]), /not attempted/);
        assert.match(JSON.stringify(outputs["gradients-try"]), /not attempted yet/);
        assert.deepEqual(
          ["seed-points", "rebate-points", "gradients-test"].map((id) => result(outputs[id])),
          ["0", "0", "0"],
        );
        assert.ok(Object.values(outputs).every((all) => all.every((output) => output.output_type !== "error")));
      });
    });
  }
});

/** A cell's last result as plain text. */
function result(outputs: readonly Output[] = []): unknown {
  const last = outputs.at(-1);
  return last !== undefined && "data" in last ? last.data["text/plain"] : undefined;
}

async function jupyterServer(jupyter: InstalledKernel): Promise<Peer> {
  const { python: interpreter } = await python();
  const token = "a-token-for-this-test";
  const args = [
    "-m",
    "jupyter_server",
    "--port=0",
    "--ip=127.0.0.1",
    "--no-browser",
    "--allow-root",
    `--IdentityProvider.token=${token}`,
  ];
  const server: ChildProcess = spawn(interpreter, args, {
    cwd: jupyter.folder,
    env: jupyter.environment,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const url = await new Promise<string>((resolve, reject) => {
    let text = "";
    server.stderr?.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
      const found = /http:\/\/127\.0\.0\.1:\d+\//.exec(text);
      if (found !== null) resolve(found[0]);
    });
    server.once("exit", () => reject(new Error(`jupyter_server did not start:\n${text}`)));
  });
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.once("exit", () => resolve());
      server.kill("SIGTERM");
    });
  return { url, token, close };
}
