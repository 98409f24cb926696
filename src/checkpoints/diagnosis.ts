import type { Mark } from "../views/marks.ts";
import type { Ask } from "./asks.ts";
import { afterNamed } from "./found.ts";
import type { Slip } from "./mistakes.ts";
import type { ParsedAnswer } from "./parse.ts";
import type { Point } from "./point.ts";
import type { Reference } from "./reference.ts";
import { twoSlips } from "./two-slips.ts";
import { close, fitsRounded, isNumber } from "./verdict.ts";

/** A mistake that gives just the answer at hand. */
export interface Reason {
  /** The rule's id. */
  readonly rule: string;
  readonly sentence: string;
}

export interface Diagnosis {
  /** The most telling first; several where they all give the same function. Empty where no known slip fits. */
  readonly reasons: readonly Reason[];
  /** Of the first reason. */
  readonly marks: readonly Mark[];
}

const mostReasons = 3;
const leastFinite = 3;

/** Rules to speak of only after all others that give the same answer. */
const rare: ReadonlySet<string> = new Set([
  "product-of-both",
  "upstream-added",
  "link-twice",
  "link-inverted",
  "seed-is-output",
  "constant-counted",
]);

/**
 * Searches the catalogue for mistakes that give the learner's answer at every point. `known` are the keys that the
 * learner has right: who has them did not slip there.
 */
export function diagnose(
  reference: Reference,
  ask: Ask,
  answer: ParsedAnswer,
  numbersCount: boolean,
  known: ReadonlySet<string>,
): Diagnosis {
  const everywhere = matching(reference, ask, answer, reference.points);
  if (everywhere.length === 0 && !numbersCount && isNumber(answer) && rightHere(reference, ask, answer)) {
    const sentence = "At the numbers of the figure that is right. Asked is a formula, which is right at any numbers.";
    return { reasons: [{ rule: "number-for-formula", sentence }], marks: [] };
  }
  const here = everywhere.length === 0 && numbersCount && isNumber(answer);
  const single = here ? matching(reference, ask, answer, [reference.here]) : everywhere;
  // A bare number is one thing to fit: some pair gives any.
  const found = single.length === 0 && !isNumber(answer) ? matchingTwo(reference, ask, answer, known) : single;
  const doubts = (slip: Slip): number =>
    (slip.through.some((key) => known.has(key)) ? 2 : 0) + (rare.has(slip.rule) ? 1 : 0);
  const ranked = [...found].sort((a, b) => doubts(a) - doubts(b));
  const byRule = new Map<string, Slip[]>();
  for (const slip of ranked) byRule.set(slip.rule, [...(byRule.get(slip.rule) ?? []), slip]);
  // A constant is the derivative of many things: that it is another one's says nothing.
  if (byRule.size > 1 && everywhere.length > 0 && isNumber(answer)) {
    for (const rule of ["other-quantity", "other-variable"]) if (byRule.size > 1) byRule.delete(rule);
  }
  const reasons = [...byRule].slice(0, mostReasons).map(([rule, slips]) => ({ rule, sentence: spoken(slips) }));
  const [first] = byRule.values();
  return { reasons, marks: first?.[0]?.marks ?? [] };
}

/** Whether an answer is right where the graph was run. */
function rightHere(reference: Reference, ask: Ask, answer: ParsedAnswer): boolean {
  const { here } = reference;
  const given = reference.evaluate(answer.formula, here);
  return (
    close(given, reference.rightAt(ask, here), reference.scaleAt(ask, [here])) ||
    fitsRounded(reference, ask, answer, [here])
  );
}

function matching(reference: Reference, ask: Ask, answer: ParsedAnswer, points: readonly Point[]): readonly Slip[] {
  const fits = comparing(reference, ask, answer, points);
  const fitting = reference.slipsOf(ask).filter((slip) => fits(slip.at));
  const near = fitting.filter(afterNamed(reference.derivativesIn(answer.formula)));
  const slips = near.length > 0 ? near : fitting;
  // A path left out and the wire it takes left out are one thing to say.
  const pathMissing = slips.some((slip) => slip.rule === "path-missing");
  return pathMissing ? slips.filter((slip) => slip.rule !== "edge-dropped") : slips;
}

/** Two slips at once that give the answer: the first such pair. */
function matchingTwo(
  reference: Reference,
  ask: Ask,
  answer: ParsedAnswer,
  known: ReadonlySet<string>,
): readonly Slip[] {
  const fits = comparing(reference, ask, answer, reference.points);
  for (const pair of twoSlips(reference.graph, ask, known)) if (fits(pair.at)) return [pair];
  return [];
}

/** Whether something comes to what the answer does, at every point. */
function comparing(
  reference: Reference,
  ask: Ask,
  answer: ParsedAnswer,
  points: readonly Point[],
): (at: (point: Point) => number) => boolean {
  const given = points.map((point) => reference.evaluate(answer.formula, point));
  const scale = reference.scaleAt(ask, points);
  // A root of something negative: a slip that leads there has no number at the same points.
  const tooFew = given.filter(Number.isFinite).length < Math.min(points.length, leastFinite);
  const fits = (at: (point: Point) => number): boolean =>
    points.every((point, i) => {
      const slipped = at(point);
      return close(slipped, given[i]!, scale) || !(Number.isFinite(slipped) || Number.isFinite(given[i]!));
    });
  // So near the right answer, a slip that changes nothing would fit too.
  return tooFew || fits((point) => reference.rightAt(ask, point)) ? () => false : fits;
}

/** One rule at several places that cannot be told apart is spoken of once. */
function spoken(slips: readonly Slip[]): string {
  const [first, ...rest] = slips;
  const places = [...new Set(rest.map((slip) => slip.place).filter((place) => place !== "" && place !== first!.place))];
  if (places.length === 0) return first!.sentence;
  return `${first!.sentence} (Or the same at ${places.slice(0, 3).join(" or ")}: the answer cannot tell which.)`;
}
