import assert from "node:assert/strict";
import fc from "fast-check";
import { AnswerSyntaxError, deepestAnswer, longestAnswer, parseAnswer } from "../../../src/checkpoints/parse.ts";
import {
  applyFormula,
  evaluateFormula,
  type Formula,
  nameFormula,
  numberFormula,
  toText,
} from "../../../src/graph/formula.ts";
import type { Elementwise } from "../../../src/graph/primitive.ts";
import { primitiveNamed } from "../../../src/graph/primitives.ts";
import { primitives } from "../../../src/graph/tape.ts";

const names = ["x", "y", "w", "xw", "e", "x₁"];
const values: Readonly<Record<string, number>> = { x: 1.5, y: -2.25, w: 0.75, xw: 3.5, e: 1.25, "x₁": -0.5 };

function valueOfText(text: string): number {
  return evaluateFormula(parseAnswer(text, names).formula, (name) => values[name]!);
}

function failure(text: string, known: readonly string[] = names): AnswerSyntaxError {
  try {
    parseAnswer(text, known);
  } catch (error) {
    assert.ok(error instanceof AnswerSyntaxError, `${text}: ${error}`);
    return error;
  }
  throw new assert.AssertionError({ message: `${text} was read` });
}

const elementwise = primitives.filter((primitive): primitive is Elementwise => primitive.family === "elementwise");

const formulas: fc.Arbitrary<Formula> = fc.letrec<{ formula: Formula }>((tie) => ({
  formula: fc.oneof(
    { maxDepth: 5 },
    fc.integer({ min: 0, max: 999 }).map(numberFormula),
    fc.constantFrom(0.5, 1.25, 0.001, 1e6, 2.5e-7).map(numberFormula),
    // Not e: beside it 1e6 is a product.
    fc.constantFrom(...names.filter((name) => name !== "e")).map(nameFormula),
    fc
      .tuple(fc.constantFrom(...elementwise), tie("formula"), tie("formula"), tie("formula"))
      .map(([primitive, ...inputs]) => applyFormula(primitive, inputs.slice(0, primitive.partials.length))),
  ),
})).formula;

interface Part {
  readonly inverse: boolean;
  readonly text: string;
}

/** A square is written, and so read, as a power. */
function asPower(formula: Formula): Formula {
  return formula.kind === "apply" && formula.primitive.notation.kind === "superscript"
    ? applyFormula(primitiveNamed("pow"), [formula.inputs[0]!, numberFormula(formula.primitive.notation.exponent)])
    : formula;
}

/** Sums as signed terms and products as factors, in order: a + (b − c) and (a + b) − c are printed alike. */
function shapeOf(formula: Formula): string {
  const terms = termsOf(formula, false).map(({ inverse, text }) => `${inverse ? "-" : "+"}${text}`);
  return terms.length === 1 && terms[0]!.startsWith("+") ? terms[0]!.slice(1) : `(${terms.join(" ")})`;
}

function termsOf(formula: Formula, negative: boolean): readonly Part[] {
  const [name, left, right] = appliedTo(formula);
  if (name === "add") return [...termsOf(left!, negative), ...termsOf(right!, negative)];
  if (name === "sub") return [...termsOf(left!, negative), ...termsOf(right!, !negative)];
  const { negative: inner, factors } = factorsOf(formula, false);
  const text = factors.map((factor) => `${factor.inverse ? "/" : "*"}${factor.text}`).join("");
  return [{ inverse: inner !== negative, text }];
}

