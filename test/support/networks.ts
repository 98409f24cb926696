import {
  add,
  bindName,
  constant,
  crossEntropy,
  datasets,
  gelu,
  inModule,
  mean,
  mul,
  nn,
  Random,
  relu,
  reshape,
  square,
  tanh,
  type Value,
  variable,
} from "../../src/index.ts";

function named(value: Value, name: string): Value {
  bindName(value, name);
  return value;
}

export function numbers(random: Random, shape: readonly number[], name: string): Value {
  const size = shape.reduce((product, length) => product * length, 1);
  return variable({ data: Float64Array.from({ length: size }, () => random.normal()), shape: [...shape] }, name);
}

/** The loss of a network 2-16-16-2 on two moons. */
export function moonsLoss(): Value {
  const random = new Random(1986);
  const { inputs, targets } = datasets.moons({ count: 200, random });
  const model = new nn.Sequential(
    new nn.Linear(2, 16, { random }),
    tanh,
    new nn.Linear(16, 16, { random }),
    tanh,
    new nn.Linear(16, 2, { random }),
  );
  return named(crossEntropy(model.forward(inputs), targets), "loss");
}

class Convolutional extends nn.Module {
  readonly conv1: nn.Conv2d;
  readonly pool: nn.MaxPool2d;
  readonly conv2: nn.Conv2d;
  readonly head: nn.Linear;

  constructor(random: Random) {
    super();
    this.conv1 = new nn.Conv2d(1, 8, 3, { padding: 1, random });
    this.pool = new nn.MaxPool2d(2);
    this.conv2 = new nn.Conv2d(8, 16, 3, { padding: 1, random });
    this.head = new nn.Linear(64, 10, { random });
  }

  override forward(x: Value): Value {
    const once = this.pool.forward(relu(this.conv1.forward(x)));
    const twice = this.pool.forward(relu(this.conv2.forward(once)));
    return this.head.forward(reshape(twice, [x.shape[0]!, 64]));
  }
}

/** The loss of a convolutional network on images of 8×8. */
export function imagesLoss(): Value {
  const random = new Random(1986);
  const data = Float64Array.from({ length: 4 * 64 }, () => random.uniform());
  const images = constant({ data, shape: [4, 1, 8, 8] }, "images");
  return named(crossEntropy(new Convolutional(random).forward(images), [0, 1, 2, 3]), "loss");
}

class Reader extends nn.Module {
  readonly lstm: nn.LSTM;
  readonly head: nn.Linear;

  constructor(random: Random) {
    super();
    this.lstm = new nn.LSTM(3, 8, { random });
    this.head = new nn.Linear(8, 2, { random });
  }

  override forward(x: Value): Value {
    return this.head.forward(this.lstm.forward(x).state.hidden);
  }
}

/** The loss of an LSTM over some steps. */
export function sequenceLoss(steps: number): Value {
  const random = new Random(1986);
  return named(crossEntropy(new Reader(random).forward(numbers(random, [5, steps, 3], "x")), [0, 1, 0, 1, 1]), "loss");
}

class Block extends nn.Module {
  readonly norm1 = new nn.LayerNorm(16);
  readonly norm2 = new nn.LayerNorm(16);
  readonly attention: nn.MultiheadAttention;
  readonly up: nn.Linear;
  readonly down: nn.Linear;

  constructor(random: Random) {
    super();
    this.attention = new nn.MultiheadAttention(16, 4, { random });
    this.up = new nn.Linear(16, 64, { random });
    this.down = new nn.Linear(64, 16, { random });
  }

  override forward(x: Value): Value {
    const normal = this.norm1.forward(x);
    const seen = add(x, this.attention.forward(normal, normal, normal).output);
    return add(seen, this.down.forward(gelu(this.up.forward(this.norm2.forward(seen)))));
  }
}

/** The mean square of what a transformer's block gives. */
export function blockLoss(): Value {
  const random = new Random(1986);
  return named(mean(square(new Block(random).forward(numbers(random, [2, 6, 16], "x")))), "loss");
}

class Neuron extends nn.Module {
  readonly weights: readonly Value[];
  readonly bias = variable(0.1);

  constructor(inputs: number, random: Random) {
    super();
    this.weights = Array.from({ length: inputs }, () => variable(random.normal() / Math.sqrt(inputs)));
  }

  override forward(x: readonly Value[]): Value {
    return x.reduce((sum, value, index) => add(sum, mul(this.weights[index]!, value)), this.bias);
  }
}

class Layer extends nn.Module {
  readonly neurons: readonly Neuron[];
  private readonly bends: boolean;

  constructor(inputs: number, outputs: number, bends: boolean, random: Random) {
    super();
    this.bends = bends;
    this.neurons = Array.from({ length: outputs }, () => new Neuron(inputs, random));
  }

  override forward(x: readonly Value[]): readonly Value[] {
    const sums = this.neurons.map((neuron) => neuron.forward(x));
    return this.bends ? sums.map(tanh) : sums;
  }
}

class Scalars extends nn.Module {
  readonly layers: readonly Layer[];

  constructor(random: Random) {
    super();
    this.layers = [new Layer(2, 16, true, random), new Layer(16, 16, true, random), new Layer(16, 1, false, random)];
  }

  override forward(x: readonly Value[]): readonly Value[] {
    return this.layers.reduce((values, layer) => layer.forward(values), x);
  }
}

/** The loss of a network 2-16-16-1 made of single numbers: about a thousand of them. */
export function scalarsLoss(): Value {
  const random = new Random(1986);
  const [output] = new Scalars(random).forward([variable(0.5, "x1"), variable(-0.3, "x2")]);
  return named(square(add(output!, -1)), "loss");
}

/** A graph of small tensors whose operations are made in layers, nested as the recipe says. */
export interface NetworkRecipe {
  readonly operations: readonly {
    readonly kind: number;
    readonly first: number;
    readonly second: number;
    readonly nest: number;
  }[];
}

/** Builds it: `nest` opens a layer (1), closes one (2), or stays. The output is the mean of all that nothing else uses. */
export function network(recipe: NetworkRecipe): Value {
  const values = [variable([1, 2], "x"), variable([0.5, -1], "y")];
  const used = new Set<Value>();
  const inside = (from: number, depth: number): number => {
    let at = from;
    while (at < recipe.operations.length) {
      const { kind, first, second, nest } = recipe.operations[at]!;
      if (nest === 2 && depth > 0) return at + 1;
      at++;
      const [a, b] = [values[first % values.length]!, values[second % values.length]!];
      used.add(a);
      if (kind > 0) used.add(b);
      values.push(kind === 0 ? tanh(a) : kind === 1 ? add(a, b) : mul(a, b));
      if (nest === 1 && depth < 3) at = inModule({}, `part${at % 3}`, () => inside(at, depth + 1));
    }
    return at;
  };
  inside(0, 0);
  return named(mean(values.filter((value) => !used.has(value)).reduce((sum, value) => add(sum, value))), "z");
}
