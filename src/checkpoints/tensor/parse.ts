import { ShapeError } from "../../graph/errors.ts";
import type { Primitive } from "../../graph/primitive.ts";
import { primitiveNamed } from "../../graph/primitives.ts";
import { type Shape, sameShape, shapeText, sizeOf } from "../../graph/shape.ts";
import type { NestedNumbers } from "../../graph/value.ts";
import { type Derivative, nameIn } from "../found.ts";
import {
  AnswerSyntaxError,
  type Builder,
  type Parsed,
  Parser,
  startsFactor,
  type Token,
  Vocabulary,
} from "../parse.ts";
import {
  elementwiseOperation,
  extremes,
  product,
  type Settings,
  type TensorFunction,
  type TensorOperation,
  tensorFunctions,
  transposition,
} from "./operations.ts";
import {
  applyTerm,
  evaluateTerm,
  factorText,
  hasNames,
  numberTerm,
  type Source,
  type TensorTerm,
  termText,
} from "./term.ts";

/** Thrown where an answer can be read and its shapes do not fit: a mistake in the mathematics. Points at the operation. */
export class AnswerShapeError extends AnswerSyntaxError {
  override readonly name: string = "AnswerShapeError";
  /** The rule's id. */
  readonly rule: string;

  constructor(message: string, text: string, position: number, rule: string) {
    super(message, text, position);
    this.rule = rule;
  }
}

/** What an answer may speak of, and how much it may compute. */
export interface Scope {
  readonly names: ReadonlyMap<string, Source>;
  readonly derivatives: readonly Derivative[];
  /** The shape of each that can be named. */
  readonly shapeOf: (source: Source) => Shape;
  /** What shape is wanted in the end. */
  readonly wanted: Shape;
  /** How many numbers a part of it may have, and how many may be multiplied. */
  readonly largest: number;
  readonly work: number;
}

export type ParsedTensorAnswer = Parsed<TensorTerm>;

/**
 * Reads an answer about tensors: the grammar of numbers, and @ for the matrix product, * or ⊙ number by number, Xᵀ,
 * the functions of tensors, gradients by name, [[1, 2], [3, 4]]. Shapes are checked on the way.
 *
 * @throws {AnswerSyntaxError} where it cannot be read.
 * @throws {AnswerShapeError} where the shapes do not fit.
 */
export function parseTensorAnswer(text: string, scope: Scope): ParsedTensorAnswer {
  return new TensorParser(text, scope).answer();
}

const byWord: ReadonlyMap<string, TensorFunction> = new Map(
  tensorFunctions.flatMap((entry) => entry.words.map((word) => [word, entry] as const)),
);

const listedWords = tensorFunctions.map(({ words: [word] }) => word!);

/** The characters of a product that may be either of the two products of matrices. */
const undecided: ReadonlySet<string> = new Set(["·", "×", "⋅", "•"]);

