import { CheckpointError } from "./errors.ts";
import { randomFrom } from "./random.ts";

/**
 * Numbers and names that differ from learner to learner and stay the same for each: `variant("seed")`. Numbers are kept
 * apart, so that a mistake does not happen to give what is right: none is 0 or ±1, none has the size of another one, and
 * none is the sum, difference or product of two others, where the range allows it.
 *
 * @example
 * ```ts
 * import { variant } from "gradbook";
 *
 * const mine = variant("seed");
 * const [x, y, w] = mine.distinct(3, -6, 6);
 * variant("seed").distinct(3, -6, 6)[0] === x // true
 * mine.names(2).length // 2
 * ```
 */
export class Variant {
  private readonly random: () => number;
  /** Numbers handed out so far. */
  private readonly taken: number[] = [];

  /** @param seed the learner and the exercise. */
  constructor(seed: string) {
    this.random = randomFrom(seed);
  }

  /** A number with one decimal from `low` to `high`. */
  number(low = -5, high = 5): number {
    return this.drawn("number", low, high, 10);
  }

  /** A whole number from `low` to `high`, both included. */
  integer(low = -9, high = 9): number {
    return this.drawn("integer", Math.ceil(low), Math.floor(high), 1);
  }

  /** Whole numbers, no two of the same size. @throws {CheckpointError} where the range has too few. */
  distinct(count: number, low = -9, high = 9): readonly number[] {
    const sizes = new Set<number>();
    for (let n = Math.ceil(low); n <= high && sizes.size < count; n++) sizes.add(Math.abs(n));
    if (!Number.isInteger(count) || sizes.size < count) {
      throw new CheckpointError(
        `variant: there are no ${count} whole numbers of different size from ${low} to ${high}.`,
      );
    }
    const numbers: number[] = [];
    for (let tries = 0; numbers.length < count && tries < 100 * count; tries++) {
      const next = this.integer(low, high);
      if (numbers.every((number) => Math.abs(number) !== Math.abs(next))) numbers.push(next);
    }
    for (let n = Math.ceil(low); numbers.length < count && n <= high; n++) {
      if (numbers.every((number) => Math.abs(number) !== Math.abs(n))) numbers.push(n);
    }
    return numbers;
  }

  /** One of a list. */
  pick<Item>(list: readonly Item[]): Item {
    if (list.length === 0) throw new CheckpointError("variant: there is nothing to pick from an empty list.");
    return list[this.below(list.length)]!;
  }

  /** Different names for variables: letters that mean nothing by themselves. */
  names(count: number): readonly string[] {
    const letters = [...nameLetters];
    if (!(Number.isInteger(count) && count >= 1 && count <= letters.length)) {
      throw new CheckpointError(`variant: names takes a whole number from 1 to ${letters.length}.`);
    }
    return Array.from({ length: count }, () => letters.splice(this.below(letters.length), 1)[0]!);
  }

  private below(count: number): number {
    return Math.floor(this.random() * count);
  }

  private drawn(method: string, low: number, high: number, parts: number): number {
    const [first, last] = [Math.ceil(low * parts), Math.floor(high * parts)];
    if (!(Number.isFinite(first) && Number.isFinite(last) && first <= last)) {
      throw new CheckpointError(`variant: ${method}(${low}, ${high}) leaves no number; the smaller one comes first.`);
    }
    let best: number | undefined;
    let fewest = Number.POSITIVE_INFINITY;
    // The first draw that nothing speaks against; in a narrow range the one that least speaks against.
    for (let draw = 0; draw < mostDraws && fewest > 0; draw++) {
      const number = (first + this.below(last - first + 1)) / parts;
      const doubts = this.doubtsAbout(number);
      if (doubts < fewest) [best, fewest] = [number, doubts];
    }
    const number = best === undefined || Object.is(best, -0) ? 0 : best;
    this.taken.push(number);
    return number;
  }

  /** How likely a mistake is to hide behind the number. */
  private doubtsAbout(number: number): number {
    const { taken } = this;
    const same = (a: number, b: number): boolean => Math.abs(Math.abs(a) - Math.abs(b)) < 1e-9;
    let doubts = 0;
    if (number === 0) doubts += 100;
    if (same(number, 1)) doubts += 20;
    // 2 + 2, 2 · 2 and 2² are one number.
    if (same(number, 2)) doubts += 2;
    if (taken.some((other) => same(other, number))) doubts += 50;
    for (const [index, a] of taken.entries()) {
      for (const b of taken.slice(index + 1)) {
        if ([a + b, a - b, a * b].some((made) => same(made, number))) doubts += 1;
        if ([number + a, number - a, number * a].some((made) => same(made, b))) doubts += 1;
        if (same(number * b, a)) doubts += 1;
      }
    }
    return doubts;
  }
}

const mostDraws = 60;
/** Without d and e, which answers read as a derivative's sign and a number, and letters that look like digits. */
const nameLetters = "abcghkmnpqrstuvwxyz";
