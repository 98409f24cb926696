import { codeFromText } from "./fresh.ts";
import type { NumberFunction } from "./loops.ts";
import { formatNumber } from "./number-text.ts";
import type { Elementwise, Notation, Primitive } from "./primitive.ts";
import { filled, onlyNumber } from "./storage.ts";
import { type Operand, Value, variable } from "./value.ts";

/** A formula as data: a local derivative, a row of a table, a learner's answer. */
export type Formula =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "apply"; readonly primitive: Primitive; readonly inputs: readonly Formula[] };

export const numberFormula = (value: number): Formula => ({ kind: "number", value });
export const nameFormula = (name: string): Formula => ({ kind: "name", name });
export const applyFormula = (primitive: Primitive, inputs: readonly Formula[]): Formula => ({
  kind: "apply",
  primitive,
  inputs,
});

/**
 * The formula of a value in terms of the values whose names `nameAt` knows. Constants become numbers.
 *
 * @throws {RangeError} where it reaches a variable that has no name there.
 */
export function formulaOf(value: Value, nameAt: (id: number) => string | undefined): Formula {
  const name = nameAt(value.id);
  if (name !== undefined) return nameFormula(name);
  const primitive = value.primitive;
  if (primitive !== undefined) {
    return applyFormula(
      primitive,
      value.inputs.map((input) => formulaOf(input, nameAt)),
    );
  }
  if (value.kind === "constant" && value.shape.length === 0) return numberFormula(value.item());
  throw new RangeError(`The formula depends on ${value.name ?? "a value"}, which has no name here.`);
}

/** The formula's value, where `numberOf` gives each name's. */
export function evaluateFormula(formula: Formula, numberOf: (name: string) => number): number {
  switch (formula.kind) {
    case "number":
      return formula.value;
    case "name":
      return numberOf(formula.name);
    case "apply":
      return scalarRule(formula.primitive)(...formula.inputs.map((input) => evaluateFormula(input, numberOf)));
  }
}

/** What a primitive computes from numbers. Linear and bilinear ones are the identity and the product there. */
export function scalarRule(primitive: Primitive): (...inputs: readonly number[]) => number {
  switch (primitive.family) {
    case "elementwise":
      return primitive.evaluate;
    case "linear":
      return (x) => x!;
    case "bilinear":
      return (x, y) => x! * y!;
    case "reduction":
    case "general":
      return (...inputs) =>
        onlyNumber(
          primitive.forward(
            inputs.map((input) => filled("float64", [], input)),
            { axes: [], keepDims: true },
            [],
          ),
        );
  }
}

/** The formula with names replaced where `replacement` has something for them. */
export function substitute(formula: Formula, replacement: (name: string) => Formula | undefined): Formula {
  switch (formula.kind) {
    case "number":
      return formula;
    case "name":
      return replacement(formula.name) ?? formula;
    case "apply":
      return applyFormula(
        formula.primitive,
        formula.inputs.map((input) => substitute(input, replacement)),
      );
  }
}

/** The formula with numbers worked out and neutral operands left away: 2 · x^(2 − 1) becomes 2 · x. */
export function simplify(formula: Formula): Formula {
  if (formula.kind !== "apply") return formula;
  const { primitive } = formula;
  const inputs = formula.inputs.map(simplify);
  if (inputs.every((input) => input.kind === "number")) {
    return numberFormula(scalarRule(primitive)(...inputs.map((input) => input.value)));
  }
  const [left, right] = inputs;
  if (left !== undefined && right !== undefined) {
    if (left.kind === "number" && left.value === primitive.neutral?.left) return right;
    if (right.kind === "number" && right.value === primitive.neutral?.right) return left;
  }
  return applyFormula(primitive, inputs);
}

const symbolNames: readonly string[] = ["x", "y", "w"];
const outputName = "output";
const derivativeRules = new Map<Elementwise, readonly Formula[]>();

/**
 * Partial derivatives of an elementwise primitive as formulas in x, y, w and output: its rules run on symbols, once.
 */
export function partialFormulas(primitive: Elementwise): readonly Formula[] {
  let formulas = derivativeRules.get(primitive);
  if (formulas === undefined) {
    const symbols = primitive.partials.map((_, position) => variable(0.5, symbolNames[position]!));
    const output = variable(0.5, outputName);
    const nameAt = (id: number): string | undefined =>
      id === output.id ? outputName : symbols.find((symbol) => symbol.id === id)?.name;
    formulas = primitive.partials.map((partial) => {
      const result: Operand = partial(...symbols, output);
      return simplify(result instanceof Value ? formulaOf(result, nameAt) : numberFormula(result));
    });
    derivativeRules.set(primitive, formulas);
  }
  return formulas;
}

