import type { Primitive } from "../../graph/primitive.ts";
import { shapeText } from "../../graph/shape.ts";
import { type Ask, symbolOf } from "../asks.ts";
import type { TensorExercise } from "../exercise.ts";
import { termText } from "./term.ts";
import { operationTerm } from "./terms.ts";

/** Hints in levels: the shape, the rule, its form in letters. None gives the answer. */
export function tensorHints({ graph }: TensorExercise, ask: Ask): readonly string[] {
  const name = (index: number): string => graph.nodes[index]!.name;
  const shape = (index: number): string => shapeText(graph.nodes[index]!.value.shape);
  const symbol = symbolOf(graph, ask);
  const equation = (index: number): string => `${name(index)} = ${termText(operationTerm(graph, index))}`;
  switch (ask.kind) {
    case "value":
      return [
        `${symbol} is ${shape(ask.node)}; ${graph.nodes[ask.node]!.inputs.map((input) => `${name(input)} is ${shape(input)}`).join(", ")}.`,
        `${name(ask.node)} is made by one operation, ${graph.nodes[ask.node]!.primitive!.label.toLowerCase()}. What goes into it?`,
      ];
    case "local": {
      const rule = ruleOf(graph.nodes[ask.node]!.primitive!);
      return [
        `${symbol} has the shape of ${name(ask.input)}, ${shape(ask.input)}. ${equation(ask.node)}.`,
        rule.words,
        rule.form,
      ];
    }
    case "gradient": {
      const users = [...new Set(graph.nodes[ask.node]!.users.map((user) => user.node))].filter(
        (user) => graph.nodes[user]!.needsGradient && user <= ask.output,
      );
      const end = name(ask.output);
      const rules = [...new Set(users.map((user) => ruleOf(graph.nodes[user]!.primitive!)))];
      const ways =
        users.length === 1
          ? `${name(ask.node)} goes into ${equation(users[0]!)}.`
          : `${name(ask.node)} is used ${users.length} times: ${users.map(equation).join("; ")}. What comes back from each adds up.`;
      const pieces = users
        .map((user) => `∂${end}/∂${name(user)} is ${shape(user)}`)
        .filter((text, i, all) => all.indexOf(text) === i);
      return [
        `${symbol} has the shape of ${name(ask.node)}, ${shape(ask.node)}. ${pieces.join(", ")}: what brings the one to the other?`,
        `${ways} ${rules.map(({ words }) => words).join(" ")}`,
        rules.map(({ form }) => form).join(" "),
      ];
    }
  }
}

interface Rule {
  /** In words. */
  readonly words: string;
  /** With letters of its own: G is what arrives. */
  readonly form: string;
}

