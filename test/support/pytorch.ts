import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import * as gradbook from "../../src/index.ts";
import {
  backward,
  constant,
  type Data,
  type DType,
  hessian,
  hvp,
  jacobian,
  jvp,
  mul,
  nn,
  type Optimiser,
  sum,
  Value,
  variable,
  vjp,
  vmap,
} from "../../src/index.ts";

// Compares with what PyTorch computed for the same inputs: test/fixtures/pytorch has the scripts, and their numbers as data.

interface Block {
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** Base64 of little-endian numbers. */
  readonly data: string;
  /** Of an input that no gradient is asked for. */
  readonly constant?: boolean;
}

type Argument = { readonly value: number } | { readonly values: readonly number[] } | unknown;
type Program = readonly { readonly call: string; readonly arguments: readonly Argument[] }[];

interface OperationCase {
  readonly program: Program;
  readonly inputs: readonly Block[];
  readonly output: Block;
  readonly cotangent?: Block;
  readonly gradients?: readonly Block[];
  /** Gradients of the sum of all gradients. */
  readonly second?: readonly Block[];
}

interface ExpressionCase {
  readonly program: Program;
  readonly x: Block;
  readonly value: Block;
  readonly gradient: Block;
  readonly hessian: Block;
}

interface TransformCase {
  readonly transform: "jvp" | "vjp" | "jacobian" | "hessian" | "hvp" | "vmap" | "vmap of grad";
  readonly program: Program;
  readonly inputs: readonly Block[];
  readonly results: readonly Block[];
}

interface LayerCase {
  readonly layer: string;
  readonly arguments: readonly unknown[];
  readonly training: boolean;
  readonly options: { readonly mask?: Block };
  readonly parameters: Readonly<Record<string, Block>>;
  readonly inputs: readonly Block[];
  readonly output: Block;
  readonly cotangent: Block;
  readonly inputGradients: readonly Block[];
  readonly gradients: Readonly<Record<string, Block>>;
  readonly buffersAfter: Readonly<Record<string, Block>>;
}

interface OptimiserCase {
  readonly optimiser: "sgd" | "adam" | "adamw" | "rmsprop";
  readonly options: { readonly learningRate: number };
  readonly start: Block;
  readonly gradients: readonly Block[];
  readonly after: readonly Block[];
}

type Case = OperationCase | ExpressionCase | TransformCase | LayerCase | OptimiserCase;

/** One tensor compared. */
export interface Comparison {
  readonly what: string;
  readonly dtype: DType;
  /** max|a − b| / max(max|b|, 1); infinite where shapes or types differ. */
  readonly error: number;
}

/** One recorded case and how far each of its tensors is off. */
export interface Compared {
  readonly name: string;
  readonly comparisons: readonly Comparison[];
}

export interface Recorded {
  readonly group: string;
  readonly torch: string;
  readonly cases: readonly Case[];
}

/** How far off a tensor may be. */
export const tolerances: Readonly<Record<DType, number>> = { float64: 1e-10, float32: 1e-5, int32: 0, bool: 0 };

export function recordedIn(folder: string): readonly Recorded[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => ({
      group: name.replace(".json", ""),
      ...(JSON.parse(readFileSync(path.join(folder, name), "utf8")) as Omit<Recorded, "group">),
    }));
}

