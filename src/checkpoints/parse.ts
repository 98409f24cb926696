import { applyFormula, type Formula, nameFormula, numberFormula } from "../graph/formula.ts";
import type { Primitive } from "../graph/primitive.ts";
import { primitiveNamed } from "../graph/primitives.ts";
import { type Derivative, nameIn, spelledDerivative } from "./found.ts";
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

/** What was read, with the decimals typed in it: how a rounded number is told from a wrong one. */
export interface Parsed<Term> {
  readonly formula: Term;
  readonly decimals: readonly TypedDecimal<Term>[];
}

/** A formula of numbers that was read. */
export type ParsedAnswer = Parsed<Formula>;

interface TypedDecimal<Term> {
  readonly formula: Term;
  /** Half a unit of the last digit typed. */
  readonly half: number;
  /** How many digits count: 0.197 has three. */
  readonly digits: number;
}

export const longestAnswer = 500;
export const deepestAnswer = 100;

/**
 * Reads an answer: numbers, the given names, derivatives found before, + − · / ^, products without a sign, parentheses,
 * comparisons in brackets and the functions of the table. Never evaluates anything.
 *
 * @throws {AnswerSyntaxError} which names the character, and for an unknown name those that are known.
 */
export function parseAnswer(
  text: string,
  names: Iterable<string>,
  derivatives: readonly Derivative[] = [],
): ParsedAnswer {
  return new Parser(text, new Vocabulary(names), formulaBuilder, derivatives).answer();
}

/** What the grammar makes of what it reads; `at` is where in the text an operation stands. */
export interface Builder<Term> {
  readonly number: (value: number) => Term;
  readonly name: (name: string) => Term;
  readonly apply: (primitive: Primitive, inputs: readonly Term[], at: number) => Term;
}

const formulaBuilder: Builder<Formula> = { number: numberFormula, name: nameFormula, apply: applyFormula };

/** @throws {AnswerSyntaxError} where an answer is longer than one may be. */
function requireShort(text: string): void {
  if (text.length > longestAnswer) {
    throw new AnswerSyntaxError(
      `This is ${text.length} characters long; an answer may have ${longestAnswer}. Is there a shorter form?`,
      text.slice(0, longestAnswer),
      longestAnswer,
    );
  }
}

/** A name, or a function of the table; undefined for a function of the reader's own. */
type Meaning = string | Primitive | undefined;

/** The words that an answer may use. */
export class Vocabulary {
  readonly names: readonly string[];
  private readonly words = new Map<string, Meaning>();
  private readonly further: readonly string[];

  /**
   * @param functions words that the reader's own grammar has besides those of the table.
   * @param listed those of them that are told to whoever uses another word.
   */
  constructor(names: Iterable<string>, functions: readonly string[] = [], listed: readonly string[] = functions) {
    this.names = [...names];
    this.further = listed;
    for (const [word, primitive] of answerFunctions()) this.words.set(word, primitive);
    for (const word of functions) this.words.set(word, undefined);
    const aliases = new Map<string, string | undefined>();
    for (const name of this.names) {
      const alias = plainName(name);
      aliases.set(alias, aliases.has(alias) ? undefined : name);
    }
    for (const [alias, name] of aliases) if (name !== undefined) this.words.set(alias, name);
    // Declared names win over functions and over the plain forms of other names.
    for (const name of this.names) this.words.set(name.normalize("NFC"), name);
  }

  /** Nothing longer is a word: twice as many characters leave room for underscores and marks that make no difference. */
  get longest(): number {
    return 2 * Math.max(0, ...[...this.words.keys()].map((word) => word.length));
  }

  has(word: string): boolean {
    return this.words.has(word) || this.words.has(plainName(word));
  }

  get(word: string): Meaning {
    return this.words.get(word) ?? this.words.get(plainName(word));
  }

  /** "x, y, w", and the functions. */
  get listing(): string {
    const functions = [
      ...new Set([...this.further, ...[...answerFunctions().values()].map((primitive) => primitive.name)]),
    ];
    return `Names you can use: ${this.names.join(", ")}. Functions: ${functions.join(", ")}.`;
  }
}

