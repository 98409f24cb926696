import { GradientError, ShapeError } from "../errors.ts";
import type { AxisOptions } from "../families.ts";
import { called, linear, noneAtAll } from "../families.ts";
import { broadcasted, javascript, reshaped, sliced, transposed } from "../kernels.ts";
import { lift } from "../record.ts";
import {
  broadcastShapes,
  normaliseAxes,
  normaliseAxis,
  type Shape,
  sameShape,
  shapeText,
  sizeOf,
  stretchedAxes,
} from "../shape.ts";
import { converted, type DType, isFloat, type Storage } from "../storage.ts";
import { constant, type NestedNumbers, nameOf, type Operand, reading, Value } from "../value.ts";
import { sum } from "./reductions.ts";

// Operations that move numbers and compute nothing. Most of them are views: the result reads the same block of memory.

const recordIdentity = linear({
  name: "identity",
  label: "Identity",
  symbol: "=",
  notation: called("id"),
  onnx: "Identity",
  pullback: ["#"],
  multiplications: noneAtAll,
  shape: ([x]) => x!,
  forward: ([x]) => x!,
  transpose: (cotangent) => cotangent,
  batch: ([x], _batched, parameters) => recordIdentity([x!], parameters),
});

/** The same value as a node of its own: function transforms differentiate with respect to it. */
export function identity(x: Value): Value {
  return recordIdentity([x], {});
}

const recordCast = linear({
  name: "cast",
  label: "Conversion",
  symbol: "cast",
  notation: called("cast"),
  onnx: "Cast",
  pullback: ["#"],
  multiplications: noneAtAll,
  shape: ([x]) => x!,
  forward: ([x], { dtype }) => converted(x!, dtype!),
  transpose: (cotangent, [x]) => cast(cotangent, x!.dtype),
  batch: ([x], _batched, { dtype }) => cast(x!, dtype!),
});

/**
 * The same numbers under another type. Between float64 and float32 the gradient passes; else there is none.
 *
 * @example
 * ```ts
 * import { cast, variable } from "gradbook";
 * cast(variable([1.7, -1.7]), "int32") // [1, -1]
 * cast(variable([0, 2]), "bool").dtype // bool
 * ```
 */
export function cast(x: Value, dtype: DType): Value {
  return x.dtype === dtype ? x : recordCast([x], { dtype });
}

const recordStop = linear({
  name: "stopGradient",
  label: "Stop",
  symbol: "stop",
  notation: called("stop"),
  onnx: "Identity",
  multiplications: noneAtAll,
  shape: ([x]) => x!,
  forward: ([x]) => x!,
  // A node without the mark of a gradient: no pass asks for this.
  transpose: () => {
    throw new GradientError("stopGradient: no gradient passes here.");
  },
  batch: ([x]) => stopGradient(x!),
});

/**
 * The same value, as what follows sees it; to differentiation it is a constant. ∂/∂x = 0.
 *
 * @example
 * ```ts
 * import { grad, mul, stopGradient } from "gradbook";
 * grad((x) => mul(x, stopGradient(x)))(3) // 3
 * ```
 */
export function stopGradient(x: Operand): Value {
  const node = recordStop([lift("stopGradient", x)], {});
  node.segment.dropGradient(node.position);
  return node;
}

const recordReshape = linear({
  name: "reshape",
  label: "Reshape",
  symbol: "reshape",
  notation: called("reshape"),
  onnx: "Reshape",
  pullback: ["# reshaped"],
  multiplications: noneAtAll,
  shape: (_inputs, { shape }) => shape!,
  forward: ([x], _parameters, shape) => reshaped(x!, shape),
  transpose: (cotangent, [x]) => reshape(cotangent, x!.shape),
  batch: ([x], _batched, { shape }, size) => reshape(x!, [size, ...shape!]),
});

/**
 * The same numbers in row-major order under another shape; one size may be −1.
 *
 * @throws {ShapeError} where they do not fit.
 *
 * @example
 * ```ts
 * import { reshape, variable } from "gradbook";
 * reshape(variable([1, 2, 3, 4]), [2, -1]) // [[1, 2], [3, 4]]
 * ```
 */