/** How each operation passes a gradient back, as one says it; what is said of none is number by number. */
const rules: Readonly<Record<string, Rule>> = {
  matmul: {
    words:
      "A matrix product passes back to one factor what arrives times the transpose of the other factor, in the order that the shapes allow.",
    form: "Of C = A @ B, with G arriving at C: to A goes G @ Bᵀ, to B goes Aᵀ @ G.",
  },
  add: {
    words:
      "A sum passes on what arrives as it is; to a term that was repeated along an axis goes the sum over that axis.",
    form: "Of C = A + b, with G arriving at C: to A goes G, and to a row b goes sum(G, axis=0).",
  },
  sub: {
    words: "A difference passes on what arrives, with a minus to what is taken away; over repeated axes it is summed.",
    form: "Of C = A − b, with G arriving at C: to A goes G, and to a row b goes −sum(G, axis=0).",
  },
  mul: {
    words: "A product number by number passes back what arrives times the other factor, number by number.",
    form: "Of C = A * B, with G arriving at C: to A goes G * B; over an axis that A was repeated along it is summed.",
  },
  div: {
    words:
      "A quotient passes back to its top what arrives over the bottom; to its bottom goes minus the top over the bottom squared.",
    form: "Of C = A/B, with G arriving at C: to A goes G/B, to B goes −G * A/B^2, summed over axes that were repeated.",
  },
  sum: {
    words: "A sum over an axis moves one for one with each of its numbers: what arrives is spread over them.",
    form: "Of s = sum(A), with g arriving at s: to A goes g * ones(A).",
  },
  mean: {
    words: "A mean of n numbers moves by 1/n with each of them.",
    form: "Of m = mean(A) over n numbers, with g arriving at m: to A goes g/n * ones(A).",
  },
  relu: {
    words: "ReLU lets through what arrives where its input is positive, and nothing elsewhere.",
    form: "Of C = ReLU(A), with G arriving at C: to A goes G * [A > 0].",
  },
  sigmoid: {
    words: "The slope of the sigmoid is made of its output.",
    form: "Of S = sigmoid(A), with G arriving at S: to A goes G * S * (1 − S).",
  },
  tanh: {
    words: "The slope of tanh is made of its output.",
    form: "Of T = tanh(A), with G arriving at T: to A goes G * (1 − T^2).",
  },
  exp: {
    words: "The exponential is its own derivative.",
    form: "Of E = exp(A), with G arriving at E: to A goes G * E.",
  },
  log: {
    words: "The logarithm's slope is one over its argument.",
    form: "Of C = log(A), with G arriving at C: to A goes G/A.",
  },
  square: {
    words: "The exponent of a square comes down as a factor.",
    form: "Of C = A^2, with G arriving at C: to A goes 2 * G * A.",
  },
  softmax: {
    words: "Each probability moves with every number of its row: with its own by p(1 − p), with another by −p·q.",
    form: "Of P = softmax(Z), with G arriving at P: to Z goes P * (G − sum(P * G, axis=1, keepdims=true)).",
  },
  logSoftmax: {
    words:
      "The logarithm of a softmax passes back what arrives, less the probabilities times the sum of what arrives in their row. Under a cross-entropy with targets this comes to probabilities minus targets.",
    form: "Of C = logSoftmax(Z), with G arriving at C: to Z goes G − softmax(Z) * sum(G, axis=1, keepdims=true).",
  },
  transpose: {
    words: "What arrives at a transpose is transposed back.",
    form: "Of C = Aᵀ, with G arriving at C: to A goes Gᵀ.",
  },
  reshape: {
    words: "Reshaping moves no number: what arrives is brought back to the old shape.",
    form: "Of C = reshape(A, …), with G arriving at C: to A goes G in the shape of A.",
  },
  gather: {
    words:
      "Each row that was taken brings its gradient back to where it was taken from; a row taken twice adds up both.",
    form: "Of E = the rows 1, 0, 1 of W, with G arriving at E: to W goes onehot([1, 0, 1], n)ᵀ @ G, n the rows of W.",
  },
  conv2d: {
    words:
      "The weights are seen at every place: what comes back to them is the sum, over all places, of what the window sees times what arrives there, a convolution of the input with what arrives. To the input comes what arrives times the weights, from every window that saw it: a convolution with the weights backward.",
    form: "Of C = conv2d(A, K) with one channel and one image, a k×k kernel and G arriving at C: to K goes conv2d(A, G), to A goes conv2d(G, flip(K), padding=k−1). With more of them, transpose(…, 1, 0, 2, 3) exchanges images and channels.",
  },
  avgPool2d: {
    words: "A mean of n numbers moves by 1/n with each of them: what arrives at a window is spread over it.",
    form: "Of C = avgPool2d(A, n), with G arriving at C: to A goes repeat(G, n)/n^2.",
  },
  maxPool2d: {
    words: "Of each window only the largest number gets what arrives; equal ones share it.",
    form: "Of C = maxPool2d(A, n), with G arriving at C: to A goes M * repeat(G, n) with M = [A = repeat(C, n)]; where several are equally large, divide by how many: M * repeat(G/avgPool2d(M, n), n)/n^2.",
  },
  min: {
    words: "Of the numbers that min looks at, the smallest gets the gradient; equal ones share it.",
    form: "Of m = min(A), with g arriving at m: to A goes g * [A = m], over how many are equal.",
  },
  max: {
    words: "Of the numbers that max looks at, the largest gets the gradient; equal ones share it.",
    form: "Of m = max(A), with g arriving at m: to A goes g * [A = m], over how many are equal.",
  },
};

const moving: Rule = {
  words:
    "It only moves numbers about: what arrives goes back to the places that the numbers came from, and adds up there.",
  form: "Of C with C[i] = A[j], with G arriving at C: to A[j] goes G[i], and the sum of all of them where j is taken often.",
};

/** What is neither number by number nor in the table above: the author's own. */
const other: Rule = {
  words:
    "Each number of its result moves with several of its input: add up, over all results, what arrives times how it moves.",
  form: "With G arriving at C: to A[j] goes the sum over i of G[i] * ∂C[i]/∂A[j].",
};

const movers: ReadonlySet<string> = new Set([
  "broadcastTo",
  "concat",
  "slice",
  "pad",
  "scatterAdd",
  "identity",
  "cast",
]);

const numberByNumber: Rule = {
  words: "It works number by number: multiply what arrives by the derivative at each number.",
  form: "Of C = f(A), number by number, with G arriving at C: to A goes G * f′(A).",
};

function ruleOf({ name, family }: Primitive): Rule {
  return rules[name] ?? (family === "elementwise" ? numberByNumber : movers.has(name) ? moving : other);
}
