import { ShapeError } from "./errors.ts";
import type { Bilinear, Elementwise, Linear, Parameters, Primitive } from "./primitive.ts";
import { lift, recordBilinear, recordBinary, recordLinear, recordUnary, register } from "./record.ts";
import { broadcastShapes, normaliseAxes, type Shape, sameShape, shapeText, sizeOf } from "./shape.ts";
import { javascript } from "./storage.ts";
import { primitives } from "./tape.ts";
import { nameOf, type Operand, type Value } from "./value.ts";

// The table of primitives. Everything else is a walk over the graph that never names one of them.
//
// Partials are rules in the graph's own operations, of the inputs and, last, the output; so a derivative is a graph,
// can be drawn, and can be differentiated again.

export type Unary = (x: Operand) => Value;
export type Binary = (x: Operand, y: Operand) => Value;

/** Axes to reduce over (all, where none are named; negative ones count from the end). */
export interface AxesOptions {
  readonly axes?: number | readonly number[];
  /** Keeps reduced axes with size 1. */
  readonly keepDims?: boolean;
}

function unary(definition: Omit<Elementwise, "family">): Unary {
  const primitive: Elementwise = { ...definition, family: "elementwise" };
  const code = register(primitive);
  return (x) => recordUnary(primitive, code, x);
}

function binary(definition: Omit<Elementwise, "family">): Binary {
  const primitive: Elementwise = { ...definition, family: "elementwise" };
  const code = register(primitive);
  return (x, y) => recordBinary(primitive, code, x, y);
}

function linear(definition: Omit<Linear, "family" | "apply">): (x: Value, parameters: Parameters) => Value {
  const primitive: Linear = { ...definition, family: "linear", apply: (x, parameters) => record(x, parameters) };
  const code = register(primitive);
  const record = (x: Value, parameters: Parameters): Value => recordLinear(primitive, code, x, parameters);
  return record;
}

function bilinear(definition: Omit<Bilinear, "family" | "apply">): (x: Value, y: Value) => Value {
  const primitive: Bilinear = { ...definition, family: "bilinear", apply: (x, y) => record(x, y) };
  const code = register(primitive);
  const record = (x: Value, y: Value): Value => recordBilinear(primitive, code, x, y);
  return record;
}

/** The primitive of that name. */
export function primitiveNamed(name: string): Primitive {
  const found = primitives.find((primitive) => primitive.name === name);
  if (found === undefined) throw new RangeError(`There is no primitive named ${name}.`);
  return found;
}

const called = (text: string, latex: string = `\\operatorname{${text}}`) =>
  ({ kind: "function", text, latex }) as const;

/** x + y, with broadcasting. ∂/∂x = 1, ∂/∂y = 1. @throws {ShapeError} where the shapes do not broadcast. */
export const add: Binary = binary({
  name: "add",
  label: "Addition",
  symbol: "+",
  notation: { kind: "infix", text: " + ", latex: " + ", precedence: 1 },
  onnx: "Add",
  neutral: { left: 0, right: 0 },
  evaluate: (x, y) => x + y,
  partials: [() => 1, () => 1],
});

/** x − y, with broadcasting. ∂/∂x = 1, ∂/∂y = −1. @throws {ShapeError} where the shapes do not broadcast. */
export const sub: Binary = binary({
  name: "sub",
  label: "Subtraction",
  symbol: "−",
  notation: { kind: "infix", text: " − ", latex: " - ", precedence: 1 },
  onnx: "Sub",
  neutral: { right: 0 },
  evaluate: (x, y) => x - y,
  partials: [() => 1, () => -1],
});

/** x · y number by number, with broadcasting. ∂/∂x = y, ∂/∂y = x. @throws {ShapeError} where the shapes do not broadcast. */
export const mul: Binary = binary({
  name: "mul",
  label: "Multiplication",
  symbol: "×",
  notation: { kind: "infix", text: " · ", latex: " \\cdot ", precedence: 2 },
  onnx: "Mul",
  neutral: { left: 1, right: 1 },
  evaluate: (x, y) => x * y,
  partials: [(_x, y) => y!, (x) => x!],
});

/** x / y, with broadcasting. ∂/∂x = 1/y, ∂/∂y = −x/y². @throws {ShapeError} where the shapes do not broadcast. */
export const div: Binary = binary({
  name: "div",
  label: "Division",
  symbol: "÷",
  notation: { kind: "fraction" },
  onnx: "Div",
  neutral: { right: 1 },
  kink: (_x, y) => Math.abs(y!),
  evaluate: (x, y) => x / y,
  partials: [(_x, y) => div(1, y!), (x, y) => neg(div(x!, pow(y!, 2)))],
});

