import { sameShape } from "../../graph/shape.ts";
import type { Value } from "../../graph/value.ts";
import type { Ask } from "../asks.ts";
import { close } from "../verdict.ts";
import type { ParsedTensorAnswer } from "./parse.ts";
import type { TensorPoint } from "./point.ts";
import type { TensorReference } from "./reference.ts";
import { hasNames } from "./term.ts";

export type TensorVerdict =
  | { readonly kind: "right" }
  /** The right form with a decimal rounded, as far as its digits go. */
  | { readonly kind: "rounded" }
  /** `partly`: right at some points. `shape`: not even the shape is right. */
  | { readonly kind: "wrong"; readonly partly: boolean; readonly shape: boolean };

/** Whether two tensors are the same, as far as rounding lets one say. Nothing that is not finite equals anything. */
export function sameTensor(given: Value, right: Value, scale: number): boolean {
  if (!sameShape(given.shape, right.shape)) return false;
  const { data } = given;
  return right.data.every((number, i) => close(data[i]!, number, scale));
}

/** Whether the answer is made of numbers alone, which counts where the graph's own numbers are given. */
export function isNumbers(answer: ParsedTensorAnswer): boolean {
  return !hasNames(answer.formula);
}

/** Compares an answer with what is right at every point. */
export function judgeTensor(
  reference: TensorReference,
  ask: Ask,
  answer: ParsedTensorAnswer,
  numbersCount: boolean,
): TensorVerdict {
  const { here, points } = reference;
  if (!sameShape(answer.formula.shape, reference.rightAt(ask, here).shape)) {
    return { kind: "wrong", partly: false, shape: true };
  }
  const scale = reference.scaleAt(ask, points);
  const fits = (point: TensorPoint, size: number): boolean =>
    sameTensor(reference.evaluate(answer.formula, point), reference.rightAt(ask, point), size);
  if (isNumbers(answer) && numbersCount) {
    if (fits(here, reference.scaleAt(ask, [here]))) return { kind: "right" };
    if (fitsRounded(reference, ask, answer, [here])) return { kind: "rounded" };
  }
  const hits = points.filter((point) => fits(point, scale)).length;
  if (hits === points.length) return { kind: "right" };
  if (fitsRounded(reference, ask, answer, points)) return { kind: "rounded" };
  return { kind: "wrong", partly: hits >= 2, shape: false };
}

/** Whether the typed decimals, each moved by at most half a unit of its last digit, give the right answer. */
function fitsRounded(
  reference: TensorReference,
  ask: Ask,
  { formula, decimals }: ParsedTensorAnswer,
  points: readonly TensorPoint[],
): boolean {
  // In a list each number stands for itself.
  if (formula.kind === "literal") {
    const halves = decimals.map(({ half }) => half);
    if (decimals.length === 0 || decimals.some(({ digits }) => digits < 2)) return false;
    const given = reference.evaluate(formula, points[0]!).data;
    return points.every((point) =>
      reference.rightAt(ask, point).data.every((number, i) => Math.abs(number - given[i]!) <= Math.max(...halves)),
    );
  }
  if (decimals.length === 0 || decimals.length > 8 || decimals.some(({ digits }) => digits < 2)) return false;
  return points.every((point) => {
    const right = reference.rightAt(ask, point).data;
    const given = reference.evaluate(formula, point).data;
    const reach = new Float64Array(right.length);
    for (const { formula: typed, half } of decimals) {
      const value = typed.kind === "number" ? typed.value : 0;
      const [up, down] = [half, -half].map(
        (by) => reference.evaluate(formula, point, { term: typed, value: value + by }).data,
      );
      for (let i = 0; i < reach.length; i++) {
        reach[i]! += Math.max(Math.abs(up![i]! - given[i]!), Math.abs(down![i]! - given[i]!));
      }
    }
    return right.every((number, i) => {
      const most = reach[i]!;
      return Number.isFinite(most) && Math.abs(number - given[i]!) <= most * (1 + 1e-6) + 1e-12;
    });
  });
}
