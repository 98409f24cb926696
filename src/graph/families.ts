import type {
  Bilinear,
  BlockPrimitive,
  Elementwise,
  General,
  Linear,
  Notation,
  Parameters,
  Reduction,
} from "./primitive.ts";
import { binaryOperation, lift, recordBlock, recordElementwise, register, unaryOperation } from "./record.ts";
import { normaliseAxes, normaliseAxis, type Shape, sizeOf } from "./shape.ts";
import type { Operand, Value } from "./value.ts";

// How an entry of the table becomes something to call, for each family once.

export type Unary = (x: Operand) => Value;
export type Binary = (x: Operand, y: Operand) => Value;
export type Ternary = (x: Operand, y: Operand, w: Operand) => Value;

type ElementwiseEntry = Omit<Elementwise, "family" | "apply">;

export function unary(definition: ElementwiseEntry): Unary {
  const [primitive, code] = elementwise(definition);
  return unaryOperation(primitive, code);
}

export function binary(definition: ElementwiseEntry): Binary {
  const [primitive, code] = elementwise(definition);
  return binaryOperation(primitive, code);
}

export function ternary(definition: ElementwiseEntry): Ternary {
  const [primitive] = elementwise(definition);
  return (x, y, w) => primitive.apply([x, y, w]);
}

function elementwise(definition: ElementwiseEntry): [Elementwise, number] {
  const primitive: Elementwise = {
    ...definition,
    family: "elementwise",
    apply: (inputs) => recordElementwise(primitive, code, inputs),
  };
  const code = register(primitive);
  return [primitive, code];
}

/** Applies a primitive that works on whole blocks. */
export type Apply = (inputs: readonly Value[], parameters: Parameters) => Value;

export function linear(definition: Omit<Linear, "family" | "apply">): Apply {
  return block((apply): Linear => ({ ...definition, family: "linear", apply }));
}

export function bilinear(definition: Omit<Bilinear, "family" | "apply">): Apply {
  return block((apply): Bilinear => ({ ...definition, family: "bilinear", apply }));
}

export function general(definition: Omit<General, "family" | "apply">): Apply {
  return block((apply): General => ({ ...definition, family: "general", apply }));
}

/** Axes to reduce over (all, where none are named; negative ones count from the end). */
export interface AxesOptions {
  readonly axes?: number | readonly number[];
  /** Keeps reduced axes with size 1. */
  readonly keepDims?: boolean;
}

/** The axis to work along; a negative one counts from the end. */
export interface AxisOptions {
  readonly axis?: number;
}

/** A reduction over `axes` that is nonlinear. */
export function reduction(
  definition: Omit<Reduction, "family" | "apply" | "shape" | "batch">,
): (x: Operand, options?: AxesOptions) => Value {
  const apply = block(
    (apply): Reduction => ({
      ...definition,
      family: "reduction",
      shape: reducedShape,
      batch: ([x], _batched, parameters) => apply([x!], axesBehindBatch(parameters)),
      apply,
    }),
  );
  return (x, options) => apply(...reducing(definition.name, x, options));
}

/** What sum, mean, max … are called with, as inputs and parameters. */
export function reducing(name: string, x: Operand, options: AxesOptions = {}): [readonly Value[], Parameters] {
  const value = lift(name, x);
  const axes = normaliseAxes(name, options.axes, value.shape.length, value.name);
  return [[value], { axes, keepDims: options.keepDims ?? false }];
}

/** What softmax, argmax … are called with, as inputs and parameters. */
export function along(name: string, x: Operand, axis: number): [readonly Value[], Parameters] {
  const value = lift(name, x);
  return [[value], { axes: [normaliseAxis(name, axis, value.shape.length, value.name)] }];
}

export function reducedShape([x]: readonly Shape[], { axes, keepDims }: Parameters): Shape {
  if (keepDims === true) return x!.map((length, axis) => (axes!.includes(axis) ? 1 : length));
  return x!.filter((_, axis) => !axes!.includes(axis));
}

export function axesBehindBatch(parameters: Parameters): Parameters {
  return { ...parameters, axes: parameters.axes!.map((axis) => axis + 1) };
}

function block(make: (apply: Apply) => BlockPrimitive): Apply {
  const primitive = make((inputs, parameters) => apply(inputs, parameters));
  const code = register(primitive);
  const apply: Apply = (inputs, parameters) => recordBlock(primitive, code, inputs, parameters);
  return apply;
}

/** Written as a function of its inputs; a # in the LaTeX stands for them. */
export function called(text: string, latex: string = `\\operatorname{${text}}`): Notation {
  return { kind: "function", text, latex };
}

/** The count of multiplications of what does one for each number of the result. */
export function oneEach(_inputs: readonly Shape[], output: Shape): number {
  return sizeOf(output);
}

/** Of what moves or adds numbers only. */
export function noneAtAll(): number {
  return 0;
}
