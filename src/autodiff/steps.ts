import { add } from "../graph/primitives.ts";
import { closeSegment } from "../graph/tape.ts";
import type { Value } from "../graph/value.ts";
import { contribution, dependents, detached, type GradientLookup, localValue } from "./backward.ts";

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
  /** ∂node/∂input, of elementwise operations; others have none that is a number for each element. */
  readonly local: Value | undefined;
  readonly contribution: Value;
  /** The sum of earlier terms; undefined for the first. */
  readonly before: Value | undefined;
  readonly after: Value;
  /** Whether no further term reaches the input: `after` is its gradient. */
  readonly last: boolean;
}

/** The backward pass told term by term, from the gradients that it found. Numbers only. */
export function chainSteps(z: Value, gradientOf: GradientLookup): readonly ChainStep[] {
  const operations = dependents(z).filter((value) => value.primitive !== undefined);
  const remaining = new Map<number, number>();
  for (const node of operations) {
    for (const input of node.inputs) remaining.set(input.id, (remaining.get(input.id) ?? 0) + 1);
  }
  const sums = new Map<number, Value>();
  closeSegment();
  const steps = operations.map((node): ChainStep => {
    const gradient = gradientOf(node)!;
    const inputs = node.inputs;
    const primitive = node.primitive!;
    const terms = inputs.flatMap((input, position): ChainTerm[] => {
      if (!input.needsGradient) return [];
      const part = detached(contribution(primitive, position, gradient, inputs, node));
      const before = sums.get(input.id);
      const after = before === undefined ? part : detached(add(before, part));
      sums.set(input.id, after);
      const left = remaining.get(input.id)! - 1;
      remaining.set(input.id, left);
      const local =
        primitive.family === "elementwise" ? detached(localValue(primitive, position, inputs, node)) : undefined;
      return [{ input, position, local, contribution: part, before, after, last: left === 0 }];
    });
    return { node, gradient, terms };
  });
  closeSegment();
  return steps;
}
