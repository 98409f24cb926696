import type { TensorExercise } from "../exercise.ts";
import type { TensorExample } from "../outcome.ts";
import { nestedText } from "./term.ts";

/** How to write answers about tensors. */
export function tensorHow({ numbersCount }: TensorExercise): string {
  return (
    "Answer with formulas in the names of the graph and in gradients found before, such as “Xᵀ @ dL/dY”: @ is the matrix " +
    "product, * goes number by number, X^T or Xᵀ transposes, sum(G, axis=0) adds up rows" +
    `${numbersCount ? ", and [[1, 2], [3, 4]] gives the numbers themselves" : ""}.`
  );
}

/** At X = [[1, −2]], … yours gives [[3, 1]]; computed: [[2, 1]]. */
export function tensorExampleText({ at, yours, computed, difference }: TensorExample): string {
  const place = Object.entries(at)
    .map(([name, numbers]) => `${name} = ${nestedText(numbers)}`)
    .join(", ");
  const opinion = difference === undefined ? "" : ` By finite differences: ${nestedText(difference)}.`;
  return `${place === "" ? "At another point" : `At ${place}`} yours gives ${nestedText(yours)}; computed: ${nestedText(computed)}.${opinion}`;
}
