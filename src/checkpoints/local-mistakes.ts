/** What a sentence about one wire can speak of. */
export interface WireWords {
  /** ∂a/∂x */
  readonly local: string;
  /** a */
  readonly node: string;
  /** x */
  readonly input: string;
  /** The other input, y; the same as `input` where there is none. */
  readonly other: string;
  /** x + y */
  readonly operation: string;
  /** ∂z/∂a, what comes from behind. */
  readonly upstream: string;
  /** z */
  readonly output: string;
}

/**
 * A mistake in the derivative of one operation, as data. Written once for a primitive, it applies wherever a graph
 * uses it.
 */
export interface LocalMistake {
  readonly id: string;
  /** The primitives it is made at, by name; every one where nothing is said. */
  readonly primitives?: readonly string[];
  /** Which input it concerns; each where nothing is said. */
  readonly position?: 0 | 1;
  /** The derivative as it comes out wrong: of the right one, the operation's own input, the other input and the output. */
  readonly wrong: (right: number, own: number, other: number, output: number) => number;
  /** What the learner is told. */
  readonly sentence: (words: WireWords) => string;
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

/** Mistakes of particular operations come first: where several give the same answer, the first says most. */
export const localMistakes: readonly LocalMistake[] = [
  {
    id: "subtrahend-sign",
    primitives: ["sub"],
    position: 1,
    wrong: () => 1,
    sentence: ({ operation, input, node }) =>
      `In ${operation} the second term counts with a minus: when ${input} grows, ${node} falls.`,
  },
  {
    id: "negation-sign",
    primitives: ["neg"],
    wrong: () => 1,
    sentence: ({ node, input }) => `The minus in front of ${input} is lost: when ${input} grows, ${node} falls.`,
  },
  {
    id: "own-factor",
    primitives: ["mul"],
    wrong: (_right, own) => own,
    sentence: ({ operation, input, local }) =>
      `The derivative of the product ${operation} by ${input} is its other factor; you used ${input} itself in ${local}.`,
  },
  {
    id: "addition-as-product",
    primitives: ["add", "sub"],
    wrong: (_right, _own, other) => other,
    sentence: ({ operation, local }) =>
      `${operation} is no product: how fast it moves with one term does not depend on the other, and in ${local} you used the other.`,
  },
  {
    id: "term-kept",
    primitives: ["add", "sub"],
    wrong: (_right, own) => own,
    sentence: ({ operation, input, local }) =>
      `${operation} moves one for one with ${input}; in ${local} you used ${input} itself.`,
  },
  {
    id: "subtrahend-kept",
    primitives: ["sub"],
    position: 1,
    wrong: (_right, own) => -own,
    sentence: ({ operation, input, node, local }) =>
      `In ${operation} the term ${input} moves ${node} one for one, downwards; in ${local} you used ${input} itself.`,
  },
  {
    id: "product-of-both",
    primitives: ["mul"],
    wrong: (_right, own, other) => own * other,
    sentence: ({ operation, input, local }) =>
      `You kept the whole product ${operation}; in ${local} the factor ${input} itself goes away.`,
  },
  {
    id: "cosine-sign",
    primitives: ["cos"],
    wrong: (right) => -right,
    sentence: ({ input }) =>
      `The derivative of the cosine carries a minus: cos(${input}) falls where sin(${input}) is positive.`,
  },
  {
    id: "sine-sign",
    primitives: ["sin"],
    wrong: (right) => -right,
    sentence: ({ input }) =>
      `The derivative of the sine carries no minus: sin(${input}) rises where cos(${input}) is positive.`,
  },
  {
    id: "trigonometric-kept",
    primitives: ["sin", "cos"],
    wrong: (_right, _own, _other, output) => output,
    sentence: ({ operation, local }) => `${operation} is not its own derivative; you kept it in ${local}.`,
  },
  {
    id: "exponential-power-rule",
    primitives: ["exp"],
    wrong: (_right, own) => own * Math.exp(own - 1),
    sentence: ({ operation, input }) =>
      `The power rule is for a fixed exponent. In ${operation} the exponent ${input} moves: the exponential is its own derivative.`,
  },
  {
    id: "power-kept",
    primitives: ["pow"],
    position: 0,
    wrong: (_right, own, exponent) => exponent * own ** exponent,
    sentence: ({ operation, local }) => `In ${local} the exponent of ${operation} must go down by one; you kept it.`,
  },
  {
    id: "power-factor-lost",
    primitives: ["pow"],
    position: 0,
    wrong: (_right, own, exponent) => own ** (exponent - 1),
    sentence: ({ operation, local, other }) =>
      `In ${local} the exponent ${other} of ${operation} comes down as a factor; it is missing.`,
  },
  {
    id: "power-undifferentiated",
    primitives: ["pow"],
    position: 0,
    wrong: (_right, _own, _exponent, output) => output,
    sentence: ({ operation, local }) => `You kept ${operation} as it is; ${local} is its derivative.`,
  },
  {
    id: "power-exponent-lost",
    primitives: ["pow"],
    position: 0,
    wrong: (_right, own, exponent) => exponent * own,
    sentence: ({ operation, local }) =>
      `In ${local} the exponent of ${operation} goes down by one; it does not go away.`,
  },
  {
    id: "exponential-as-power",
    primitives: ["pow"],
    position: 1,
    wrong: (_right, own, base) => own * base ** (own - 1),
    sentence: ({ operation, input }) =>
      `In ${operation} the exponent ${input} moves, so the power rule does not apply: the logarithm of the base comes in.`,
  },
  {
    id: "quotient-square-lost",
    primitives: ["div"],
    position: 1,
    wrong: (_right, own, top) => -top / own,
    sentence: ({ operation, local, input }) => `In ${local} the denominator ${input} of ${operation} must be squared.`,
  },
  {
    id: "quotient-numerator-lost",
    primitives: ["div"],
    position: 1,
    wrong: (_right, own) => -1 / (own * own),
    sentence: ({ operation, local, other }) => `In ${local} the numerator ${other} of ${operation} is missing.`,
  },
  {
    id: "quotient-sign",
    primitives: ["div"],
    position: 1,
    wrong: (right) => -right,
    sentence: ({ operation, input }) =>
      `${operation} falls in size when its denominator ${input} grows: a minus is missing.`,
  },
  {
    id: "quotient-as-product",
    primitives: ["div"],
    position: 0,
    wrong: (_right, _own, bottom) => bottom,
    sentence: ({ operation, local, other }) => `In ${local} you multiplied by ${other}; ${operation} divides by it.`,
  },
  {
    id: "quotient-top-as-bottom",
    primitives: ["div"],
    position: 0,
    wrong: (_right, own, bottom) => -own / (bottom * bottom),
    sentence: ({ operation, input }) =>
      `This is how ${operation} moves with its denominator; ${input} stands in the numerator.`,
  },
  {
    id: "quotient-bottom-as-top",
    primitives: ["div"],
    position: 1,
    wrong: (_right, own) => 1 / own,
    sentence: ({ operation, input }) =>
      `This is how ${operation} moves with its numerator; ${input} stands in the denominator.`,
  },
  {
    id: "logarithm-kept",
    primitives: ["log"],
    wrong: (_right, _own, _other, output) => output,
    sentence: ({ operation, local }) => `You kept the logarithm ${operation}; in ${local} no logarithm is left.`,
  },
  {
    id: "logarithm-in-quotient",
    primitives: ["log"],
    wrong: (right, _own, _other, output) => right * output,
    sentence: ({ operation, local }) =>
      `In ${local} the logarithm ${operation} goes away; you kept it above the fraction line.`,
  },
  {
    id: "logarithm-below",
    primitives: ["log"],
    wrong: (_right, _own, _other, output) => 1 / output,
    sentence: ({ operation, local }) => `${local} is one over the logarithm's argument, not over ${operation}.`,
  },
  {
    id: "logarithm-not-inverted",
    primitives: ["log"],
    wrong: (_right, own) => own,
    sentence: ({ operation, input, local }) =>
      `In ${local} the argument ${input} of ${operation} stands below the fraction line.`,
  },
  {
    id: "root-half-lost",
    primitives: ["sqrt"],
    wrong: (right) => 2 * right,
    sentence: ({ operation, local }) =>
      `The exponent ½ of ${operation} comes down as a factor; in ${local} it is missing.`,
  },
  {
    id: "root-lost",
    primitives: ["sqrt"],
    wrong: (_right, own) => 1 / (2 * own),
    sentence: ({ operation, local }) =>
      `In ${local} the root ${operation} itself stays below the fraction line; you dropped it.`,
  },
  {
    id: "root-not-inverted",
    primitives: ["sqrt"],
    wrong: (_right, _own, _other, output) => output / 2,
    sentence: ({ operation, local }) =>
      `The exponent of ${operation} goes down from ½ to −½: in ${local} the root stands below the line.`,
  },
  {
    id: "sigmoid-of-preactivation",
    primitives: ["sigmoid"],
    wrong: (_right, own) => own * (1 - own),
    sentence: ({ node, input }) =>
      `The derivative of the sigmoid is made of its output ${node}; you used its input ${input}.`,
  },
  {
    id: "sigmoid-twice",
    primitives: ["sigmoid"],
    wrong: (_right, _own, _other, output) => logistic(output) * (1 - logistic(output)),
    sentence: ({ node }) => `You applied the sigmoid once more: ${node} is its output already.`,
  },
  {
    id: "sigmoid-kept",
    primitives: ["sigmoid"],
    wrong: (_right, _own, _other, output) => output,
    sentence: ({ operation, local }) =>
      `In ${local} you used the sigmoid ${operation} itself; its derivative has a second factor.`,
  },
  {
    id: "sigmoid-first-factor-lost",
    primitives: ["sigmoid"],
    wrong: (_right, _own, _other, output) => 1 - output,
    sentence: ({ node, local }) => `In ${local} a factor is missing: 1 − ${node} is only one of two.`,
  },
  {
    id: "sigmoid-plus",
    primitives: ["sigmoid"],
    wrong: (_right, _own, _other, output) => output * (1 + output),
    sentence: ({ local }) => `In ${local} the second factor is 1 minus the output, not 1 plus.`,
  },
  {
    id: "sigmoid-as-tanh",
    primitives: ["sigmoid"],
    wrong: (_right, _own, _other, output) => 1 - output * output,
    sentence: ({ local }) => `In ${local} you used the derivative of tanh; this is a sigmoid.`,
  },
  {
    id: "tanh-of-preactivation",
    primitives: ["tanh"],
    wrong: (_right, own) => 1 - own * own,
    sentence: ({ node, input }) => `The derivative of tanh is made of its output ${node}; you used its input ${input}.`,
  },
  {
    id: "tanh-square-lost",
    primitives: ["tanh"],
    wrong: (_right, _own, _other, output) => 1 - output,
    sentence: ({ node, local }) => `In ${local} the output ${node} must be squared.`,
  },
  {
    id: "tanh-plus",
    primitives: ["tanh"],
    wrong: (_right, _own, _other, output) => 1 + output * output,
    sentence: ({ local }) => `In ${local} the square is taken away from 1, not added.`,
  },
  {
    id: "tanh-kept",
    primitives: ["tanh"],
    wrong: (_right, _own, _other, output) => output,
    sentence: ({ operation, local }) => `In ${local} you used ${operation} itself, not its derivative.`,
  },
  {
    id: "tanh-as-sigmoid",
    primitives: ["tanh"],
    wrong: (_right, _own, _other, output) => output * (1 - output),
    sentence: ({ local }) => `In ${local} you used the derivative of the sigmoid; this is a tanh.`,
  },
  {
    id: "relu-gate-lost",
    primitives: ["relu"],
    wrong: () => 1,
    sentence: ({ input, node }) =>
      `ReLU lets the gradient through only where ${input} is positive; you let it through to ${node} everywhere.`,
  },
  {
    id: "relu-gate-inverted",
    primitives: ["relu"],
    wrong: (right) => 1 - right,
    sentence: ({ input }) =>
      `ReLU lets the gradient through where ${input} is positive; you let it through where it is not.`,
  },
  {
    id: "relu-value",
    primitives: ["relu"],
    wrong: (_right, _own, _other, output) => output,
    sentence: ({ operation, local }) => `In ${local} you used ${operation} itself; its slope is 0 or 1.`,
  },
  {
    id: "maximum-to-all",
    primitives: ["maximum"],
    wrong: () => 1,
    sentence: ({ operation, input }) =>
      `Of ${operation} only the larger one gets the gradient; you gave it to ${input} everywhere.`,
  },
  {
    id: "maximum-inverted",
    primitives: ["maximum"],
    wrong: (right) => 1 - right,
    sentence: ({ operation }) => `Of ${operation} the larger one gets the gradient; you gave it to the smaller.`,
  },
  {
    id: "maximum-value",
    primitives: ["maximum"],
    wrong: (_right, _own, _other, output) => output,
    sentence: ({ operation, local }) => `In ${local} you used ${operation} itself; its slope is 0 or 1.`,
  },
  {
    id: "local-missing",
    wrong: () => 1,
    sentence: ({ local }) => `A factor of the chain is missing: multiply also by ${local}.`,
  },
  {
    id: "sign",
    wrong: (right) => -right,
    sentence: ({ local }) => `A sign is wrong: look at ${local}.`,
  },
  {
    id: "link-twice",
    wrong: (right) => right * right,
    sentence: ({ local }) => `You multiplied by ${local} twice; each step of a path counts once.`,
  },
  {
    id: "link-inverted",
    wrong: (right) => 1 / right,
    sentence: ({ local }) => `You divided by ${local}; the chain rule multiplies.`,
  },
  {
    id: "edge-dropped",
    wrong: () => 0,
    sentence: ({ node, input }) => `${input} does reach the output through ${node}; you counted that way as nothing.`,
  },
];

/** The same slip spoken for where it is asked as a local derivative, and nothing is multiplied yet. */
export const localOnlySentences: Readonly<Record<string, (words: WireWords) => string>> = {
  "local-missing": ({ operation, input, local }) =>
    `${local} is not 1: ${operation} does not move one for one with ${input}.`,
  sign: ({ node, input }) => `The sign is the other one: think of what ${node} does when ${input} grows a little.`,
  "link-twice": () => "This is the square of the right factor.",
  "link-inverted": () => "This is one over the right factor.",
  "edge-dropped": ({ node, input }) => `${node} does move when ${input} does, so this is not 0.`,
};
