import fc from "fast-check";
import {
  elementwiseOperation,
  outer,
  product,
  reshaping,
  type TensorOperation,
  total,
  transposition,
} from "../../../../src/checkpoints/tensor/operations.ts";
import { applyTerm, elementTerm, numberTerm, type TensorTerm } from "../../../../src/checkpoints/tensor/term.ts";
import { primitiveNamed } from "../../../../src/graph/primitives.ts";

type Rule = (term: TensorTerm) => TensorTerm | undefined;

type Applied = Extract<TensorTerm, { readonly kind: "apply" }>;

const transposed = (term: TensorTerm): TensorTerm => applyTerm(transposition, [term]);
const isMatrix = (term: TensorTerm): boolean => term.shape.length === 2;
const made = (term: TensorTerm, operation: TensorOperation): term is Applied =>
  term.kind === "apply" && term.operation === operation;
const elementwise = (term: TensorTerm, name: string): term is Applied =>
  made(term, elementwiseOperation(primitiveNamed(name)));
const ones = (...shape: readonly [number, number]): TensorTerm => ({
  kind: "literal",
  numbers: Array.from({ length: shape[0] }, () => new Array<number>(shape[1]).fill(1)),
  shape,
});

/** Identities: each gives another form of a term where it applies. */
export const identities: Readonly<Record<string, Rule>> = {
  "a transpose of a transpose": (term) => (isMatrix(term) ? transposed(transposed(term)) : undefined),
  "(AB)ᵀ = BᵀAᵀ": (term) =>
    made(term, product) && term.inputs.every(isMatrix)
      ? transposed(applyTerm(product, [transposed(term.inputs[1]!), transposed(term.inputs[0]!)]))
      : undefined,
  "(A ⊙ B)ᵀ = Aᵀ ⊙ Bᵀ": (term) =>
    elementwise(term, "mul") &&
    term.inputs.every((input) => isMatrix(input) && input.shape.join() === term.shape.join())
      ? transposed(elementTerm("mul", ...term.inputs.map(transposed)))
      : undefined,
  "factors and terms exchanged": (term) =>
    elementwise(term, "mul") || elementwise(term, "add")
      ? applyTerm(term.operation, [...term.inputs].reverse())
      : undefined,
  "a sum over rows as a product": (term) => {
    const [inner] = made(term, total) ? term.inputs : [];
    if (inner === undefined || !isMatrix(inner) || !made(term, total)) return undefined;
    if (term.settings.axes?.join() !== "0" || term.settings.keepDims === true) return undefined;
    const row = applyTerm(product, [ones(1, inner.shape[0]!), inner]);
    return applyTerm(reshaping, [row], { numbers: [inner.shape[1]!] });
  },
  "a sum over columns of the transpose": (term) => {
    if (!made(term, total) || term.settings.axes?.join() !== "0" || term.settings.keepDims === true) return undefined;
    const [inner] = term.inputs;
    return isMatrix(inner!) ? applyTerm(total, [transposed(inner!)], { axes: [1] }) : undefined;
  },
  "an outer product as a product of matrices": (term) => {
    if (!made(term, outer)) return undefined;
    const [left, right] = term.inputs;
    const column = applyTerm(reshaping, [left!], { numbers: [-1, 1] });
    const row = applyTerm(reshaping, [right!], { numbers: [1, -1] });
    return applyTerm(product, [column, row]);
  },
  "an outer product as the transpose of the other": (term) =>
    made(term, outer) ? transposed(applyTerm(outer, [...term.inputs].reverse())) : undefined,
  "a difference as a sum": (term) =>
    elementwise(term, "sub") ? elementTerm("add", term.inputs[0]!, elementTerm("neg", term.inputs[1]!)) : undefined,
  "a quotient as a product": (term) =>
    elementwise(term, "div")
      ? elementTerm("mul", term.inputs[0]!, elementTerm("div", numberTerm(1), term.inputs[1]!))
      : undefined,
  "half of twice": (term) =>
    term.kind === "number" ? undefined : elementTerm("div", elementTerm("mul", numberTerm(2), term), numberTerm(2)),
  "two halves": (term) =>
    term.kind === "number" ? undefined : elementTerm("sub", elementTerm("mul", numberTerm(2), term), term),
  "minus minus": (term) => elementTerm("neg", elementTerm("neg", term)),
  "A(BC) = (AB)C": (term) => {
    if (!made(term, product)) return undefined;
    const [left, right] = term.inputs;
    if (!made(left!, product) || !left.inputs.every(isMatrix) || !isMatrix(right!)) return undefined;
    return applyTerm(product, [left.inputs[0]!, applyTerm(product, [left.inputs[1]!, right!])]);
  },
  "a factor brought into a product": (term) => {
    if (!elementwise(term, "div") || term.inputs[1]!.shape.length > 0) return undefined;
    const [top, bottom] = term.inputs;
    if (!made(top!, product)) return undefined;
    return applyTerm(product, [elementTerm("div", top.inputs[0]!, bottom!), top.inputs[1]!]);
  },
};

/** The choices that one rearrangement is made of: which part of the term, and which identity. */
export const choices: fc.Arbitrary<readonly (readonly [part: number, identity: number])[]> = fc.array(
  fc.tuple(fc.nat(30), fc.nat(1000)),
  { minLength: 1, maxLength: 4 },
);

/** The term in another form, and which identities were used. */
export function rearranged(
  term: TensorTerm,
  chosen: readonly (readonly [part: number, identity: number])[],
): { readonly term: TensorTerm; readonly used: readonly string[] } {
  const used: string[] = [];
  let result = term;
  for (const [part, identity] of chosen) {
    const count = { left: part % sizeOf(result) };
    result = changedAt(result, count, (inner) => {
      const possible = Object.entries(identities).flatMap(([name, rule]) => {
        const other = rule(inner);
        return other === undefined ? [] : [[name, other] as const];
      });
      const [name, other] = possible[identity % Math.max(1, possible.length)] ?? ["", inner];
      if (name !== "") used.push(name);
      return other;
    });
  }
  return { term: result, used };
}

function sizeOf(term: TensorTerm): number {
  return term.kind === "apply" ? term.inputs.reduce((size, input) => size + sizeOf(input), 1) : 1;
}

/** The term with one part of it changed, counted from the outside. */
function changedAt(term: TensorTerm, count: { left: number }, change: (inner: TensorTerm) => TensorTerm): TensorTerm {
  if (count.left-- === 0) return change(term);
  if (term.kind !== "apply") return term;
  const inputs = term.inputs.map((input) => (count.left < 0 ? input : changedAt(input, count, change)));
  return applyTerm(term.operation, inputs, term.settings);
}
