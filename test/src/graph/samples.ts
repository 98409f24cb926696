import {
  argmax,
  avgPool2d,
  broadcastTo,
  concat,
  constant,
  conv2d,
  gather,
  logSoftmax,
  logSumExp,
  matmul,
  max,
  maxPool2d,
  mean,
  min,
  mul,
  pad,
  prod,
  reshape,
  type Shape,
  sin,
  slice,
  softmax,
  stack,
  sum,
  transpose,
  type Value,
} from "../../../src/index.ts";

/** A call of a primitive that works on whole blocks, with the shapes of what it is called with. */
export interface Sample {
  readonly inputs: readonly Shape[];
  call(...inputs: Value[]): Value;
}

/** Calls of every such primitive, in the ways in which its rules differ. */
export const samples: Readonly<Record<string, Sample>> = {
  "sum over an axis": { inputs: [[3, 4]], call: (x) => sum(x, { axes: 1 }) },
  "sum over two axes, kept": { inputs: [[2, 3, 2]], call: (x) => sum(x, { axes: [0, -1], keepDims: true }) },
  "sum over all": { inputs: [[2, 3]], call: (x) => sum(x) },
  "sum over no axis": { inputs: [[2, 3]], call: (x) => sum(x, { axes: [] }) },
  "mean over an axis": { inputs: [[3, 4]], call: (x) => mean(x, { axes: 0 }) },
  "mean over all, kept": { inputs: [[2, 3]], call: (x) => mean(x, { keepDims: true }) },
  "max over an axis": { inputs: [[3, 4]], call: (x) => max(x, { axes: 1 }) },
  "max over two axes": { inputs: [[2, 3, 2]], call: (x) => max(x, { axes: [0, 2] }) },
  "min over all": { inputs: [[3, 4]], call: (x) => min(x) },
  "min over an axis, kept": { inputs: [[3, 4]], call: (x) => min(x, { axes: -2, keepDims: true }) },
  "prod over all": { inputs: [[4]], call: (x) => prod(x) },
  "prod over two axes": { inputs: [[2, 3, 2]], call: (x) => prod(x, { axes: [0, 2] }) },
  "prod over an axis, kept": { inputs: [[2, 3]], call: (x) => prod(x, { axes: 1, keepDims: true }) },
  "logSumExp over an axis": { inputs: [[3, 4]], call: (x) => logSumExp(x, { axes: -1 }) },
  "logSumExp over two axes, kept": { inputs: [[2, 3, 2]], call: (x) => logSumExp(x, { axes: [0, 1], keepDims: true }) },
  "softmax along the last axis": { inputs: [[3, 4]], call: (x) => softmax(x) },
  "softmax along the first axis": { inputs: [[3, 4]], call: (x) => softmax(x, { axis: 0 }) },
  "logSoftmax along a middle axis": { inputs: [[2, 3, 2]], call: (x) => logSoftmax(x, { axis: 1 }) },
  "matmul of matrices": {
    inputs: [
      [2, 3],
      [3, 4],
    ],
    call: (x, y) => matmul(x, y),
  },
  "matmul of a matrix and a vector": { inputs: [[2, 3], [3]], call: (x, y) => matmul(x, y) },
  "matmul of a vector and a matrix": { inputs: [[3], [3, 2]], call: (x, y) => matmul(x, y) },
  "matmul of vectors": { inputs: [[3], [3]], call: (x, y) => matmul(x, y) },
  "matmul of a batch and a matrix": {
    inputs: [
      [2, 2, 3],
      [3, 2],
    ],
    call: (x, y) => matmul(x, y),
  },
  "matmul of batches that broadcast": {
    inputs: [
      [2, 1, 2, 3],
      [2, 3, 2],
    ],
    call: (x, y) => matmul(x, y),
  },
  "matmul with itself": { inputs: [[3, 3]], call: (x) => matmul(x, x) },
  "transpose reversed": { inputs: [[2, 3, 2]], call: (x) => transpose(x) },
  "transpose by axes": { inputs: [[2, 3, 2]], call: (x) => transpose(x, [1, -1, 0]) },
  "reshape with a size left open": { inputs: [[2, 6]], call: (x) => reshape(x, [3, -1]) },
  "reshape of a transpose": { inputs: [[2, 6]], call: (x) => reshape(transpose(x), [3, 4]) },
  "broadcastTo with new axes": { inputs: [[3, 1]], call: (x) => broadcastTo(x, [2, 3, 4]) },
  "broadcastTo of a scalar": { inputs: [[]], call: (x) => broadcastTo(x, [2, 2]) },
  "concat of two and one of them again": {
    inputs: [
      [2, 3],
      [2, 1],
    ],
    call: (x, y) => concat([x, y, x], { axis: 1 }),
  },
  "concat along the first axis": {
    inputs: [
      [2, 2],
      [3, 2],
    ],
    call: (x, y) => concat([x, y]),
  },
  "stack along the last axis": { inputs: [[2, 3]], call: (x) => stack([x, sin(x)], { axis: -1 }) },
  "slice from the end": { inputs: [[4, 3]], call: (x) => slice(x, [[1, 3], [-2]]) },
  "slice with an axis left whole": { inputs: [[2, 4]], call: (x) => slice(x, [undefined, [1, -1]]) },
  "gather with repeats": {
    inputs: [[4, 3]],
    call: (x) =>
      gather(x, [
        [0, 2],
        [2, -1],
      ]),
  },
  "gather by one index": { inputs: [[3, 2]], call: (x) => gather(x, 1) },
  "pad on both sides": {
    inputs: [[2, 2]],
    call: (x) =>
      pad(x, [
        [1, 0],
        [2, 1],
      ]),
  },
  "conv2d with stride and padding": {
    inputs: [
      [1, 2, 5, 5],
      [2, 2, 3, 3],
    ],
    call: (x, w) => conv2d(x, w, { stride: 2, padding: 1 }),
  },
  "conv2d with dilation and groups": {
    inputs: [
      [2, 4, 5, 4],
      [4, 2, 2, 2],
    ],
    call: (x, w) => conv2d(x, w, { groups: 2, dilation: [2, 1], padding: [0, 1] }),
  },
  "maxPool2d without overlap": { inputs: [[1, 2, 4, 4]], call: (x) => maxPool2d(x, { size: 2 }) },
  "maxPool2d with overlap and padding": {
    inputs: [[2, 1, 5, 5]],
    call: (x) => maxPool2d(x, { size: 3, stride: 2, padding: 1 }),
  },
  "avgPool2d with padding": { inputs: [[1, 2, 4, 4]], call: (x) => avgPool2d(x, { size: 3, stride: 1, padding: 1 }) },
  "avgPool2d of a wide window": { inputs: [[2, 1, 3, 4]], call: (x) => avgPool2d(x, { size: [1, 2] }) },
  "argmax as a weight": { inputs: [[3, 4]], call: (x) => mul(sum(x, { axes: 1 }), argmax(x, { axis: 1 })) },
  "argmax of all as a weight": { inputs: [[3, 2]], call: (x) => mul(sin(x), argmax(x)) },
  "a float32 constant beside": {
    inputs: [[2, 2]],
    call: (x) => matmul(x, constant({ data: new Float32Array([1, 2, -1, 0.5]), shape: [2, 2] })),
  },
};
