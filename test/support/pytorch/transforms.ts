import { grad, hessian, hvp, jacobian, jvp, type Value, valueAndGrad, vjp, vmap } from "../../../src/index.ts";
import { type Block, comparedWith, constantOf, type Finding } from "./blocks.ts";
import { type Program, runProgram } from "./programs.ts";

/** A program under function transforms, named from the inside out. */
export interface TransformCase {
  readonly kind: "transform";
  readonly of: string;
  readonly program: Program;
  readonly transforms: readonly (readonly [name: keyof typeof transforms, options: Options])[];
  readonly inputs: readonly Block[];
  readonly results: readonly Block[];
}

interface Options {
  readonly argnums?: number | readonly number[];
  readonly inAxes?: number | readonly (number | null)[];
}

type Function = (...inputs: Value[]) => Value | Value[];

// Recorded only where what is transformed gives one Value, and where a single argnum is one.
const one = (f: Function) => f as (...inputs: Value[]) => Value;
const single = (options: Options) => options as { readonly argnums?: number };

/** How each transform is called, its result being a Value or a list of them. */
const transforms = {
  grad: (f: Function, options: Options): Function => grad(one(f), single(options)),
  valueAndGrad: (f: Function, options: Options): Function => valueAndGrad(one(f), single(options)),
  jacobian: (f: Function, options: Options): Function => jacobian(one(f), single(options)),
  hessian: (f: Function, options: Options): Function => hessian(one(f), single(options)),
  vmap: (f: Function, options: Options): Function => vmap(one(f), options),
  hvp: (f: Function): Function => {
    return (x, v) => hvp(one(f), x!, v!);
  },
  /** The first half are primals, the second half tangents. */
  jvp: (f: Function): Function => {
    return (...inputs) => jvp(one(f), inputs.slice(0, inputs.length / 2), inputs.slice(inputs.length / 2));
  },
  /** The last one is the cotangent. */
  vjp: (f: Function): Function => {
    return (...inputs) => {
      const [value, pullback] = vjp(one(f), ...inputs.slice(0, -1));
      return [value, ...pullback(inputs[inputs.length - 1]!)];
    };
  },
} as const;

export function compareTransform(example: TransformCase): readonly Finding[] {
  const whole = example.transforms.reduce<Function>(
    (f, [name, options]) => transforms[name](f, options),
    (...inputs) => runProgram(example.program, inputs),
  );
  const found = whole(...example.inputs.map(constantOf));
  const results = Array.isArray(found) ? found : [found];
  return example.results.map((block, position) => comparedWith(`result ${position}`, results[position]!, block));
}