export function reshape(x: Operand, shape: Shape): Value {
  const value = lift("reshape", x);
  const size = sizeOf(value.shape);
  const known = shape.filter((length) => length !== -1);
  const rest = known.length === shape.length ? 1 : size / sizeOf(known);
  const whole = shape.map((length) => (length === -1 ? rest : length));
  if (shape.length - known.length > 1 || !Number.isInteger(rest) || sizeOf(whole) !== size) {
    throw new ShapeError(
      `reshape: ${nameOf(value)} has ${size} elements (${shapeText(value.shape)}); they do not fit the shape [${shape.join(", ")}].`,
    );
  }
  return sameShape(whole, value.shape) ? value : recordReshape([value], { shape: whole });
}

const recordTranspose = linear({
  name: "transpose",
  label: "Transpose",
  symbol: "ᵀ",
  notation: called("transpose", "{#}^{\\top}"),
  onnx: "Transpose",
  pullback: ["#ᵀ"],
  multiplications: noneAtAll,
  shape: ([x], { axes }) => axes!.map((axis) => x![axis]!),
  forward: ([x], { axes }) => transposed(x!, axes!),
  transpose: (cotangent, _inputs, { axes }) =>
    transpose(
      cotangent,
      axes!.map((_, axis) => axes!.indexOf(axis)),
    ),
  batch: ([x], _batched, { axes }) => transpose(x!, [0, ...axes!.map((axis) => axis + 1)]),
});

/**
 * Axes in another order (reversed by default): result axis i is axis `axes[i]` of x.
 *
 * @throws {ShapeError} unless each is named once.
 *
 * @example
 * ```ts
 * import { transpose, variable } from "gradbook";
 * const x = variable([[1, 2, 3], [4, 5, 6]]);
 * transpose(x) // [[1, 4], [2, 5], [3, 6]]
 * transpose(variable({ data: new Float64Array(6), shape: [1, 2, 3] }), [2, 0, 1]).shape // [3, 1, 2]
 * ```
 */
export function transpose(x: Operand, axes?: readonly number[]): Value {
  const value = lift("transpose", x);
  const rank = value.shape.length;
  const order = (axes ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis)).map((axis) =>
    axis < 0 ? axis + rank : axis,
  );
  if (order.length !== rank || normaliseAxes("transpose", order, rank, value.name).length !== rank) {
    throw new ShapeError(
      `transpose: ${nameOf(value)} has ${rank} axes; [${axes?.join(", ")}] must name each of them once.`,
    );
  }
  return recordTranspose([value], { axes: order });
}

const recordBroadcast = linear({
  name: "broadcastTo",
  label: "Broadcast",
  symbol: "broadcast",
  notation: called("broadcast"),
  onnx: "Expand",
  pullback: ["{sum}#"],
  multiplications: noneAtAll,
  shape: (_inputs, { shape }) => shape!,
  forward: ([x], _parameters, shape) => broadcasted(x!, shape),
  transpose: (cotangent, [x]) => sumTo(cotangent, x!.shape),
  batch: ([x], _batched, { shape }, size) => {
    const ones = new Array<number>(shape!.length + 1 - x!.shape.length).fill(1);
    return broadcastTo(reshape(x!, [size, ...ones, ...x!.shape.slice(1)]), [size, ...shape!]);
  },
});

/**
 * x repeated along axes of size 1 and new leading axes, to `shape`.
 *
 * @throws {ShapeError} where it does not stretch so.
 *
 * @example
 * ```ts
 * import { backward, broadcastTo, sum, variable } from "gradbook";
 * const x = variable([1, 2]);
 * const z = broadcastTo(x, [3, 2]);
 * z // [[1, 2], [1, 2], [1, 2]]
 * backward(sum(z)).of(x) // [3, 3]
 * ```
 */
export function broadcastTo(x: Operand, shape: Shape): Value {
  const value = lift("broadcastTo", x);
  if (
    !sameShape(
      broadcastShapes("broadcastTo", value.shape, shape, () => [nameOf(value), "the shape asked for"]),
      shape,
    )
  ) {
    throw new ShapeError(
      `broadcastTo: ${nameOf(value)} is ${shapeText(value.shape)}; it does not stretch to ${shapeText(shape)}.`,
    );
  }
  return sameShape(value.shape, shape) ? value : recordBroadcast([value], { shape: [...shape] });
}

