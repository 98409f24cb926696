import { superscript } from "../../graph/formula.ts";
import { formatNumber } from "../../graph/number-text.ts";
import type { Notation } from "../../graph/primitive.ts";
import { primitiveNamed } from "../../graph/primitives.ts";
import type { Shape } from "../../graph/shape.ts";
import { constant, type NestedNumbers, type Value } from "../../graph/value.ts";
import type { Ask } from "../asks.ts";
import { elementwiseOperation, type Settings, type TensorOperation } from "./operations.ts";

/** What a name in an answer stands for: the value of a node, or a derivative. */
export type Source = Ask;

/** A formula over tensors as data. Every part knows its shape. */
export type TensorTerm = { readonly shape: Shape } & (
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "literal"; readonly numbers: NestedNumbers }
  | { readonly kind: "name"; readonly name: string; readonly source: Source }
  | {
      readonly kind: "apply";
      readonly operation: TensorOperation;
      readonly inputs: readonly TensorTerm[];
      readonly settings: Settings;
    }
);

const scalar: Shape = [];

export const numberTerm = (value: number): TensorTerm => ({ kind: "number", value, shape: scalar });

/** @throws {ShapeError} where the shapes do not fit. */
export function applyTerm(
  operation: TensorOperation,
  inputs: readonly TensorTerm[],
  settings: Settings = {},
): TensorTerm {
  const shape = operation.shape(
    inputs.map((input) => input.shape),
    settings,
  );
  return { kind: "apply", operation, inputs, settings, shape };
}

/** As `applyTerm`, for a primitive that works number by number. */
export function elementTerm(primitive: string, ...inputs: readonly TensorTerm[]): TensorTerm {
  return applyTerm(elementwiseOperation(primitiveNamed(primitive)), inputs);
}

/** What the term comes to, where names have these values; `changed` stands in for one number of it, that very one. */
export function evaluateTerm(
  term: TensorTerm,
  meaning: (source: Source) => Value,
  changed?: { readonly term: TensorTerm; readonly value: number },
): Value {
  switch (term.kind) {
    case "number":
      return constant(term === changed?.term ? changed.value : term.value);
    case "literal":
      return constant(term.numbers);
    case "name":
      return meaning(term.source);
    case "apply":
      return term.operation.compute(
        term.inputs.map((input) => evaluateTerm(input, meaning, changed)),
        term.settings,
      );
  }
}

export function hasNames(term: TensorTerm): boolean {
  return term.kind === "name" || (term.kind === "apply" && term.inputs.some(hasNames));
}

/** The derivatives that it names. */
export function derivativesIn(term: TensorTerm): readonly Ask[] {
  if (term.kind === "apply") return term.inputs.flatMap(derivativesIn);
  return term.kind === "name" && term.source.kind !== "value" ? [term.source] : [];
}

/** How many operations it has. */
export function lengthOf(term: TensorTerm): number {
  return term.kind === "apply" ? term.inputs.reduce((length, input) => length + lengthOf(input), 1) : 1;
}

const precedences = { sum: 1, product: 2, gradient: 2.5, power: 4, atom: 5 } as const;

/** Plain text, as an answer is typed: Xᵀ @ ∂L/∂Y, sum(∂L/∂Y, axis=0). */
export function termText(term: TensorTerm): string {
  return written(term)[0];
}

/** The same as one factor of a product, in parentheses where it needs them. */
export function factorText(term: TensorTerm): string {
  return inside(term, precedences.product + 0.5);
}

function inside(term: TensorTerm, outer: number): string {
  const [text, own] = written(term);
  return own < outer ? `(${text})` : text;
}

function written(term: TensorTerm): readonly [text: string, precedence: number] {
  switch (term.kind) {
    case "number":
      return [formatNumber(term.value), term.value < 0 ? precedences.sum : precedences.atom];
    case "literal":
      return [nestedText(term.numbers), precedences.atom];
    case "name":
      return [term.name, term.source.kind !== "value" ? precedences.gradient : precedences.atom];
    case "apply":
      return applied(term);
  }
}

function applied(term: Extract<TensorTerm, { kind: "apply" }>): readonly [text: string, precedence: number] {
  const { operation, inputs, settings } = term;
  const [left, right] = inputs;
  if (operation.name === "matmul") {
    return [
      `${inside(left!, precedences.product)} @ ${inside(right!, precedences.product + 0.5)}`,
      precedences.product,
    ];
  }
  if (operation.name === "transpose" && settings.numbers === undefined)
    return [`${inside(left!, precedences.power)}ᵀ`, precedences.power];
  const { primitive } = operation;
  if (primitive === undefined) {
    return [`${operation.name}(${[...inputs.map(termText), ...settingTexts(operation, settings)].join(", ")})`, 5];
  }
  const notation: Notation = primitive.notation;
  switch (notation.kind) {
    case "infix": {
      const associative = primitive.neutral?.left !== undefined;
      const negative = right!.kind === "number" && right!.value < 0;
      const tight = notation.precedence + (associative && !negative ? 0 : 0.5);
      const text = signOf(term);
      // Another product inside of a product keeps its parentheses: X ⊙ (A @ B).
      const mixed = primitive.name === "mul" && right!.kind === "apply" && signOf(right!) !== text;
      return [
        `${inside(left!, notation.precedence)}${text}${inside(right!, mixed ? notation.precedence + 0.5 : tight)}`,
        notation.precedence,
      ];
    }
    case "prefix":
      return [`${notation.text}${inside(left!, notation.precedence)}`, notation.precedence - 0.5];
    case "fraction":
      return [`${inside(left!, precedences.product)}/${inside(right!, precedences.product + 1)}`, precedences.product];
    case "power": {
      const base = inside(left!, precedences.atom);
      return right!.kind === "number" && Number.isInteger(right!.value)
        ? [`${base}${superscript(right!.value)}`, precedences.power]
        : [`${base}^${inside(right!, precedences.atom)}`, precedences.power];
    }
    case "superscript":
      return [`${inside(left!, precedences.atom)}${superscript(notation.exponent)}`, precedences.power];
    case "bracket":
      return [`[${inside(left!, 0)}${notation.text}${inside(right!, 0)}]`, precedences.atom];
    case "function":
      return [`${notation.text}(${inputs.map(termText).join(", ")})`, precedences.atom];
  }
}

/** How the operation is written between its operands; a product of tensors number by number is not that of numbers. */
function signOf({ operation: { primitive, name }, inputs }: Extract<TensorTerm, { kind: "apply" }>): string {
  if (name === "mul" && inputs.every((input) => input.shape.length > 0)) return " ⊙ ";
  return primitive?.notation.kind === "infix" ? primitive.notation.text : name;
}

function settingTexts(
  operation: TensorOperation,
  { axes, keepDims, numbers, window = {} }: Settings,
): readonly string[] {
  const [first, ...rest] = numbers ?? [];
  if (operation.name === "onehot") return [`[${rest.join(", ")}]`, String(first)];
  if (operation.name === "rows") return [`[${(numbers ?? []).join(", ")}]`];
  return [
    ...(numbers ?? []).map(String),
    ...(axes === undefined ? [] : [axes.length === 1 ? `axis=${axes[0]}` : `axis=[${axes.join(", ")}]`]),
    ...(keepDims === true ? ["keepdims=true"] : []),
    ...Object.entries(window).map(([name, number]) => `${name}=${number}`),
  ];
}

/** [[1, 2], [3, 4]] */
export function nestedText(numbers: NestedNumbers): string {
  return typeof numbers === "number" ? formatNumber(numbers) : `[${numbers.map(nestedText).join(", ")}]`;
}
