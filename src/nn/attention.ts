import { ShapeError } from "../graph/errors.ts";
import { matmul, mul, reshape, softmax, transpose, where } from "../graph/primitives.ts";
import type { Value } from "../graph/value.ts";
import { filledParameter, type RandomOptions, sourceOf, uniformParameter } from "./initial.ts";
import { Linear } from "./layers.ts";
import { Module } from "./module.ts";

/** What attention returns: its output [B, T, size], and how much each place looked at each other one [B, heads, T, S]. */
export interface Attended {
  readonly output: Value;
  readonly weights: Value;
}

/**
 * Scaled dot-product attention in several heads (Vaswani et al. 2017): softmax(Q·Kᵀ/√d)·V, with d = size/heads, and Q,
 * K, V, and the output by a linear layer each.
 *
 * @example
 * ```ts
 * import { nn, variable } from "gradbook";
 * const x = variable({ data: new Float64Array(2 * 5 * 8), shape: [2, 5, 8] });
 * const { output, weights } = new nn.MultiheadAttention(8, 2).forward(x, x, x);
 * output.shape // [2, 5, 8]
 * weights.shape // [2, 2, 5, 5]
 * ```
 */
export class MultiheadAttention extends Module {
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly output: Linear;
  private readonly heads: number;

  constructor(size: number, heads: number, options: RandomOptions = {}) {
    super();
    if (size % heads !== 0)
      throw new ShapeError(`MultiheadAttention: the size ${size} does not divide into ${heads} heads.`);
    const random = sourceOf(options);
    this.heads = heads;
    this.query = new Linear(size, size, { random });
    this.key = new Linear(size, size, { random });
    this.value = new Linear(size, size, { random });
    this.output = new Linear(size, size, { random });
    // As in PyTorch: the three at the entrance begin as one layer of 3 · size outputs (Glorot and Bengio 2010), all without a shift.
    const bound = Math.sqrt(6 / (size + 3 * size));
    for (const entrance of [this.query, this.key, this.value]) {
      entrance.weight = uniformParameter(random, [size, size], bound);
    }
    for (const layer of [this.query, this.key, this.value, this.output]) layer.bias = filledParameter([size], 0);
  }

  /** query [B, T, size], key and value [B, S, size]; where the mask (broadcast to [B, heads, T, S]) is not true, nobody looks. */
  override forward(query: Value, key: Value, value: Value, { mask }: { readonly mask?: Value } = {}): Attended {
    const [q, k, v] = [
      this.split(this.query.forward(query)),
      this.split(this.key.forward(key)),
      this.split(this.value.forward(value)),
    ];
    const scores = mul(matmul(q, transpose(k, [0, 1, 3, 2])), 1 / Math.sqrt(q.shape[3]!));
    const weights = softmax(mask === undefined ? scores : where(mask, scores, -1e30));
    const [batch, , time, each] = q.shape as [number, number, number, number];
    const together = reshape(transpose(matmul(weights, v), [0, 2, 1, 3]), [batch, time, this.heads * each]);
    return { output: this.output.forward(together), weights };
  }

  /** [B, T, size] as [B, heads, T, size/heads]. */
  private split(x: Value): Value {
    const [batch, time, size] = x.shape as [number, number, number];
    return transpose(reshape(x, [batch, time, this.heads, size / this.heads]), [0, 2, 1, 3]);
  }
}