/** The transpose of broadcasting: sums over every axis that was stretched. */
export function sumTo(x: Value, shape: Shape): Value {
  if (sameShape(x.shape, shape)) return x;
  const axes = stretchedAxes(x.shape, shape);
  return reshape(axes.length === 0 ? x : sum(x, { axes, keepDims: true }), shape);
}

const recordConcat = linear({
  name: "concat",
  label: "Concatenation",
  symbol: "concat",
  notation: called("concat", "\\left[#\\right]"),
  onnx: "Concat",
  pullback: ["part of #"],
  multiplications: noneAtAll,
  shape: (shapes, { axes }) => {
    const axis = axes![0]!;
    return shapes[0]!.map((length, i) =>
      i === axis ? shapes.reduce((total, shape) => total + shape[axis]!, 0) : length,
    );
  },
  forward: (inputs, { axes }, shape) => javascript.concat(inputs, axes![0]!, shape),
  transpose: (cotangent, inputs, { axes }, position) => {
    const axis = axes![0]!;
    const start = inputs.slice(0, position).reduce((total, input) => total + input.shape[axis]!, 0);
    return slice(
      cotangent,
      cotangent.shape.map((_, i) => (i === axis ? [start, start + inputs[position]!.shape[axis]!] : undefined)),
    );
  },
  batch: (inputs, batched, { axes }, size) =>
    concat(
      inputs.map((input, i) => (batched[i] ? input : broadcastTo(input, [size, ...input.shape]))),
      { axis: axes![0]! + 1 },
    ),
});

/**
 * Values one after the other along `axis` (the first by default). The gradient is cut up again.
 *
 * @throws {ShapeError} where they differ along another axis, or there are none.
 *
 * @example
 * ```ts
 * import { concat, variable } from "gradbook";
 * concat([variable([1, 2]), variable([3])]) // [1, 2, 3]
 * concat([variable([[1], [2]]), variable([[3], [4]])], { axis: 1 }) // [[1, 3], [2, 4]]
 * ```
 */
export function concat(list: readonly Operand[], { axis = 0 }: AxisOptions = {}): Value {
  const inputs = list.map((x) => lift("concat", x));
  const [first] = inputs;
  if (first === undefined) throw new ShapeError("concat: there is nothing to put together: the list is empty.");
  if (first.shape.length === 0) {
    throw new ShapeError(`concat: ${nameOf(first)} is a scalar, which has no axis; stack makes one.`);
  }
  const along = normaliseAxis("concat", axis, first.shape.length, first.name);
  for (const input of inputs) {
    if (input.shape.length !== first.shape.length || input.shape.some((n, i) => i !== along && n !== first.shape[i])) {
      throw new ShapeError(
        `concat: ${nameOf(first)} is ${shapeText(first.shape)}, ${nameOf(input)} is ${shapeText(input.shape)}; along ` +
          `every axis but ${along} they must be equal.`,
      );
    }
  }
  return inputs.length === 1 ? first : recordConcat(inputs, { axes: [along] });
}

/**
 * Values of one shape, one after the other along a new axis. The gradient is cut up again.
 *
 * @throws {ShapeError} where their shapes differ, or there are none.
 *
 * @example
 * ```ts
 * import { stack, variable } from "gradbook";
 * stack([variable([1, 2]), variable([3, 4])]) // [[1, 2], [3, 4]]
 * stack([variable([1, 2]), variable([3, 4])], { axis: -1 }) // [[1, 3], [2, 4]]
 * ```
 */
export function stack(list: readonly Operand[], { axis = 0 }: AxisOptions = {}): Value {
  const inputs = list.map((x) => lift("stack", x));
  const [first] = inputs;
  if (first === undefined) throw new ShapeError("stack: there is nothing to put together: the list is empty.");
  const at = normaliseAxis("stack", axis, first.shape.length + 1);
  for (const input of inputs) {
    if (!sameShape(input.shape, first.shape)) {
      throw new ShapeError(
        `stack: ${nameOf(first)} is ${shapeText(first.shape)}, ${nameOf(input)} is ${shapeText(input.shape)}; they must be equal.`,
      );
    }
  }
  const shape = [...first.shape.slice(0, at), 1, ...first.shape.slice(at)];
  return concat(
    inputs.map((input) => reshape(input, shape)),
    { axis: at },
  );
}

