import { type Formula, formulaCode, numericPartialsOf, partialFormulas } from "../graph/formula.ts";
import { codeFromText } from "../graph/fresh.ts";
import type { NumberFunction } from "../graph/loops.ts";
import type { Elementwise } from "../graph/primitive.ts";
import {
  codeMask,
  constantCode,
  gradientMark,
  none,
  plainMark,
  positionAbroad,
  positionMask,
  primitives,
  type Segment,
} from "../graph/tape.ts";

/** What a sweep leaves to the pass that it is part of. */
export interface SweptPass {
  /** What reaches a scalar of an older segment. */
  giveAbroad(reference: number, amount: number): void;
  /** A scalar that no plain operation made, and its cotangent. Returns how far the walk may go on. */
  visit(position: number, cotangent: number): number;
  /** A scalar that nothing made. */
  meet(position: number): void;
}

/**
 * Walks over the scalars of one segment, from position `last` down to before `floor`; what is not plain is left to the pass,
 * which says how far the walk may go on then. The cotangent of position p is at p − shift in `cotangents`.
 */
export type Sweep = (
  pass: SweptPass,
  segment: Segment,
  cotangents: Float64Array,
  shift: number,
  last: number,
  floor: number,
) => void;

let sweep: Sweep | undefined;

/** The loop for the table of primitives as it is; made from their derivative rules at first use. */
export function scalarSweep(): Sweep {
  sweep ??= sweepFromText() ?? sweepByTable;
  return sweep;
}

/** Those whose nodes may be plain. */
function scalarPrimitives(): readonly (readonly [code: number, Elementwise])[] {
  return primitives.flatMap((primitive, code) =>
    primitive.family === "elementwise" && primitive.partials.length <= 2 && primitive.result !== "bool"
      ? [[code, primitive] as const]
      : [],
  );
}

/**
 * Every rule in its own case of a switch, so that the arithmetic is compiled into the loop. There are two switches: one for
 * nodes whose inputs lie in the segment, which are nearly all, and reads and adds no more than the rule asks for; one for the others.
 */
function sweepFromText(): Sweep | undefined {
  const rules: NumberFunction[] = [];
  const cases = (
    numbers: Readonly<Record<string, string>>,
    give: (input: string, text: string, formula: Formula) => string,
    end: string,
  ): string =>
    scalarPrimitives()
      .map(([code, primitive]) => {
        const lines = partialFormulas(primitive).map((formula, position) =>
          give(
            ["a", "b"][position]!,
            formulaCode(formula, (name) => numbers[name]!, rules),
            formula,
          ),
        );
        return `case ${code}: ${lines.join(" ")} ${end};`;
      })
      .join("\n");
  // What is more than a number or a name is not worked out for a constant: ln x for the exponent of x².
  const moving = (input: string): string => `(words[3 * ${input}] & ${gradientMark}) !== 0`;
  const near = cases(
    { x: "scalars[a]", y: "scalars[b]", output: "scalars[p]" },
    (input, text, formula) =>
      `${formula.kind === "apply" ? `if (${moving(input)}) ` : ""}cotangents[${input} - shift] += ${
        formula.kind === "number" && formula.value === 1 ? "cotangent" : `cotangent * ${text}`
      };`,
    "continue",
  );
  const far = cases(
    { x: "x", y: "y", output: "scalars[p]" },
    (input, text, formula) =>
      `${formula.kind === "apply" ? `if (${input} < 0 || ${moving(input)}) ` : ""}d${input} = cotangent * ${text};`,
    "break",
  );
  const make = codeFromText<(...rules: readonly NumberFunction[]) => Sweep>(
    `(${rules.map((_, index) => `f${index}`).join(", ")}) => (pass, segment, cotangents, shift, last, floor) => {
      const { words, scalars } = segment;
      for (let p = last; p > floor; p--) {
        const cotangent = cotangents[p - shift];
        if (cotangent === 0) continue;
        const word = words[3 * p];
        if ((word & ${gradientMark | plainMark}) !== ${gradientMark | plainMark}) {
          if ((word & ${gradientMark}) !== 0) {
            if ((word & ${codeMask}) < ${constantCode}) floor = pass.visit(p, cotangent);
            else pass.meet(p);
          }
          continue;
        }
        const a = words[3 * p + 1];
        const b = words[3 * p + 2];
        if (a >= 0 && (b >= 0 || b === ${none})) {
          switch (word & ${codeMask}) {
            ${near}
          }
        }
        let x = 0, y = 0, da = 0, db = 0;
        if (a >= 0) x = scalars[a];
        else x = segment.segmentAbroad(a).scalars[(-1 - a) & ${positionMask}];
        if (b >= 0) y = scalars[b];
        else if (b !== ${none}) y = segment.segmentAbroad(b).scalars[(-1 - b) & ${positionMask}];
        switch (word & ${codeMask}) {
          ${far}
        }
        if (a >= 0) cotangents[a - shift] += da;
        else pass.giveAbroad(a, da);
        if (b >= 0) cotangents[b - shift] += db;
        else if (b !== ${none}) pass.giveAbroad(b, db);
      }
    }`,
  );
  return make?.(...rules);
}

/** The same loop with the rules in a table, where a page forbids making code from text. */
export const sweepByTable: Sweep = (pass, segment, cotangents, shift, last, floor) => {
  table ??= new Map(scalarPrimitives().map(([code, primitive]) => [code, numericPartialsOf(primitive)]));
  const { words, scalars } = segment;
  const numberAt = (reference: number): number => {
    if (reference >= 0) return scalars[reference]!;
    return segment.segmentAbroad(reference).scalars[positionAbroad(reference)]!;
  };
  const give = (reference: number, amount: number): void => {
    if (reference >= 0) cotangents[reference - shift]! += amount;
    else pass.giveAbroad(reference, amount);
  };
  let stop = floor;
  for (let p = last; p > stop; p--) {
    const cotangent = cotangents[p - shift]!;
    if (cotangent === 0) continue;
    const word = words[3 * p]!;
    if ((word & gradientMark) === 0) continue;
    if ((word & plainMark) === 0) {
      if ((word & codeMask) < constantCode) stop = pass.visit(p, cotangent);
      else pass.meet(p);
      continue;
    }
    const partials = table.get(word & codeMask)!;
    const [a, b] = [words[3 * p + 1]!, words[3 * p + 2]!];
    if (b === none) {
      give(a, cotangent * partials[0]!(numberAt(a), scalars[p]!));
    } else {
      const [x, y] = [numberAt(a), numberAt(b)];
      give(a, cotangent * partials[0]!(x, y, scalars[p]!));
      if (b < 0 || (words[3 * b]! & gradientMark) !== 0) give(b, cotangent * partials[1]!(x, y, scalars[p]!));
    }
  }
};

let table: ReadonlyMap<number, readonly NumberFunction[]> | undefined;
