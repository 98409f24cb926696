import type { NestedNumbers } from "../../graph/value.ts";
import type { TensorExercise } from "../exercise.ts";
import type { TensorExample } from "../outcome.ts";
import { nestedText } from "./term.ts";

/** How to write answers about tensors. */
export function tensorHow({ numbersCount }: TensorExercise): string {
  return (
    "Answer with formulas in the names of the graph, and in gradients found before by theirs, such as dL/dY. @ is the matrix " +
    "product, * goes number by number, P^T or Pᵀ transposes, sum(P, axis=0) adds up rows" +
    `${numbersCount ? ", and [[1, 2], [3, 4]] gives the numbers themselves" : ""}.`
  );
}

/** So many numbers are taken in at a glance; of more, one is told. */
const atAGlance = 4;

/** At X = [[1, −2]] yours gives [[3, 1]]; computed: [[2, 1]]. Of many numbers the one that differs most, with its place. */
export function tensorExampleText({ at, yours, computed, difference }: TensorExample): string {
  const index = flat(computed).length > atAGlance ? mostDifferent(yours, computed) : [];
  const text = (numbers: NestedNumbers): string => nestedText(elementAt(numbers, index));
  const opinion = difference === undefined ? "" : ` (by finite differences: ${text(difference)})`;
  return `${placeText(at)} yours gives ${text(yours)}${indexText(index)}; computed: ${text(computed)}${opinion}.`;
}

function placeText(at: TensorExample["at"]): string {
  const given = Object.entries(at);
  if (given.length === 0) return "At another point";
  if (given.flatMap(([, numbers]) => flat(numbers)).length > 2 * atAGlance) {
    return `With other numbers in ${given.map(([name]) => name).join(", ")}`;
  }
  return `At ${given.map(([name, numbers]) => `${name} = ${nestedText(numbers)}`).join(", ")}`;
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