/** From where to where along an axis: as in Python, negative ones count from the end; left out, all of it. */
export type Range = readonly [start?: number | undefined, end?: number | undefined] | undefined;

const recordSlice = linear({
  name: "slice",
  label: "Slice",
  symbol: "slice",
  notation: called("slice"),
  onnx: "Slice",
  pullback: ["# with zeros around"],
  multiplications: noneAtAll,
  shape: (_inputs, { ranges }) => ranges!.map(([start, end]) => end - start),
  forward: ([x], { ranges }) => sliced(x!, ranges!),
  transpose: (cotangent, [x], { ranges }) =>
    pad(
      cotangent,
      ranges!.map(([start, end], axis) => [start, x!.shape[axis]! - end]),
    ),
  batch: ([x], _batched, { ranges }) => slice(x!, [undefined, ...ranges!]),
});

/**
 * The part of x within a range for each axis: slice(x, [[0, 2], undefined]) takes the first two rows whole. Ranges end
 * before `end`; axes not named are kept whole. The gradient is 0 outside.
 *
 * @throws {ShapeError} where there are more ranges than axes, or a range ends before it starts.
 *
 * @example
 * ```ts
 * import { backward, slice, sum, variable } from "gradbook";
 * const x = variable([[1, 2, 3], [4, 5, 6]]);
 * slice(x, [[0, 1]]) // [[1, 2, 3]]
 * slice(x, [undefined, [-2]]) // [[2, 3], [5, 6]]
 * backward(sum(slice(x, [[0, 1]]))).of(x) // [[1, 1, 1], [0, 0, 0]]
 * ```
 */
export function slice(x: Operand, ranges: readonly Range[]): Value {
  const value = lift("slice", x);
  if (ranges.length > value.shape.length) {
    throw new ShapeError(`slice: ${nameOf(value)} is ${shapeText(value.shape)}; there are ${ranges.length} ranges.`);
  }
  const whole = value.shape.map((length, axis): readonly [number, number] => {
    const [from = 0, to = length] = ranges[axis] ?? [];
    const [start, end] = [from, to].map((at) => Math.min(Math.max(at < 0 ? at + length : at, 0), length)) as [
      number,
      number,
    ];
    if (!Number.isInteger(start) || !Number.isInteger(end)) {
      throw new ShapeError(`slice: along axis ${axis} the range [${from}, ${to}] must be of whole numbers.`);
    }
    if (end < start) {
      throw new ShapeError(
        `slice: along axis ${axis} the range [${from}, ${to}] ends before it starts; ${nameOf(value)} is ${shapeText(value.shape)}.`,
      );
    }
    return [start, end];
  });
  if (whole.every(([start, end], axis) => start === 0 && end === value.shape[axis])) return value;
  return recordSlice([value], { ranges: whole });
}

const recordPad = linear({
  name: "pad",
  label: "Padding",
  symbol: "pad",
  notation: called("pad"),
  onnx: "Pad",
  pullback: ["middle of #"],
  multiplications: noneAtAll,
  shape: ([x], { ranges }) => x!.map((length, axis) => ranges![axis]![0] + length + ranges![axis]![1]),
  forward: ([x], { ranges }, shape) =>
    javascript.pad(
      x!,
      ranges!.map(([before]) => before),
      shape,
    ),
  transpose: (cotangent, [x], { ranges }) =>
    slice(
      cotangent,
      ranges!.map(([before], axis) => [before, before + x!.shape[axis]!]),
    ),
  batch: ([x], _batched, { ranges }) => pad(x!, [[0, 0], ...ranges!]),
});

/**
 * x with zeros before and after it along each axis. The gradient of the zeros is dropped.
 *
 * @throws {ShapeError} where widths do not fit.
 *
 * @example
 * ```ts
 * import { pad, variable } from "gradbook";
 * pad(variable([1, 2]), [[1, 2]]) // [0, 1, 2, 0, 0]
 * ```
 */
