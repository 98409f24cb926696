import type { Formula } from "../graph/formula.ts";
import type { Ask } from "./asks.ts";
import type { ParsedAnswer } from "./parse.ts";
import type { Point } from "./point.ts";
import type { Reference } from "./reference.ts";

export type Verdict =
  | { readonly kind: "right" }
  /** The right form with a decimal rounded, as far as its digits go. */
  | { readonly kind: "rounded" }
  /** `partly`: right at some points, as |x| is for x. `nearly`: off by less than points can tell. */
  | { readonly kind: "wrong"; readonly partly: boolean; readonly nearly: boolean };

/** Whether two results are the same number, as far as rounding lets one say. Nothing that is not finite equals anything. */
export function close(given: number, right: number, scale: number): boolean {
  if (!Number.isFinite(given) || !Number.isFinite(right)) return false;
  return Math.abs(given - right) <= 1e-9 * scale + 1e-6 * Math.max(Math.abs(given), Math.abs(right));
}

function hasNames(formula: Formula): boolean {
  return formula.kind === "name" || (formula.kind === "apply" && formula.inputs.some(hasNames));
}

/** Whether the answer is a bare number, which counts where the point is fixed. */
export function isNumber(answer: ParsedAnswer): boolean {
  return !hasNames(answer.formula);
}

/** Compares an answer with what is right: exactly where that can be done, else at the points. */
export function judge(reference: Reference, ask: Ask, answer: ParsedAnswer, numbersCount: boolean): Verdict {
  const exact = reference.decideExactly(ask, answer);
  if (exact === true) return { kind: "right" };
  if (isNumber(answer) && numbersCount) {
    const { here } = reference;
    const right = reference.rightAt(ask, here);
    if (close(reference.evaluate(answer.formula, here), right, reference.scaleAt(ask, [here])))
      return { kind: "right" };
    if (fitsRounded(reference, ask, answer, [here])) return { kind: "rounded" };
  }
  const { points } = reference;
  const rights = points.map((point) => reference.rightAt(ask, point));
  const scale = reference.scaleAt(ask, points);
  const hits = points.filter((point, i) => close(reference.evaluate(answer.formula, point), rights[i]!, scale)).length;
  if (hits === points.length && exact !== false) return { kind: "right" };
  if (fitsRounded(reference, ask, answer, points)) return { kind: "rounded" };
  return { kind: "wrong", partly: hits >= 2 && hits < points.length, nearly: hits === points.length };
}

/**
 * Whether the typed decimals, each moved by at most half a unit of its last digit, give the right answer: 0.33 for a
 * third. Decimals with fewer than two digits say too little.
 */
export function fitsRounded(reference: Reference, ask: Ask, answer: ParsedAnswer, points: readonly Point[]): boolean {
  const { decimals, formula } = answer;
  if (decimals.length === 0 || decimals.length > 8 || decimals.some(({ digits }) => digits < 2)) return false;
  return points.every((point) => {
    const right = reference.rightAt(ask, point);
    const given = reference.evaluate(formula, point);
    let reach = 0;
    for (const { formula: typed, half } of decimals) {
      const value = typed.kind === "number" ? typed.value : 0;
      const [up, down] = [half, -half].map((by) => reference.evaluate(replaced(formula, typed, value + by), point));
      reach += Math.max(Math.abs(up! - given), Math.abs(down! - given));
    }
    return Number.isFinite(reach) && Math.abs(right - given) <= reach * (1 + 1e-6);
  });
}

/** The formula with one number of it, that very one, replaced. */
function replaced(formula: Formula, typed: Formula, value: number): Formula {
  if (formula === typed) return { kind: "number", value };
  if (formula.kind !== "apply") return formula;
  return { ...formula, inputs: formula.inputs.map((input) => replaced(input, typed, value)) };
}
