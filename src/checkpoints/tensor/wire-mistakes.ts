import { pullBack } from "../../autodiff/rules.ts";
import { ElementLoop } from "../../graph/loops.ts";
import type { Elementwise, Parameters } from "../../graph/primitive.ts";
import {
  add,
  avgPool2d,
  cast,
  div,
  equal,
  exp,
  greater,
  matmul,
  mul,
  neg,
  reshape,
  softmax,
  sub,
  sum,
  sumTo,
  transpose,
  withReducedAxes,
} from "../../graph/primitives.ts";
import { type Shape, sameShape, shapeText, sizeOf, stretchedAxes } from "../../graph/shape.ts";
import { constantCode } from "../../graph/tape.ts";
import { blockLeaf, constant, filledLike, type Value } from "../../graph/value.ts";
import { type LocalMistake, localMistakes, type WireWords } from "../local-mistakes.ts";
import { flipping, repeating } from "./window-operations.ts";

/** A wire and all the numbers that meet there at a point. */
export interface WireNumbers {
  readonly node: Value;
  readonly position: number;
  readonly inputs: readonly Value[];
  /** What flows over the wire by the chain rule. */
  readonly right: Value;
  /** What arrives at the operation. */
  readonly upstream: Value;
}

/** What a sentence about a wire of tensors can speak of. */
export interface TensorWords extends WireWords {
  /** 4×2, of the operation. */
  readonly nodeShape: string;
  readonly inputShape: string;
  readonly otherShape: string;
  /** Over how many numbers a mean or a sum goes, or how often a stretched input is used. */
  readonly count: string;
  /** axis 0, axes 0 and 2: what is stretched or summed. */
  readonly axes: string;
}

/** A mistake in what one operation passes back, as data: written once, it applies wherever a graph uses the operation. */
export interface TensorMistake {
  readonly id: string;
  /** Whether it can be made at the wire; the node's shape says what it has to do with. */
  readonly concerns: (node: Value, position: number) => boolean;
  /** What flows over the wire by mistake; undefined where it cannot. May throw where shapes do not fit. */
  readonly part: (numbers: WireNumbers) => Value | undefined;
  /** What the learner is told. */
  readonly sentence: (words: TensorWords) => string;
}

const made =
  (...names: readonly string[]) =>
  (node: Value): boolean =>
    names.includes(node.primitive!.name);

/** The last two axes exchanged. */
function swap(x: Value): Value {
  const rank = x.shape.length;
  return transpose(
    x,
    x.shape.map((_, axis) => (axis === rank - 1 ? rank - 2 : axis === rank - 2 ? rank - 1 : axis)),
  );
}

const ownOf = ({ inputs, position }: WireNumbers): Value => inputs[position]!;
const otherOf = ({ inputs, position }: WireNumbers): Value => inputs[1 - position] ?? inputs[position]!;

