import assert from "node:assert/strict";
import {
  add,
  graphOf,
  loadParameters,
  matmul,
  mean,
  mul,
  nn,
  Random,
  relu,
  reshape,
  ShapeError,
  saveParameters,
  square,
  sum,
  type Value,
  variable,
} from "../../../src/index.ts";
import { assertClose } from "../../support/close.ts";

class Residual extends nn.Module {
  readonly notes: object;
  readonly inner: nn.Sequential;
  scale: Value = variable(2);

  constructor(random: Random, notes: object = {}) {
    super();
    this.notes = notes;
    this.inner = new nn.Sequential(new nn.Linear(3, 3, { random }), relu, new nn.Linear(3, 3, { random }));
  }

  override forward(x: Value): Value {
    return add(x, mul(this.scale, this.inner.forward(x)));
  }
}

describe("Module", () => {
  it("names parameters by their path, in the order of the fields", () => {
    const names = new Residual(new Random(1)).namedParameters().map(([path]) => path);
    assert.deepEqual(names, [
      "inner.layers.0.weight",
      "inner.layers.0.bias",
      "inner.layers.2.weight",
      "inner.layers.2.bias",
      "scale",
    ]);
  });

  it("counts a layer that is used twice once", () => {
    const layer = new nn.Linear(2, 2);
    assert.equal(new nn.Sequential(layer, relu, layer).parameters().length, 2);
  });

  it("tells each node which layer made it", () => {
    const z = new Residual(new Random(1)).forward(variable([[1, 2, 3]]));
    const paths = graphOf(z).nodes.flatMap(({ primitive, module }) => (primitive ? [module.join(" / ")] : []));
    assert.deepEqual(paths, [
      "residual / inner / layers.0",
      "residual / inner / layers.0",
      "residual / inner",
      "residual / inner / layers.2",
      "residual / inner / layers.2",
      "residual",
      "residual",
    ]);
  });

  it("replaces a parameter, and says what does not fit", () => {
    const model = new Residual(new Random(1));
    model.setParameter("inner.layers.0.bias", variable([7, 8, 9]));
    assert.deepEqual(model.parameters()[1]!.toArray(), [7, 8, 9]);
    assert.throws(() => model.setParameter("scale", variable([1, 2])), ShapeError);
    assert.throws(() => model.setParameter("inner.scale", variable(1)), /no parameter inner.scale/);
  });

  it("lists a parameter that stands in two places once, and replaces it in both", () => {
    const model = new nn.Sequential(new nn.Linear(2, 2, { bias: false }), new nn.Linear(2, 2, { bias: false }));
    const [first, second] = model.layers as readonly nn.Linear[];
    second!.weight = first!.weight;
    assert.deepEqual(
      model.namedParameters().map(([path]) => path),
      ["layers.0.weight"],
    );
    loadParameters(model, saveParameters(model));
    assert.equal(first!.weight, second!.weight);
  });

  it("may hold a record that holds itself", () => {
    const circle: { around?: object } = {};
    circle.around = circle;
    const model = new Residual(new Random(1), circle);
    assert.deepEqual(model.forward(variable([[1, 2, 3]])).shape, [1, 3]);
    assert.equal(model.eval().namedParameters().length, 5);
  });

  it("is in training or not, with all that is in it", () => {
    const dropout = new nn.Dropout(0.5);
    const model = new nn.Sequential(new nn.Sequential(dropout));
    assert.equal(model.eval(), model);
    assert.equal(dropout.training, false);
    assert.equal(model.train().training && dropout.training, true);
  });

  it("begins with the same weights for the same seed, within the bound of its fan-in", () => {
    const [a, b] = [1, 1].map((seed) => new nn.Linear(16, 8, { random: new Random(seed) }));
    assert.deepEqual(a!.weight.data, b!.weight.data);
    assert.ok(a!.weight.data.every((number) => Math.abs(number) < 1 / 4));
    assert.ok(a!.weight.data.some((number) => Math.abs(number) > 0.2));
  });
});