const numericPartials = new Map<Elementwise, readonly NumberFunction[]>();

/** Partial derivatives as functions of the inputs' numbers and, last, the output's, for fast numeric walks. */
export function numericPartialsOf(primitive: Elementwise): readonly NumberFunction[] {
  let partials = numericPartials.get(primitive);
  if (partials === undefined) {
    const names = [...symbolNames.slice(0, primitive.partials.length), outputName];
    partials = partialFormulas(primitive).map((formula) => numberFunction(formula, names));
    numericPartials.set(primitive, partials);
  }
  return partials;
}

/** The formula as a function of the numbers that its names stand for, in the order of `names`. */
export function numberFunction(formula: Formula, names: readonly string[]): NumberFunction {
  const rules: NumberFunction[] = [];
  const parameters = names.map((_, index) => `n${index}`);
  const body = formulaCode(formula, (name) => parameters[names.indexOf(name)]!, rules);
  const make = codeFromText<(...rules: readonly NumberFunction[]) => NumberFunction>(
    `(${rules.map((_, index) => `f${index}`).join(", ")}) => (${parameters.join(", ")}) => ${body}`,
  );
  return make === undefined ? closureOf(formula, names) : make(...rules);
}

/** The formula as text in JavaScript. Arithmetic is called, as f0, f1 …, and added to `rules`: it has one definition. */
export function formulaCode(formula: Formula, variableOf: (name: string) => string, rules: NumberFunction[]): string {
  switch (formula.kind) {
    case "number":
      return `(${formula.value})`;
    case "name":
      return variableOf(formula.name);
    case "apply": {
      const rule = scalarRule(formula.primitive) as NumberFunction;
      const known = rules.indexOf(rule);
      const index = known >= 0 ? known : rules.push(rule) - 1;
      return `f${index}(${formula.inputs.map((input) => formulaCode(input, variableOf, rules)).join(", ")})`;
    }
  }
}

/** The formula as nested closures, where a page forbids making code from text. */
function closureOf(formula: Formula, names: readonly string[]): NumberFunction {
  switch (formula.kind) {
    case "number": {
      const { value } = formula;
      return () => value;
    }
    case "name": {
      const index = names.indexOf(formula.name);
      return (...numbers) => numbers[index]!;
    }
    case "apply": {
      const rule = scalarRule(formula.primitive);
      const inputs = formula.inputs.map((input) => closureOf(input, names));
      const [first, second] = inputs;
      if (second === undefined) return (...numbers) => rule(first!(...numbers));
      if (inputs.length === 2) return (...numbers) => rule(first!(...numbers), second(...numbers));
      return (...numbers) => rule(...inputs.map((input) => input(...numbers)));
    }
  }
}

/** Names the symbols of a partial's formula after the nodes at hand. */
export function partialIn(
  primitive: Elementwise,
  position: number,
  inputs: readonly Formula[],
  output: Formula,
): Formula {
  const formula = partialFormulas(primitive)[position]!;
  return simplify(substitute(formula, (name) => (name === outputName ? output : inputs[symbolNames.indexOf(name)])));
}

/**
 * Plain text: 1 − t², a · w, x/(y + 1).
 *
 * @example
 * ```ts
 * import { toText, variable } from "gradbook";
 *
 * const z = variable(3).square();
 * toText({ kind: "apply", primitive: z.primitive!, inputs: [{ kind: "name", name: "x" }] }) // x²
 * ```
 */
export function toText(formula: Formula): string {
  return print(formula, 0, textStyle);
}

/**
 * LaTeX, without the dollar signs.
 *
 * @example
 * ```ts
 * import { toLatex, variable } from "gradbook";
 *
 * const z = variable(3).sqrt();
 * toLatex({ kind: "apply", primitive: z.primitive!, inputs: [{ kind: "name", name: "x" }] }) // \sqrt{x}
 * ```
 */
export function toLatex(formula: Formula): string {
  return print(formula, 0, latexStyle);
}