export type Token<Term> =
  | { readonly kind: "number"; readonly formula: Term; readonly at: number }
  | { readonly kind: "name"; readonly name: string; readonly at: number }
  | { readonly kind: "function"; readonly primitive: Primitive | undefined; readonly word: string; readonly at: number }
  /** axis=0, where a grammar has that. */
  | { readonly kind: "setting"; readonly text: string; readonly at: number }
  | { readonly kind: "power"; readonly exponent: number; readonly at: number }
  | { readonly kind: "sign"; readonly sign: Sign; readonly at: number }
  | { readonly kind: "end"; readonly at: number };

type Sign = "+" | "-" | "*" | "/" | "^" | "(" | ")" | "[" | "]" | "," | ">" | "<" | "=" | "≥" | "≤" | "@" | "⊙" | "ᵀ";

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

export class Parser<Term> {
  protected readonly text: string;
  protected readonly vocabulary: Vocabulary;
  protected readonly builder: Builder<Term>;
  private tokens: readonly Token<Term>[] = [];
  private readonly decimals: TypedDecimal<Term>[] = [];
  protected next = 0;
  private depth = 0;
  private readonly derivatives: readonly (readonly [pattern: RegExp, derivative: Derivative])[];

  constructor(text: string, vocabulary: Vocabulary, builder: Builder<Term>, derivatives: readonly Derivative[]) {
    requireShort(text);
    this.derivatives = derivatives.map((derivative) => [spelledDerivative(derivative), derivative]);
    this.text = text;
    this.vocabulary = vocabulary;
    this.builder = builder;
  }

  answer(): Parsed<Term> {
    this.tokens = [...this.read()];
    if (this.tokens.length === 1) this.fail("There is nothing here.", 0);
    const formula = this.comparison();
    const rest = this.peek();
    if (rest.kind !== "end") this.unexpected(rest);
    return { formula, decimals: this.decimals };
  }

  // Characters to tokens.

