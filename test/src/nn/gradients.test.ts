import assert from "node:assert/strict";
import { checkGradient, nn, Random, sum, tanh, type Value } from "../../../src/index.ts";

interface Case {
  readonly module: nn.Module;
  readonly shape: readonly number[];
  /** The layer's output for an input. */
  readonly run: (x: Value) => Value;
}

function layers(): Readonly<Record<string, Case>> {
  const random = new Random(11);
  const plain = <Layer extends nn.Module & { forward(x: Value): Value }>(
    module: Layer,
    shape: readonly number[],
  ): Case => ({ module, shape, run: (x) => module.forward(x) });
  const recurrent = (module: nn.RNN | nn.LSTM | nn.GRU): Case => ({
    module,
    shape: [2, 3, 2],
    run: (x) => module.forward(x).output,
  });
  const attention = new nn.MultiheadAttention(4, 2, { random });
  return {
    Linear: plain(new nn.Linear(3, 2, { random }), [4, 3]),
    Conv2d: plain(new nn.Conv2d(2, 4, 3, { padding: 1, stride: 2, groups: 2, random }), [1, 2, 4, 5]),
    BatchNorm: plain(new nn.BatchNorm(3), [5, 3]),
    "BatchNorm of images": plain(new nn.BatchNorm(2), [2, 2, 2, 3]),
    LayerNorm: plain(new nn.LayerNorm(4), [3, 4]),
    RNN: recurrent(new nn.RNN(2, 3, { random })),
    LSTM: recurrent(new nn.LSTM(2, 3, { random })),
    GRU: recurrent(new nn.GRU(2, 3, { random })),
    MultiheadAttention: { module: attention, shape: [2, 3, 4], run: (x) => attention.forward(x, x, x).output },
    Sequential: plain(
      new nn.Sequential(new nn.Linear(2, 3, { random }), tanh, new nn.Linear(3, 1, { random })),
      [4, 2],
    ),
  };
}

describe("gradients of layers match central differences", () => {
  for (const [name, { module, shape, run }] of Object.entries(layers())) {
    it(name, () => {
      const random = new Random(13);
      const size = shape.reduce((a, b) => a * b);
      const input = { data: Float64Array.from({ length: size }, () => random.normal()), shape };
      const parameters = module.namedParameters();
      const check = checkGradient(
        (x, ...values) => {
          for (const [i, [path]] of parameters.entries()) module.setParameter(path, values[i]!);
          // Not the sum alone: of what is normalised that would be constant.
          return sum(tanh(run(x)).mul(run(x)));
        },
        [input, ...parameters.map(([, value]) => ({ data: value.data, shape: value.shape }))],
        { tolerance: 2e-6 },
      );
      assert.ok(check.ok, check.message);
    });
  }
});
