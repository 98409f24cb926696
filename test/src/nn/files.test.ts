import assert from "node:assert/strict";
import fc from "fast-check";
import {
  constant,
  loadParameters,
  nn,
  ParameterFileError,
  Random,
  saveParameters,
  type Value,
  variable,
} from "../../../src/index.ts";

const model = (seed: number, hidden = 3): nn.Sequential =>
  new nn.Sequential(
    new nn.Linear(2, hidden, { random: new Random(seed) }),
    new nn.BatchNorm(hidden),
    new nn.Linear(hidden, 1, { random: new Random(seed + 1) }),
  );

class Sole extends nn.Module {
  w: Value;

  constructor(w: Value) {
    super();
    this.w = w;
  }

  override forward(): Value {
    return this.w;
  }
}

describe("parameter files", () => {
  it("come back to the bit, buffers included, types kept", () => {
    const saved = model(1);
    saved.forward(
      variable([
        [1, 2],
        [3, -4],
      ]),
    );
    saved.setParameter("layers.0.bias", variable(Float32Array.of(0.1, 0.2, 0.3)));
    const other = model(2);
    loadParameters(other, saveParameters(saved));
    const all = ({ namedParameters, namedBuffers }: nn.Module, self: nn.Module): unknown =>
      [...namedParameters.call(self), ...namedBuffers.call(self)].map(([path, { data, dtype, kind }]) => [
        path,
        data,
        dtype,
        kind,
      ]);
    assert.deepEqual(all(other, other), all(saved, saved));
  });

  it("are laid out as the safetensors format says", () => {
    const layer = new nn.Linear(1, 1);
    layer.setParameter("weight", variable([[1.5]]));
    layer.setParameter("bias", variable(Float32Array.of(-2)));
    const bytes = saveParameters(layer);
    const view = new DataView(bytes.buffer);
    const length = Number(view.getBigUint64(0, true));
    assert.equal(length % 8, 0);
    assert.deepEqual(JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))), {
      weight: { dtype: "F64", shape: [1, 1], data_offsets: [0, 8] },
      bias: { dtype: "F32", shape: [1], data_offsets: [8, 12] },
    });
    assert.equal(view.getFloat64(8 + length, true), 1.5);
    assert.equal(view.getFloat32(16 + length, true), -2);
    assert.equal(bytes.length, 8 + length + 12);
  });

  it("of another model are refused by name, and nothing is changed", () => {
    const target = model(1);
    const before = target.parameters();
    assert.throws(
      () => loadParameters(target, saveParameters(model(1, 4))),
      /layers\.0\.weight is 2×4 in the file; .* 2×3/,
    );
    assert.throws(
      () => loadParameters(target, saveParameters(new nn.Linear(2, 2))),
      /holds weight, which the module has not/,
    );
    assert.throws(
      () => loadParameters(new nn.Sequential(target, new nn.Linear(1, 1)), saveParameters(new nn.Sequential(target))),
      /lacks layers\.1\.weight/,
    );
    assert.deepEqual(target.parameters(), before);
  });

  it("with whole numbers for a parameter are refused", () => {
    const file = { whole: new Sole(constant(Int32Array.of(1, 2))), moving: new Sole(variable([1, 2])) };
    assert.throws(
      () => loadParameters(file.moving, saveParameters(file.whole)),
      (error) => error instanceof ParameterFileError && /w is int32 in the file; .* float64/.test(error.message),
    );
  });

  it("that are broken are refused, wherever they are cut or changed", () => {
    const bytes = saveParameters(model(1));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), (length) => {
        assert.throws(() => loadParameters(model(2), bytes.subarray(0, length)), ParameterFileError);
      }),
    );
    fc.assert(
      fc.property(fc.nat(200), fc.nat(255), (at, byte) => {
        const changed = bytes.slice();
        changed[at] = byte;
        try {
          loadParameters(model(2), changed);
        } catch (error) {
          assert.ok(error instanceof ParameterFileError, String(error));
        }
      }),
    );
  });
});
