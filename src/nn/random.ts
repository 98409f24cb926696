/**
 * A source of random numbers that follows from its seed: the same seed gives the same numbers, to the bit, on every
 * machine. (xoshiro128** by Blackman and Vigna, begun from the seed by splitmix32. Normal numbers use Math.log, whose
 * last bit may differ between engines.)
 *
 * @example
 * ```ts
 * import { Random } from "gradbook";
 * const random = new Random(7);
 * random.integer(6) === new Random(7).integer(6) // true
 * random.permutation(4).length // 4
 * ```
 */
export class Random {
  private readonly state = new Uint32Array(4);
  /** The second of two normal numbers, which come in pairs. */
  private spare: number | undefined;

  constructor(seed: number) {
    let mixing = seed | 0;
    for (let i = 0; i < 4; i++) {
      mixing = (mixing + 0x9e3779b9) | 0;
      let word = mixing ^ (mixing >>> 16);
      word = Math.imul(word, 0x21f0aaad);
      word ^= word >>> 15;
      word = Math.imul(word, 0x735a2d97);
      this.state[i] = word ^ (word >>> 15);
    }
  }

  /** A whole number from 0 to 2³² − 1. */
  private next(): number {
    const s = this.state;
    const [a, b, c, d] = s as unknown as [number, number, number, number];
    const scaled = Math.imul(b, 5);
    const result = Math.imul((scaled << 7) | (scaled >>> 25), 9) >>> 0;
    const mixed = c ^ a;
    const turned = d ^ b;
    s[1] = b ^ mixed;
    s[0] = a ^ turned;
    s[2] = mixed ^ (b << 9);
    s[3] = (turned << 11) | (turned >>> 21);
    return result;
  }

  /** A number from `low` up to, not including, `high`, all equally likely; of 53 random bits. */
  uniform(low = 0, high = 1): number {
    const bits = (this.next() >>> 5) * 67_108_864 + (this.next() >>> 6);
    return low + (high - low) * (bits / 9_007_199_254_740_992);
  }

  /** A normally distributed number (the polar method of Marsaglia). */
  normal(mean = 0, deviation = 1): number {
    if (this.spare !== undefined) {
      const number = this.spare;
      this.spare = undefined;
      return mean + deviation * number;
    }
    for (;;) {
      const x = this.uniform(-1, 1);
      const y = this.uniform(-1, 1);
      const square = x * x + y * y;
      if (square === 0 || square >= 1) continue;
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      this.spare = y * scale;
      return mean + deviation * x * scale;
    }
  }

  /** A whole number from 0 up to, not including, `below`. @throws {RangeError} unless `below` is a whole number from 1. */
  integer(below: number): number {
    if (!Number.isInteger(below) || below < 1) {
      throw new RangeError(`Random.integer takes a whole number from 1; it was given ${below}.`);
    }
    return Math.floor(this.uniform() * below);
  }

  /** The numbers 0 … n − 1 in random order. */
  permutation(n: number): number[] {
    const order = Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }

  /** Another source that follows from this one, so that what is drawn from it does not disturb what is drawn here. */
  fork(): Random {
    return new Random(this.next());
  }
}
