import type { Shape } from "./shape.ts";
import type { DType, Storage } from "./storage.ts";
import type { Operand, Value } from "./value.ts";

/**
 * How an operation is written: formulas are printed from this, in plain text and in LaTeX. In the LaTeX of a function,
 * a # stands for its inputs.
 */
export type Notation =
  | { readonly kind: "infix"; readonly text: string; readonly latex: string; readonly precedence: number }
  | { readonly kind: "prefix"; readonly text: string; readonly latex: string; readonly precedence: number }
  | { readonly kind: "fraction" }
  | { readonly kind: "power" }
  /** A power with a fixed exponent. */
  | { readonly kind: "superscript"; readonly exponent: number }
  /** A comparison that counts as 1 where it holds and 0 elsewhere: [x > 0]. */
  | { readonly kind: "bracket"; readonly text: string; readonly latex: string }
  | { readonly kind: "function"; readonly text: string; readonly latex: string };

/** What an operation was told besides its inputs; it is not differentiated. */
export interface Parameters {
  readonly axes?: readonly number[];
  readonly keepDims?: boolean;
  readonly shape?: Shape;
  readonly dtype?: DType;
  /** Where along each axis a slice begins, and where it ends. */
  readonly ranges?: readonly (readonly [start: number, end: number])[];
  /** Rows that are gathered or scattered to. */
  readonly indices?: Storage;
  readonly window?: Window;
  readonly convolution?: Convolution;
  /** What a call of `remat` runs again. */
  readonly run?: (...inputs: Value[]) => Value;
}

/** How a window moves over the last two axes, height first. */
export interface Window {
  readonly size: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
}

export interface Convolution {
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly groups: number;
}

/** Where an argument may lie: strictly between the two. */
export interface Interval {
  readonly above: number;
  readonly below: number;
}

export const everywhere: Interval = { above: Number.NEGATIVE_INFINITY, below: Number.POSITIVE_INFINITY };
export const positive: Interval = { above: 0, below: Number.POSITIVE_INFINITY };

/** The distance to the nearest kink of what has none. */
export const smooth = (): number => Number.POSITIVE_INFINITY;

/** A partial derivative as a rule in the graph's own operations, of the inputs and, last, the output. */
export type Partial = (...inputsAndOutput: readonly Value[]) => Operand;

interface Described {
  readonly name: string;
  /** What the decomposition table calls it: Addition, Multiplication … */
  readonly label: string;
  /** What is drawn in its circle. */
  readonly symbol: string;
  readonly notation: Notation;
  /** The ONNX operator of the same meaning; `undefined` where it takes several to say it. */
  readonly onnx: string | undefined;
  /** How many numbers are multiplied or divided for the result; powers and functions count as one each. */
  readonly multiplications: (inputs: readonly Shape[], output: Shape, parameters: Parameters) => number;
  /**
   * How captions write what passes back to the input at each position; the last entry stands for all further inputs. `#` is
   * the gradient that arrives, {x} and {y} are the inputs, {xᵀ} and {yᵀ} their transposes, {out} the output, {count} how many
   * numbers became one, {sum} the sum over what broadcasting stretched. Elementwise ones need none: partials say it.
   */
  readonly pullback?: readonly string[];
  /** The number that leaves the other operand as it is: x + 0, 1 · x. Formulas are tidied with it. */
  readonly neutral?: { readonly left?: number; readonly right?: number };
}

/** Applied number by number, with broadcasting; its partials give both modes. */
export interface Elementwise extends Described {
  readonly family: "elementwise";
  readonly apply: (inputs: readonly Operand[]) => Value;
  readonly evaluate: (...inputs: readonly number[]) => number;
  readonly partials: readonly Partial[];
  /** What is made of whole numbers: whole numbers, floats, or true and false. */
  readonly result: "same" | "float" | "bool";
  /** How far the arguments are from a point without a derivative. */
  readonly kink: (...inputs: readonly number[]) => number;
  /** Where each argument may lie. */
  readonly domain: readonly Interval[];
}

/** What is not applied number by number says which shape it makes of which, and how it goes along with a batch. */
interface Shaped extends Described {
  readonly shape: (inputs: readonly Shape[], parameters: Parameters) => Shape;
  /**
   * The operation on each slice along a new first axis, which those inputs have that `batched` says;
   * `undefined` where there is nothing better than one slice after the other.
   */
  readonly batch:
    | ((inputs: readonly Value[], batched: readonly boolean[], parameters: Parameters, size: number) => Value)
    | undefined;
}

/** Linear in all of its inputs together; its transpose gives reverse mode, itself forward mode. */
export interface Linear extends Shaped {
  readonly family: "linear";
  readonly forward: (inputs: readonly Storage[], parameters: Parameters, shape: Shape) => Storage;
  readonly apply: (inputs: readonly Value[], parameters: Parameters) => Value;
  /** The cotangent of the input at `position`. */
  readonly transpose: (cotangent: Value, inputs: readonly Value[], parameters: Parameters, position: number) => Value;
}

/** Linear in each of two inputs; a transpose for each gives reverse mode, the product rule forward mode. */
export interface Bilinear extends Shaped {
  readonly family: "bilinear";
  readonly forward: (inputs: readonly Storage[], parameters: Parameters, shape: Shape) => Storage;
  readonly apply: (inputs: readonly Value[], parameters: Parameters) => Value;
  readonly transposes: readonly [
    (cotangent: Value, x: Value, y: Value, parameters: Parameters) => Value,
    (cotangent: Value, x: Value, y: Value, parameters: Parameters) => Value,
  ];
}

/** Makes one number of many along axes; the derivative by each of them gives both modes. */
export interface Reduction extends Shaped {
  readonly family: "reduction";
  readonly forward: (inputs: readonly Storage[], parameters: Parameters, shape: Shape) => Storage;
  readonly apply: (inputs: readonly Value[], parameters: Parameters) => Value;
  /** The derivative by each element of x, of x's shape; the output comes with its reduced axes at size 1. */
  readonly partial: (x: Value, output: Value, parameters: Parameters) => Value;
}

/** Outside of the families: states both modes itself. */
export interface General extends Shaped {
  readonly family: "general";
  readonly forward: (inputs: readonly Storage[], parameters: Parameters, shape: Shape) => Storage;
  readonly apply: (inputs: readonly Value[], parameters: Parameters) => Value;
  /** The tangent of the output; an input that does not move has none. Null where there is no derivative. */
  readonly jvp:
    | ((
        tangents: readonly (Value | undefined)[],
        inputs: readonly Value[],
        output: Value,
        parameters: Parameters,
      ) => Value)
    | null;
  /** The cotangents of the inputs. Null where there is no derivative. */
  readonly vjp:
    | ((
        cotangent: Value,
        inputs: readonly Value[],
        output: Value,
        parameters: Parameters,
      ) => readonly (Value | undefined)[])
    | null;
  /** The type of the result, where it is not the inputs' own. */
  readonly result?: DType;
}

/** An operation that the engine knows, defined in one place (primitives.ts). */
export type Primitive = Elementwise | Linear | Bilinear | Reduction | General;
/** Those that work on whole blocks. */
export type BlockPrimitive = Exclude<Primitive, Elementwise>;
