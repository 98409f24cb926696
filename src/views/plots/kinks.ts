/** A function's value and slope at a point. */
export interface Sample {
  readonly x: number;
  readonly y: number;
  readonly slope: number;
}

/** Where a curve, or its slope, jumps: the samples right before and after it. */
export interface Jump {
  readonly before: Sample;
  readonly after: Sample;
  /** A break is a jump of the value itself, a kink one of the slope only. */
  readonly kind: "break" | "kink";
}

const halvings = 60;

/**
 * The jumps between neighbouring samples. A jump stays as large as it was however near one looks; what is only steep gets
 * small. So each suspicious stretch is halved, always towards the larger difference, down to neighbouring numbers.
 */
export function jumpsOf(samples: readonly Sample[], sample: (x: number) => Sample): readonly Jump[] {
  const finite = samples.filter(isDefined);
  const height = spread(finite.map(({ y }) => y));
  const steepness = spread(finite.map(({ slope }) => slope));
  const found = samples.slice(1).flatMap((after, index): readonly Jump[] => {
    const before = samples[index]!;
    if (!isDefined(before) || !isDefined(after)) return [];
    // Smaller ones could not be seen.
    const jump =
      narrowed(before, after, sample, ({ y }) => y, height / 500, "break") ??
      narrowed(before, after, sample, ({ slope }) => slope, steepness / 100, "kink");
    return jump === undefined ? [] : [jump];
  });
  return joined(found);
}

/** A kink right at a sample was found on either side of it: it is one. */
function joined(jumps: readonly Jump[]): readonly Jump[] {
  const list: Jump[] = [];
  for (const jump of jumps) {
    const last = list.at(-1);
    if (last !== undefined && last.after.x >= jump.before.x) {
      const kind = last.kind === "break" || jump.kind === "break" ? "break" : "kink";
      list[list.length - 1] = { before: last.before, after: jump.after, kind };
    } else list.push(jump);
  }
  return list;
}

function narrowed(
  start: Sample,
  end: Sample,
  sample: (x: number) => Sample,
  read: (sample: Sample) => number,
  least: number,
  kind: Jump["kind"],
): Jump | undefined {
  const difference = (a: Sample, b: Sample): number => Math.abs(read(a) - read(b));
  const whole = difference(start, end);
  if (!(whole > least)) return undefined;
  let [before, after] = [start, end];
  for (let halving = 0; halving < halvings; halving++) {
    const x = (before.x + after.x) / 2;
    if (x <= before.x || x >= after.x) break;
    const middle = sample(x);
    // A pole between the two: nothing joins them.
    if (!isDefined(middle)) return { before, after, kind: "break" };
    if (difference(before, middle) >= difference(middle, after)) after = middle;
    else before = middle;
    // Smooth so far: the difference went down as the stretch did.
    if (halving === 6 && difference(before, after) < whole / 8) return undefined;
  }
  if (!(difference(before, after) > whole / 8) || !(difference(before, after) > least / 8)) return undefined;
  // Right at a kink the slope may be neither side's: it counts as what is just beside it.
  const beside = (end.x - start.x) * 1e-6;
  const [left, right] = [sample(before.x - beside), sample(after.x + beside)];
  return {
    before: isDefined(left) && difference(left, before) > least / 8 ? left : before,
    after: isDefined(right) && difference(after, right) > least / 8 ? right : after,
    kind,
  };
}

function isDefined({ y, slope }: Sample): boolean {
  return Number.isFinite(y) && Number.isFinite(slope);
}

function spread(numbers: readonly number[]): number {
  const low = numbers.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = numbers.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return high > low ? high - low : 0;
}