/** Products of matrices: of Y = A @ B, what flows to A is ∂L/∂Y @ Bᵀ, and to B Aᵀ @ ∂L/∂Y. */
const productMistakes: readonly TensorMistake[] = [
  {
    id: "transpose-missing",
    concerns: made("matmul"),
    part: (wire) => (wire.position === 0 ? matmul(wire.upstream, otherOf(wire)) : matmul(otherOf(wire), wire.upstream)),
    sentence: ({ operation, other, otherShape, upstream, input }) =>
      `Back through ${operation}, the other factor comes transposed: ${upstream} meets the transpose of ${other} (${otherShape}) on the way to ${input}, not ${other} itself.`,
  },
  {
    id: "operands-exchanged",
    concerns: made("matmul"),
    part: (wire) =>
      wire.position === 0 ? matmul(swap(otherOf(wire)), wire.upstream) : matmul(wire.upstream, swap(otherOf(wire))),
    sentence: ({ operation, other, upstream, input }) =>
      `The order of a matrix product matters. Back through ${operation} to ${input}, ${upstream} and the transpose of ${other} stand the other way round.`,
  },
  {
    id: "operands-exchanged",
    concerns: made("matmul"),
    part: (wire) => (wire.position === 0 ? matmul(otherOf(wire), wire.upstream) : matmul(wire.upstream, otherOf(wire))),
    sentence: ({ operation, other, upstream, input }) =>
      `Back through ${operation} to ${input}, ${upstream} and ${other} stand the other way round, and ${other} comes transposed.`,
  },
  {
    id: "result-transposed",
    concerns: (node, position) =>
      made("matmul")(node) && node.inputs[position]!.shape.length === 2 && !isColumn(node.inputs[position]!.shape),
    part: ({ right }) => swap(right),
    sentence: ({ input, inputShape, local }) =>
      `This is the transpose of what is right: a gradient has the shape and the order of ${input}, ${inputShape}. Look at ${local}.`,
  },
  {
    id: "own-factor",
    concerns: made("matmul"),
    part: (wire) =>
      wire.position === 0 ? matmul(wire.upstream, swap(ownOf(wire))) : matmul(swap(ownOf(wire)), wire.upstream),
    sentence: ({ operation, input, other }) =>
      `The gradient of one factor of ${operation} is made with the other factor, ${other}; you used ${input} itself.`,
  },
  {
    id: "elementwise-for-matmul",
    concerns: made("matmul"),
    part: (wire) => mul(wire.upstream, otherOf(wire)),
    sentence: ({ operation, other, upstream }) =>
      `${operation} is a matrix product, and so is the way back. You multiplied ${upstream} and ${other} number by number.`,
  },
  {
    id: "elementwise-for-matmul",
    concerns: made("matmul"),
    part: (wire) => mul(wire.upstream, swap(otherOf(wire))),
    sentence: ({ operation, other, upstream }) =>
      `${operation} is a matrix product, and so is the way back. You multiplied ${upstream} and the transpose of ${other} number by number.`,
  },
];

/** Transposes and what works number by number, where matrices may be multiplied too much or too little. */
const orderMistakes: readonly TensorMistake[] = [
  {
    id: "upstream-transposed",
    concerns: made("matmul"),
    part: (wire) =>
      wire.position === 0
        ? matmul(swap(wire.upstream), swap(otherOf(wire)))
        : matmul(swap(otherOf(wire)), swap(wire.upstream)),
    sentence: ({ operation, upstream, input }) =>
      `Back through ${operation} to ${input}, ${upstream} stands as it is; look at where you transposed it, or did not.`,
  },
  {
    id: "result-transposed",
    concerns: made("transpose"),
    part: ({ upstream }) => upstream,
    sentence: ({ node, input, upstream }) =>
      `${node} is the transpose of ${input}: what arrives there, ${upstream}, is transposed back on the way to ${input}.`,
  },
  {
    id: "matmul-for-elementwise",
    concerns: (node, position) => node.primitive!.family === "elementwise" && node.inputs[position]!.shape.length === 2,
    part: ({ node, position, inputs, upstream }) => {
      const partial = (node.primitive as Elementwise).partials[position]!(...inputs, node);
      return typeof partial === "number" || partial.shape.length !== 2 ? undefined : matmul(upstream, partial);
    },
    sentence: ({ operation, upstream, local }) =>
      `${operation} works number by number, and so does the way back: ${upstream} and ${local} meet with *, not with @.`,
  },
];

function isColumn(shape: Shape): boolean {
  return shape.every((length) => length === 1);
}

/** What an elementwise operation passes back before the axes are summed that the input was stretched along. */
function unreduced({ node, position, inputs, upstream }: WireNumbers): Value {
  const primitive = node.primitive!;
  if (primitive.family !== "elementwise") return upstream;
  const partial = primitive.partials[position]!(...inputs, node);
  return partial === 1 ? upstream : mul(upstream, partial);
}

function isStretched(node: Value, position: number): boolean {
  const family = node.primitive!.family === "elementwise" || node.primitive!.name === "broadcastTo";
  const input = node.inputs[position]!.shape;
  return family && sizeOf(input) < sizeOf(node.shape);
}

/** The axes that are left when as many others are summed. */
function otherAxes(node: Value, position: number): readonly number[] {
  const right = stretchedAxes(node.shape, node.inputs[position]!.shape);
  return right.length === 1 ? node.shape.map((_, axis) => axis).filter((axis) => axis !== right[0]) : [];
}

