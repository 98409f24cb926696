import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { characterLosses, recordedLosses } from "../support/character-lstm.ts";
import { assertClose } from "../support/close.ts";
import { root } from "../support/paths.ts";
import { environment, programOf } from "../support/python.ts";
import { compare, described, readGroups } from "../support/pytorch/cases.ts";

// The same comparison as in the unit tests, with numbers that PyTorch computes now, on this machine.

const scripts = path.join(root, "test", "fixtures", "pytorch");

describe("PyTorch, live", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), "gradbook-pytorch-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const record = async (script: string, target: string): Promise<void> => {
    const python = programOf(await environment("torch", path.join(scripts, "requirements.txt")), "python");
    const { stdout } = await promisify(execFile)(python, ["-W", "ignore", path.join(scripts, script), target], {
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
    });
    console.log(stdout.replace(/^/gm, "    ").trimEnd());
  };

  it("agrees on every case", async () => {
    await record(".", folder);
    const outcomes = readGroups(folder).flatMap(({ name, cases }) =>
      cases.map((example) => ({ ...compare(example), name: `${name}: ${described(example)}` })),
    );
    assert.ok(outcomes.length >= 1500);
    console.log(`    ${outcomes.length} cases compared`);
    for (const precision of ["float64", "float32"] as const) {
      const worst = outcomes
        .filter((outcome) => outcome.precision === precision)
        .reduce((worst, outcome) => (outcome.error > worst.error ? outcome : worst));
      console.log(`    ${precision}: worst error ${worst.error.toExponential(2)}, ${worst.what} of ${worst.name}`);
    }
    const apart = outcomes.filter(({ agrees }) => !agrees);
    assert.equal(
      apart.length,
      0,
      apart.map(({ name, what, error }) => `${what} is off by ${error}, ${name}`).join("\n"),
    );
  });

  it("trains the character LSTM to the same losses", async () => {
    // Not among the cases: every JSON file there is read as one of theirs.
    const own = path.join(folder, "characters");
    mkdirSync(own);
    const file = path.join(own, "losses.json");
    await record("characters.py", file);
    const { losses } = recordedLosses(file);
    const started = performance.now();
    assertClose(characterLosses(losses.length), losses, 1e-6);
    console.log(`    here ${((performance.now() - started) / losses.length).toFixed(1)} ms a step`);
  });
});