  private *read(): Generator<Token<Term>, void> {
    let at = 0;
    while (at < this.text.length) {
      const rest = this.text.slice(at);
      const character = String.fromCodePoint(this.text.codePointAt(at)!);
      const special = this.special(rest, at);
      if (special !== undefined) {
        const [token, length] = special;
        yield token;
        at += length;
      } else if (/^\s/.test(character)) {
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

  /** What is longer than a character and no word: a derivative's symbol. Its token and how long it is. */
  protected special(rest: string, at: number): [Token<Term>, number] | undefined {
    if (!/^[d∂𝜕]/u.test(rest)) return undefined;
    const previous = [...this.text.slice(0, at)].at(-1);
    // In the middle of a word it is a letter.
    if (previous !== undefined && /[\p{L}\p{Nd}_]/u.test(previous) && rest.startsWith("d")) return undefined;
    for (const [pattern, derivative] of this.derivatives) {
      const [found] = pattern.exec(rest) ?? [];
      if (found === undefined) continue;
      if ("refused" in derivative.meaning) this.fail(derivative.meaning.refused, at);
      return [{ kind: "name", name: nameIn(derivative), at }, found.length];
    }
    return undefined;
  }

  /** Whether a character can begin a word or go on with it. */
  protected inWord(character: string, first: boolean): boolean {
    return (first ? wordStart : wordPart).test(character);
  }

  private number(rest: string, at: number): [Token<Term>, number] {
    const eulerIsName = this.vocabulary.get("e") !== undefined;
    const pattern = eulerIsName ? /^(?:\d+\.?\d*|\.\d+)/ : /^(?:\d+\.?\d*|\.\d+)(?:[eE][+\-−]?\d+)?/;
    const [typed] = pattern.exec(rest)!;
    const value = Number(typed.replace("−", "-"));
    if (!Number.isFinite(value)) this.fail(`${typed} is too large for a number.`, at);
    if (/^\.\d/.test(rest.slice(typed.length))) this.fail("A number has one decimal point.", at + typed.length);
    const formula = this.builder.number(value);
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
      if (!this.inWord(character, length === 0)) break;
      length += character.length;
    }
    return rest.slice(0, length);
  }

  /** A word as a name, a function, or names side by side: xw is x · w where no xw is known. Longest first. */
  private *words(word: string, at: number): Generator<Token<Term>, void> {
    const normal = word.normalize("NFC");
    const pieces = this.pieces(normal);
    if (pieces === undefined) this.unknown(word, at);
    let offset = at;
    for (const piece of pieces) {
      const meaning = this.vocabulary.get(piece);
      if (typeof meaning === "string") yield { kind: "name", name: meaning, at: offset };
      else yield { kind: "function", primitive: meaning, word: piece, at: offset };
      offset += piece.length;
    }
  }

  protected pieces(word: string): readonly string[] | undefined {
    const letters = [...word];
    const { longest } = this.vocabulary;
    // From the end: the split of each tail, or undefined where it has none.
    const splits: (readonly string[] | undefined)[] = new Array(letters.length + 1);
    splits[letters.length] = [];
    for (let start = letters.length - 1; start >= 0; start--) {
      const last = Math.min(letters.length, start + longest);
      for (let end = last; end > start && splits[start] === undefined; end--) {
        const piece = letters.slice(start, end).join("");
        const meaning = this.vocabulary.get(piece);
        const tail = splits[end];
        // A function inside a word would take its argument from the next name; only the last piece may be one.
        if (!this.vocabulary.has(piece) || tail === undefined) continue;
        if (typeof meaning !== "string" && end !== letters.length) continue;
        splits[start] = [piece, ...tail];
      }
    }
    return splits[0];
  }

  // What cannot be read.

  protected fail(message: string, at: number): never {
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

  protected unknown(word: string, at: number): never {
    let offset = at;
    for (const character of word) {
      const plain = this.vocabulary.has(character) ? undefined : lookalikeOf(character);
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

  protected unexpected(token: Token<Term>): never {
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
      case "setting":
      case "power":
        this.fail("This cannot follow what stands before it.", token.at);
    }
  }

  // Tokens to a formula.

  protected peek(): Token<Term> {
    return this.tokens[this.next]!;
  }

  protected take(sign: Sign): boolean {
    const token = this.peek();
    if (token.kind !== "sign" || token.sign !== sign) return false;
    this.next++;
    return true;
  }

  protected nested<Result>(inside: () => Result): Result {
    if (++this.depth > deepestAnswer) {
      this.fail(`Parentheses, powers or signs are nested more than ${deepestAnswer} deep.`, this.peek().at);
    }
    const result = inside();
    this.depth--;
    return result;
  }

  /** [x > 0] counts as 1 where it holds and as 0 elsewhere. */
  protected comparison(): Term {
    const left = this.sum();
    const { at } = this.peek();
    const name = this.takeComparison();
    return name === undefined ? left : this.apply(name, [left, this.sum()], at);
  }

  private takeComparison(): string | undefined {
    if (this.take("≥")) return "greaterEqual";
    if (this.take("≤")) return "lessEqual";
    if (this.take(">")) return this.take("=") ? "greaterEqual" : "greater";
    if (this.take("<")) return this.take("=") ? "lessEqual" : "less";
    const inBrackets = this.depth > 0;
    return inBrackets && this.take("=") ? "equal" : undefined;
  }

  private sum(): Term {
    let left = this.product();
    for (;;) {
      const { at } = this.peek();
      if (this.take("+")) left = this.apply("add", [left, this.product()], at);
      else if (this.take("-")) left = this.apply("sub", [left, this.product()], at);
      else return left;
    }
  }

  protected product(): Term {
    let left = this.signed();
    let slash: number | undefined;
    for (;;) {
      const token = this.peek();
      if (this.take("*")) {
        left = this.apply("mul", [left, this.signed()], token.at);
        slash = undefined;
      } else if (this.take("/")) {
        slash = token.at;
        left = this.apply("div", [left, this.signed()], token.at);
      } else if (startsFactor(token)) {
        if (slash !== undefined) this.ambiguous(slash, token.at);
        left = this.apply("mul", [left, this.power()], token.at);
      } else {
        return left;
      }
    }
  }

  /** 1/2x is read one way by half of all readers and the other way by the rest. */
  protected ambiguous(slash: number, at: number): never {
    // Where d is a name, dL/dc could be read as two products; a derivative is what was meant.
    const symbol = /(?<![\p{L}\d_])d\p{L}[\p{L}\d_]*\s*$/u.exec(this.text.slice(0, slash));
    if (symbol !== null && /^\s*d\p{L}/u.test(this.text.slice(slash + 1))) {
      this.fail(
        `A derivative's symbol cannot be part of an answer: write what it is. ${this.vocabulary.listing}`,
        symbol.index,
      );
    }
    const bottom = this.text.slice(slash + 1, at).trim();
    const rest = /^[\p{L}\d_]+|^./u.exec(this.text.slice(at))?.[0] ?? "";
    const factor = rest === "(" || rest === "[" ? "(…)" : rest;
    this.fail(`Which is meant: (…/${bottom}) · ${factor}, or …/(${bottom} · ${factor})? Write the parentheses.`, at);
  }

  protected signed(): Term {
    const { at } = this.peek();
    if (this.take("-")) return this.nested(() => this.apply("neg", [this.signed()], at));
    if (this.take("+")) return this.nested(() => this.signed());
    return this.power();
  }

  protected power(): Term {
    let base = this.atom();
    for (let token = this.peek(); token.kind === "power"; token = this.peek()) {
      this.next++;
      base = this.apply("pow", [base, this.builder.number(token.exponent)], token.at);
    }
    return this.raised(base);
  }

  /** What follows a base: ^ and an exponent, or nothing. */
  protected raised(base: Term): Term {
    const { at } = this.peek();
    if (!this.take("^")) return base;
    const exponent = this.nested(() => {
      const sign = this.peek().at;
      if (this.take("-")) return this.apply("neg", [this.signed()], sign);
      if (this.take("+")) return this.signed();
      return this.power();
    });
    return this.apply("pow", [base, exponent], at);
  }

  protected apply(name: string, inputs: readonly Term[], at: number): Term {
    return this.builder.apply(primitiveNamed(name), inputs, at);
  }

  protected atom(): Term {
    const token = this.peek();
    switch (token.kind) {
      case "number":
        this.next++;
        return token.formula;
      case "name":
        this.next++;
        return this.builder.name(token.name);
      case "function":
        this.next++;
        return this.call(token.primitive, token.word, token.at);
      case "sign":
        if (this.take("(")) return this.group(")", token.at);
        if (this.take("[")) return this.group("]", token.at);
        return this.unexpected(token);
      case "power":
      case "setting":
      case "end":
        return this.unexpected(token);
    }
  }

  protected group(end: ")" | "]", at: number): Term {
    const inside = this.nested(() => this.comparison());
    if (!this.take(end)) this.unclosed(at, end);
    return inside;
  }

  protected unclosed(at: number, end: string): never {
    const token = this.peek();
    if (token.kind === "end") this.fail(`The parenthesis opened here is never closed with “${end}”.`, at);
    return this.unexpected(token);
  }

  protected call(primitive: Primitive | undefined, word: string, at: number): Term {
    const wanted = primitive?.family === "elementwise" ? primitive.partials.length : 1;
    const open = this.peek();
    if (!this.take("(")) {
      if (word === "√" && (startsFactor(open) || open.kind === "number"))
        return this.nested(() => this.builder.apply(primitive!, [this.atom()], at));
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
    return this.builder.apply(primitive!, inputs, at);
  }
}

export function startsFactor(token: Token<unknown>): boolean {
  return (
    token.kind === "name" ||
    token.kind === "function" ||
    (token.kind === "sign" && (token.sign === "(" || token.sign === "["))
  );
}

function lookalikeMessage(character: string, plain: string): string {
  return `“${character}” (${codePointText(character)}) only looks like ${plain}. Type ${plain} on your keyboard.`;
}