interface Style {
  readonly number: (value: number) => string;
  readonly name: (name: string) => string;
  readonly symbol: (notation: { readonly text: string; readonly latex: string }) => string;
  readonly fraction: (top: Formula, bottom: Formula) => string;
  readonly power: (base: string, exponent: Formula) => string;
  readonly call: (notation: { readonly text: string; readonly latex: string }, inputs: readonly Formula[]) => string;
  readonly parentheses: (inside: string) => string;
}

const precedences = { sum: 1, product: 2, derivative: 2.5, power: 4, atom: 5 } as const;

const textStyle: Style = {
  number: formatNumber,
  name: (name) => name,
  symbol: (notation) => notation.text,
  fraction: (top, bottom) =>
    `${print(top, precedences.product, textStyle)}/${print(bottom, precedences.product + 1, textStyle)}`,
  power: (base, exponent) =>
    exponent.kind === "number" && Number.isInteger(exponent.value)
      ? `${base}${superscript(exponent.value)}`
      : `${base}^${print(exponent, precedences.atom, textStyle)}`,
  call: (notation, inputs) => `${notation.text}(${inputs.map(toText).join(", ")})`,
  parentheses: (inside) => `(${inside})`,
};

const latexStyle: Style = {
  number: (value) => formatNumber(value).replaceAll("−", "-").replace("∞", "\\infty"),
  name: latexName,
  symbol: (notation) => notation.latex,
  fraction: (top, bottom) => `\\frac{${toLatex(top)}}{${toLatex(bottom)}}`,
  power: (base, exponent) => `${base}^{${toLatex(exponent)}}`,
  call: (notation, inputs) => {
    const list = inputs.map(toLatex).join(", ");
    return notation.latex.includes("#")
      ? notation.latex.replace("#", () => list)
      : `${notation.latex}\\left(${list}\\right)`;
  },
  parentheses: (inside) => `\\left(${inside}\\right)`,
};

function print(formula: Formula, outer: number, style: Style): string {
  const [text, own] = written(formula, style);
  return own < outer ? style.parentheses(text) : text;
}

function written(formula: Formula, style: Style): [text: string, precedence: number] {
  if (formula.kind === "number") {
    return [style.number(formula.value), formula.value < 0 ? precedences.sum : precedences.atom];
  }
  if (formula.kind === "name") {
    const { name } = formula;
    return [style.name(name), name.startsWith("∂") ? precedences.derivative : precedences.atom];
  }
  const { inputs } = formula;
  const notation: Notation = formula.primitive.notation;
  const [left, right] = inputs;
  switch (notation.kind) {
    case "infix": {
      // One step tighter on the right: x − (y − z) keeps its parentheses; a sum of sums needs none.
      const negative = right!.kind === "number" && right!.value < 0;
      const associative = formula.primitive.neutral?.left !== undefined && !negative;
      const inner = notation.precedence + (associative ? 0 : 0.5);
      const text = `${print(left!, notation.precedence, style)}${style.symbol(notation)}${print(right!, inner, style)}`;
      return [text, notation.precedence];
    }
    case "prefix":
      return [`${style.symbol(notation)}${print(left!, notation.precedence, style)}`, notation.precedence - 0.5];
    case "fraction":
      return [style.fraction(left!, right!), precedences.product];
    case "power":
      return [style.power(print(left!, precedences.atom, style), right!), precedences.power];
    case "superscript":
      return [style.power(print(left!, precedences.atom, style), numberFormula(notation.exponent)), precedences.power];
    case "bracket":
      return [`[${print(left!, 0, style)}${style.symbol(notation)}${print(right!, 0, style)}]`, precedences.atom];
    case "function":
      return [style.call(notation, inputs), precedences.atom];
  }
}

const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const subscripts = "₀₁₂₃₄₅₆₇₈₉";

/** A whole number in raised digits. */
export function superscript(exponent: number): string {
  return [...String(exponent)].map((digit) => (digit === "-" ? "⁻" : superscripts[Number(digit)])).join("");
}

/** x₁ → x_{1}; a name of several letters upright. */
function latexName(name: string): string {
  const plain = name.replace(/[₀-₉]/g, (digit) => String(subscripts.indexOf(digit)));
  const [, stem, index] = /^(.*?)_?(\d*)$/.exec(plain) as unknown as [string, string, string];
  const head = [...stem].length > 1 ? `\\mathrm{${stem.replaceAll("_", "\\_")}}` : stem;
  return index === "" ? head : `${head}_{${index}}`;
}