function factorsOf(
  formula: Formula,
  inverse: boolean,
): { readonly negative: boolean; readonly factors: readonly Part[] } {
  const [name, left, right] = appliedTo(formula);
  if (name === "neg") {
    const inside = factorsOf(left!, inverse);
    return { negative: !inside.negative, factors: inside.factors };
  }
  if (name === "mul" || name === "div") {
    const [first, second] = [factorsOf(left!, inverse), factorsOf(right!, inverse !== (name === "div"))];
    return { negative: first.negative !== second.negative, factors: [...first.factors, ...second.factors] };
  }
  if (name === "add" || name === "sub") return { negative: false, factors: [{ inverse, text: shapeOf(formula) }] };
  if (formula.kind === "apply" && formula.primitive.notation.kind === "superscript")
    return factorsOf(asPower(formula), inverse);
  const text =
    formula.kind === "apply"
      ? `${name}[${formula.inputs.map(shapeOf).join(", ")}]`
      : formula.kind === "name"
        ? formula.name
        : String(formula.value);
  return { negative: false, factors: [{ inverse, text }] };
}

function appliedTo(formula: Formula): readonly [string | undefined, Formula | undefined, Formula | undefined] {
  return formula.kind === "apply"
    ? [formula.primitive.name, formula.inputs[0], formula.inputs[1]]
    : [undefined, undefined, undefined];
}

