import type { Formula } from "../graph/formula.ts";
import type { Primitive } from "../graph/primitive.ts";

/** A sum of monomials with whole coefficients. A monomial is its atoms and their powers: "x^2 y", "" for the constant. */
type Polynomial = ReadonlyMap<string, bigint>;

/**
 * A quotient of two polynomials in atoms: names, and whatever is not rational (exp of something), taken as a letter of
 * its own. Two of them are equal as functions where the cross products agree; no common factor need be found.
 */
export interface Rational {
  readonly top: Polynomial;
  readonly bottom: Polynomial;
  /** Whether every atom is a name: only then does inequality of the forms mean inequality of the functions. */
  readonly pure: boolean;
}

/** Beyond these sizes the exact form is given up, and points decide. */
const mostTerms = 400;
const largestPower = 32;
const mostDigits = 300;

/** Thrown inside this file where a form grows too large. */
class TooLarge extends Error {}

/** The formula as a rational function, where `formOf` gives each name's own form; `undefined` where it grows too large. */
export function rationalOf(formula: Formula, formOf: (name: string) => Rational | undefined): Rational | undefined {
  try {
    return build(formula, formOf);
  } catch (error) {
    if (error instanceof TooLarge) return undefined;
    throw error;
  }
}

export function atomOf(name: string): Rational {
  return { top: new Map([[monomialText(new Map([[name, 1]])), 1n]]), bottom: one, pure: true };
}

export function sumOf(a: Rational, b: Rational): Rational | undefined {
  return guarded(() => added(a, b));
}

export function productOf(a: Rational, b: Rational): Rational | undefined {
  return guarded(() => multiplied(a, b));
}

/** Whether two forms are the same function, wherever both are defined. `undefined` where that takes too long to say. */
export function sameFunction(a: Rational, b: Rational): boolean | undefined {
  return guarded(() => equalPolynomials(times(a.top, b.bottom), times(b.top, a.bottom)));
}

function guarded<Result>(run: () => Result): Result | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof TooLarge) return undefined;
    throw error;
  }
}

const one: Polynomial = new Map([["", 1n]]);
export const zeroRational: Rational = { top: new Map(), bottom: one, pure: true };
export const oneRational: Rational = { top: one, bottom: one, pure: true };

function build(formula: Formula, formOf: (name: string) => Rational | undefined): Rational {
  switch (formula.kind) {
    case "number":
      return numberRational(formula.value);
    case "name": {
      const value = formOf(formula.name);
      if (value === undefined) throw new TooLarge();
      return value;
    }
    case "apply": {
      const inputs = formula.inputs.map((input) => build(input, formOf));
      return arithmetic[formula.primitive.name]?.(inputs[0]!, inputs[1]!) ?? opaque(formula.primitive, inputs);
    }
  }
}

/** What can be done with quotients of polynomials; undefined where the result is none. */
const arithmetic: Readonly<Record<string, (a: Rational, b: Rational) => Rational | undefined>> = {
  add: added,
  sub: (a, b) => added(a, multiplied(numberRational(-1), b)),
  mul: multiplied,
  div: divided,
  neg: (a) => multiplied(numberRational(-1), a),
  pow: raised,
  identity: (a) => a,
};

/** A number by its decimal digits: 0.1 is exactly one tenth. */
function numberRational(value: number): Rational {
  if (!Number.isFinite(value)) throw new TooLarge();
  const [mantissa, exponent] = String(value).split("e") as [string, string | undefined];
  const [whole, fraction = ""] = mantissa.split(".") as [string, string | undefined];
  const power = Number(exponent ?? 0) - fraction.length;
  if (Math.abs(power) > mostDigits) throw new TooLarge();
  const digits = BigInt(whole + fraction);
  const scale = 10n ** BigInt(Math.abs(power));
  return {
    top: constantPolynomial(power > 0 ? digits * scale : digits),
    bottom: constantPolynomial(power < 0 ? scale : 1n),
    pure: true,
  };
}

/** Anything else as a letter of its own, named by what it is applied to. Equal letters are equal functions. */
function opaque(primitive: Primitive, inputs: readonly Rational[]): Rational {
  const text = inputs.map((input) => `${polynomialText(input.top)}÷${polynomialText(input.bottom)}`).join(",");
  if (text.length > 2000) throw new TooLarge();
  const name = `{${primitive.name}:${text.replaceAll("\u0001", "\u0003").replaceAll("\u0002", "\u0004")}}`;
  return { ...atomOf(name), pure: false };
}

