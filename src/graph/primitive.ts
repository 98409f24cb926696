import type { Shape } from "./shape.ts";
import type { Storage } from "./storage.ts";
import type { Operand, Value } from "./value.ts";

/** How an operation is written: formulas are printed from this, in plain text and in LaTeX. */
export type Notation =
  | { readonly kind: "infix"; readonly text: string; readonly latex: string; readonly precedence: number }
  | { readonly kind: "prefix"; readonly text: string; readonly latex: string; readonly precedence: number }
  | { readonly kind: "fraction" }
  | { readonly kind: "power" }
  /** A comparison that counts as 1 where it holds and 0 elsewhere: [x > 0]. */
  | { readonly kind: "bracket"; readonly text: string; readonly latex: string }
  | { readonly kind: "function"; readonly text: string; readonly latex: string };

/** What an operation was told besides its inputs; it is not differentiated. */
export interface Parameters {
  readonly axes?: readonly number[];
  readonly keepDims?: boolean;
  readonly shape?: Shape;
}

/** Where an argument may lie: strictly between the two. */
export interface Interval {
  readonly above: number;
  readonly below: number;
}

/** A partial derivative as a rule in the graph's own operations, of the inputs and, last, the output. */
export type Partial = (...inputsAndOutput: readonly Value[]) => Operand;

interface Described {
  readonly name: string;
  /** What the decomposition table calls it: Addition, Multiplication … */
  readonly label: string;
  /** What is drawn in its circle. */
  readonly symbol: string;
  readonly notation: Notation;
  /** The ONNX operator of the same meaning. */
  readonly onnx: string;
  /** How far the arguments are from a point without a derivative. */
  readonly kink?: (...inputs: readonly number[]) => number;
  /** Where each argument may lie, for those that may not lie everywhere. */
  readonly domain?: readonly (Interval | undefined)[];
  /** The number that leaves the other operand as it is: x + 0, 1 · x. Formulas are tidied with it. */
  readonly neutral?: { readonly left?: number; readonly right?: number };
}

/** Applied number by number; its partials give both modes. */
export interface Elementwise extends Described {
  readonly family: "elementwise";
  readonly evaluate: (...inputs: readonly number[]) => number;
  readonly partials: readonly Partial[];
}

/** Linear in its one input; its transpose gives reverse mode, itself forward mode. */
export interface Linear extends Described {
  readonly family: "linear";
  readonly forward: (x: Storage, parameters: Parameters) => Storage;
  readonly apply: (x: Value, parameters: Parameters) => Value;
  readonly transpose: (cotangent: Value, x: Value, parameters: Parameters) => Value;
}

/** Linear in each of two inputs; a transpose for each gives reverse mode, the product rule forward mode. */
export interface Bilinear extends Described {
  readonly family: "bilinear";
  readonly forward: (x: Storage, y: Storage) => Storage;
  readonly apply: (x: Value, y: Value) => Value;
  readonly transposes: readonly [
    (cotangent: Value, x: Value, y: Value) => Value,
    (cotangent: Value, x: Value, y: Value) => Value,
  ];
}

/** An operation that the engine knows, defined in one place (primitives.ts). */
export type Primitive = Elementwise | Linear | Bilinear;

export function arityOf(primitive: Primitive): number {
  switch (primitive.family) {
    case "elementwise":
      return primitive.partials.length;
    case "linear":
      return 1;
    case "bilinear":
      return 2;
  }
}
