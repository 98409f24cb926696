import { formatDigits } from "../../graph/number-text.ts";
import type { Extent } from "./numbers.ts";

export interface Tick {
  readonly at: number;
  readonly text: string;
}

/** Where numbers lie on a stretch of pixels. */
export interface Axis {
  /** The pixel of a number; outside of the stretch for numbers outside of the extent. */
  readonly place: (x: number) => number;
  readonly ticks: readonly Tick[];
}

export interface AxisOptions {
  readonly logarithmic?: boolean;
  /** About how many ticks. */
  readonly count?: number;
  /** Whether ticks stand at whole numbers only. */
  readonly whole?: boolean;
  /** What share of the stretch stays free at each end. */
  readonly slack?: number;
}

/** An axis for what lies between two numbers, along the pixels from `start` to `end`. A logarithmic one is of positive numbers. */
export function axisOf({ low, high }: Extent, start: number, end: number, options: AxisOptions = {}): Axis {
  const { logarithmic = false, count = 6, whole = false, slack = 0 } = options;
  const bend = logarithmic ? Math.log10 : (x: number): number => x;
  // In units of a power of ten: the difference of the largest numbers would be none any more.
  const scale = logarithmic ? 1 : powerOfTen(Math.max(Math.abs(low), Math.abs(high)));
  const [from, to] = widened(bend(low) / scale, bend(high) / scale, slack);
  const place = (x: number): number =>
    Math.min(farthest, Math.max(-farthest, start + ((bend(x) / scale - from) / (to - from)) * (end - start)));
  const inside = (x: number): boolean => bend(x) / scale >= from - 1e-9 && bend(x) / scale <= to + 1e-9;
  const found = (logarithmic ? decades(from, to, count) : steps(from, to, count).map((x) => x * scale)).filter(
    (x) => Number.isFinite(x) && inside(x) && (!whole || Number.isInteger(x)),
  );
  return { place, ticks: texts(found).map((text, index) => ({ at: place(found[index]!), text })) };
}

/** Pixels: what lies further off is as good as there. */
const farthest = 1e9;
/** Numbers that have lost digits to their smallness count as zero. */
export const least = 1e-300;

function powerOfTen(size: number): number {
  return size === 0 ? 1 : Math.max(least, 10 ** Math.floor(Math.log10(size)));
}

/** With room at both ends; a single number gets some on either side. */
function widened(low: number, high: number, slack: number): readonly [number, number] {
  const span = high - low;
  if (span > 1e-12) return [low - span * slack, high + span * slack];
  const room = Math.abs(low) > 0 ? Math.abs(low) / 2 : 1;
  return [low - room, high + room];
}

/** Multiples of 1, 2 or 5 times a power of ten, in the units of the axis. */
function steps(from: number, to: number, count: number): readonly number[] {
  const step = niceStep((to - from) / count);
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  const digits = Math.max(0, 1 - Math.floor(Math.log10(step)));
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const tick = (first + index) * step;
    return Number(tick.toFixed(digits));
  });
}

/** The least of 1, 2, 5, 10, … that is not below a step. */
export function niceStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  return (step <= power * 1.0001 ? 1 : step <= power * 2.0001 ? 2 : step <= power * 5.0001 ? 5 : 10) * power;
}

function decades(from: number, to: number, count: number): readonly number[] {
  const first = Math.floor(from);
  const last = Math.ceil(to);
  const stride = Math.max(1, Math.ceil((last - first) / count));
  const within =
    to - from > 2.5 ? [1] : to - from > 1.2 ? [1, 3] : to - from > 0.5 ? [1, 2, 5] : [1, 2, 3, 4, 5, 6, 7, 8, 9];
  const ticks: number[] = [];
  for (let power = first; power <= last; power += stride) {
    for (const digit of within) ticks.push(Number(`${digit}e${power}`));
  }
  return ticks;
}

/** With as many digits as tell them apart. */
function texts(ticks: readonly number[]): readonly string[] {
  for (let digits = 3; ; digits++) {
    const written = ticks.map((tick) => formatDigits(tick, digits));
    if (digits >= 15 || new Set(written).size === written.length) return written;
  }
}
