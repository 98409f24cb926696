import {
  add,
  bindName,
  constant,
  crossEntropy,
  div,
  gather,
  log,
  logSoftmax,
  matmul,
  max,
  mean,
  mul,
  type NestedNumbers,
  neg,
  nn,
  Random,
  relu,
  sigmoid,
  softmax,
  sqrt,
  square,
  sub,
  sum,
  tanh,
  transpose,
  type Value,
  variable,
} from "../../../../src/index.ts";

/** A value with the name that a cell would give it. */
export function named(name: string, value: Value): Value {
  bindName(value, name);
  return value;
}

/** Numbers that differ from one another, of a shape, from −2 to 2. */
function numbers(seed: number, ...shape: readonly number[]): NestedNumbers {
  const [first, ...rest] = shape;
  if (first === undefined) return Math.round(20 * Math.sin(3 + 7.3 * seed)) / 10;
  return Array.from({ length: first }, (_, i) => numbers(seed * 1.7 + i + 1, ...rest));
}

const weight = (name: string, ...shape: readonly number[]): Value =>
  variable(numbers(name.charCodeAt(0), ...shape), name);
const data = (name: string, ...shape: readonly number[]): Value =>
  constant(numbers(name.charCodeAt(0), ...shape), name);

function linear(outputs: number): Value {
  const Y = named("Y", add(matmul(weight("X", 4, 3), weight("W", 3, outputs)), weight("b", outputs)));
  return named("L", sum(mul(Y, data("R", 4, outputs))));
}

function meanLoss(): Value {
  const Y = named("Y", add(matmul(data("X", 4, 3), weight("W", 3, 2)), weight("b", 2)));
  const D = named("D", sub(Y, data("T", 4, 2)));
  return named("L", mean(square(D)));
}

function network(activation: (x: Value) => Value): Value {
  const Z = named("Z", add(matmul(data("X", 5, 3), weight("V", 3, 4)), weight("c", 4)));
  const H = named("H", activation(Z));
  const Y = named("Y", add(matmul(H, weight("W", 4, 2)), weight("b", 2)));
  return named("L", mean(square(sub(Y, data("T", 5, 2)))));
}

const oneHot = constant(
  [
    [0, 1, 0],
    [1, 0, 0],
    [0, 0, 1],
    [0, 1, 0],
  ],
  "Y",
);

function classifier(): Value {
  const Z = named("Z", add(matmul(data("X", 4, 2), weight("W", 2, 3)), weight("b", 3)));
  return named("L", mean(neg(sum(mul(oneHot, logSoftmax(Z)), { axes: 1 }))));
}

function probabilities(): Value {
  const P = named("P", softmax(weight("Z", 4, 3)));
  return named("L", div(neg(sum(mul(oneHot, log(P)))), 4));
}

function classes(): Value {
  const Z = named("Z", matmul(data("X", 4, 2), weight("W", 2, 3)));
  return named("L", crossEntropy(Z, [1, 0, 2, 1]));
}

function batchNorm(): Value {
  const X = weight("X", 4, 3);
  const m = named("m", mean(X, { axes: 0 }));
  const C = named("C", sub(X, m));
  const s = named("s", sqrt(add(mean(square(C), { axes: 0 }), 0.01)));
  const N = named("N", div(C, s));
  const Y = named("Y", add(mul(N, weight("g", 3)), weight("b", 3)));
  return named("L", sum(mul(Y, data("R", 4, 3))));
}

function recurrent(): Value {
  const W = weight("W", 3, 3);
  const U = weight("U", 2, 3);
  let h = weight("h0", 2, 3);
  for (let step = 1; step <= 3; step++) {
    h = named(`h${step}`, tanh(add(matmul(data(`x${step}`, 2, 2), U), matmul(h, W))));
  }
  return named("L", sum(mul(h, data("R", 2, 3))));
}

function linearRecurrence(): Value {
  const w = variable([0.5, -0.8, 1.2], "w");
  let h = variable([1, 2, -1], "h0");
  for (let step = 1; step <= 3; step++) h = named(`h${step}`, add(mul(h, w), data(`x${step}`, 3)));
  return named("L", sum(square(h)));
}

function embedding(): Value {
  const E = named("E", gather(weight("W", 4, 3), [1, 3, 1]));
  return named("L", sum(mul(E, data("R", 3, 3))));
}

