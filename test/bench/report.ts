/** One line of a benchmark: what was measured, in which unit, by whom. */
export interface Measurement {
  readonly what: string;
  readonly unit: string;
  /** Medians by name; the first is ours. */
  readonly medians: Readonly<Record<string, number>>;
  /** Those who could not take part, by name, and why. */
  readonly absent?: Readonly<Record<string, string>>;
  /** What must be known to read a figure, by name. */
  readonly notes?: Readonly<Record<string, string>>;
  /** What our figure is held against. */
  readonly bar?: Bar;
}

export interface Bar {
  readonly says: string;
  holds(medians: Measurement["medians"]): boolean;
}

const us = "gradbook";

export function atMost(most: number): Bar {
  return { says: `≤ ${most.toLocaleString("en-US")}`, holds: (medians) => (medians[us] ?? Number.NaN) <= most };
}

/** Holds where ours takes no more than a peer that was measured in the same run. */
export function aheadOf(peer: string): Bar {
  return {
    says: `< ${peer}`,
    holds: (medians) => (medians[us] ?? Number.NaN) < (medians[peer] ?? Number.NaN),
  };
}

export function both(one: Bar, other: Bar): Bar {
  return {
    says: `${one.says}, ${other.says}`,
    holds: (medians) => one.holds(medians) && other.holds(medians),
  };
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

/** Prints one row a measurement and one column a name; the bar stands beside our figure, a peer's multiple beside its own. */
export function printTable(measurements: readonly Measurement[], names: readonly string[]): void {
  const peers = names.filter((name) => name !== us);
  const rows = [["", "unit", us, "bar", "", ...peers]];
  for (const measurement of measurements) {
    const { what, unit, medians, bar } = measurement;
    const verdict = bar === undefined ? "" : bar.holds(medians) ? "ok" : "NOT";
    const figures = [us, ...peers].map((name) => figure(measurement, name));
    rows.push([what, unit, figures[0]!, bar?.says ?? "", verdict, ...figures.slice(1)]);
  }
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  for (const row of rows) {
    console.log(
      row
        .map((text, column) => text.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    );
  }
  const held = measurements.filter(({ bar }) => bar !== undefined);
  if (held.length === 0) return;
  console.log(`${held.filter(({ bar, medians }) => bar!.holds(medians)).length} of ${held.length} bars held`);
}

function figure({ medians, absent = {}, notes = {} }: Measurement, name: string): string {
  const value = medians[name];
  if (value === undefined) return absent[name] ?? "–";
  const ours = medians[us];
  const multiple = name === us || ours === undefined || ours === 0 ? "" : ` (${shown(value / ours)}×)`;
  return `${shown(value)}${multiple}${notes[name] === undefined ? "" : `, ${notes[name]}`}`;
}

/** Three figures, with thousands set apart rather than as a power of ten. */
function shown(value: number): string {
  if (value === 0) return "0";
  return Math.abs(value) >= 1000 ? Number(value.toPrecision(3)).toLocaleString("en-US") : value.toPrecision(3);
}
