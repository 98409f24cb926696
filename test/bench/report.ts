/** One line of a benchmark: what was measured, in which unit, by whom. */
export interface Measurement {
  readonly what: string;
  readonly unit: string;
  /** Medians by name; the first is ours. */
  readonly medians: Readonly<Record<string, number>>;
  /** Those who could not take part, by name, and why. */
  readonly absent?: Readonly<Record<string, string>>;
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Prints medians, and what each peer takes in multiples of ours. */
export function print(measurements: readonly Measurement[]): void {
  for (const { what, unit, medians, absent = {} } of measurements) {
    const [ours, ...peers] = Object.entries(medians);
    const beside = peers.map(([name, value]) => `${name} ${shown(value)} ${unit} (${shown(value / ours![1])}×)`);
    const missing = Object.entries(absent).map(([name, reason]) => `${name} could not: ${reason}`);
    console.log(`${what}: ${[`${ours![0]} ${shown(ours![1])} ${unit}`, ...beside, ...missing].join("; ")}`);
  }
}

/** Three figures, with thousands set apart rather than as a power of ten. */
function shown(value: number): string {
  return value >= 1000 ? Number(value.toPrecision(3)).toLocaleString("en-US") : value.toPrecision(3);
}