function added(a: Rational, b: Rational): Rational {
  const pure = a.pure && b.pure;
  if (equalPolynomials(a.bottom, b.bottom)) return { top: plus(a.top, b.top), bottom: a.bottom, pure };
  return { top: plus(times(a.top, b.bottom), times(b.top, a.bottom)), bottom: times(a.bottom, b.bottom), pure };
}

function multiplied(a: Rational, b: Rational): Rational {
  return { top: times(a.top, b.top), bottom: times(a.bottom, b.bottom), pure: a.pure && b.pure };
}

function divided(a: Rational, b: Rational): Rational {
  if (b.top.size === 0) throw new TooLarge();
  return { top: times(a.top, b.bottom), bottom: times(a.bottom, b.top), pure: a.pure && b.pure };
}

function raised(base: Rational, exponent: Rational): Rational | undefined {
  const power = wholeNumber(exponent);
  if (power === undefined || Math.abs(power) > largestPower) return undefined;
  let result = oneRational;
  for (let count = 0; count < Math.abs(power); count++) result = multiplied(result, base);
  result = { ...result, pure: base.pure };
  return power < 0 ? divided(oneRational, result) : result;
}

function wholeNumber(form: Rational): number | undefined {
  const top = form.top.size === 0 ? 0n : form.top.get("");
  const bottom = form.bottom.get("");
  if (top === undefined || bottom === undefined || form.top.size > 1 || form.bottom.size > 1) return undefined;
  return bottom !== 0n && top % bottom === 0n ? Number(top / bottom) : undefined;
}

// Polynomials. In a monomial's text atoms are separated by \u0001, a power from its atom by \u0002.

function constantPolynomial(value: bigint): Polynomial {
  return value === 0n ? new Map() : new Map([["", value]]);
}

function plus(a: Polynomial, b: Polynomial): Polynomial {
  const result = new Map(a);
  for (const [monomial, coefficient] of b) {
    const total = (result.get(monomial) ?? 0n) + coefficient;
    if (total === 0n) result.delete(monomial);
    else result.set(monomial, total);
  }
  return limited(result);
}

function times(a: Polynomial, b: Polynomial): Polynomial {
  if (a.size * b.size > 4 * mostTerms) throw new TooLarge();
  if (a === one) return b;
  if (b === one) return a;
  const result = new Map<string, bigint>();
  for (const [left, leftCoefficient] of a) {
    for (const [right, rightCoefficient] of b) {
      const monomial = joined(left, right);
      const total = (result.get(monomial) ?? 0n) + leftCoefficient * rightCoefficient;
      if (total === 0n) result.delete(monomial);
      else result.set(monomial, total);
    }
  }
  return limited(result);
}

const largestCoefficient = 10n ** BigInt(4 * mostDigits);

function limited(polynomial: Polynomial): Polynomial {
  if (polynomial.size > mostTerms) throw new TooLarge();
  for (const coefficient of polynomial.values()) {
    if (coefficient > largestCoefficient || -coefficient > largestCoefficient) throw new TooLarge();
  }
  return polynomial;
}

function joined(left: string, right: string): string {
  if (left === "") return right;
  if (right === "") return left;
  const powers = new Map<string, number>();
  for (const factor of [...left.split("\u0001"), ...right.split("\u0001")]) {
    const [atom, power] = factor.split("\u0002") as [string, string];
    powers.set(atom, (powers.get(atom) ?? 0) + Number(power));
  }
  return monomialText(powers);
}

function monomialText(powers: ReadonlyMap<string, number>): string {
  return [...powers]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([atom, power]) => `${atom}\u0002${power}`)
    .join("\u0001");
}

function equalPolynomials(a: Polynomial, b: Polynomial): boolean {
  if (a.size !== b.size) return false;
  for (const [monomial, coefficient] of a) if (b.get(monomial) !== coefficient) return false;
  return true;
}

function polynomialText(polynomial: Polynomial): string {
  return [...polynomial]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([monomial, coefficient]) => `${coefficient}\u0003${monomial}`)
    .join("+");
}