const stretchMistakes: readonly TensorMistake[] = [
  {
    id: "not-summed",
    concerns: isStretched,
    part: unreduced,
    sentence: ({ input, inputShape, node, nodeShape, axes, count }) =>
      `${input} (${inputShape}) is used ${count} times in ${node} (${nodeShape}): what comes back to it must be summed over ${axes}.`,
  },
  {
    id: "axis-kept",
    concerns: (node, position) =>
      isStretched(node, position) && node.inputs[position]!.shape.length < node.shape.length,
    part: (wire) => {
      const whole = unreduced(wire);
      return sum(whole, { axes: stretchedAxes(whole.shape, ownOf(wire).shape), keepDims: true });
    },
    sentence: ({ input, inputShape }) =>
      `The sum is right, but the summed axis must go: ${input} is ${inputShape}. Write sum(…, axis=0) without keepdims.`,
  },
  {
    id: "wrong-axis",
    concerns: (node, position) => isStretched(node, position) && otherAxes(node, position).length > 0,
    part: (wire) => {
      const axes = otherAxes(wire.node, wire.position).slice(0, 1);
      return sum(unreduced(wire), { axes, keepDims: ownOf(wire).shape.length === wire.node.shape.length });
    },
    sentence: ({ input, node, axes }) =>
      `${input} is repeated in ${node} along ${axes}, so that is what is summed; you summed over the other axis.`,
  },
  {
    id: "mean-for-sum",
    concerns: isStretched,
    part: ({ right, node, position }) => div(right, sizeOf(node.shape) / sizeOf(node.inputs[position]!.shape)),
    sentence: ({ input, node, count }) =>
      `What comes back to ${input} from its ${count} uses in ${node} adds up; you took the mean: an extra factor 1/${count}.`,
  },
];

/** Over how many numbers each result of a reduction goes. */
function reducedCount(node: Value): number {
  return sizeOf(node.inputs[0]!.shape) / sizeOf(node.shape);
}

const reductionMistakes: readonly TensorMistake[] = [
  {
    id: "mean-factor-missing",
    concerns: made("mean"),
    part: ({ right, node }) => mul(right, reducedCount(node)),
    sentence: ({ node, operation, count }) =>
      `${node} = ${operation} divides by ${count}: a factor 1/${count} is missing on the way back.`,
  },
  {
    id: "mean-factor-twice",
    concerns: made("mean"),
    part: ({ right, node }) => div(right, reducedCount(node)),
    sentence: ({ node, operation, count }) =>
      `${node} = ${operation} divides by ${count} once; you divided by it twice: an extra factor 1/${count}.`,
  },
  {
    id: "sum-as-mean",
    concerns: made("sum"),
    part: ({ right, node }) => div(right, reducedCount(node)),
    sentence: ({ node, operation, count }) =>
      `${node} = ${operation} is a sum, not a mean: nothing is divided by ${count}. There is an extra factor 1/${count}.`,
  },
  {
    id: "ties-to-all",
    concerns: made("max", "min"),
    part: ({ node, inputs, upstream }) => {
      const [x] = inputs;
      const spread = withReducedAxes(upstream, x!.shape, node.parameters);
      return mul(cast(equal(x!, withReducedAxes(node, x!.shape, node.parameters)), x!.dtype), spread);
    },
    sentence: ({ operation }) =>
      `Where several numbers are equally the ${operation.startsWith("min") ? "smallest" : "largest"} of ${operation}, they share the gradient; you gave all of it to each.`,
  },
  {
    id: "extreme-to-all",
    concerns: made("max", "min"),
    part: ({ node, inputs, upstream }) =>
      mul(filledLike(inputs[0]!, 1), withReducedAxes(upstream, inputs[0]!.shape, node.parameters)),
    sentence: ({ operation, input }) =>
      `Only the one number that ${operation} picks gets the gradient; you gave it to all numbers of ${input}.`,
  },
];

function along({ node, inputs }: WireNumbers): { readonly axes: readonly number[]; readonly axis: number; x: Value } {
  const { axes }: Parameters = node.parameters;
  return { axes: axes!, axis: axes![0]!, x: inputs[0]! };
}

/**
 * Softmax as it stands in a cross-entropy: by it, p − y comes out. Of logSoftmax what flows back is c − p·Σc, of softmax
 * p·(c − Σ p·c), c what arrives.
 */
