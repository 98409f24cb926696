import type { TensorExercise } from "../exercise.ts";

/** How to write answers about tensors. */
export function tensorHow({ numbersCount }: TensorExercise): string {
  return (
    "Answer with formulas in the names of the graph and in gradients found before, such as “Xᵀ @ dL/dY”: @ is the matrix " +
    "product, * goes number by number, X^T or Xᵀ transposes, sum(G, axis=0) adds up rows" +
    `${numbersCount ? ", and [[1, 2], [3, 4]] gives the numbers themselves" : ""}.`
  );
}
