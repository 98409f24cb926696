import {
  adam,
  argmax,
  backward,
  constant,
  crossEntropy,
  type Dataset,
  datasets,
  nn,
  Random,
  relu,
  reshape,
  type Value,
} from "../../src/index.ts";

/** A network that tells digits apart, and how it is trained: chosen on parts of the training digits, from other seeds than the tests'. */
export interface Recipe {
  /** What one image is to it. */
  readonly image: readonly number[];
  readonly make: (random: Random) => nn.Module & { forward(x: Value): Value };
  readonly epochs: number;
  /** At the first step; it falls to 0 in a straight line. */
  readonly learningRate: number;
}

/** Two layers on 64 numbers, the hidden one normalised over the batch. */
export const mlp: Recipe = {
  image: [64],
  make: (random) =>
    new nn.Sequential(
      new nn.Linear(64, 128, { random }),
      new nn.BatchNorm(128),
      relu,
      new nn.Dropout(0.5, { random: random.fork() }),
      new nn.Linear(128, 10, { random }),
    ),
  epochs: 30,
  learningRate: 0.005,
};

/** Two convolutions on 8×8 images, each normalised over the batch. */
export const cnn: Recipe = {
  image: [1, 8, 8],
  make: (random) =>
    new nn.Sequential(
      new nn.Conv2d(1, 16, 3, { padding: 1, random }),
      new nn.BatchNorm(16),
      relu,
      new nn.MaxPool2d(2),
      new nn.Conv2d(16, 32, 3, { padding: 1, random }),
      new nn.BatchNorm(32),
      relu,
      new nn.Dropout(0.3, { random: random.fork() }),
      (x) => reshape(x, [-1, 512]),
      new nn.Linear(512, 10, { random }),
    ),
  epochs: 12,
  learningRate: 0.005,
};

const batch = 32;

/** What share of the examples a network puts in their class. */
export function accuracy(model: nn.Module & { forward(x: Value): Value }, { inputs, targets }: Dataset): number {
  const guesses = argmax(model.eval().forward(inputs), { axis: 1 }).data;
  model.train();
  return targets.data.filter((target, i) => target === guesses[i]).length / targets.data.length;
}

export interface Trained {
  /** On the fifth of the digits that was kept apart. */
  readonly accuracy: number;
  readonly parameters: readonly Value[];
}

/** Trains on four fifths of the digits; everything random follows from the seed. */
export async function trainOnDigits({ image, make, epochs, learningRate }: Recipe, seed: number): Promise<Trained> {
  const random = new Random(seed);
  const { inputs, ...digits } = await datasets.digits();
  const shades = constant({ data: inputs.data.map((shade) => shade / 16), shape: [inputs.shape[0]!, ...image] });
  const { train, test } = datasets.split({ ...digits, inputs: shades }, { test: 0.2, random });
  const model = make(random);
  const optimiser = adam(model, { learningRate });
  const count = train.targets.shape[0]!;
  const steps = epochs * Math.ceil(count / batch);
  let step = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const places of datasets.batches(count, batch, random)) {
      optimiser.learningRate = learningRate * (1 - step++ / steps);
      const part = datasets.take(train, places);
      optimiser.step(backward(crossEntropy(model.forward(part.inputs), part.targets)));
    }
  }
  return { accuracy: accuracy(model, test), parameters: model.parameters() };
}
