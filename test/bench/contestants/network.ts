import { type Moons, penalty } from "./moons.ts";

/** What a scalar has to be able to do. */
export interface Scalar<Self> {
  add(other: Self): Self;
  mul(other: Self): Self;
  relu(): Self;
}

/** The loss of the network, scalar by scalar, and its parameters. */
export function network<Self extends Scalar<Self>>(
  { points, labels, weights }: Moons,
  variable: (x: number) => Self,
  constant: (x: number) => Self,
): { readonly loss: Self; readonly parameters: readonly Self[] } {
  const layers = weights.map((layer) => layer.map((neuron) => neuron.map(variable)));
  const parameters = layers.flat(2);
  const losses: Self[] = [];
  for (let point = 0; point < points.length; point++) {
    let signals = points[point]!.map(constant);
    for (let depth = 0; depth < layers.length; depth++) {
      const next: Self[] = [];
      for (const neuron of layers[depth]!) {
        let sum = neuron[0]!;
        for (let i = 0; i < signals.length; i++) sum = sum.add(neuron[i + 1]!.mul(signals[i]!));
        next.push(depth === layers.length - 1 ? sum : sum.relu());
      }
      signals = next;
    }
    losses.push(signals[0]!.mul(constant(-labels[point]!)).add(constant(1)).relu());
  }
  const mean = losses.reduce((sum, loss) => sum.add(loss)).mul(constant(1 / points.length));
  const squares = parameters.map((parameter) => parameter.mul(parameter)).reduce((sum, square) => sum.add(square));
  return { loss: mean.add(squares.mul(constant(penalty))), parameters };
}
