import {
  add,
  backward,
  bindName,
  type Figure,
  matmul,
  mean,
  mul,
  pow,
  show,
  softplus,
  square,
  sub,
  sum,
  tanh,
  type Value,
  variable,
} from "../../src/index.ts";
import { runningExample, twoPaths } from "./graphs.ts";

function named(name: string, value: Value): Value {
  bindName(value, name);
  return value;
}

function layer(): Value {
  const W = variable(
    [
      [0.5, -1, 2],
      [1, 0.3, -0.7],
    ],
    "W",
  );
  const x = variable([[0.4], [0.5], [0.3]], "x");
  const b = variable([[0.1], [0.2]], "b");
  const h = named("h", tanh(named("a", add(matmul(W, x), b))));
  return named("L", sum(h));
}

function batch(): Value {
  const wave = (rows: number, columns: number): number[][] =>
    Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => Math.sin(3 * i + 2 * j)));
  const Y = named("Y", add(matmul(variable(wave(12, 4), "X"), variable(wave(4, 3), "V")), variable([1, 0, -1], "c")));
  return named("L", mean(square(Y)));
}

function twoOutputs(): readonly [Value, Value] {
  const x = variable(0.5, "x");
  const a = named("a", mul(x, variable(3, "y")));
  return [named("u", tanh(a)), named("v", softplus(a))];
}

function derivative(): Value {
  const x = variable(2, "x");
  const z = named("z", mul(pow(x, 3), variable(3, "y")));
  return backward(z, { graph: true }).of(x);
}

/** One figure of each kind. */
export const figures: Readonly<Record<string, () => Figure>> = {
  scalars: () => show(runningExample()),
  "a step": () => show(twoPaths(), { step: 7, title: "Two paths" }),
  tensors: () => show(layer()),
  "a batch": () => show(batch(), { step: 9 }),
  "a hidden tensor": () => show(layer(), { hidden: ({ kind, node }) => kind !== "local" && node === 1 }),
  "several outputs": () => show(twoOutputs()),
  "one of several": () => {
    const [u, v] = twoOutputs();
    return show([u, v], { of: u });
  },
  tangents: () => show(runningExample(), { tangents: { x: 1, w: -2 }, step: 2 }),
  "a tensor's tangent": () => show(layer(), { tangents: { b: [[1], [0]] } }),
  "a gradient's graph": () => show(derivative()),
  "with its table": () => show(runningExample(), { table: true, autoplay: true, step: 5 }),
  marks: () =>
    show(twoPaths(), {
      marks: {
        marks: [
          { kind: "counted", wires: [{ node: 2, position: 1 }] },
          { kind: "missing", wires: [{ node: 4, position: 0 }], label: "missing path b → d → e" },
          { kind: "answer", node: 1, label: "yours ∂e/∂b = 2 ✗" },
        ],
        caption: { title: "One path is missing", tone: "wrong", rows: [[{ kind: "text", text: "b → d → e" }]] },
      },
    }),
  overview: () => {
    let value = variable(0.5, "x");
    for (let i = 0; i < 30; i++) value = sub(tanh(value), 0.5);
    return show(value);
  },
};
