import fc from "fast-check";
import {
  add,
  bindName,
  constant,
  div,
  matmul,
  mean,
  mul,
  Random,
  sigmoid,
  sub,
  tanh,
  transpose,
  type Value,
  variable,
} from "../../src/index.ts";

const unary = [tanh, sigmoid] as const;
const binary = [add, sub, mul, div] as const;

/** How to build a graph of scalars: leaves with odd numbers, then operations that each take two earlier values. */
export interface Recipe {
  readonly leaves: readonly number[];
  readonly constants: readonly number[];
  readonly operations: readonly { readonly kind: number; readonly first: number; readonly second: number }[];
}

const oddNumber: fc.Arbitrary<number> = fc
  .integer({ min: 1013, max: 8969 })
  .map((thousandths) => (thousandths % 2 === 0 ? 1 : -1) * (thousandths / 1000));

export function recipes(mostOperations: number): fc.Arbitrary<Recipe> {
  return fc.record({
    leaves: fc.array(oddNumber, { minLength: 1, maxLength: 4 }),
    constants: fc.array(oddNumber, { maxLength: 2 }),
    operations: fc.array(fc.record({ kind: fc.nat(5), first: fc.nat(1000), second: fc.nat(1000) }), {
      minLength: 1,
      maxLength: mostOperations,
    }),
  });
}

/** The output of the recipe's graph: the sum of all that nothing else uses, so that every operation counts. */
export function build(recipe: Recipe): Value {
  const values = [
    ...recipe.leaves.map((number, index) => variable(number, `x${index + 1}`)),
    ...recipe.constants.map((number) => constant(number)),
  ];
  const used = new Set<Value>();
  for (const { kind, first, second } of recipe.operations) {
    const [x, y] = [values[first % values.length]!, values[second % values.length]!];
    const one = unary[kind];
    const result = one === undefined ? binary[(kind - unary.length) as 0 | 1 | 2 | 3](x, y) : one(x);
    used.add(x);
    if (one === undefined) used.add(y);
    values.push(result);
  }
  const output = values
    .slice(recipe.leaves.length + recipe.constants.length)
    .filter((value) => !used.has(value))
    .reduce((sum, value) => add(sum, value));
  bindName(output, "z");
  return output;
}

/** z = (x + y)·w at (2, 3, 4), as cells name it. */
export function runningExample(): Value {
  const x = variable(2, "x");
  const y = variable(3, "y");
  const w = variable(4, "w");
  const z = mul(add(x, y), w);
  bindName(z, "z");
  return z;
}

/** e = (a + b)·(b + 1) at (2, 1): b reaches e by two paths. */
export function twoPaths(): Value {
  const a = variable(2, "a");
  const b = variable(1, "b");
  const c = add(a, b);
  bindName(c, "c");
  const d = add(b, 1);
  bindName(d, "d");
  const e = mul(c, d);
  bindName(e, "e");
  return e;
}

/** How to build a graph of small matrices: their shapes, then operations that each take an earlier value or two. */
export interface TensorRecipe {
  readonly rows: number;
  readonly columns: number;
  readonly seed: number;
  readonly operations: readonly { readonly kind: number; readonly pick: number }[];
}

export function tensorRecipes(mostOperations: number): fc.Arbitrary<TensorRecipe> {
  return fc.record({
    rows: fc.integer({ min: 1, max: 9 }),
    columns: fc.integer({ min: 1, max: 8 }),
    seed: fc.integer({ min: 1, max: 1_000_000 }),
    operations: fc.array(fc.record({ kind: fc.nat(6), pick: fc.nat(1000) }), {
      minLength: 1,
      maxLength: mostOperations,
    }),
  });
}

/**
 * The mean of what the recipe makes of one matrix: products with new weights, biases that broadcast, shared values.
 * `moved` is added to the matrix's numbers.
 */
export function buildTensors({ rows, columns, seed, operations }: TensorRecipe, moved = 0): Value {
  const random = new Random(seed);
  const leaf = (name: string, shape: readonly number[], shift = 0): Value => {
    const size = shape.reduce((product, length) => product * length, 1);
    return variable({ data: Float64Array.from({ length: size }, () => random.uniform(-2, 2) + shift), shape }, name);
  };
  const made: Value[] = [leaf("X", [rows, columns], moved)];
  for (const [index, { kind, pick }] of operations.entries()) {
    const value = made.at(-1)!;
    const [height, width] = value.shape as [number, number];
    const same = made.filter((other) => other.shape[0] === height && other.shape[1] === width);
    const other = same[pick % same.length]!;
    made.push(
      [
        () => matmul(value, leaf(`W${index}`, [width, 1 + (pick % 5)])),
        () => add(value, leaf(`b${index}`, [width])),
        () => tanh(value),
        () => mul(value, other),
        () => sigmoid(value),
        () => matmul(transpose(value), value),
        () => sub(value, other),
      ][kind]!(),
    );
  }
  const loss = mean(made.at(-1)!);
  bindName(loss, "L");
  return loss;
}