const transposed = /^(?:\^\s*\{?\s*[T⊤⊺ᵀ]\s*\}?|\.T|[ᵀ⊤⊺'’′])/u;
const setting =
  /^(?:axis|axes|dim|keep_?dims?|stride|padding|dilation)\s*=\s*(?:true|True|false|False|-?\d|[[(][-\d,\s]*[\])])/;

class TensorParser extends Parser<TensorTerm> {
  private readonly scope: Scope;
  private readonly terms: TermBuilder;

  constructor(text: string, scope: Scope) {
    const terms = new TermBuilder(text, scope);
    super(text, new Vocabulary(scope.names.keys(), [...byWord.keys()], listedWords), terms, scope.derivatives);
    this.terms = terms;
    this.scope = scope;
  }

  // Tokens that only tensors have.

  protected override special(rest: string, at: number): [Token<TensorTerm>, number] | undefined {
    if (rest.startsWith("@")) return [{ kind: "sign", sign: "@", at }, 1];
    if (/^[⊙∘]/u.test(rest)) return [{ kind: "sign", sign: "⊙", at }, 1];
    const [mark] = transposed.exec(rest) ?? [];
    if (mark !== undefined && !this.isLonger(rest, mark.length)) {
      // Targets are often called T, and nobody raises to the power of a matrix.
      if (/T/.test(mark) && mark !== ".T" && this.isNumber("T")) {
        this.fail("T is a number here: write Xᵀ or transpose(X) for the transpose, X^(T) for the power.", at);
      }
      return [{ kind: "sign", sign: "ᵀ", at }, mark.length];
    }
    const [told] = setting.exec(rest) ?? [];
    const before = this.text.slice(0, at).trimEnd().at(-1);
    if (told !== undefined && before === ",") return [{ kind: "setting", text: told, at }, told.length];
    return super.special(rest, at);
  }

  private isNumber(name: string): boolean {
    const source = this.scope.names.get(name);
    return source !== undefined && this.scope.shapeOf(source).length === 0;
  }

  /** Whether the T belongs to a longer word: X^Ta. */
  private isLonger(rest: string, length: number): boolean {
    return /T$/.test(rest.slice(0, length)) && /^[\p{L}\p{Nd}_]/u.test(rest.slice(length).replace(/^ᵀ/u, ""));
  }

  protected override inWord(character: string, first: boolean): boolean {
    return !/[ᵀ′]/u.test(character) && super.inWord(character, first);
  }

  protected override unknown(word: string, at: number): never {
    if (/^(?:sum|mean)_?(?:rows|columns|cols|axis|batch|over)/i.test(word)) {
      this.fail(
        `There is no ${word}. sum(G, axis=0) adds up the rows of G, which leaves a number for each column; sum(G, axis=1) leaves one for each row.`,
        at,
      );
    }
    if (/^(?:np|numpy|torch|tf|jnp)$/.test(word)) this.fail(`Leave “${word}.” away: write sum(G, axis=0).`, at);
    const [, stem] = /^(.+)T$/u.exec(word) ?? [];
    if (stem !== undefined && this.scope.names.has(stem)) {
      this.fail(`“${word}” is not known here. For the transpose of ${stem} write ${stem}ᵀ or ${stem}^T.`, at);
    }
    return super.unknown(word, at);
  }

  // Tokens to a term.

  protected override product(): TensorTerm {
    let left = this.signed();
    let slash: number | undefined;
    for (;;) {
      const token = this.peek();
      const { at } = token;
      if (this.take("@")) {
        left = this.applied(product, [left, this.signed()], at);
      } else if (this.take("⊙")) {
        left = this.apply("mul", [left, this.signed()], at);
      } else if (this.take("*")) {
        const right = this.signed();
        left = undecided.has(this.text[at]!)
          ? this.eitherProduct(left, right, at)
          : this.apply("mul", [left, right], at);
      } else if (this.take("/")) {
        left = this.apply("div", [left, this.signed()], at);
        slash = at;
        continue;
      } else if (startsFactor(token)) {
        if (slash !== undefined) this.ambiguous(slash, at);
        left = this.eitherProduct(left, this.power(), at);
      } else {
        return left;
      }
      slash = undefined;
    }
  }

  /** X·Y: a scalar scales; of two tensors it is the one product that fits, and where both fit the reader must say. */
  private eitherProduct(left: TensorTerm, right: TensorTerm, at: number): TensorTerm {
    if (left.shape.length === 0 || right.shape.length === 0) return this.apply("mul", [left, right], at);
    const times = elementwiseOperation(primitiveNamed("mul"));
    const matrix = fits(product, left, right);
    const each = fits(times, left, right);
    if (matrix && each) {
      this.fail(
        `Which product is meant? Write ${shortText(left, "X", factorText)} @ ${shortText(right, "Y", factorText)} for the matrix product, ` +
          `${shortText(left, "X", factorText)} * ${shortText(right, "Y", factorText)} for number by number: the shapes fit both.`,
        at,
      );
    }
    return each ? this.apply("mul", [left, right], at) : this.applied(product, [left, right], at);
  }

  protected override raised(base: TensorTerm): TensorTerm {
    const { at } = this.peek();
    if (!this.take("ᵀ")) return super.raised(base);
    let result = base;
    for (let again = true, place = at; again; place = this.peek().at, again = this.take("ᵀ")) {
      result = this.transpose(result, place);
    }
    for (let token = this.peek(); token.kind === "power"; token = this.peek()) {
      this.next++;
      result = this.apply("pow", [result, numberTerm(token.exponent)], token.at);
    }
    return this.raised(result);
  }

  private transpose(term: TensorTerm, at: number): TensorTerm {
    return this.applied(transposition, [term], at);
  }

  protected override group(end: ")" | "]", at: number): TensorTerm {
    if (end === ")") return super.group(end, at);
    const items = this.nested(() => {
      const list = [this.comparison()];
      while (this.take(",")) list.push(this.comparison());
      return list;
    });
    if (!this.take("]")) this.unclosed(at, "]");
    const [only] = items;
    if (items.length === 1 && numbersIn(only!) === undefined) return only!;
    return this.literal(items, at);
  }

  /** [[1, 2], [3, 4]] */
  private literal(items: readonly TensorTerm[], at: number): TensorTerm {
    const rows = items.map(numbersIn);
    const known = rows.filter((row) => row !== undefined);
    if (known.length < rows.length) this.fail("A list in brackets holds numbers only: [1, 0], [[1, 2], [3, 4]].", at);
    const shape = items[0]!.shape;
    if (items.some((item) => item.shape.join() !== shape.join())) {
      this.fail("The rows of a list must be equally long.", at);
    }
    return { kind: "literal", numbers: known, shape: [items.length, ...shape] };
  }

  protected override call(primitive: Primitive | undefined, word: string, at: number): TensorTerm {
    const named = byWord.get(word);
    const extreme = primitive && extremes[primitive.name];
    if (named === undefined && extreme === undefined) return super.call(primitive, word, at);
    const open = this.peek();
    if (!this.take("(")) {
      this.fail(`Write the argument of ${word} in parentheses: ${(named ?? extreme!).example}.`, at);
    }
    const inputs: TensorTerm[] = [];
    let settings: Settings = {};
    this.nested(() => {
      do {
        const token = this.peek();
        if (token.kind === "setting") {
          this.next++;
          settings = withSetting(settings, token.text);
        } else {
          inputs.push(this.comparison());
        }
      } while (this.take(","));
    });
    if (!this.take(")")) this.unclosed(open.at, ")");
    // max(X, 0) compares two tensors, max(X) and max(X, axis=1) look in one.
    if (primitive !== undefined && inputs.length === 2) return this.builder.apply(primitive, inputs, at);
    const entry = named ?? extreme!;
    const tensors = inputs.slice(0, entry.tensors);
    if (tensors.length < entry.tensors) this.wrongCall(entry, word, at);
    const further = this.further(entry, word, inputs.slice(entry.tensors), at);
    if (settings.window !== undefined && entry.takes !== "window") this.wrongCall(entry, word, at);
    return this.applied(entry.operation, tensors, at, { ...further, ...settings });
  }

  /** What stands behind the tensors in a call: an axis, or lists and numbers. */
  private further(entry: TensorFunction, word: string, terms: readonly TensorTerm[], at: number): Settings {
    if (terms.length === 0) return {};
    const lists = terms.map((term) => numbersIn(term));
    const flat = lists.flatMap((list) => flattened(list));
    if (entry.takes === undefined || flat.some((number) => !Number.isSafeInteger(number))) {
      this.wrongCall(entry, word, at);
    }
    if (entry.takes === "axes") return { axes: flat as number[] };
    // onehot([1, 0], 3): how many there are comes first.
    const numbers = flat as number[];
    return { numbers: word === "onehot" ? [numbers.at(-1)!, ...numbers.slice(0, -1)] : numbers };
  }

  private wrongCall(entry: TensorFunction, word: string, at: number): never {
    this.fail(`${word} is written like this: ${entry.example}.`, at);
  }

  private applied(
    operation: TensorOperation,
    inputs: readonly TensorTerm[],
    at: number,
    settings: Settings = {},
  ): TensorTerm {
    return this.terms.build(operation, inputs, settings, at);
  }
}

/** Makes terms, checks their shapes, and keeps count of what they will cost. */
class TermBuilder implements Builder<TensorTerm> {
  private readonly text: string;
  private readonly scope: Scope;
  private work = 0;

  constructor(text: string, scope: Scope) {
    this.text = text;
    this.scope = scope;
  }

  readonly number = numberTerm;

  readonly name = (name: string): TensorTerm => {
    const meaning = this.scope.derivatives.find((derivative) => nameIn(derivative) === name)?.meaning;
    const source = meaning === undefined || "refused" in meaning ? this.scope.names.get(name)! : meaning.source;
    return { kind: "name", name, source, shape: this.scope.shapeOf(source) };
  };

  readonly apply = (primitive: Primitive, inputs: readonly TensorTerm[], at: number): TensorTerm =>
    this.build(elementwiseOperation(primitive), inputs, {}, at);

  build(operation: TensorOperation, inputs: readonly TensorTerm[], settings: Settings, at: number): TensorTerm {
    const term = this.fitted(operation, inputs, settings, at);
    this.work += operation.work(
      inputs.map((input) => input.shape),
      term.shape,
    );
    if (sizeOf(term.shape) > this.scope.largest || this.work > this.scope.work) {
      throw new AnswerSyntaxError("This would compute far more numbers than the graph itself.", this.text, at);
    }
    return term;
  }

  private fitted(
    operation: TensorOperation,
    inputs: readonly TensorTerm[],
    settings: Settings,
    at: number,
  ): TensorTerm {
    try {
      return applyTerm(operation, inputs, settings);
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      const [left, right] = inputs;
      const clash =
        operation === product
          ? productClash(left!, right!, error, this.scope.wanted)
          : operation.primitive !== undefined && right !== undefined
            ? elementClash(operation, left!, right)
            : { rule: "shapes-clash", message: `${operation.name}: ${bare(error.message, operation.name)}.` };
      throw new AnswerShapeError(clash.message, this.text, at, clash.rule);
    }
  }
}

/** An error's text without the operation's name before it and the period behind it. */
function bare(message: string, name: string): string {
  return message.replace(`${name}: `, "").replace(/\.$/, "");
}

interface Clash {
  readonly rule: string;
  readonly message: string;
}

/** X is 4×3 and G is 4×2: X @ G would need 3 = 4. Did you mean Xᵀ? */
function productClash(left: TensorTerm, right: TensorTerm, error: ShapeError, wanted: Shape): Clash {
  const [x, y] = [shortText(left, "the left side"), shortText(right, "the right side")];
  const head = `${x} is ${shapeText(left.shape)} and ${y} is ${shapeText(right.shape)}`;
  if (left.shape.length === 0 || right.shape.length === 0) {
    return { rule: "shapes-clash", message: `${head}: @ takes no scalar. Write * to scale.` };
  }
  const sizes = /^\d+ = \d+$/.test(error.message)
    ? `: ${shortText(left, "X", factorText)} @ ${shortText(right, "Y", factorText)} would need ${error.message}`
    : `: ${error.message}`;
  const repairs = [
    { rule: "transpose-missing", factors: [flipped(left), right], hint: transposeText(left, "the left side") },
    { rule: "transpose-missing", factors: [left, flipped(right)], hint: transposeText(right, "the right side") },
    { rule: "operands-exchanged", factors: [right, left], hint: "" },
  ].filter(({ factors: [a, b] }) => fits(product, a!, b!));
  // Of several, those that lead to the shape that is asked for.
  const leading = repairs.filter(({ factors }) => sameShape(applyTerm(product, factors).shape, wanted));
  const chosen = leading.length > 0 ? leading : repairs;
  const hints = chosen.filter(({ rule }) => rule === "transpose-missing").map(({ hint }) => hint);
  if (left.shape.length === 1 && right.shape.length === 1) {
    return { rule: "shapes-clash", message: `${head}${sizes}. Did you mean outer(${x}, ${y})?` };
  }
  if (hints.length > 0) {
    return { rule: "transpose-missing", message: `${head}${sizes}. Did you mean ${hints.join(" or ")}?` };
  }
  if (chosen.length > 0) {
    return {
      rule: "operands-exchanged",
      message: `${head}${sizes}. The other way round they fit: the order of a matrix product matters.`,
    };
  }
  return { rule: "shapes-clash", message: `${head}${sizes}.` };
}

function elementClash(operation: TensorOperation, left: TensorTerm, right: TensorTerm): Clash {
  const [x, y] = [shortText(left, "the left side"), shortText(right, "the right side")];
  const head =
    `${x} is ${shapeText(left.shape)} and ${y} is ${shapeText(right.shape)}: ` +
    "number by number, sizes must be equal or 1, counted from the last axis";
  const matrices = [
    [left, right],
    [flipped(left), right],
    [left, flipped(right)],
  ].filter(([a, b]) => operation.name === "mul" && fits(product, a!, b!));
  const [match] = matrices;
  if (match !== undefined && left.shape.length > 1 && right.shape.length > 1) {
    return {
      rule: "elementwise-for-matmul",
      message: `${head}. Did you mean a matrix product, which is written @?`,
    };
  }
  if (left.shape.length === 4 && right.shape.length === 4) {
    return { rule: "shapes-clash", message: `${head}. A convolution is written conv2d(${x}, ${y}).` };
  }
  if (fits(operation, flipped(left), right)) {
    return { rule: "transpose-missing", message: `${head}. Did you mean ${transposeText(left, "the left side")}?` };
  }
  return { rule: "shapes-clash", message: `${head}.` };
}

function flipped(term: TensorTerm): TensorTerm {
  return applyTerm(transposition, [term]);
}

function transposeText(term: TensorTerm, otherwise: string): string {
  const text = termText(flipped(term));
  return text.length > longestName ? `the transpose of ${otherwise}` : text;
}

function fits(operation: TensorOperation, left: TensorTerm, right: TensorTerm): boolean {
  try {
    operation.shape([left.shape, right.shape], {});
    return true;
  } catch (error) {
    if (error instanceof ShapeError) return false;
    throw error;
  }
}

/** Up to this many characters a part of an answer is spoken of as it is. */
const longestName = 28;

function shortText(term: TensorTerm, otherwise: string, write: (term: TensorTerm) => string = termText): string {
  const text = write(term);
  return text.length > longestName ? otherwise : text;
}

/** The numbers of a list, or of what is computed from numbers alone; undefined where there are names. */
function numbersIn(term: TensorTerm): NestedNumbers | undefined {
  if (term.kind === "literal") return term.numbers;
  if (term.kind === "number") return term.value;
  if (term.shape.length > 0 || hasNames(term)) return undefined;
  return evaluateTerm(term, noValues).item();
}

function noValues(): never {
  throw new RangeError("There are no names in it.");
}

function flattened(numbers: NestedNumbers | undefined): readonly number[] {
  if (numbers === undefined) return [Number.NaN];
  return typeof numbers === "number" ? [numbers] : numbers.flatMap(flattened);
}

function withSetting(settings: Settings, text: string): Settings {
  const [name, value] = text.split("=").map((part) => part.trim()) as [string, string];
  if (name.startsWith("keep")) return { ...settings, keepDims: /^(?:true|1)/i.test(value) };
  if (/^(?:axis|axes|dim)$/.test(name)) return { ...settings, axes: (value.match(/-?\d+/g) ?? []).map(Number) };
  return { ...settings, window: { ...settings.window, [name]: Number(value) } };
}