const softmaxMistakes: readonly TensorMistake[] = [
  {
    id: "targets-missing",
    concerns: made("logSoftmax"),
    part: (wire) => neg(mul(exp(wire.node), sum(wire.upstream, { axes: along(wire).axes, keepDims: true }))),
    sentence: ({ input }) =>
      `Only the probabilities are left in the gradient by ${input}; the targets are still to be subtracted.`,
  },
  {
    id: "targets-missing",
    concerns: made("softmax"),
    part: (wire) => neg(mul(wire.node, sum(mul(wire.node, wire.upstream), { axes: along(wire).axes, keepDims: true }))),
    sentence: ({ input, node }) =>
      `Each of the probabilities ${node} moves with each number of ${input}; you kept only what they have in common. The targets are still to be subtracted.`,
  },
  {
    id: "softmax-diagonal",
    concerns: made("logSoftmax"),
    part: ({ node, upstream }) => mul(upstream, sub(1, exp(node))),
    sentence: ({ input, node }) =>
      `You took the diagonal only: each result of ${node} also moves with the other numbers of its row in ${input}.`,
  },
  {
    id: "softmax-diagonal",
    concerns: made("softmax"),
    part: ({ node, upstream }) => mul(upstream, mul(node, sub(1, node))),
    sentence: ({ input, node }) =>
      `p(1 − p) is the diagonal only: each of ${node} also moves with the other numbers of its row in ${input}, by −pᵢpⱼ.`,
  },
  {
    id: "softmax-diagonal",
    concerns: made("logSoftmax"),
    part: (wire) => {
      const p = exp(wire.node);
      return mul(mul(p, sub(p, 1)), sum(wire.upstream, { axes: along(wire).axes, keepDims: true }));
    },
    sentence: ({ input }) =>
      `p(1 − p) is how a probability moves with its own score, and no more. The loss is the logarithm of one of them, which moves with every score of its row in ${input}: probabilities minus targets.`,
  },
  {
    id: "softmax-diagonal",
    concerns: made("softmax"),
    part: (wire) => {
      const p = wire.node;
      return mul(mul(p, sub(p, 1)), sum(mul(p, wire.upstream), { axes: along(wire).axes, keepDims: true }));
    },
    sentence: ({ input, node }) =>
      `p(1 − p) is how a probability moves with its own score, and no more. Bring in what arrives at ${node}, and how each of them moves with the other scores of its row in ${input}.`,
  },
  {
    id: "softmax-twice",
    concerns: made("logSoftmax"),
    part: (wire) => {
      const { axes, axis } = along(wire);
      const again = softmax(exp(wire.node), { axis });
      return sub(wire.upstream, mul(again, sum(wire.upstream, { axes, keepDims: true })));
    },
    sentence: ({ input }) =>
      `The softmax is applied twice: take softmax(${input}) of the numbers of ${input} as they are.`,
  },
  {
    id: "softmax-twice",
    concerns: made("softmax"),
    part: (wire) => {
      const { axes, axis } = along(wire);
      const common = sum(mul(wire.node, wire.upstream), { axes, keepDims: true });
      return sub(mul(wire.node, wire.upstream), mul(softmax(wire.node, { axis }), common));
    },
    sentence: ({ node }) => `The softmax is applied twice: ${node} are probabilities already.`,
  },
  {
    id: "softmax-axis",
    concerns: (node) => made("logSoftmax")(node) && node.shape.length === 2,
    part: (wire) => {
      const { axes, axis, x } = along(wire);
      return sub(wire.upstream, mul(softmax(x, { axis: 1 - axis }), sum(wire.upstream, { axes, keepDims: true })));
    },
    sentence: ({ input }) =>
      `The softmax goes along the other axis: the probabilities of each row of ${input} add up to 1.`,
  },
  {
    id: "logits-for-probabilities",
    concerns: made("logSoftmax"),
    part: (wire) => {
      const { axes, x } = along(wire);
      return sub(wire.upstream, mul(x, sum(wire.upstream, { axes, keepDims: true })));
    },
    sentence: ({ input }) => `You used ${input} itself where the probabilities stand, softmax(${input}).`,
  },
  {
    id: "softmax-derivative-extra",
    concerns: made("logSoftmax"),
    part: ({ node, right }) => mul(right, mul(exp(node), sub(1, exp(node)))),
    sentence: ({ node }) =>
      `A factor p(1 − p) too many: the derivative of ${node} is in “probabilities minus targets” already.`,
  },
  {
    id: "softmax-derivative-extra",
    concerns: made("softmax"),
    part: ({ node, right }) => mul(right, mul(node, sub(1, node))),
    sentence: ({ node }) =>
      `A factor p(1 − p) too many: the derivative of ${node} is in “probabilities minus targets” already.`,
  },
];