describe("layers", () => {
  it("Linear is x·W + b", () => {
    const layer = new nn.Linear(3, 2);
    const x = variable([[1, -2, 3]]);
    assertClose(layer.forward(x).data, add(matmul(x, layer.weight), layer.bias!).data);
    assert.equal(new nn.Linear(3, 2, { bias: false }).parameters().length, 1);
  });

  it("Conv2d says which channels do not divide into its groups", () => {
    assert.throws(() => new nn.Conv2d(3, 4, 3, { groups: 2 }), /3 channels in and 4 out do not divide into 2 groups/);
    assert.throws(() => new nn.Conv2d(4, 3, 3, { groups: 2 }), ShapeError);
    assert.deepEqual(new nn.Conv2d(4, 2, 3, { groups: 2 }).weight.shape, [2, 2, 3, 3]);
  });

  it("Dropout keeps the mean, and does nothing outside of training", () => {
    const x = variable(Array.from({ length: 20_000 }, () => 3));
    const layer = new nn.Dropout(0.25, { random: new Random(3) });
    const dropped = layer.forward(x);
    assertClose(mean(dropped).item(), 3, 0.02);
    assertClose(dropped.data.filter((number) => number === 0).length / 20_000, 0.25, 0.02);
    assert.equal(layer.eval().forward(x), x);
    assert.throws(() => new nn.Dropout(1), RangeError);
  });

  it("BatchNorm gives each feature mean 0 and variance 1, and follows what it sees", () => {
    const random = new Random(5);
    const layer = new nn.BatchNorm(2);
    const rows = Array.from({ length: 500 }, () => [random.normal(4, 3), random.normal(-1, 0.5)]);
    const y = layer.forward(variable(rows));
    assertClose(mean(y, { axes: 0 }).data, [0, 0], 1e-9);
    assertClose(mean(square(y), { axes: 0 }).data, [1, 1], 1e-4);
    for (let i = 0; i < 80; i++) layer.forward(variable(rows));
    assertClose(layer.runningMean.data, [4, -1], 0.2);
    assertClose(layer.runningVariance.data, [9, 0.25], 1);
    assert.deepEqual(
      layer.namedBuffers().map(([path]) => path),
      ["runningMean", "runningVariance"],
    );
    assertClose(layer.eval().forward(variable([[4, -1]])).data, [0, 0], 0.2);
    assert.throws(() => layer.forward(variable([[1, 2, 3]])), /must be \[N, 2\]/);
  });

  it("BatchNorm keeps float32, in training and in use", () => {
    const layer = new nn.BatchNorm(2);
    for (const [path, { data }] of layer.namedParameters()) layer.setParameter(path, variable(Float32Array.from(data)));
    const x = variable({ data: Float32Array.of(1, 2, 3, 5), shape: [2, 2] });
    assert.equal(layer.forward(x).dtype, "float32");
    assert.equal(layer.eval().forward(x).dtype, "float32");
  });

  it("LayerNorm gives each row mean 0 and variance 1", () => {
    const y = new nn.LayerNorm(4).forward(
      variable([
        [1, 2, 3, 4],
        [-5, 0, 5, 10],
      ]),
    );
    assertClose(mean(y, { axes: 1 }).data, [0, 0], 1e-9);
    assertClose(mean(square(y), { axes: 1 }).data, [1, 1], 1e-4);
  });

  it("Embedding adds up the gradients of a row that is used twice", async () => {
    const { backward } = await import("../../../src/index.ts");
    const layer = new nn.Embedding(4, 2);
    const gradient = backward(
      sum(
        layer.forward([
          [1, 1],
          [3, 1],
        ]),
      ),
    ).of(layer.weight);
    assert.deepEqual(gradient.toArray(), [
      [0, 0],
      [3, 3],
      [0, 0],
      [1, 1],
    ]);
  });

  for (const [name, make] of Object.entries({
    RNN: () => new nn.RNN(2, 3),
    LSTM: () => new nn.LSTM(2, 3),
    GRU: () => new nn.GRU(2, 3),
  })) {
    it(`${name} goes on from its state as if it had not been interrupted`, () => {
      const layer = make() as nn.RNN;
      const random = new Random(7);
      const x = variable({ data: Float64Array.from({ length: 24 }, () => random.normal()), shape: [2, 6, 2] });
      const whole = layer.forward(x);
      const first = layer.forward(x.slice([undefined, [0, 2]]));
      const second = layer.forward(x.slice([undefined, [2]]), first.state);
      assert.deepEqual(whole.output.shape, [2, 6, 3]);
      assertClose(second.output.data, whole.output.slice([undefined, [2]]).data, 1e-12);
      assert.throws(() => layer.forward(variable([[1, 2]])), /\[batch, time, 2\]/);
      const none = variable({ data: new Float64Array(0), shape: [2, 0, 2] });
      assert.throws(() => layer.forward(none), /at least one step of time/);
    });
  }

  it("MultiheadAttention begins without shifts, its entrance within Glorot's bound for three outputs a side", () => {
    const layer = new nn.MultiheadAttention(16, 4, { random: new Random(3) });
    const bound = Math.sqrt(6 / 64);
    for (const { weight } of [layer.query, layer.key, layer.value]) {
      const largest = Math.max(...weight.data.map(Math.abs));
      assert.ok(largest < bound && largest > 0.95 * bound, `${largest} against ${bound}`);
    }
    assert.ok(layer.output.weight.data.every((number) => Math.abs(number) < 1 / 4));
    for (const [path, { data }] of layer.namedParameters()) {
      if (path.endsWith("bias")) assert.ok(data.every((number) => number === 0));
    }
  });

  it("MultiheadAttention looks nowhere where the mask is false", () => {
    const layer = new nn.MultiheadAttention(4, 2);
    const random = new Random(9);
    const x = variable({ data: Float64Array.from({ length: 24 }, () => random.normal()), shape: [2, 3, 4] });
    const causal = reshape(
      variable([
        [1, 0, 0],
        [1, 1, 0],
        [1, 1, 1],
      ]),
      [1, 1, 3, 3],
    );
    const { output, weights } = layer.forward(x, x, x, { mask: causal });
    assert.deepEqual(output.shape, [2, 3, 4]);
    assertClose(sum(weights, { axes: -1 }).data, new Float64Array(12).fill(1), 1e-12);
    assert.equal(Math.max(...mul(weights, causal.mul(-1).add(1)).data), 0);
    assert.throws(() => new nn.MultiheadAttention(5, 2), /does not divide/);
  });
});