function attention(): Value {
  const S = named("S", div(matmul(weight("Q", 3, 4), transpose(weight("K", 3, 4))), 2));
  const P = named("P", softmax(S));
  const O = named("O", matmul(P, weight("V", 3, 2)));
  return named("L", sum(mul(O, data("R", 3, 2))));
}

function heads(): Value {
  const X = weight("X", 2, 3, 4);
  const { output } = new nn.MultiheadAttention(4, 2, { random: new Random(3) }).forward(X, X, X);
  return named("L", mean(square(output)));
}

function sequence(): Value {
  const { output } = new nn.RNN(2, 3, { random: new Random(3) }).forward(data("X", 2, 2, 2));
  return named("L", mean(square(output)));
}

function scores(): Value {
  const S = named("S", matmul(weight("Q", 3, 3), transpose(weight("K", 3, 3))));
  return named("L", sum(mul(S, data("R", 3, 3))));
}

function largest(): Value {
  const x = variable(
    [
      [1, 3, 3],
      [2, 2, -1],
    ],
    "x",
  );
  const m = named("m", max(x, { axes: 1 }));
  return named("L", sum(mul(m, data("r", 2))));
}

function dropout(): Value {
  const mask = constant(
    [
      [2, 0, 2],
      [0, 2, 2],
    ],
    "mask",
  );
  const D = named("D", mul(named("H", matmul(weight("X", 2, 3), weight("W", 3, 3))), mask));
  return named("L", sum(square(D)));
}

function residual(): Value {
  const X = weight("X", 3, 3);
  const Y = named("Y", add(X, tanh(matmul(X, weight("W", 3, 3)))));
  return named("L", mean(square(Y)));
}

function matrixAndVector(): Value {
  const y = named("y", add(matmul(weight("W", 2, 3), weight("x", 3)), weight("b", 2)));
  return named("L", sum(square(y)));
}

function gate(): Value {
  const G = named("G", sigmoid(weight("Z", 2, 3)));
  const Y = named("Y", mul(G, weight("X", 2, 3)));
  return named("L", sum(mul(Y, data("R", 2, 3))));
}

function scaled(): Value {
  const Y = named("Y", mul(weight("X", 3, 3), weight("s", 3)));
  return named("L", mean(square(Y)));
}

function quadratic(): Value {
  const x = weight("x", 3);
  return named("L", sum(mul(x, named("y", matmul(weight("A", 3, 3), x)))));
}

function columns(): Value {
  const C = named("C", sub(weight("X", 3, 3), weight("m", 3, 1)));
  return named("L", sum(mul(square(C), data("R", 3, 3))));
}

function shared(): Value {
  const A = weight("A", 3, 3);
  return named("L", sum(mul(named("B", matmul(A, A)), data("R", 3, 3))));
}

function timesNumber(): Value {
  const B = named("B", matmul(weight("X", 3, 2), weight("W", 2, 2)));
  return named("L", mean(square(named("Y", mul(B, variable(3, "s"))))));
}

/** Too large to try every mistake in. */
export const large: Readonly<Record<string, () => Value>> = { "attention with two heads": heads };

/** Graphs as lessons on layers have them. */
export const layers: Readonly<Record<string, () => Value>> = {
  "a linear layer": () => linear(2),
  "a square linear layer": () => linear(3),
  "a linear layer under a mean square": meanLoss,
  "two layers with ReLU": () => network(relu),
  "two layers with tanh": () => network(tanh),
  "two layers with a sigmoid": () => network(sigmoid),
  "softmax and cross-entropy": classifier,
  "cross-entropy of probabilities": probabilities,
  "cross-entropy of classes": classes,
  "batch norm": batchNorm,
  "a recurrent network over three steps": recurrent,
  "a linear recurrence": linearRecurrence,
  "an embedding with a repeated row": embedding,
  attention,
  "attention scores": scores,
  "a recurrent layer": sequence,
  "the largest of each row": largest,
  dropout,
  "a residual block": residual,
  "a matrix and a vector": matrixAndVector,
  "a gate": gate,
  "scaled columns": scaled,
  "a quadratic form": quadratic,
  "rows less a column": columns,
  "a matrix used twice": shared,
  "a layer times a number": timesNumber,
};