/** 1 for the last (or the first) place where each row is taken, else 0; `undefined` where none is taken twice. */
function placesTaken(node: Value, last: boolean): { readonly once: Value; readonly counts: Value } | undefined {
  const { indices } = node.parameters;
  const rows = [...indices!.data.slice(indices!.offset, indices!.offset + sizeOf(indices!.shape))];
  const counts = rows.map((row) => rows.filter((other) => other === row).length);
  if (counts.every((count) => count === 1)) return undefined;
  const once = rows.map((row, place) => Number((last ? rows.lastIndexOf(row) : rows.indexOf(row)) === place));
  // As many axes of size 1 behind as a row has.
  const shape = [...indices!.shape, ...node.shape.slice(indices!.shape.length).map(() => 1)];
  const column = (numbers: readonly number[]): Value => constant({ data: Float64Array.from(numbers), shape });
  return { once: column(once), counts: column(counts) };
}

function givenBack({ node, inputs, position }: WireNumbers, cotangent: Value): Value | undefined {
  const primitive = node.primitive!;
  return primitive.family === "linear" ? primitive.transpose(cotangent, inputs, node.parameters, position) : undefined;
}

const isRepeated = (node: Value): boolean => made("gather")(node) && placesTaken(node, true) !== undefined;

const rowMistakes: readonly TensorMistake[] = [
  {
    id: "rows-overwritten",
    concerns: isRepeated,
    part: (wire) => givenBack(wire, mul(wire.upstream, placesTaken(wire.node, true)!.once)),
    sentence: ({ input }) =>
      `A row of ${input} that is taken several times adds up what comes back; here the last one overwrites the others.`,
  },
  {
    id: "rows-overwritten",
    concerns: isRepeated,
    part: (wire) => givenBack(wire, mul(wire.upstream, placesTaken(wire.node, false)!.once)),
    sentence: ({ input }) =>
      `A row of ${input} that is taken several times adds up what comes back; you counted only the first.`,
  },
  {
    id: "rows-averaged",
    concerns: isRepeated,
    part: (wire) => givenBack(wire, div(wire.upstream, placesTaken(wire.node, true)!.counts)),
    sentence: ({ input }) =>
      `A row of ${input} that is taken several times adds up what comes back; you took the mean of it.`,
  },
];

/** Whether square windows lie side by side and cover everything. */
function areTiles({ parameters: { window }, inputs: [x] }: Value): boolean {
  const { size, stride, padding } = window!;
  const side = size[0];
  return (
    [size[1], ...stride].every((length) => length === side) &&
    padding.every((length) => length === 0) &&
    x!.shape.slice(2).every((length) => length % side === 0)
  );
}

/** What a pooling passes back if each number of a window gets all that arrives there. */
function toWholeWindows({ node, inputs, upstream }: WireNumbers): Value {
  const { size, stride, padding } = node.parameters.window!;
  const [share] = pullBack(avgPool2d(inputs[0]!, { size, stride, padding }), upstream);
  return mul(share!, size[0] * size[1]);
}

/** The last two axes backward. */
function flipped(x: Value): Value {
  return flipping.compute([x], {});
}

