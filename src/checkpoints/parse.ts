import { applyFormula, type Formula, nameFormula, numberFormula } from "../graph/formula.ts";
import type { Primitive } from "../graph/primitive.ts";
import { primitiveNamed } from "../graph/primitives.ts";
import { answerFunctions, codePointText, invisible, lookalikeOf, plainName } from "./notation.ts";

/** Thrown where an answer cannot be read; nothing is wrong with the mathematics yet. Points at a character. */
export class AnswerSyntaxError extends Error {
  override readonly name: string = "AnswerSyntaxError";
  /** What was being read. */
  readonly text: string;
  /** Where in it, counted in characters from 0. */
  readonly position: number;

  constructor(message: string, text: string, position: number) {
    super(message);
    this.text = text;
    this.position = position;
  }
}

/** A formula that was read, with the decimals typed in it: how a rounded number is told from a wrong one. */
export interface ParsedAnswer {
  readonly formula: Formula;
  readonly decimals: readonly TypedDecimal[];
}

interface TypedDecimal {
  readonly formula: Formula;
  /** Half a unit of the last digit typed. */
  readonly half: number;
  /** How many digits count: 0.197 has three. */
  readonly digits: number;
}

export const longestAnswer = 500;
export const deepestAnswer = 100;

/**
 * Reads an answer: numbers, the given names, + − · / ^, products without a sign, parentheses, comparisons in brackets
 * and the functions of the table. Never evaluates anything.
 *
 * @throws {AnswerSyntaxError} which names the character, and for an unknown name those that are known.
 */
export function parseAnswer(text: string, names: Iterable<string>): ParsedAnswer {
  if (text.length > longestAnswer) {
    throw new AnswerSyntaxError(
      `This is ${text.length} characters long; an answer may have ${longestAnswer}. Is there a shorter form?`,
      text.slice(0, longestAnswer),
      longestAnswer,
    );
  }
  return new Parser(text, new Vocabulary(names)).answer();
}

/** The words that an answer may use. */
class Vocabulary {
  readonly names: readonly string[];
  private readonly words = new Map<string, string | Primitive>();

  constructor(names: Iterable<string>) {
    this.names = [...names];
    for (const [word, primitive] of answerFunctions()) this.words.set(word, primitive);
    const aliases = new Map<string, string | undefined>();
    for (const name of this.names) {
      const alias = plainName(name);
      aliases.set(alias, aliases.has(alias) ? undefined : name);
    }
    for (const [alias, name] of aliases) if (name !== undefined) this.words.set(alias, name);
    // Declared names win over functions and over the plain forms of other names.
    for (const name of this.names) this.words.set(name.normalize("NFC"), name);
  }

  get(word: string): string | Primitive | undefined {
    return this.words.get(word) ?? this.words.get(plainName(word));
  }

  /** "x, y, w", and the functions. */
  get listing(): string {
    const functions = [...new Set([...answerFunctions().values()].map((primitive) => primitive.name))];
    return `Names you can use: ${this.names.join(", ")}. Functions: ${functions.join(", ")}.`;
  }
}

type Token =
  | { readonly kind: "number"; readonly formula: Formula; readonly at: number }
  | { readonly kind: "name"; readonly name: string; readonly at: number }
  | { readonly kind: "function"; readonly primitive: Primitive; readonly word: string; readonly at: number }
  | { readonly kind: "power"; readonly exponent: number; readonly at: number }
  | { readonly kind: "sign"; readonly sign: Sign; readonly at: number }
  | { readonly kind: "end"; readonly at: number };

type Sign = "+" | "-" | "*" | "/" | "^" | "(" | ")" | "[" | "]" | "," | ">" | "<" | "=" | "≥" | "≤";

const signs: Readonly<Record<string, Sign>> = {
  "+": "+",
  "-": "-",
  "−": "-",
  "–": "-",
  "*": "*",
  "·": "*",
  "×": "*",
  "⋅": "*",
  "∗": "*",
  "•": "*",
  "/": "/",
  "÷": "/",
  "∕": "/",
  "⁄": "/",
  "^": "^",
  "(": "(",
  ")": ")",
  "[": "[",
  "]": "]",
  ",": ",",
  ">": ">",
  "<": "<",
  "=": "=",
  "≥": "≥",
  "≤": "≤",
};

const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const wordStart = /[\p{L}\p{So}_√∂∇]/u;
const wordPart = /[\p{L}\p{M}\p{Nd}_₀-₉′]/u;

