import { type Data, detached, variable } from "../graph/value.ts";
import { type Differentiable, grad } from "./transforms.ts";

/** What `checkGradient` found; `ok` where every derivative agrees. */
export interface GradientCheck {
  readonly ok: boolean;
  /** Largest |expected − received| / max(1, |expected|) over all inputs. */
  readonly worst: number;
  /** One sentence: point, argument, expected and received of the worst derivative. */
  readonly message: string;
}

export interface CheckOptions {
  /** Half the distance of the two points of a central difference; default 1e-6 (about ε^⅓, the best for float64). */
  readonly step?: number;
  readonly tolerance?: number;
}

/**
 * Compares `grad` with central differences, for every element of every input. f's result must be a scalar.
 *
 * @example
 * ```ts
 * import { checkGradient, mul, sum, tanh } from "gradbook";
 * checkGradient((x) => tanh(sum(mul(x, x))), [[0.1, -0.2]]).ok // true
 * ```
 */
export function checkGradient(f: Differentiable, inputs: readonly Data[], options: CheckOptions = {}): GradientCheck {
  const { step = 1e-6, tolerance = 1e-6 } = options;
  const at = inputs.map((data) => variable(data));
  const received = grad(f, { argnums: at.map((_, position) => position) })(...at);
  let worst = -1;
  let message = "There is nothing to check: no inputs.";
  at.forEach((input, position) => {
    for (let element = 0; element < input.data.length; element++) {
      const moved = (by: number): number => {
        const data = Float64Array.from(input.data);
        data[element]! += by;
        return f(...at.map((x, i) => (i === position ? variable({ data, shape: x.shape }) : detached(x)))).item();
      };
      const expected = (moved(step) - moved(-step)) / (2 * step);
      const found = received[position]!.data[element]!;
      const error = Math.abs(expected - found) / Math.max(1, Math.abs(expected));
      if (!(error <= worst)) {
        worst = error;
        message =
          `argument ${position}${input.data.length > 1 ? `, element ${element}` : ""} at ${input.data[element]}: ` +
          `expected ${expected} (central difference), received ${found} (grad).`;
      }
    }
  });
  return { ok: worst <= tolerance, worst: Math.max(worst, 0), message };
}