const windowMistakes: readonly TensorMistake[] = [
  {
    id: "flip-missing",
    concerns: (node, position) => made("conv2d")(node) && position === 0,
    part: ({ node, position, inputs: [x, weight], upstream }) => {
      const { primitive, parameters } = node;
      if (primitive!.family !== "bilinear") return undefined;
      return primitive!.transposes[position]!(upstream, x!, flipped(weight!), parameters);
    },
    sentence: ({ operation, other, input }) =>
      `Back through ${operation} to ${input}, the weights go backward: flip(${other}), not ${other} itself. The last number of a window was the first to see it.`,
  },
  {
    id: "flip-extra",
    concerns: (node, position) => made("conv2d")(node) && position === 1,
    part: ({ right }) => flipped(right),
    sentence: ({ operation, input }) =>
      `Nothing is flipped on the way to the weights ${input}: what stood at a place of the window of ${operation} comes back to that place.`,
  },
  {
    id: "window-share-missing",
    concerns: made("avgPool2d"),
    part: toWholeWindows,
    sentence: ({ node, operation }) =>
      `${node} = ${operation} is a mean over each window: a factor of one over the numbers in it is missing on the way back.`,
  },
  {
    id: "ties-to-all",
    concerns: (node) => made("maxPool2d")(node) && areTiles(node),
    part: (wire) => {
      const { node, inputs } = wire;
      const [x] = inputs;
      const largestThere = repeating.compute([node], { numbers: [node.parameters.window!.size[0]] });
      return mul(cast(equal(x!, largestThere), x!.dtype), toWholeWindows(wire));
    },
    sentence: ({ operation }) =>
      `Where several numbers in a window of ${operation} are equally the largest, as zeros are after a ReLU, they share the gradient; you gave all of it to each.`,
  },
  {
    id: "extreme-to-all",
    concerns: made("maxPool2d"),
    part: toWholeWindows,
    sentence: ({ operation, input }) =>
      `Only the largest number in each window of ${operation} gets the gradient; you gave it to all numbers of ${input}.`,
  },
  {
    id: "extreme-shared",
    concerns: made("maxPool2d"),
    part: (wire) => {
      const { size } = wire.node.parameters.window!;
      return div(toWholeWindows(wire), size[0] * size[1]);
    },
    sentence: ({ operation }) =>
      `${operation} is no mean: in each window the largest number gets all of the gradient, and the others nothing.`,
  },
];

/** Whether the other factor is a dropout mask: a constant of zeros and one other number. */
function isMask(node: Value, position: number): boolean {
  const other = node.inputs[1 - position];
  if (!made("mul")(node) || other === undefined || other.kind !== "constant" || other.shape.length === 0) return false;
  const numbers = new Set(other.data);
  return numbers.size === 2 && numbers.has(0) && !numbers.has(1);
}

const activationMistakes: readonly TensorMistake[] = [
  {
    id: "gate-by-gradient",
    concerns: made("relu"),
    part: ({ upstream }) => mul(upstream, cast(greater(upstream, 0), upstream.dtype)),
    sentence: ({ input, upstream }) =>
      `ReLU lets through where its input ${input} is positive; you asked where the gradient ${upstream} is.`,
  },
  {
    id: "dropout-scale-missing",
    concerns: isMask,
    part: (wire) => mul(wire.upstream, cast(greater(otherOf(wire), 0), wire.upstream.dtype)),
    sentence: ({ other }) =>
      `${other} holds more than 0 and 1: what is not dropped is also scaled, and the scale is missing on the way back.`,
  },
  {
    id: "dropout-mask-missing",
    concerns: isMask,
    part: ({ upstream }) => upstream,
    sentence: ({ other, node }) =>
      `What ${other} drops on the way to ${node} gets no gradient either: multiply by ${other} on the way back, too.`,
  },
];

/** Mistakes in the derivatives of numbers that only tensors' graphs have a primitive for. */
const furtherLocals: readonly LocalMistake[] = [
  {
    id: "power-factor-lost",
    primitives: ["square"],
    wrong: (_right, own) => own,
    sentence: ({ operation, local }) =>
      `In ${local} the exponent 2 of ${operation} comes down as a factor; it is missing.`,
  },
  {
    id: "power-undifferentiated",
    primitives: ["square"],
    wrong: (_right, _own, _other, output) => output,
    sentence: ({ operation, local }) => `You kept ${operation} as it is; ${local} is its derivative.`,
  },
];

/** What is said of numbers and would be said of every tensor below. */
const ofAnyWire: ReadonlySet<string> = new Set(["local-missing", "sign", "link-inverted", "edge-dropped"]);

