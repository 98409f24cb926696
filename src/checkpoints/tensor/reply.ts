import type { TensorExercise } from "../exercise.ts";

/** How to write answers about tensors. */
export function tensorHow({ numbersCount }: TensorExercise): string {
  return (
    "Answer with formulas in the names of the graph, and in gradients found before by theirs, such as dL/dY. @ is the matrix " +
    "product, * goes number by number, P^T or Pᵀ transposes, sum(P, axis=0) adds up rows" +
    `${numbersCount ? ", and [[1, 2], [3, 4]] gives the numbers themselves" : ""}.`
  );
}
