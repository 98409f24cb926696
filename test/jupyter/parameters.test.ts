import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { constant, loadParameters, nn, Random, saveParameters, type Value, variable } from "../../src/index.ts";
import { root } from "../support/paths.ts";
import { python } from "../support/python.ts";

/** One of each type, also of shapes that are easily forgotten. */
class Mixture extends nn.Module {
  readonly linear: nn.Linear;
  readonly norm: nn.BatchNorm = new nn.BatchNorm(2);
  single: Value;
  scalar: Value = variable(-0.75);
  none: Value = variable({ data: new Float64Array(0), shape: [0, 3] });
  count: Value = constant(Int32Array.of(-7, 2 ** 30));
  seen: Value = constant([[true, false, true]]);

  constructor(seed: number) {
    super();
    const random = new Random(seed);
    this.linear = new nn.Linear(3, 2, { random });
    this.single = variable(Float32Array.from({ length: 5 }, () => random.normal()));
  }

  override forward(x: Value): Value {
    return this.norm.forward(this.linear.forward(x));
  }
}

const state = (model: nn.Module): readonly (readonly [string, Value])[] => [
  ...model.namedParameters(),
  ...model.namedBuffers(),
];

interface Found {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly numbers: readonly (number | boolean)[];
}

describe("parameter files and Python's safetensors", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), "gradbook-parameters-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("read each other's files to the bit", async () => {
    const saved = new Mixture(1);
    const [ours, theirs] = ["ours", "theirs"].map((name) => path.join(folder, `${name}.safetensors`)) as [
      string,
      string,
    ];
    writeFileSync(ours, saveParameters(saved));
    const { python: program } = await python();
    const script = path.join(root, "test", "jupyter", "parameters.py");
    const { stdout } = await promisify(execFile)(program, [script, ours, theirs]);
    const found = JSON.parse(stdout) as Readonly<Record<string, Found>>;
    assert.deepEqual(
      Object.keys(found).sort(),
      state(saved)
        .map(([name]) => name)
        .sort(),
    );
    for (const [name, { dtype, shape, data }] of state(saved)) {
      const { numbers, ...entry } = found[name]!;
      assert.deepEqual(entry, { dtype, shape: [...shape] }, name);
      assert.deepEqual(numbers.map(Number), Array.from(data), name);
    }
    const loaded = new Mixture(2);
    loadParameters(loaded, readFileSync(theirs));
    const before = new Map(state(saved));
    for (const [name, { dtype, shape, data, kind }] of state(loaded)) {
      const old = before.get(name)!;
      assert.deepEqual([dtype, shape, kind], [old.dtype, old.shape, old.kind], name);
      const changed = Array.from(old.data, (number) =>
        dtype === "bool" ? 1 - number : dtype === "int32" ? number + 1 : number / 2,
      );
      assert.deepEqual(Array.from(data), changed, name);
    }
  });
});
