import { add } from "../graph/primitives.ts";
import { closeSegment } from "../graph/tape.ts";
import { detached, type Value } from "../graph/value.ts";
import { dependents, localValue, pullBack } from "./rules.ts";

/** One operation as the backward pass visits it: its own gradient goes in, a term for each input comes out. */
export interface ChainStep {
  readonly node: Value;
  /** ∂z/∂node. */
  readonly gradient: Value;
  readonly terms: readonly ChainTerm[];
}

/** One term of the chain rule: ∂z/∂node · ∂node/∂input, added to what reached the input before. */
export interface ChainTerm {
  readonly input: Value;
  /** Which input of the node it is. */
  readonly position: number;
  /** ∂node/∂input where it is one number for each element; undefined for matrix products, moved numbers and the like. */
  readonly local: Value | undefined;
  readonly contribution: Value;
  /** The sum of earlier terms; undefined for the first. */
  readonly before: Value | undefined;
  readonly after: Value;
  /** Whether no further term reaches the input: `after` is its gradient. */
  readonly last: boolean;
}

/** The backward pass told term by term, from the gradients that it found. Numbers only. */
export function chainSteps(z: Value, gradientOf: (x: Value) => Value): readonly ChainStep[] {
  const operations = dependents(z).filter((value) => value.primitive !== undefined);
  const remaining = new Map<number, number>();
  for (const node of operations) {
    for (const input of node.inputs) remaining.set(input.id, (remaining.get(input.id) ?? 0) + 1);
  }
  const sums = new Map<number, Value>();
  closeSegment();
  const steps = operations.map((node): ChainStep => {
    const gradient = gradientOf(node);
    const parts = pullBack(node, gradient);
    const terms = node.inputs.flatMap((input, position): ChainTerm[] => {
      const whole = parts[position];
      if (!input.needsGradient || whole === undefined) return [];
      const part = detached(whole);
      const before = sums.get(input.id);
      const after = before === undefined ? part : detached(add(before, part));
      sums.set(input.id, after);
      const left = remaining.get(input.id)! - 1;
      remaining.set(input.id, left);
      const local = localValue(node, position);
      return [
        {
          input,
          position,
          local: local === undefined ? undefined : detached(local),
          contribution: part,
          before,
          after,
          last: left === 0,
        },
      ];
    });
    return { node, gradient, terms };
  });
  closeSegment();
  return steps;
}
