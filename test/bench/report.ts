/** One line of a benchmark: what was measured, in which unit, by whom. */
export interface Measurement {
  readonly what: string;
  readonly unit: string;
  /** Medians by name; the first is ours. */
  readonly medians: Readonly<Record<string, number>>;
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Prints medians, and what each peer takes in multiples of ours. */
export function print(measurements: readonly Measurement[]): void {
  for (const { what, unit, medians } of measurements) {
    const [ours, ...peers] = Object.entries(medians);
    const shown = (value: number): string => value.toPrecision(3);
    const beside = peers.map(([name, value]) => `${name} ${shown(value)} ${unit} (${shown(value / ours![1])}×)`);
    console.log(`${what}: ${ours![0]} ${shown(ours![1])} ${unit}${beside.length > 0 ? `; ${beside.join("; ")}` : ""}`);
  }
}