/** x to the power y. ∂/∂x = y · x^(y − 1), ∂/∂y = xʸ · ln x (where y is not a constant, x must be positive). */
export const pow: Binary = binary({
  name: "pow",
  label: "Power",
  symbol: "xʸ",
  notation: { kind: "power" },
  onnx: "Pow",
  neutral: { right: 1 },
  evaluate: (x, y) => x ** y,
  partials: [(x, y) => mul(y!, pow(x!, sub(y!, 1))), (x, _y, z) => mul(z!, log(x!))],
});

/** −x. ∂/∂x = −1. */
export const neg: Unary = unary({
  name: "neg",
  label: "Negation",
  symbol: "−",
  notation: { kind: "prefix", text: "−", latex: "-", precedence: 2 },
  onnx: "Neg",
  evaluate: (x) => -x,
  partials: [() => -1],
});

/** eˣ. ∂/∂x = eˣ, the output itself. */
export const exp: Unary = unary({
  name: "exp",
  label: "Exponential",
  symbol: "exp",
  notation: called("exp", "\\exp"),
  onnx: "Exp",
  evaluate: Math.exp,
  partials: [(_x, z) => z!],
});

/** The natural logarithm, of positive x. ∂/∂x = 1/x. */
export const log: Unary = unary({
  name: "log",
  label: "Logarithm",
  symbol: "ln",
  notation: called("ln", "\\ln"),
  onnx: "Log",
  domain: [{ above: 0, below: Number.POSITIVE_INFINITY }],
  evaluate: Math.log,
  partials: [(x) => div(1, x!)],
});

/** √x, of positive x. ∂/∂x = 1/(2√x). */
export const sqrt: Unary = unary({
  name: "sqrt",
  label: "Square root",
  symbol: "√",
  notation: called("√", "\\sqrt"),
  onnx: "Sqrt",
  domain: [{ above: 0, below: Number.POSITIVE_INFINITY }],
  evaluate: Math.sqrt,
  partials: [(_x, z) => div(1, mul(2, z!))],
});

/** sin x, x in radians. ∂/∂x = cos x. */
export const sin: Unary = unary({
  name: "sin",
  label: "Sine",
  symbol: "sin",
  notation: called("sin", "\\sin"),
  onnx: "Sin",
  evaluate: Math.sin,
  partials: [(x) => cos(x!)],
});

/** cos x, x in radians. ∂/∂x = −sin x. */
export const cos: Unary = unary({
  name: "cos",
  label: "Cosine",
  symbol: "cos",
  notation: called("cos", "\\cos"),
  onnx: "Cos",
  evaluate: Math.cos,
  partials: [(x) => neg(sin(x!))],
});

/** tanh x. ∂/∂x = 1 − t², t the output. */
export const tanh: Unary = unary({
  name: "tanh",
  label: "Hyperbolic tangent",
  symbol: "tanh",
  notation: called("tanh", "\\tanh"),
  onnx: "Tanh",
  evaluate: Math.tanh,
  partials: [(_x, z) => sub(1, pow(z!, 2))],
});

/** σ(x) = 1/(1 + e⁻ˣ). ∂/∂x = s(1 − s), s the output. */
export const sigmoid: Unary = unary({
  name: "sigmoid",
  label: "Sigmoid",
  symbol: "σ",
  notation: called("σ", "\\sigma"),
  onnx: "Sigmoid",
  // The exponential of a negative number only: the other would overflow.
  evaluate: (x) => {
    if (x! >= 0) return 1 / (1 + Math.exp(-x!));
    const e = Math.exp(x!);
    return e / (1 + e);
  },
  partials: [(_x, z) => mul(z!, sub(1, z!))],
});

/** max(x, 0). ∂/∂x = 1 where x > 0, else 0. */
export const relu: Unary = unary({
  name: "relu",
  label: "ReLU",
  symbol: "ReLU",
  notation: called("ReLU"),
  onnx: "Relu",
  kink: (x) => Math.abs(x!),
  evaluate: (x) => (x! > 0 ? x! : x! <= 0 ? 0 : Number.NaN),
  partials: [(x) => greater(x!, 0)],
});

/** The larger of two, with broadcasting. The gradient goes to the larger; equal ones take half each. */
export const maximum: Binary = binary({
  name: "maximum",
  label: "Maximum",
  symbol: "max",
  notation: called("max", "\\max"),
  onnx: "Max",
  kink: (x, y) => Math.abs(x! - y!),
  evaluate: Math.max,
  partials: [
    (x, y) => add(greater(x!, y!), div(equal(x!, y!), 2)),
    (x, y) => add(greater(y!, x!), div(equal(x!, y!), 2)),
  ],
});

