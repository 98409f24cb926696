import fc from "fast-check";
import * as operations from "../../../src/graph/primitives.ts";
import { bindName, constant, type Operand, type Value, variable } from "../../../src/graph/value.ts";

type Recipe = readonly { readonly operation: string; readonly first: number; readonly second: number }[];

const binary = ["add", "sub", "mul", "add", "mul", "div"] as const;
const unary = ["tanh", "sigmoid", "sin", "cos", "exp", "neg", "relu", "square"] as const;

/** Graphs as lessons have them: two to four variables, up to `most` operations, values shared, all reaching the output. */
export function randomGraphs(most: number): fc.Arbitrary<Value> {
  const step = fc.record({
    operation: fc.constantFrom(...binary, ...binary, ...unary),
    first: fc.nat(99),
    second: fc.nat(99),
  });
  return fc
    .tuple(fc.integer({ min: 2, max: 4 }), fc.array(step, { minLength: 2, maxLength: most }))
    .map(([count, recipe]) => built(count, recipe));
}

function built(count: number, recipe: Recipe): Value {
  const values: Value[] = Array.from({ length: count }, (_, index) =>
    variable([1.5, -0.5, 0.75, 2][index]!, ["x", "y", "w", "v"][index]!),
  );
  for (const [index, { operation, first, second }] of recipe.entries()) {
    // The newest value is always used, so that all of them reach the output.
    const a = values.at(-1)!;
    const b = values[second % values.length]!;
    const [left, right] = first % 2 === 0 ? [a, b] : [b, a];
    const apply = (operations as unknown as Record<string, (...inputs: Operand[]) => Value>)[operation];
    const result =
      operation === "square"
        ? operations.pow(a, 2)
        : (unary as readonly string[]).includes(operation)
          ? apply!(a)
          : first % 7 === 0 && operation !== "div"
            ? apply!(left, constant(1 + (second % 3)))
            : apply!(left, right);
    bindName(result, "abcdfghijk"[index]!);
    values.push(result);
  }
  return values.at(-1)!;
}