describe("answers as text", () => {
  it("read back what formulas print, whatever operations they use", () => {
    fc.assert(
      fc.property(formulas, (formula) => {
        const text = toText(formula);
        fc.pre(text.length <= longestAnswer);
        const names = ["x", "y", "w", "xw", "x₁"];
        assert.equal(shapeOf(parseAnswer(text, names).formula), shapeOf(formula), text);
      }),
      { numRuns: 1000 },
    );
  });

  const readings: readonly (readonly [string, number])[] = [
    ["-x^2", -2.25],
    ["2^-2", 0.25],
    ["2^3^2", 512],
    ["x(y+1)", 1.5 * -1.25],
    ["(x)(y)", 1.5 * -2.25],
    ["2x^2", 4.5],
    ["xw", 3.5],
    ["x w", 1.125],
    ["wx", 1.125],
    ["x·w + x × w − x*w", 1.125],
    ["x**2", 2.25],
    ["x²", 2.25],
    ["x⁻²", 1 / 2.25],
    ["x ÷ 2", 0.75],
    ["2e", 2.5],
    ["e^2", 1.5625],
    ["exp(0)", 1],
    ["3 - -2", 5],
    ["x * -1", -1.5],
    ["√4", 2],
    ["√(x + 2.5)", 2],
    ["σ(0) + sigmoid(0)", 1],
    ["ReLU(y) + relu(x)", 1.5],
    ["max(x, y)", 1.5],
    ["ln(1) + log(1)", 0],
    ["[x > 0] + (y > 0)", 1],
    ["[0 < x]", 1],
    ["x1 + x_1 + x₁", -1.5],
    ["1/2 * x", 0.75],
    ["x/2/3", 0.25],
    [".5 + 1.", 1.5],
    ["(((x)))", 1.5],
  ];
  for (const [text, expected] of readings) {
    it(`${text} is ${expected}`, () => assert.equal(valueOfText(text), expected));
  }

  it("take e in a number for the exponent only where no e is declared", () => {
    assert.equal(
      evaluateFormula(parseAnswer("1e−3", ["x"]).formula, () => 0),
      1e-3,
    );
    assert.match(failure("1e3").message, /“e3” is not a name here. Did you mean e\^3 or 3·e\?/);
  });

  it("are read or refused at once, also where one word is as long as an answer may be", () => {
    const start = performance.now();
    for (const piece of ["1e5", "tanh", "x", "_", "prototype"]) {
      const text = `a${piece.repeat(longestAnswer)}`.slice(0, longestAnswer);
      try {
        parseAnswer(text, names);
      } catch (error) {
        assert.ok(error instanceof AnswerSyntaxError);
      }
    }
    assert.ok(performance.now() - start < 1000, `${performance.now() - start} ms`);
  });

  it("ask which is meant where a product without a sign follows a quotient", () => {
    for (const text of ["1/2x", "1/2 x", "x/(2)(3)", "y/x w", "1/2(x+1)"]) {
      assert.match(failure(text).message, /^Which is meant/, text);
    }
    const derivative = (): unknown => parseAnswer("x + dL/dc x", ["x", "d", "L", "c"]);
    assert.throws(derivative, /A derivative's symbol cannot be part of an answer/);
    assert.equal(failure("1/2x").message, "Which is meant: (…/2) · x, or …/(2 · x)? Write the parentheses.");
  });

  const refusals: readonly (readonly [string, number, RegExp])[] = [
    ["", 0, /nothing here/],
    ["x + ", 4, /ends too early/],
    ["x + * y", 4, /missing before “\*”/],
    ["(x + y", 0, /never closed/],
    ["x + y)", 5, /closes nothing/],
    ["x 2", 2, /no sign between/],
    ["2 3", 2, /no sign between/],
    ["x + q", 4, /“q” is not known here. Names you can use: x, y, w, xw, e, x₁. Functions: exp, log, /],
    ["x2", 0, /Did you mean x\^2 or 2·x/],
    ["sin x", 0, /sin\(x\)/],
    ["max(x)", 0, /takes 2 arguments; here are 1/],
    ["sin(x, y)", 0, /takes 1 argument; here are 2/],
    ["0,5", 1, /comma/],
    ["1.2.3", 3, /one decimal point/],
    ["x = 2", 2, /without “=”/],
    ["x; y", 1, /semicolon/],
    ["{x}", 0, /round parentheses/],
    ["|x|", 0, /sqrt\(x\^2\)/],
    ["x $ y", 2, /“\$” has no meaning/],
    ["x\u200by", 1, /invisible character here \(U\+200B\)/],
    ["\u202ex", 0, /U\+202E/],
    ["2·х", 2, /“х” \(U\+0445\) only looks like x/],
    ["ｘ", 0, /U\+FF58.* only looks like x/],
    ["dz/da", 0, /symbol cannot be part of an answer/],
    ["∂z/∂a · 2", 0, /symbol cannot be part/],
    ["process.exit()", 0, /“process” is not known/],
    ["x => x", 2, /“=”/],
    ["x > y > w", 6, /One comparison/],
    ["1e999 + 9".replace("e", "0".repeat(400)), 0, /too large/],
  ];
  for (const [text, position, message] of refusals) {
    it(`refuse ${JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)} at ${position}`, () => {
      const error = failure(text);
      assert.match(error.message, message);
      assert.equal(error.position, position);
    });
  }

  it("hold their limits", () => {
    assert.match(failure("x+".repeat(longestAnswer)).message, /500/);
    assert.match(failure(`${"(".repeat(200)}x${")".repeat(200)}`).message, /nested more than 100 deep/);
    assert.match(failure(`${"-".repeat(300)}x`).message, /nested/);
    assert.match(failure(`x${"^x".repeat(200)}`).message, /nested/);
    assert.equal(valueOfText(`${"(".repeat(deepestAnswer)}x${")".repeat(deepestAnswer)}`), 1.5);
    assert.equal(valueOfText("9^9^9^9^9"), Number.POSITIVE_INFINITY);
  });

  it("never throw anything but their own error, and run nothing", () => {
    const pieces = fc.constantFrom(
      ..."x y w e ( ) [ ] + - * / ^ ** , . 0 1 2.5 1e9 sin exp( max( √ σ ² ⁻ ∂ d = > < >= ; ` ' \" \\ $ { } __proto__ constructor globalThis toString \u200b \u0000 х 💥 =>".split(
        " ",
      ),
      " ",
    );
    const texts = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 60 }),
      fc.string({ unit: "binary", maxLength: 60 }),
      fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join("")),
    );
    let read = 0;
    fc.assert(
      fc.property(texts, (text) => {
        try {
          const { formula } = parseAnswer(text, names);
          read++;
          assert.equal(typeof evaluateFormula(formula, (name) => values[name]!), "number");
        } catch (error) {
          assert.ok(error instanceof AnswerSyntaxError, String(error));
          assert.ok(error.position >= 0 && error.position <= text.length);
        }
      }),
      { numRuns: 2000 },
    );
    assert.ok(read > 0);
  });
});