/** The catalogue of numbers, applied to each number of a tensor. */
function ofNumbers(mistake: LocalMistake): TensorMistake {
  const loop = new ElementLoop(mistake.wrong);
  return {
    id: mistake.id,
    concerns: (node, position) =>
      node.primitive!.family === "elementwise" &&
      (mistake.position === undefined || mistake.position === position) &&
      (mistake.primitives?.includes(node.primitive!.name) ?? true),
    part: (wire) => {
      const { node, position, inputs, upstream } = wire;
      const partial = (node.primitive as Elementwise).partials[position]!(...inputs, node);
      const right = typeof partial === "number" ? constant(partial) : partial;
      const numbers = [right, ownOf(wire), otherOf(wire), node].map((value) => value.storage);
      const wrong = blockLeaf(loop.run("float64", node.shape, numbers), constantCode);
      return sumTo(mul(upstream, wrong), ownOf(wire).shape);
    },
    sentence: mistake.sentence,
  };
}

const anyWire: readonly TensorMistake[] = [
  {
    id: "upstream-ignored",
    concerns: () => true,
    part: ({ node, position }) => pullBack(node, filledLike(node, 1))[position],
    sentence: ({ local, upstream }) =>
      `This is only ${local}, as if 1 arrived there; bring in ${upstream}, the gradient that arrives.`,
  },
  {
    id: "local-missing",
    concerns: (node, position) =>
      !["identity", "add", "cast"].includes(node.primitive!.name) || isStretched(node, position),
    part: ({ upstream, inputs, position }) => stretchedTo(upstream, inputs[position]!.shape),
    sentence: ({ local, operation }) =>
      `A step of the chain is missing: bring in ${local}, the way back through ${operation}.`,
  },
  {
    id: "upstream-added",
    concerns: (node) => node.primitive!.family === "elementwise",
    part: ({ node, position, upstream }) => add(upstream, pullBack(node, filledLike(node, 1))[position]!),
    sentence: ({ local, upstream }) => `You added ${upstream} and ${local}; along a path the chain rule multiplies.`,
  },
  {
    id: "sign",
    concerns: () => true,
    part: ({ right }) => neg(right),
    sentence: ({ local }) => `A sign is wrong: look at ${local}.`,
  },
  {
    id: "edge-dropped",
    concerns: () => true,
    part: ({ right }) => filledLike(right, 0),
    sentence: ({ node, input }) => `${input} does reach the output through ${node}; you counted that way as nothing.`,
  },
];

/** A smaller gradient repeated to a shape, as when a sum or a mean is forgotten. */
function stretchedTo(x: Value, shape: Shape): Value | undefined {
  if (sameShape(x.shape, shape)) return x;
  return sizeOf(x.shape) === 1 ? mul(constantOf(shape), reshape(x, [])) : undefined;
}

function constantOf(shape: Shape): Value {
  return constant({ data: new Float64Array(sizeOf(shape)).fill(1), shape });
}

/** Those that say most come first: where several give the same answer, the first is spoken of. */
export const tensorMistakes: readonly TensorMistake[] = [
  ...productMistakes,
  ...orderMistakes,
  ...stretchMistakes,
  ...reductionMistakes,
  ...softmaxMistakes,
  ...rowMistakes,
  ...windowMistakes,
  ...activationMistakes,
  ...localMistakes.filter(({ id }) => !ofAnyWire.has(id)).map(ofNumbers),
  ...furtherLocals.map(ofNumbers),
  ...anyWire,
];

/** axis 0; axes 0 and 1. */
export function axesText(axes: readonly number[]): string {
  return axes.length === 1 ? `axis ${axes[0]}` : `axes ${axes.join(" and ")}`;
}

/** What the words of a wire add for tensors. */
export function tensorWords(words: WireWords, node: Value, position: number): TensorWords {
  const input = node.inputs[position]!;
  const other = node.inputs[1 - position] ?? input;
  const stretched = isStretched(node, position);
  const axes = stretched ? stretchedAxes(node.shape, input.shape) : (node.parameters.axes ?? []);
  return {
    ...words,
    nodeShape: shapeText(node.shape),
    inputShape: shapeText(input.shape),
    otherShape: shapeText(other.shape),
    count: String(stretched ? sizeOf(node.shape) / sizeOf(input.shape) : sizeOf(input.shape) / sizeOf(node.shape)),
    axes: axesText(axes),
  };
}
