import { cnn, mlp, type Recipe, trainOnDigits } from "../support/digits.ts";

// Trains networks on the digits from five seeds each, which were fixed beforehand, and says how many unseen digits they read. The
// exit code is 1 where a median is below its bar.

const seeds = [1, 2, 3, 4, 5];
const bars: readonly (readonly [name: string, recipe: Recipe, bar: number])[] = [
  ["MLP", mlp, 0.97],
  ["CNN", cnn, 0.98],
];

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

for (const [name, recipe, bar] of bars) {
  const shares: number[] = [];
  for (const seed of seeds) {
    const started = performance.now();
    const { accuracy } = await trainOnDigits(recipe, seed);
    shares.push(accuracy);
    console.log(
      `${name}, seed ${seed}: ${percent(accuracy)} in ${((performance.now() - started) / 1000).toFixed(1)} s`,
    );
  }
  const median = shares.sort((a, b) => a - b)[Math.floor(seeds.length / 2)]!;
  const good = median >= bar;
  console.log(`${name}: median ${percent(median)}, wanted ${percent(bar)}: ${good ? "reached" : "missed"}`);
  if (!good) process.exitCode = 1;
}