export function pad(x: Operand, widths: readonly (readonly [before: number, after: number])[]): Value {
  const value = lift("pad", x);
  if (widths.length !== value.shape.length || widths.flat().some((width) => !Number.isInteger(width) || width < 0)) {
    throw new ShapeError(
      `pad: ${nameOf(value)} is ${shapeText(value.shape)}; give [before, after] for each axis, ` +
        `whole numbers from 0. Got [${widths.map((pair) => `[${pair.join(", ")}]`).join(", ")}].`,
    );
  }
  return widths.flat().every((width) => width === 0) ? value : recordPad([value], { ranges: widths });
}

/** Which rows: whole numbers in any nesting, or a Value of int32. */
export type Indices = NestedNumbers | Value;

const recordGather = linear({
  name: "gather",
  label: "Rows",
  symbol: "rows",
  notation: called("rows"),
  onnx: "Gather",
  pullback: ["# added into rows"],
  multiplications: noneAtAll,
  shape: ([x], { indices }) => [...indices!.shape, ...x!.slice(1)],
  forward: ([x], { indices }, shape) => javascript.gather(x!, indices!, shape),
  transpose: (cotangent, [x], { indices }) => recordScatter([cotangent], { indices: indices!, shape: x!.shape }),
  batch: ([x], _batched, { indices }) => {
    // The batch goes behind the rows and comes back before them.
    const rows = gather(moveAxis(x!, 0, 1), indexValue(indices!));
    return moveAxis(rows, indices!.shape.length, 0);
  },
});

const recordScatter = linear({
  name: "scatterAdd",
  label: "Sum into rows",
  symbol: "into rows",
  notation: called("into rows"),
  onnx: "ScatterND",
  pullback: ["rows of #"],
  multiplications: noneAtAll,
  shape: (_inputs, { shape }) => shape!,
  forward: ([rows], { indices }, shape) => javascript.scatterAdd(rows!, indices!, shape),
  transpose: (cotangent, _inputs, { indices }) => recordGather([cotangent], { indices: indices! }),
  batch: ([rows], _batched, { indices, shape }, size) => {
    const moved = moveAxis(rows!, 0, indices!.shape.length);
    const into = recordScatter([moved], { indices: indices!, shape: [shape![0]!, size, ...shape!.slice(1)] });
    return moveAxis(into, 1, 0);
  },
});

function moveAxis(x: Value, from: number, to: number): Value {
  const order = x.shape.map((_, axis) => axis).filter((axis) => axis !== from);
  order.splice(to, 0, from);
  return transpose(x, order);
}

function indexValue(indices: Storage): Value {
  return constant({
    data: indices.data.slice(indices.offset, indices.offset + sizeOf(indices.shape)),
    shape: indices.shape,
  });
}

/**
 * Rows of x, along its first axis, in the order of the indices (negative ones count from the end); of the indices'
 * shape followed by a row's. A row that is taken several times adds up its gradients.
 *
 * @throws {ShapeError} where there is no such row.
 *
 * @example
 * ```ts
 * import { backward, gather, sum, variable } from "gradbook";
 * const table = variable([[1, 2], [3, 4]]);
 * gather(table, [1, 0, 1]) // [[3, 4], [1, 2], [3, 4]]
 * backward(sum(gather(table, [1, 0, 1]))).of(table) // [[1, 1], [2, 2]]
 * ```
 */
export function gather(x: Operand, indices: Indices): Value {
  const value = lift("gather", x);
  const rows = value.shape[0];
  if (rows === undefined) throw new ShapeError(`gather: ${nameOf(value)} is a scalar; it has no rows.`);
  const given = indices instanceof Value ? indices : constant(indices);
  // Which rows it takes is read once and for all, so inside of vmap the rows must not differ from slice to slice.
  reading.guard?.(given);
  if (isFloat(given.dtype) && given.data.some((index) => !Number.isInteger(index))) {
    throw new ShapeError("gather: rows are counted in whole numbers.");
  }
  const block = converted(given.storage, "int32");
  const end = block.offset + sizeOf(block.shape);
  for (let i = block.offset; i < end; i++) {
    const index = block.data[i]!;
    if (index < -rows || index >= rows) {
      throw new ShapeError(
        `gather: there is no row ${index}; ${nameOf(value)} is ${shapeText(value.shape)}, so rows are 0 … ${rows - 1}.`,
      );
    }
    if (index < 0) block.data[i] = index + rows;
  }
  return recordGather([value], { indices: block });
}