class Parser {
  private readonly text: string;
  private readonly vocabulary: Vocabulary;
  private readonly tokens: readonly Token[];
  private readonly decimals: TypedDecimal[] = [];
  private next = 0;
  private depth = 0;

  constructor(text: string, vocabulary: Vocabulary) {
    this.text = text;
    this.vocabulary = vocabulary;
    this.tokens = [...this.read()];
  }

  answer(): ParsedAnswer {
    if (this.tokens.length === 1) this.fail("There is nothing here.", 0);
    const formula = this.comparison();
    const rest = this.peek();
    if (rest.kind !== "end") this.unexpected(rest);
    return { formula, decimals: this.decimals };
  }

  // Characters to tokens.

  private *read(): Generator<Token, void> {
    let at = 0;
    while (at < this.text.length) {
      const rest = this.text.slice(at);
      const character = String.fromCodePoint(this.text.codePointAt(at)!);
      if (/^\s/.test(character)) {
        at += character.length;
      } else if (/^(?:\d|\.\d)/.test(rest)) {
        const [token, length] = this.number(rest, at);
        yield token;
        at += length;
      } else if (superscripts.includes(character) || character === "⁻") {
        const [run] = /^⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]*/.exec(rest)!;
        const digits = [...run].map((digit) => (digit === "⁻" ? "-" : String(superscripts.indexOf(digit)))).join("");
        if (digits === "-") this.fail("A raised minus needs a digit after it.", at);
        yield { kind: "power", exponent: Number(digits), at };
        at += run.length;
      } else if (rest.startsWith("**")) {
        yield { kind: "sign", sign: "^", at };
        at += 2;
      } else if (Object.hasOwn(signs, character)) {
        // >= and == say the same as > and = wherever a derivative exists.
        const length = /^(?:[<>]=|={2,3})/.exec(rest)?.[0].length ?? character.length;
        yield { kind: "sign", sign: signs[character]!, at };
        at += length;
      } else if (wordStart.test(character)) {
        const word = this.word(rest);
        yield* this.words(word, at);
        at += word.length;
      } else {
        this.strange(character, at);
      }
    }
    yield { kind: "end", at: this.text.length };
  }

  private number(rest: string, at: number): [Token, number] {
    const eulerIsName = this.vocabulary.get("e") !== undefined;
    const pattern = eulerIsName ? /^(?:\d+\.?\d*|\.\d+)/ : /^(?:\d+\.?\d*|\.\d+)(?:[eE][+\-−]?\d+)?/;
    const [typed] = pattern.exec(rest)!;
    const value = Number(typed.replace("−", "-"));
    if (!Number.isFinite(value)) this.fail(`${typed} is too large for a number.`, at);
    if (/^\.\d/.test(rest.slice(typed.length))) this.fail("A number has one decimal point.", at + typed.length);
    const formula = numberFormula(value);
    const [mantissa, exponent] = typed.replace("−", "-").toLowerCase().split("e");
    const places = mantissa!.split(".")[1]?.length ?? 0;
    if (places > 0) {
      this.decimals.push({
        formula,
        half: 0.5 * 10 ** (Number(exponent ?? 0) - places),
        digits: mantissa!.replace(".", "").replace(/^0+/, "").length,
      });
    }
    return [{ kind: "number", formula, at }, typed.length];
  }

  /** The run of letters, digits and marks that starts here. */
  private word(rest: string): string {
    if (rest.startsWith("√")) return "√";
    let length = 0;
    for (const character of rest) {
      if (invisible.test(character)) this.strange(character, this.text.length - rest.length + length);
      if (!(length === 0 ? wordStart : wordPart).test(character)) break;
      length += character.length;
    }
    return rest.slice(0, length);
  }

  /** A word as a name, a function, or names side by side: xw is x · w where no xw is known. Longest first. */
  private *words(word: string, at: number): Generator<Token, void> {
    const normal = word.normalize("NFC");
    const pieces = this.pieces(normal);
    if (pieces === undefined) this.unknown(word, at);
    let offset = at;
    for (const piece of pieces) {
      const meaning = this.vocabulary.get(piece)!;
      if (typeof meaning === "string") yield { kind: "name", name: meaning, at: offset };
      else yield { kind: "function", primitive: meaning, word: piece, at: offset };
      offset += piece.length;
    }
  }

  private pieces(word: string): readonly string[] | undefined {
    const letters = [...word];
    // From the end: the split of each tail, or undefined where it has none.
    const splits: (readonly string[] | undefined)[] = new Array(letters.length + 1);
    splits[letters.length] = [];
    for (let start = letters.length - 1; start >= 0; start--) {
      for (let end = letters.length; end > start && splits[start] === undefined; end--) {
        const piece = letters.slice(start, end).join("");
        const meaning = this.vocabulary.get(piece);
        const tail = splits[end];
        // A function inside a word would take its argument from the next name; only the last piece may be one.
        if (meaning === undefined || tail === undefined) continue;
        if (typeof meaning !== "string" && end !== letters.length) continue;
        splits[start] = [piece, ...tail];
      }
    }
    return splits[0];
  }

  // What cannot be read.

  private fail(message: string, at: number): never {
    throw new AnswerSyntaxError(message, this.text, at);
  }

  private strange(character: string, at: number): never {
    if (invisible.test(character)) {
      this.fail(`There is an invisible character here (${codePointText(character)}). Delete it.`, at);
    }
    const plain = lookalikeOf(character);
    if (plain !== undefined) this.fail(lookalikeMessage(character, plain), at);
    if (character === ";") this.fail("A formula has no semicolon.", at);
    if ("{}".includes(character)) this.fail("Use round parentheses: ( and ).", at);
    if (character === "|") this.fail("For |x| write sqrt(x^2), or max(x, -x).", at);
    this.fail(`“${character}” has no meaning in a formula.`, at);
  }

  private unknown(word: string, at: number): never {
    let offset = at;
    for (const character of word) {
      const plain = this.vocabulary.get(character) === undefined ? lookalikeOf(character) : undefined;
      if (plain !== undefined) this.fail(lookalikeMessage(character, plain), offset);
      offset += character.length;
    }
    if (/^[d∂]/u.test(word) && /^\s*\/\s*[d∂]/u.test(this.text.slice(at + word.length))) {
      this.fail(`A derivative's symbol cannot be part of an answer: write what it is. ${this.vocabulary.listing}`, at);
    }
    const [, stem, digits] = /^(.*?)(\d+)$/u.exec(word) ?? [];
    if (stem !== undefined && this.pieces(stem) !== undefined) {
      this.fail(`“${word}” is not a name here. Did you mean ${stem}^${digits} or ${digits}·${stem}?`, at);
    }
    if (word === "e") this.fail("There is no name “e” here. For a power of Euler's number write exp(x).", at);
    this.fail(`“${word}” is not known here. ${this.vocabulary.listing}`, at);
  }

  private unexpected(token: Token): never {
    switch (token.kind) {
      case "end":
        this.fail("The formula ends too early: something is missing here.", token.at);
        break;
      case "number":
        this.fail("There is no sign between these two. For a product write ·, or the number first (2x).", token.at);
        break;
      case "sign":
        if (token.sign === ")" || token.sign === "]") {
          this.fail(`This ${this.text[token.at]} closes nothing, or something is missing before it.`, token.at);
        }
        if (token.sign === ",")
          this.fail("A comma has no place here. Decimals are written with a point: 0.5.", token.at);
        if (token.sign === "=") this.fail("Write only the right-hand side, without “=”.", token.at);
        if ("<>≤≥".includes(token.sign)) this.fail("One comparison at a time: [x > 0].", token.at);
        this.fail(`Something is missing before “${this.text[token.at]}”.`, token.at);
        break;
      case "name":
      case "function":
      case "power":
        this.fail("This cannot follow what stands before it.", token.at);
    }
  }

  // Tokens to a formula.

  private peek(): Token {
    return this.tokens[this.next]!;
  }

  private take(sign: Sign): boolean {
    const token = this.peek();
    if (token.kind !== "sign" || token.sign !== sign) return false;
    this.next++;
    return true;
  }

  private nested<Result>(inside: () => Result): Result {
    if (++this.depth > deepestAnswer) {
      this.fail(`Parentheses, powers or signs are nested more than ${deepestAnswer} deep.`, this.peek().at);
    }
    const result = inside();
    this.depth--;
    return result;
  }

  /** [x > 0] counts as 1 where it holds and as 0 elsewhere. */
  private comparison(): Formula {
    const left = this.sum();
    const name = this.takeComparison();
    return name === undefined ? left : applyFormula(primitiveNamed(name), [left, this.sum()]);
  }

  private takeComparison(): string | undefined {
    if (this.take("≥")) return "greaterEqual";
    if (this.take("≤")) return "lessEqual";
    if (this.take(">")) return this.take("=") ? "greaterEqual" : "greater";
    if (this.take("<")) return this.take("=") ? "lessEqual" : "less";
    const inBrackets = this.depth > 0;
    return inBrackets && this.take("=") ? "equal" : undefined;
  }

  private sum(): Formula {
    let left = this.product();
    for (;;) {
      if (this.take("+")) left = applyFormula(primitiveNamed("add"), [left, this.product()]);
      else if (this.take("-")) left = applyFormula(primitiveNamed("sub"), [left, this.product()]);
      else return left;
    }
  }

  private product(): Formula {
    let left = this.signed();
    let slash: number | undefined;
    for (;;) {
      const token = this.peek();
      if (this.take("*")) {
        left = applyFormula(primitiveNamed("mul"), [left, this.signed()]);
        slash = undefined;
      } else if (this.take("/")) {
        slash = token.at;
        left = applyFormula(primitiveNamed("div"), [left, this.signed()]);
      } else if (startsFactor(token)) {
        if (slash !== undefined) this.ambiguous(slash, token.at);
        left = applyFormula(primitiveNamed("mul"), [left, this.power()]);
      } else {
        return left;
      }
    }
  }

  /** 1/2x is read one way by half of all readers and the other way by the rest. */
  private ambiguous(slash: number, at: number): never {
    const bottom = this.text.slice(slash + 1, at).trim();
    const rest = /^[\p{L}\d_]+|^./u.exec(this.text.slice(at))?.[0] ?? "";
    const factor = rest === "(" || rest === "[" ? "(…)" : rest;
    this.fail(`Which is meant: (…/${bottom}) · ${factor}, or …/(${bottom} · ${factor})? Write the parentheses.`, at);
  }

  private signed(): Formula {
    if (this.take("-")) return this.nested(() => negated(this.signed()));
    if (this.take("+")) return this.nested(() => this.signed());
    return this.power();
  }

  private power(): Formula {
    let base = this.atom();
    for (let token = this.peek(); token.kind === "power"; token = this.peek()) {
      this.next++;
      base = applyFormula(primitiveNamed("pow"), [base, numberFormula(token.exponent)]);
    }
    if (!this.take("^")) return base;
    const exponent = this.nested(() => {
      if (this.take("-")) return negated(this.signed());
      if (this.take("+")) return this.signed();
      return this.power();
    });
    return applyFormula(primitiveNamed("pow"), [base, exponent]);
  }

  private atom(): Formula {
    const token = this.peek();
    switch (token.kind) {
      case "number":
        this.next++;
        return token.formula;
      case "name":
        this.next++;
        return nameFormula(token.name);
      case "function":
        this.next++;
        return this.call(token.primitive, token.word, token.at);
      case "sign":
        if (this.take("(")) return this.group(")", token.at);
        if (this.take("[")) return this.group("]", token.at);
        return this.unexpected(token);
      case "power":
      case "end":
        return this.unexpected(token);
    }
  }

  private group(end: ")" | "]", at: number): Formula {
    const inside = this.nested(() => this.comparison());
    if (!this.take(end)) this.unclosed(at, end);
    return inside;
  }

  private unclosed(at: number, end: string): never {
    const token = this.peek();
    if (token.kind === "end") this.fail(`The parenthesis opened here is never closed with “${end}”.`, at);
    return this.unexpected(token);
  }

  private call(primitive: Primitive, word: string, at: number): Formula {
    const wanted = primitive.family === "elementwise" ? primitive.partials.length : 1;
    const open = this.peek();
    if (!this.take("(")) {
      if (word === "√" && (startsFactor(open) || open.kind === "number"))
        return this.nested(() => applyFormula(primitive, [this.atom()]));
      this.fail(`Write the argument of ${word} in parentheses: ${word}(x).`, at);
    }
    const inputs = this.nested(() => {
      const list = [this.comparison()];
      while (this.take(",")) list.push(this.comparison());
      return list;
    });
    if (!this.take(")")) this.unclosed(open.at, ")");
    if (inputs.length !== wanted) {
      this.fail(`${word} takes ${wanted} argument${wanted === 1 ? "" : "s"}; here are ${inputs.length}.`, at);
    }
    return applyFormula(primitive, inputs);
  }
}

function negated(formula: Formula): Formula {
  return applyFormula(primitiveNamed("neg"), [formula]);
}

function startsFactor(token: Token): boolean {
  return (
    token.kind === "name" ||
    token.kind === "function" ||
    (token.kind === "sign" && (token.sign === "(" || token.sign === "["))
  );
}

function lookalikeMessage(character: string, plain: string): string {
  return `“${character}” (${codePointText(character)}) only looks like ${plain}. Type ${plain} on your keyboard.`;
}