/** 1 where x > y, else 0, with broadcasting. Constant almost everywhere: its derivatives are 0. */
export const greater: Binary = binary({
  name: "greater",
  label: "Comparison",
  symbol: ">",
  notation: { kind: "bracket", text: " > ", latex: " > " },
  onnx: "Greater",
  kink: (x, y) => Math.abs(x! - y!),
  evaluate: (x, y) => (x! > y! ? 1 : 0),
  partials: [() => 0, () => 0],
});

/** 1 where x = y, else 0, with broadcasting. Constant almost everywhere: its derivatives are 0. */
export const equal: Binary = binary({
  name: "equal",
  label: "Comparison",
  symbol: "=",
  notation: { kind: "bracket", text: " = ", latex: " = " },
  onnx: "Equal",
  kink: (x, y) => Math.abs(x! - y!),
  evaluate: (x, y) => (x === y ? 1 : 0),
  partials: [() => 0, () => 0],
});

/** The same value as a node of its own: function transforms differentiate with respect to it. */
export const identity: (x: Value) => Value = ((): ((x: Value) => Value) => {
  const record = linear({
    name: "identity",
    label: "Identity",
    symbol: "=",
    notation: called("id"),
    onnx: "Identity",
    forward: (x) => x,
    transpose: (cotangent) => cotangent,
  });
  return (x) => record(x, {});
})();

const recordSum = linear({
  name: "sum",
  label: "Sum",
  symbol: "Σ",
  notation: called("sum", "\\operatorname{sum}"),
  onnx: "ReduceSum",
  forward: (x, { axes, keepDims }) => javascript.sum(x, axes!, keepDims!),
  transpose: (cotangent, x, parameters) => broadcastTo(withReducedAxes(cotangent, x, parameters), x.shape),
});

const recordMean = linear({
  name: "mean",
  label: "Mean",
  symbol: "mean",
  notation: called("mean"),
  onnx: "ReduceMean",
  forward: (x, { axes, keepDims }) => {
    const count = countAlong(x.shape, axes!);
    return javascript.map(javascript.sum(x, axes!, keepDims!), (total) => total / count);
  },
  transpose: (cotangent, x, parameters) =>
    broadcastTo(div(withReducedAxes(cotangent, x, parameters), countAlong(x.shape, parameters.axes!)), x.shape),
});

function countAlong(shape: Shape, axes: readonly number[]): number {
  return axes.reduce((count, axis) => count * shape[axis]!, 1);
}

/** The cotangent of a reduction with its reduced axes back, at size 1, so that it broadcasts. */
function withReducedAxes(cotangent: Value, x: Value, { axes, keepDims }: Parameters): Value {
  if (keepDims === true) return cotangent;
  return reshape(
    cotangent,
    x.shape.map((length, axis) => (axes!.includes(axis) ? 1 : length)),
  );
}

function reduction(name: string, x: Operand, options: AxesOptions): [Value, Parameters] {
  const value = lift(name, x);
  return [value, { axes: normaliseAxes(name, options.axes, value.shape.length), keepDims: options.keepDims ?? false }];
}

/** The sum over `axes` (all by default). Its transpose spreads the cotangent over them. */
export function sum(x: Operand, options: AxesOptions = {}): Value {
  return recordSum(...reduction("sum", x, options));
}

/** The mean over `axes` (all by default). Its transpose spreads the cotangent over them, divided by their size. */
export function mean(x: Operand, options: AxesOptions = {}): Value {
  return recordMean(...reduction("mean", x, options));
}

const recordReshape = linear({
  name: "reshape",
  label: "Reshape",
  symbol: "reshape",
  notation: called("reshape"),
  onnx: "Reshape",
  forward: (x, { shape }) => javascript.reshape(x, shape!),
  transpose: (cotangent, x) => reshape(cotangent, x.shape),
});

/** The same numbers in row-major order under another shape; one size may be −1. @throws {ShapeError} where they do not fit. */
export function reshape(x: Operand, shape: Shape): Value {
  const value = lift("reshape", x);
  const size = sizeOf(value.shape);
  const known = shape.filter((length) => length !== -1);
  const rest = size / sizeOf(known);
  const whole = shape.map((length) => (length === -1 ? rest : length));
  if (shape.length - known.length > 1 || !Number.isInteger(rest) || sizeOf(whole) !== size) {
    throw new ShapeError(
      `reshape: ${nameOf(value)} has ${size} elements (${shapeText(value.shape)}); they do not fit the shape [${shape.join(", ")}].`,
    );
  }
  return sameShape(whole, value.shape) ? value : recordReshape(value, { shape: whole });
}

