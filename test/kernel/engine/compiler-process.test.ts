import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { CompilerProcess } from "../../../kernel/engine/compiler-process.ts";
import { findSnapshot } from "../../../kernel/engine/snapshot.ts";

/** Processes that this one started, by what they were started with. */
function children(): readonly { readonly pid: number; readonly command: string }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const parent = /^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${name}/status`, "utf8"))?.[1];
        const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
        return Number(parent) === process.pid ? [{ pid: Number(name), command }] : [];
      } catch {
        // It ended meanwhile.
        return [];
      }
    });
}

describe("the compiler's process", () => {
  let compiler: CompilerProcess;
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "gradbook-compiler-"));
  });
  afterEach(() => {
    compiler.close();
    rmSync(folder, { recursive: true });
  });
  const own = (): { readonly pid: number; readonly command: string } | undefined =>
    children().find(({ command }) => command.includes("--snapshot-blob") || command.includes("compiler-main.js"));
  const define = async (code: string): Promise<string> => {
    const { kind } = await compiler.ask("compile", code, {});
    if (kind === "compiled") await compiler.ask("commit");
    return kind;
  };

  it("starts from the snapshot that the build made, and stays with it", async () => {
    assert.ok(findSnapshot() !== undefined, "npm run build makes one");
    compiler = new CompilerProcess(folder);
    assert.equal(await define('import { variable } from "gradbook"; const x = variable(2); x * x'), "compiled");
    assert.match(own()!.command, /--snapshot-blob/);
  });

  it("does without a snapshot that its Node cannot read", async () => {
    compiler = new CompilerProcess(folder, () => path.join(folder, "none.blob"));
    assert.equal(await define("const a = 1; a + 1"), "compiled");
    assert.match(own()!.command, /compiler-main\.js/);
    assert.deepEqual(await compiler.ask("isComplete", "f("), { status: "incomplete", indent: "  " });
  });

  it("is started again when it ends, and knows what was declared", async () => {
    compiler = new CompilerProcess(folder);
    await define("const kept: number = 1;");
    await define("const wrong: number = 'text';");
    await define("const also = kept + 1;");
    const { pid } = own()!;
    const broken = compiler.ask("compile", "kept", {}).catch((error: Error) => error.message);
    process.kill(pid, "SIGKILL");
    assert.match(String(await broken), /^The compiler of cells ended|^\[object/);
    while ([undefined, pid].includes(own()?.pid)) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(await define("also.toFixed(kept)"), "compiled");
    assert.equal(await define("wrong"), "problems");
    await compiler.ask("forget");
    assert.equal(await define("also"), "problems");
  });

  it("is started again when it is told to, also at its first cell", async () => {
    compiler = new CompilerProcess(folder);
    const given = compiler.ask("compile", "1", {}).catch((error: Error) => error.message);
    compiler.restart();
    assert.match(String(await given), /^The compiler of cells ended/);
    assert.equal(await define("const kept = 1;"), "compiled");
    compiler.restart();
    assert.equal(await define("kept.toFixed(1)"), "compiled");
  });
});
