import { ShapeError } from "../graph/errors.ts";
import { add, logSoftmax, mean, mul, neg, softplus, square, sub, sum } from "../graph/primitives.ts";
import { lift } from "../graph/record.ts";
import { sameShape, shapeText } from "../graph/shape.ts";
import { filled, isFloat } from "../graph/storage.ts";
import { constantCode } from "../graph/tape.ts";
import { blockLeaf, constant, nameOf, type Operand, Value } from "../graph/value.ts";

/**
 * The mean of (prediction − target)². ∂/∂prediction = 2(prediction − target)/n.
 *
 * @throws {ShapeError} where the shapes differ.
 *
 * @example
 * ```ts
 * import { constant, grad, mseLoss, variable } from "gradbook";
 * mseLoss(variable([1, 2]), constant([0, 4])) // 2.5
 * grad((x) => mseLoss(x, constant([0, 4])))(variable([1, 2])) // [1, -2]
 * ```
 */
export function mseLoss(prediction: Value, target: Operand): Value {
  const wanted = lift("mseLoss", target, prediction.dtype);
  if (!sameShape(prediction.shape, wanted.shape)) {
    throw new ShapeError(
      `mseLoss: ${nameOf(prediction)} is ${shapeText(prediction.shape)}, ${nameOf(wanted)} is ${shapeText(wanted.shape)}; they must be equal.`,
    );
  }
  return mean(square(sub(prediction, wanted)));
}

/**
 * The mean over the batch of −Σ target · ln softmax(logits): logits [N, C]; targets are classes (whole numbers, N of
 * them) or probabilities [N, C]. ∂/∂logits = (softmax(logits) − target)/N.
 *
 * @throws {ShapeError} where the shapes do not fit, or there is no such class.
 *
 * @example
 * ```ts
 * import { backward, crossEntropy, variable } from "gradbook";
 * const logits = variable([[0, Math.log(3)]]);
 * crossEntropy(logits, [1]) // 0.2877
 * backward(crossEntropy(logits, [1])).of(logits) // [[0.25, -0.25]]
 * ```
 */
export function crossEntropy(logits: Value, targets: Value | readonly number[]): Value {
  if (logits.shape.length !== 2) {
    throw new ShapeError(`crossEntropy: ${nameOf(logits)} is ${shapeText(logits.shape)}; it must be [batch, classes].`);
  }
  const [count, classes] = logits.shape as [number, number];
  const given = targets instanceof Value ? targets : constant([...targets]);
  const probabilities =
    sameShape(given.shape, logits.shape) && isFloat(given.dtype) ? given : oneHot(given, count, classes, logits);
  return mean(neg(sum(mul(probabilities, logSoftmax(logits)), { axes: 1 })));
}

/** 1 for the class of each row, 0 for the others. */
function oneHot(targets: Value, count: number, classes: number, like: Value): Value {
  if (targets.shape.length !== 1 || targets.shape[0] !== count) {
    throw new ShapeError(
      `crossEntropy: ${nameOf(targets)} is ${shapeText(targets.shape)}; for ${count} rows give ${count} classes, or probabilities ${count}×${classes}.`,
    );
  }
  const storage = filled(like.dtype, [count, classes], 0);
  targets.data.forEach((target, row) => {
    if (!Number.isInteger(target) || target < 0 || target >= classes) {
      throw new ShapeError(`crossEntropy: the target of row ${row} is ${target}; classes are 0 … ${classes - 1}.`);
    }
    storage.data[storage.offset + row * classes + target] = 1;
  });
  return blockLeaf(storage, constantCode);
}

/**
 * The mean of −t·ln σ(z) − (1 − t)·ln(1 − σ(z)) for logits z and targets t from 0 to 1, as ln(1 + eᶻ) − t·z, without
 * overflow. ∂/∂z = (σ(z) − t)/n.
 *
 * @throws {ShapeError} where the shapes differ.
 *
 * @example
 * ```ts
 * import { backward, binaryCrossEntropy, constant, variable } from "gradbook";
 * const logits = variable([0, 100]);
 * binaryCrossEntropy(logits, constant([1, 1])) // 0.3466
 * backward(binaryCrossEntropy(logits, constant([1, 1]))).of(logits) // [-0.25, 0.00]
 * ```
 */
export function binaryCrossEntropy(logits: Value, targets: Operand): Value {
  const wanted = lift("binaryCrossEntropy", targets, logits.dtype);
  if (!sameShape(logits.shape, wanted.shape)) {
    throw new ShapeError(
      `binaryCrossEntropy: ${nameOf(logits)} is ${shapeText(logits.shape)}, ${nameOf(wanted)} is ${shapeText(wanted.shape)}; they must be equal.`,
    );
  }
  return mean(add(softplus(logits), neg(mul(wanted, logits))));
}
