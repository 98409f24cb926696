import { GradientError, ShapeError } from "../graph/errors.ts";
import { sliced } from "../graph/kernels.ts";
import { broadcastTo, reshape, slice, stack, transpose } from "../graph/primitives.ts";
import { normaliseAxis } from "../graph/shape.ts";
import { constantCode, nextId } from "../graph/tape.ts";
import { blockLeaf, constant, nameOf, type Operand, reading, type Value } from "../graph/value.ts";
import { nested } from "./nesting.ts";
import { valueFrom } from "./rules.ts";
import type { Differentiable } from "./transforms.ts";

export interface VmapOptions {
  /** Along which axis each argument is a batch; null for one that all share. One number for all arguments, or a list. Default 0. */
  readonly inAxes?: number | null | readonly (number | null)[];
}

/**
 * The function that applies f to each slice of its arguments at once: as a loop over the slices would, with one
 * operation for the whole batch where the loop has one for each. The results are stacked along a new first axis.
 *
 * f is run once, on the first slices; its graph is then repeated on the batch. So a number that f reads out of a Value
 * (`item`, `data`) would be the first slice's, and asking for it is an error.
 *
 * @throws {ShapeError} where the arguments' batches differ in length, or nothing is batched.
 * @throws {GradientError} where f reads a number out of what is batched.
 *
 * @example
 * ```ts
 * import { mul, sum, type Value, variable, vmap } from "gradbook";
 * const dot = (a: Value, b: Value) => sum(mul(a, b));
 * const rows = variable([[1, 2], [3, 4]]);
 * vmap(dot)(rows, rows) // [5, 25]
 * vmap(dot, { inAxes: [0, null] })(rows, variable([1, 10])) // [21, 43]
 * ```
 */
export function vmap(f: Differentiable, { inAxes = 0 }: VmapOptions = {}): (...args: Operand[]) => Value {
  return (...args) => {
    const axes = args.map((_, position) =>
      typeof inAxes === "number" || inAxes === null ? inAxes : (inAxes[position] ?? null),
    );
    const batches = args.map((arg, position) => batchFirst(arg, axes[position]!));
    const size = batchSize(batches);
    const since = nextId();
    const examples = batches.map((batch, position) =>
      batch === undefined ? asValue(args[position]!) : firstOf(batch),
    );
    const result = guarded(since, examples, () => nested(() => valueFrom("vmap", f(...examples))));
    const batched = new Map<number, Value>();
    examples.forEach((example, position) => {
      const batch = batches[position];
      if (batch !== undefined) batched.set(example.id, batch);
    });
    return repeated(result, since, batched, size);
  };
}

function asValue(x: Operand): Value {
  return typeof x === "number" ? constant(x) : x;
}

/** The argument with its batch along the first axis; undefined where it is shared. */
function batchFirst(arg: Operand, axis: number | null): Value | undefined {
  if (axis === null || typeof arg === "number") return undefined;
  if (arg.shape.length === 0) {
    throw new ShapeError(`vmap: ${nameOf(arg)} is a scalar and has no axis to go along; say inAxes: null for it.`);
  }
  const from = normaliseAxis("vmap", axis, arg.shape.length);
  return from === 0 ? arg : transpose(arg, [from, ...[...arg.shape.keys()].filter((i) => i !== from)]);
}

function batchSize(batches: readonly (Value | undefined)[]): number {
  const sizes = batches.flatMap((batch) => (batch === undefined ? [] : [batch.shape[0]!]));
  const [size] = sizes;
  if (size === undefined) throw new ShapeError("vmap: no argument is batched: there is nothing to go along.");
  if (sizes.some((other) => other !== size)) {
    throw new ShapeError(`vmap: the batches differ in length: ${sizes.join(", ")}.`);
  }
  if (size === 0) throw new ShapeError("vmap: the batch is empty, so there is no slice to run the function on.");
  return size;
}

/** The first slice, as a leaf of its own. */
function firstOf(batch: Value): Value {
  const first = sliced(
    batch.storage,
    batch.shape.map((length, axis): [number, number] => (axis === 0 ? [0, 1] : [0, length])),
  );
  return blockLeaf({ ...first, shape: first.shape.slice(1), strides: first.strides.slice(1) }, constantCode);
}

/** Runs f while nobody may read numbers of what is batched. */
function guarded<Result>(since: number, examples: readonly Value[], run: () => Result): Result {
  const outer = reading.guard;
  const leaves = new Set(examples.map((example) => example.id));
  reading.guard = (value) => {
    outer?.(value);
    if (dependsOn(value, since, leaves)) {
      // An example has no name of its own, and its number is the first slice's.
      const what = leaves.has(value.id) ? "its argument" : nameOf(value);
      throw new GradientError(
        `vmap: the function reads numbers of ${what}, which differ from slice to slice. Compute with Values instead, ` +
          "such as where(condition, a, b) for a branch.",
      );
    }
  };
  try {
    return run();
  } finally {
    reading.guard = outer;
  }
}

function dependsOn(value: Value, since: number, leaves: ReadonlySet<number>): boolean {
  const seen = new Set<number>();
  const open = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (leaves.has(next.id)) return true;
    if (next.id < since || seen.has(next.id)) continue;
    seen.add(next.id);
    open.push(...next.inputs);
  }
  return false;
}

/** The graph of one slice, repeated on whole batches. */
function repeated(result: Value, since: number, batched: Map<number, Value>, size: number): Value {
  const found = new Map<number, Value>();
  const open = [result];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.id < since || batched.has(next.id) || found.has(next.id)) continue;
    found.set(next.id, next);
    open.push(...next.inputs);
  }
  for (const node of [...found.values()].sort((a, b) => a.id - b.id)) {
    const flags = node.inputs.map((input) => batched.has(input.id));
    if (!flags.includes(true)) continue;
    batched.set(node.id, onBatch(node, flags, batched, size));
  }
  return batched.get(result.id) ?? broadcastTo(result, [size, ...result.shape]);
}

function onBatch(node: Value, flags: readonly boolean[], batched: ReadonlyMap<number, Value>, size: number): Value {
  const primitive = node.primitive!;
  const inputs = node.inputs.map((input) => batched.get(input.id) ?? input);
  if (primitive.family === "elementwise") {
    // Behind the batch, the shorter ones get axes of size 1, so that they meet as they would alone.
    const rank = node.shape.length;
    return primitive.apply(
      inputs.map((input, i) =>
        flags[i] && input.shape.length < rank + 1
          ? reshape(input, [size, ...new Array<number>(rank + 1 - input.shape.length).fill(1), ...input.shape.slice(1)])
          : input,
      ),
    );
  }
  const { parameters } = node;
  if (primitive.batch !== undefined) return primitive.batch(inputs, flags, parameters, size);
  return stack(
    Array.from({ length: size }, (_, i) =>
      primitive.apply(
        inputs.map((input, position) => (flags[position] ? sliceAt(input, i) : input)),
        parameters,
      ),
    ),
  );
}

function sliceAt(x: Value, i: number): Value {
  return reshape(slice(x, [[i, i + 1]]), x.shape.slice(1));
}
