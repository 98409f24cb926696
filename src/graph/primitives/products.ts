import { ShapeError } from "../errors.ts";
import { bilinear } from "../families.ts";
import { javascript } from "../kernels.ts";
import { lift, sideOf } from "../record.ts";
import { broadcastShapes, shapeText, sizeOf } from "../shape.ts";
import { nameOf, type Value } from "../value.ts";
import { reshape, sumTo, transpose } from "./layout.ts";

const recordMatmul = bilinear({
  name: "matmul",
  label: "Matrix multiplication",
  symbol: "@",
  notation: { kind: "infix", text: " @ ", latex: "\\,", precedence: 2 },
  onnx: "MatMul",
  pullback: ["# · {yᵀ}", "{xᵀ} · #"],
  multiplications: ([x], output) => sizeOf(output) * x![x!.length - 1]!,
  shape: ([x, y]) => [
    ...broadcastShapes("matmul", x!.slice(0, -2), y!.slice(0, -2), () => ["the left batch", "the right"]),
    x![x!.length - 2]!,
    y![y!.length - 1]!,
  ],
  forward: ([x, y], _parameters, shape) => javascript.matmul(x!, y!, shape),
  transposes: [
    (cotangent, x, y) => sumTo(recordMatmul([cotangent, swapLast(y)], {}), x.shape),
    (cotangent, x, y) => sumTo(recordMatmul([swapLast(x), cotangent], {}), y.shape),
  ],
  batch: ([x, y], batched, _parameters, size) => {
    // Behind the batch, the shorter one gets axes of size 1, so that they meet as they would alone.
    const rank = Math.max(x!.shape.length - Number(batched[0]), y!.shape.length - Number(batched[1]));
    const [left, right] = [x!, y!].map((input, i) => (batched[i] ? behindBatch(input, rank, size) : input));
    return recordMatmul([left!, right!], {});
  },
});

function behindBatch(x: Value, rank: number, size: number): Value {
  const ones = new Array<number>(rank + 1 - x.shape.length).fill(1);
  return reshape(x, [size, ...ones, ...x.shape.slice(1)]);
}

function swapLast(x: Value): Value {
  const rank = x.shape.length;
  return transpose(
    x,
    x.shape.map((_, axis) => (axis === rank - 1 ? rank - 2 : axis === rank - 2 ? rank - 1 : axis)),
  );
}

/**
 * The matrix product over the last two axes; leading axes are a batch and broadcast. A vector on the left is a row, on
 * the right a column, and its axis is dropped from the result. ∂/∂X of X·Y is (cotangent)·Yᵀ, ∂/∂Y is Xᵀ·(cotangent).
 *
 * @throws {ShapeError} where the inner sizes differ, or an operand is a scalar.
 *
 * @example
 * ```ts
 * import { backward, matmul, sum, variable } from "gradbook";
 * const A = variable([[1, 2], [3, 4]]);
 * const x = variable([5, 6]);
 * matmul(A, x) // [17, 39]
 * backward(sum(matmul(A, x))).of(x) // [4, 6]
 * matmul(variable([[1, 2, 3]]), x) // throws ShapeError: matmul: inner sizes differ…
 * ```
 */
export function matmul(x: Value, y: Value): Value {
  const left = lift("matmul", x);
  const right = lift("matmul", y);
  if (left.shape.length === 0 || right.shape.length === 0) {
    const scalar = left.shape.length === 0 ? left : right;
    throw new ShapeError(`matmul: ${nameOf(scalar)} is a scalar; use mul(x, y), or x * y in a cell, to scale.`);
  }
  const a = left.shape.length === 1 ? reshape(left, [1, left.shape[0]!]) : left;
  const b = right.shape.length === 1 ? reshape(right, [right.shape[0]!, 1]) : right;
  const inner = a.shape[a.shape.length - 1]!;
  if (inner !== b.shape[b.shape.length - 2]) throw innerSizesDiffer(left, right);
  const product = recordMatmul([a, b], {});
  const kept = product.shape.filter(
    (_, axis) =>
      !(left.shape.length === 1 && axis === product.shape.length - 2) &&
      !(right.shape.length === 1 && axis === product.shape.length - 1),
  );
  return reshape(product, kept);
}

function innerSizesDiffer(x: Value, y: Value): ShapeError {
  const [left, right] = [sideOf(x, "left"), sideOf(y, "right")];
  // In a hint, what has no name is x or y.
  const [a, b] = [x.name ?? "x", y.name ?? "y"];
  const first = x.shape[x.shape.length - 1]!;
  const second = y.shape.length === 1 ? y.shape[0]! : y.shape[y.shape.length - 2]!;
  const hints: string[] = [];
  if (x.shape.length === 2 && x.shape[0] === second) hints.push(`matmul(transpose(${a}), ${b})`);
  if (y.shape.length === 2 && y.shape[1] === first) hints.push(`matmul(${a}, transpose(${b}))`);
  return new ShapeError(
    `matmul: inner sizes differ: ${left} is ${shapeText(x.shape)}, ${right} is ${shapeText(y.shape)} ` +
      `(${first} against ${second}).${hints.length > 0 ? ` Did you mean ${hints.join(" or ")}?` : ""}`,
  );
}
