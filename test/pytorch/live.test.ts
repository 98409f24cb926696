import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { root } from "../support/paths.ts";
import { environment, programOf } from "../support/python.ts";
import { type Compared, compare, recordedIn, tolerances } from "../support/pytorch.ts";

// The same comparison as in the unit tests, with numbers that PyTorch computes now, on this machine.

const scripts = path.join(root, "test", "fixtures", "pytorch");

describe("PyTorch, live", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), "gradbook-pytorch-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("agrees on every case", async () => {
    const python = programOf(await environment("torch", path.join(scripts, "requirements.txt")), "python");
    const { stdout } = await promisify(execFile)(python, [path.join(scripts, "record.py"), folder], {
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
    });
    console.log(stdout.replace(/^/gm, "    ").trimEnd());
    const cases = recordedIn(folder).flatMap((recorded) => recorded.cases.map(compare));
    assert.ok(cases.length >= 1500);
    console.log(`    ${cases.length} cases compared`);
    for (const dtype of ["float64", "float32"] as const) {
      const worst = worstOf(cases, dtype);
      console.log(`    ${dtype}: worst error ${worst.error.toExponential(2)}, ${worst.name}: ${worst.what}`);
      assert.ok(worst.error <= tolerances[dtype]);
    }
    for (const dtype of ["int32", "bool"] as const) assert.equal(worstOf(cases, dtype).error, 0);
  });
});

function worstOf(cases: readonly Compared[], dtype: string): { name: string; what: string; error: number } {
  const all = cases.flatMap(({ name, comparisons }) =>
    comparisons.filter((comparison) => comparison.dtype === dtype).map(({ what, error }) => ({ name, what, error })),
  );
  return all.reduce((worst, next) => (next.error > worst.error ? next : worst));
}
