import type { NestedNumbers } from "../graph/value.ts";
import type { Example } from "./outcome.ts";
import { nestedText } from "./tensor/term.ts";

/** So many numbers are taken in at a glance; of more, one is told. */
const atAGlance = 4;

/** At x = 1, y = 3, w = 2 yours gives 3; computed: 2. Of many numbers the one that differs most, with its place. */
export function exampleText({ at, yours, computed, difference }: Example): string {
  const index = flat(computed).length > atAGlance ? mostDifferent(yours, computed) : [];
  const text = (numbers: NestedNumbers): string => nestedText(elementAt(numbers, index));
  const given = isNumberless(yours) ? "yours has no value" : `yours gives ${text(yours)}${indexText(index)}`;
  const third = difference === undefined ? "" : ` (by finite differences: ${text(difference)})`;
  return `${exampleIn(at)} ${given}; computed: ${text(computed)}${third}.`;
}

function exampleIn(at: Example["at"]): string {
  const given = Object.entries(at);
  if (given.length === 0) return "At another point";
  const many =
    given.some(([, numbers]) => typeof numbers !== "number") &&
    given.flatMap(([, numbers]) => flat(numbers)).length > 2 * atAGlance;
  return many ? `With other numbers in ${given.map(([name]) => name).join(", ")}` : `At ${placeText(at)}`;
}

/** x = 1, y = 3 */
export function placeText(at: Readonly<Record<string, NestedNumbers>>): string {
  return Object.entries(at)
    .map(([name, value]) => `${name} = ${nestedText(value)}`)
    .join(", ");
}

function isNumberless(numbers: NestedNumbers): boolean {
  return typeof numbers === "number" && !Number.isFinite(numbers);
}

/** in row 1, column 2 */
function indexText(index: readonly number[]): string {
  const words = index.length === 2 ? ["row ", "column "] : index.map((_, axis) => (axis === 0 ? "place " : ""));
  return index.length === 0 ? "" : ` in ${index.map((place, axis) => `${words[axis]}${place + 1}`).join(", ")}`;
}

function flat(numbers: NestedNumbers): readonly number[] {
  return typeof numbers === "number" ? [numbers] : numbers.flatMap(flat);
}

function elementAt(numbers: NestedNumbers, index: readonly number[]): NestedNumbers {
  return index.reduce((rest, place) => (typeof rest === "number" ? rest : rest[place]!), numbers);
}

function mostDifferent(yours: NestedNumbers, computed: NestedNumbers): readonly number[] {
  const distances = flat(yours).map((number, place) => Math.abs(number - flat(computed)[place]!));
  const worst = distances.map((distance) => (Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance));
  return indexOf(computed, worst.indexOf(Math.max(...worst)));
}

/** Where the number at a place in the order of reading stands in its lists. */
function indexOf(numbers: NestedNumbers, place: number): readonly number[] {
  if (typeof numbers === "number") return [];
  const each = flat(numbers).length / numbers.length;
  const first = Math.floor(place / each);
  return [first, ...indexOf(numbers[first]!, place % each)];
}
