import { GradientError, ShapeError } from "../../graph/errors.ts";
import type { Value } from "../../graph/value.ts";
import type { Mark } from "../../views/marks.ts";
import { type TensorDetour, type TensorPoint, walkBack } from "./point.ts";

/** One mistake at one place: what answer it gives, and what to say and to draw about it. */
export interface TensorSlip {
  /** The rule's id: "transpose-missing". */
  readonly rule: string;
  /** The answer that the slip leads to; undefined where the shapes do not let it happen. */
  readonly at: (point: TensorPoint) => Value | undefined;
  readonly sentence: string;
  /** Where it is made, ∂Y/∂X, if a rule can be broken at several places; else empty. */
  readonly place: string;
  readonly marks: readonly Mark[];
  /** Keys of the gradients that it gets wrong on the way: a learner who has them right did not slip there. */
  readonly through: readonly string[];
}

/** An answer under a mistake; undefined where its shapes do not let it go on. */
export function attempted(run: () => Value | undefined): Value | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof ShapeError || error instanceof GradientError) return undefined;
    throw error;
  }
}

/** ∂output/∂node under a detour. */
export function walkedWith(
  output: number,
  node: number,
  detour: (point: TensorPoint) => TensorDetour,
): (point: TensorPoint) => Value | undefined {
  return (point) => attempted(() => walkBack(point, output, node, detour(point)));
}
