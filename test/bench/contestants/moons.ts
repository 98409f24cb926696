/** micrograd's demonstration, in numbers: two half moons of 50 points, and a network 2-16-16-1 to tell them apart. */
export interface Moons {
  readonly points: readonly (readonly [number, number])[];
  /** 1 or −1 for each point. */
  readonly labels: readonly number[];
  /** For each layer and neuron the bias, then the weights. */
  readonly weights: readonly (readonly (readonly number[])[])[];
}

export const layers: readonly number[] = [2, 16, 16, 1];
export const penalty = 1e-4;

/**
 * Nodes of the loss mean(relu(1 − y·score)) + penalty · Σ p²: 337 parameters, 200 coordinates, 640 for each point's
 * score, 5 for each point's loss (two of them constants), 99 to add these up, and 678 for the mean, the penalty and
 * their sum.
 */
export const nodes = 65_814;

/** The same numbers on every machine; contestants in other languages repeat this arithmetic. */
export function moons(): Moons {
  let seed = 1;
  const next = (): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 1_073_741_823.5 - 1;
  };
  const weights = layers
    .slice(1)
    .map((size, layer) =>
      Array.from({ length: size }, () => Array.from({ length: layers[layer]! + 1 }, () => 0.5 * next())),
    );
  const points: [number, number][] = [];
  const labels: number[] = [];
  for (let i = 0; i < 50; i++) {
    const angle = (Math.PI * i) / 49;
    points.push([Math.cos(angle) + 0.1 * next(), Math.sin(angle) + 0.1 * next()]);
    labels.push(1);
    points.push([1 - Math.cos(angle) + 0.1 * next(), 0.5 - Math.sin(angle) + 0.1 * next()]);
    labels.push(-1);
  }
  return { points, labels, weights };
}