const arrays = { float64: Float64Array, float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

function read({ shape, dtype, data }: Block): Exclude<Data, number> {
  const bytes = Buffer.from(data, "base64");
  // A copy of its own, since a view must begin where numbers may.
  const numbers = new arrays[dtype](new Uint8Array(bytes).buffer);
  return { data: numbers, shape, dtype };
}

function leaf(block: Block): Value {
  const isFloat = block.dtype === "float64" || block.dtype === "float32";
  return isFloat && block.constant !== true ? variable(read(block)) : constant(read(block));
}

function compared(what: string, actual: Value, expected: Block): Comparison {
  const wanted = constant(read(expected));
  const { dtype } = expected;
  if (actual.dtype !== dtype)
    return { what: `${what}: ${actual.dtype} where PyTorch has ${dtype}`, dtype, error: Infinity };
  if (String(actual.shape) !== String(wanted.shape)) {
    return { what: `${what}: shape [${actual.shape}] where PyTorch has [${wanted.shape}]`, dtype, error: Infinity };
  }
  let difference = 0;
  let size = 1;
  const [left, right] = [actual.data, wanted.data];
  left.forEach((number, i) => {
    const other = right[i]!;
    if (Object.is(number, other) || number === other) return;
    const off = Math.abs(number - other);
    difference = Math.max(difference, Number.isNaN(off) ? Infinity : off);
    size = Math.max(size, Math.abs(other));
  });
  return { what, dtype, error: difference / size };
}

type Callable = (...list: unknown[]) => Value;

function run(program: Program, inputs: readonly Value[]): Value {
  const values = [...inputs];
  for (const { call, arguments: list } of program) {
    const given = list.map((argument) => {
      // A JSON null is an argument that is left out.
      if (typeof argument !== "object" || argument === null || Array.isArray(argument)) return argument ?? undefined;
      if ("value" in argument) return values[argument.value as number];
      return "values" in argument ? (argument.values as readonly number[]).map((index) => values[index]) : argument;
    });
    values.push((gradbook as unknown as Readonly<Record<string, Callable>>)[call]!(...given));
  }
  return values[values.length - 1]!;
}

function named(program: Program): string {
  return program.map(({ call }) => call).join(" ");
}

function compareOperation(example: OperationCase): Compared {
  const inputs = example.inputs.map(leaf);
  const output = run(example.program, inputs);
  const comparisons = [compared("value", output, example.output)];
  if (example.gradients !== undefined) {
    const gradients = backward(output, {
      seed: constant(read(example.cotangent!)),
      graph: example.second !== undefined,
    });
    const moving = inputs.filter((input) => input.needsGradient);
    example.gradients.forEach((expected, i) => {
      comparisons.push(compared(`gradient ${i}`, gradients.of(moving[i]!), expected));
    });
    if (example.second !== undefined) {
      // The quick pass over numbers must agree with the one that is recorded.
      const quick = backward(output, { seed: constant(read(example.cotangent!)) });
      example.gradients.forEach((expected, i) => {
        comparisons.push(compared(`gradient ${i}, numbers only`, quick.of(moving[i]!), expected));
      });
      const total = moving.map((input) => sum(gradients.of(input))).reduce((a, b) => a.add(b));
      const second = total.needsGradient ? backward(total) : undefined;
      example.second.forEach((expected, i) => {
        const actual = second?.of(moving[i]!) ?? mul(moving[i]!, 0);
        comparisons.push(compared(`second derivative ${i}`, actual, expected));
      });
    }
  }
  return {
    name: `${named(example.program)} ${example.inputs.map(({ shape }) => `[${shape}]`).join(" ")}`,
    comparisons,
  };
}

function compareExpression(example: ExpressionCase): Compared {
  const numbers = (constant(read(example.x)).toArray() as number[]).map((number) => variable(number));
  const z = run(example.program, numbers);
  const gradients = backward(z);
  const of = (x: Value): Value =>
    run(
      example.program,
      numbers.map((_, i) => x.slice([[i, i + 1]]).reshape([])),
    );
  const gradient = constant(numbers.map((x) => gradients.of(x).item()));
  return {
    name: named(example.program),
    comparisons: [
      compared("value", z, example.value),
      compared("gradient", gradient, example.gradient),
      compared("Hessian", hessian(of)(variable(read(example.x))), example.hessian),
    ],
  };
}

function compareTransform({ transform, program, inputs, results }: TransformCase): Compared {
  const f = (x: Value): Value => run(program, [x]);
  const [x, other] = inputs.map(leaf) as [Value, Value];
  const actual = ((): readonly Value[] => {
    switch (transform) {
      case "jvp":
        return jvp(f, [x], [other]);
      case "vjp": {
        const [value, pullback] = vjp(f, x);
        return [value, ...pullback(other)];
      }
      case "jacobian":
        return [jacobian(f)(x)];
      case "hessian":
        return [hessian(f)(x)];
      case "hvp":
        return [hvp(f, x, other)];
      case "vmap":
        return [vmap(f)(x)];
      case "vmap of grad":
        return [vmap(gradbook.grad(f))(x)];
    }
  })();
  return {
    name: `${transform} of ${named(program)} [${x.shape}]`,
    comparisons: results.map((expected, i) => compared(`result ${i}`, actual[i]!, expected)),
  };
}

type Layer = nn.Module & { forward(...inputs: unknown[]): Value | { readonly output: Value } };

function compareLayer(example: LayerCase): Compared {
  const make = (nn as unknown as Readonly<Record<string, new (...list: readonly unknown[]) => Layer>>)[example.layer]!;
  const layer = new make(...example.arguments);
  if (!example.training) layer.eval();
  for (const [name, block] of Object.entries(example.parameters)) {
    layer.setParameter(name, name.startsWith("running") ? constant(read(block)) : variable(read(block)));
  }
  const inputs = example.inputs.map(leaf);
  const { mask } = example.options;
  const result = layer.forward(...inputs, ...(mask === undefined ? [] : [{ mask: constant(read(mask)) }]));
  const output = result instanceof Value ? result : result.output;
  const gradients = backward(output, { seed: constant(read(example.cotangent)) });
  const parameters = new Map(layer.namedParameters());
  const buffers = new Map(layer.namedBuffers());
  return {
    name: `${example.layer}(${JSON.stringify(example.arguments).slice(1, -1)}) [${inputs[0]!.shape}]`,
    comparisons: [
      compared("output", output, example.output),
      ...example.inputGradients.map((expected, i) =>
        compared(`gradient of input ${i}`, gradients.of(inputs[i]!), expected),
      ),
      ...Object.entries(example.gradients).map(([name, expected]) =>
        compared(`gradient of ${name}`, gradients.of(parameters.get(name)!), expected),
      ),
      ...Object.entries(example.buffersAfter).map(([name, expected]) => compared(name, buffers.get(name)!, expected)),
    ],
  };
}

function compareOptimiser(example: OptimiserCase): Compared {
  const parameters = { w: leaf(example.start) };
  const make: (tree: object, options: { readonly learningRate: number }) => Optimiser = gradbook[example.optimiser];
  const optimiser = make(parameters, example.options);
  const comparisons = example.gradients.map((gradient, step) => {
    optimiser.step(backward(sum(mul(parameters.w, constant(read(gradient))))));
    return compared(`after step ${step + 1}`, parameters.w, example.after[step]!);
  });
  return { name: `${example.optimiser} ${JSON.stringify(example.options)}`, comparisons };
}

export function compare(example: Case): Compared {
  if ("transform" in example) return compareTransform(example);
  if ("layer" in example) return compareLayer(example);
  if ("optimiser" in example) return compareOptimiser(example);
  return "hessian" in example ? compareExpression(example) : compareOperation(example);
}
