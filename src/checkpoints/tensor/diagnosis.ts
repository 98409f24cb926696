import { div, mul, neg } from "../../graph/primitives.ts";
import { sameShape } from "../../graph/shape.ts";
import type { Value } from "../../graph/value.ts";
import type { Ask } from "../asks.ts";
import type { Diagnosis } from "../diagnosis.ts";
import { afterNamed } from "../found.ts";
import type { ParsedTensorAnswer } from "./parse.ts";
import type { TensorPoint } from "./point.ts";
import type { TensorReference } from "./reference.ts";
import { attempted, type TensorSlip } from "./slip.ts";
import { derivativesIn } from "./term.ts";
import { isNumbers, sameTensor } from "./verdict.ts";

const mostReasons = 3;

/** Rules to speak of only after all others that give the same answer. */
const rare: ReadonlySet<string> = new Set([
  "batch-factor-extra",
  "batch-factor-missing",
  "paths-multiplied",
  "product-of-both",
  "upstream-added",
  "link-twice",
  "seed-is-output",
]);

/**
 * Searches the catalogue for mistakes that give the learner's answer at every point. `known` are the keys that the
 * learner has right: who has them did not slip there.
 */
export function diagnoseTensor(
  reference: TensorReference,
  ask: Ask,
  answer: ParsedTensorAnswer,
  numbersCount: boolean,
  known: ReadonlySet<string>,
): Diagnosis {
  const named = derivativesIn(answer.formula);
  const candidates = [reference.points, ...(numbersCount && isNumbers(answer) ? [[reference.here]] : [])];
  for (const points of candidates) {
    const given = points.map((point) => reference.evaluate(answer.formula, point));
    const scale = reference.scaleAt(ask, points);
    const alone = matching(reference, ask, given, points, scale, (value) => value, named);
    if (alone.length > 0) return spoken(alone, known, "");
    for (const { change, sentence } of furtherFactors(reference, ask)) {
      const found = matching(reference, ask, given, points, scale, change, named);
      if (found.length > 0) return spoken(found, known, sentence);
    }
  }
  return { reasons: [], marks: [] };
}

/** The slips that, changed so, give the answer at all of the points. */
function matching(
  reference: TensorReference,
  ask: Ask,
  given: readonly Value[],
  points: readonly TensorPoint[],
  scale: number,
  change: (value: Value) => Value,
  named: readonly Ask[],
): readonly TensorSlip[] {
  const fits = (at: (point: TensorPoint) => Value | undefined): boolean =>
    points.every((point, i) => {
      const wrong = at(point);
      const answer = given[i]!;
      return wrong !== undefined && sameShape(wrong.shape, answer.shape) && sameTensor(answer, change(wrong), scale);
    });
  if (fits((point) => reference.rightAt(ask, point))) return [];
  const all = reference.slipsOf(ask);
  const near = all.filter(afterNamed(named));
  const nearby = near.filter((slip) => fits(slip.at));
  const slips = nearby.length > 0 ? nearby : all.filter((slip) => !near.includes(slip) && fits(slip.at));
  // What an answer looks like says something only where nothing says what went wrong.
  const told = slips.filter(({ rule }) => rule !== "form-of-other-step");
  return told.length > 0 ? told : slips;
}

interface FurtherFactor {
  readonly change: (value: Value) => Value;
  readonly sentence: string;
}

/** A second slip beside the first: a sign, or a factor 1/n of a mean. */
function furtherFactors(reference: TensorReference, ask: Ask): readonly FurtherFactor[] {
  if (ask.kind !== "gradient") return [];
  const factors = reference
    .slipsOf(ask)
    .filter(({ rule }) => rule === "mean-factor-missing")
    .flatMap(({ at, sentence }) => {
      const { here } = reference;
      const right = reference.rightAt(ask, here);
      const wrong = attempted(() => at(here));
      const place = right.data.findIndex((number) => number !== 0);
      if (wrong === undefined || place < 0 || !sameShape(wrong.shape, right.shape)) return [];
      return [{ factor: Math.round(wrong.data[place]! / right.data[place]!), sentence }];
    })
    .filter(({ factor }) => factor > 1);
  const times = factors.map(
    ({ factor, sentence }): FurtherFactor => ({ change: (value) => mul(value, factor), sentence }),
  );
  return [
    ...times,
    { change: neg, sentence: "And the sign is the other one." },
    ...factors.map(
      ({ factor, sentence }): FurtherFactor => ({
        change: (value) => mul(value, -factor),
        sentence: `${sentence} And the sign is the other one.`,
      }),
    ),
    { change: (value) => mul(value, 2), sentence: "And there is a factor 2 too many." },
    { change: (value) => div(value, 2), sentence: "And a factor 2 is lost." },
  ];
}

function spoken(slips: readonly TensorSlip[], known: ReadonlySet<string>, further: string): Diagnosis {
  const doubts = (slip: TensorSlip): number =>
    (slip.through.some((key) => known.has(key)) ? 2 : 0) + (rare.has(slip.rule) ? 1 : 0);
  const ranked = [...slips].sort((a, b) => doubts(a) - doubts(b));
  const byRule = new Map<string, TensorSlip[]>();
  for (const slip of ranked) byRule.set(slip.rule, [...(byRule.get(slip.rule) ?? []), slip]);
  const reasons = [...byRule].slice(0, mostReasons).map(([rule, [first, ...rest]]) => {
    const places = [
      ...new Set(rest.map(({ place }) => place).filter((place) => place !== "" && place !== first!.place)),
    ];
    const elsewhere =
      places.length === 0 ? "" : ` (Or the same at ${places.slice(0, 3).join(" or ")}: the answer cannot tell which.)`;
    return { rule, sentence: `${first!.sentence}${elsewhere}${further === "" ? "" : ` ${further}`}` };
  });
  return { reasons, marks: ranked[0]?.marks ?? [] };
}
