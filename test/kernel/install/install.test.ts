import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { checkKernelspec } from "../../../kernel/install/doctor.ts";
import type { Machine } from "../../../kernel/install/folders.ts";
import { install, uninstall } from "../../../kernel/install/install.ts";
import { logoPng } from "../../../kernel/install/logo.ts";
import { decode } from "../../support/png.ts";

describe("Installing the kernel", () => {
  let prefix = "";
  beforeEach(() => {
    prefix = mkdtempSync(path.join(tmpdir(), "gradbook-install-"));
  });
  afterEach(() => rmSync(prefix, { recursive: true }));

  const machine = (): Machine => ({
    platform: process.platform,
    home: prefix,
    environment: { JUPYTER_DATA_DIR: path.join(prefix, "share", "jupyter") },
  });

  it("writes a kernelspec that names existing files, and removes it again", async () => {
    const folder = await install({ prefix });
    const spec = JSON.parse(readFileSync(path.join(folder, "kernel.json"), "utf8")) as Record<string, unknown>;
    const [node, program, file] = spec["argv"] as string[];
    assert.ok(path.isAbsolute(node!) && existsSync(node!));
    assert.ok(path.isAbsolute(program!) && existsSync(program!));
    assert.equal(file, "{connection_file}");
    assert.equal(spec["language"], "typescript");
    assert.equal(spec["interrupt_mode"], "message");
    assert.deepEqual(spec["metadata"], { debugger: true });
    for (const logo of ["logo-svg.svg", "logo-32x32.png", "logo-64x64.png"]) {
      assert.ok(existsSync(path.join(folder, logo)), logo);
    }
    assert.deepEqual(await uninstall({ prefix }), [folder]);
    assert.ok(!existsSync(folder));
    assert.deepEqual(await uninstall({ prefix }), []);
  });

  it("says why a folder cannot be written", async () => {
    const file = path.join(prefix, "file");
    writeFileSync(file, "");
    await assert.rejects(
      install({ prefix: file }),
      /cannot be installed in .*: a part of that path is a file\. Choose/,
    );
  });

  it("is seen by the doctor, who also sees what became of it", async () => {
    assert.equal(checkKernelspec(machine()).state, "absent");
    const folder = await install({ prefix });
    assert.deepEqual(checkKernelspec(machine()), { state: "good", says: `Jupyter finds the kernel in ${folder}` });
    const file = path.join(folder, "kernel.json");
    const spec = readFileSync(file, "utf8");
    writeFileSync(file, spec.replace("zeromq.js", "gone.js"));
    assert.match(checkKernelspec(machine()).says, /gone\.js, which is gone/);
    writeFileSync(file, spec.replace("transports/zeromq.js", "gradbook.js"));
    assert.match(checkKernelspec(machine()).says, /names another gradbook/);
    writeFileSync(file, "{");
    assert.match(checkKernelspec(machine()).says, /cannot be read/);
  });

  it("draws its logo: opaque where the operation is, nothing in the corner", () => {
    const picture = decode(logoPng(64));
    const opacity = (x: number, y: number): number => picture.at(x, y)[3]!;
    assert.equal(opacity(47, 32), 255);
    assert.equal(opacity(63, 0), 0);
  });
});
