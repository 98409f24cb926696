import {
  add,
  constant,
  curve,
  datasets,
  decisionBoundary,
  type Figure,
  heatmap,
  histogram,
  lossSurface,
  mul,
  outerProduct,
  plotFunction,
  relu,
  sigmoid,
  square,
  sub,
  sum,
  variable,
} from "../../src/index.ts";

/** A small one of every kind of plot, as lessons make them: the same numbers on every run. */
export function plots(): Readonly<Record<string, Figure>> {
  const wave = (count: number, size: number): number[] =>
    Array.from({ length: count }, (_, index) => size * Math.sin(index * index));
  return {
    curve: curve(
      { train: [4, 2, 1, 0.5, 0.25], test: [4.1, 2.5, Number.NaN, 1.4, 1.3] },
      { title: "Loss", logarithmic: "y" },
    ),
    plotFunction: plotFunction({ relu, sigmoid }, { from: -3, to: 3, tangent: 1, derivative: true }),
    decisionBoundary: decisionBoundary((x) => sub(sum(x, { axes: [1] }), 1.2), {
      ...datasets.xor(),
      resolution: 21,
      title: "One line cannot part them",
    }),
    lossSurface: lossSurface((a, b) => add(square(a), mul(4, square(b))), {
      a: [-2, 2],
      b: [-1, 1],
      path: [
        [1.5, 0.8],
        [0.6, -0.4],
        [0.2, 0.1],
      ],
      resolution: 21,
    }),
    histogram: histogram({ first: [...wave(60, 0.01), 0, 0, Number.NaN], second: wave(60, 1) }, { title: "Gradients" }),
    heatmap: heatmap(
      [
        [0.9, 0.1, 0],
        [0.3, 0.7, 0],
        [0.2, 0.35, 0.45],
      ],
      { rows: ["the", "cat", "sat"], columns: ["the", "cat", "sat"], title: "Attention" },
    ),
    filters: heatmap(constant({ data: Float64Array.from(wave(72, 1)), shape: [8, 1, 3, 3] }), { title: "Filters" }),
    outerProduct: outerProduct(variable([0.5, -1, 0, 2], "δ"), variable([0, 3, 4, -1, 0.25], "a"), {
      names: { product: "∂L/∂W" },
      title: "A weight's gradient",
    }),
  };
}