const recordTranspose = linear({
  name: "transpose",
  label: "Transpose",
  symbol: "ᵀ",
  notation: called("transpose"),
  onnx: "Transpose",
  forward: (x, { axes }) => javascript.transpose(x, axes!),
  transpose: (cotangent, _x, { axes }) =>
    transpose(
      cotangent,
      axes!.map((_, axis) => axes!.indexOf(axis)),
    ),
});

/** Axes in another order (reversed by default): result axis i is axis `axes[i]` of x. */
export function transpose(x: Operand, axes?: readonly number[]): Value {
  const value = lift("transpose", x);
  const rank = value.shape.length;
  const order = (axes ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis)).map((axis) =>
    axis < 0 ? axis + rank : axis,
  );
  if (order.length !== rank || normaliseAxes("transpose", order, rank).length !== rank) {
    throw new ShapeError(
      `transpose: ${nameOf(value)} has ${rank} axes; [${axes?.join(", ")}] must name each of them once.`,
    );
  }
  return recordTranspose(value, { axes: order });
}

const recordBroadcast = linear({
  name: "broadcastTo",
  label: "Broadcast",
  symbol: "broadcast",
  notation: called("broadcast"),
  onnx: "Expand",
  forward: (x, { shape }) => javascript.broadcastTo(x, shape!),
  transpose: (cotangent, x) => sumTo(cotangent, x.shape),
});

/** x repeated along axes of size 1 and new leading axes, to `shape`. @throws {ShapeError} where it does not stretch so. */
export function broadcastTo(x: Operand, shape: Shape): Value {
  const value = lift("broadcastTo", x);
  if (!sameShape(broadcastShapes("broadcastTo", value.shape, shape, [nameOf(value), "the shape asked for"]), shape)) {
    throw new ShapeError(
      `broadcastTo: ${nameOf(value)} is ${shapeText(value.shape)}; it does not stretch to ${shapeText(shape)}.`,
    );
  }
  return sameShape(value.shape, shape) ? value : recordBroadcast(value, { shape: [...shape] });
}

/** The transpose of broadcasting: sums over every axis that was stretched. */
export function sumTo(x: Value, shape: Shape): Value {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.shape.length - shape.length;
  const axes = x.shape.flatMap((length, axis) =>
    axis < lead || (shape[axis - lead] === 1 && length !== 1) ? [axis] : [],
  );
  return reshape(axes.length === 0 ? x : sum(x, { axes, keepDims: true }), shape);
}

const recordMatmul = bilinear({
  name: "matmul",
  label: "Matrix multiplication",
  symbol: "@",
  notation: { kind: "infix", text: " @ ", latex: "\\,", precedence: 2 },
  onnx: "MatMul",
  forward: (x, y) => {
    const batch = broadcastShapes("matmul", x.shape.slice(0, -2), y.shape.slice(0, -2), [
      "the left batch",
      "the right",
    ]);
    return javascript.matmul(x, y, [...batch, x.shape[x.shape.length - 2]!, y.shape[y.shape.length - 1]!]);
  },
  transposes: [
    (cotangent, x, y) => sumTo(recordMatmul(cotangent, swapLast(y)), x.shape),
    (cotangent, x, y) => sumTo(recordMatmul(swapLast(x), cotangent), y.shape),
  ],
});

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
  const product = recordMatmul(a, b);
  const kept = product.shape.filter(
    (_, axis) =>
      !(left.shape.length === 1 && axis === product.shape.length - 2) &&
      !(right.shape.length === 1 && axis === product.shape.length - 1),
  );
  return reshape(product, kept);
}

function innerSizesDiffer(x: Value, y: Value): ShapeError {
  const [left, right] = [nameOf(x), nameOf(y)];
  const first = x.shape[x.shape.length - 1]!;
  const second = y.shape.length === 1 ? y.shape[0]! : y.shape[y.shape.length - 2]!;
  const hints: string[] = [];
  if (x.shape.length === 2 && x.shape[0] === second) hints.push(`matmul(transpose(${left}), ${right})`);
  if (y.shape.length === 2 && y.shape[1] === first) hints.push(`matmul(${left}, transpose(${right}))`);
  return new ShapeError(
    `matmul: inner sizes differ: ${left} is ${shapeText(x.shape)}, ${right} is ${shapeText(y.shape)} ` +
      `(${first} against ${second}).${hints.length > 0 ? ` Did you mean ${hints.join(" or ")}?` : ""}`,
  );
}
