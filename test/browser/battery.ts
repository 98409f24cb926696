// What the library is asked in a browser and in Node alike: a page loads this file, bundled, and answers with plain data.
import type { Elementwise } from "../../src/graph/primitive.ts";
import * as operations from "../../src/graph/primitives.ts";
import { primitives } from "../../src/graph/tape.ts";
import type { Operand, Value } from "../../src/index.ts";
import * as gradbook from "../../src/index.ts";

/** Numbers computed by the library beside those that they have to be, from a formula or from central differences. */
export interface Finding {
  readonly what: string;
  readonly received: readonly number[];
  readonly expected: readonly number[];
  readonly tolerance: number;
}

export interface Report {
  /** Whether code may be made from text where it ran. */
  readonly eval: boolean;
  readonly findings: readonly Finding[];
  /** Primitives that no finding led through, forward or backward. */
  readonly unmet: readonly string[];
}

const { backward, checkGradient, constant, graphOf, grad, hessian, jacobian, jvp, sum, tanh, variable, vmap } =
  gradbook;

export function runBattery(): Report {
  const met = new Set<string>();
  const findings = [...examples(), ...elementwise(met), ...blocks(met)];
  return {
    eval: mayEvaluate(),
    findings,
    unmet: primitives.map(({ name }) => name).filter((name) => !met.has(name)),
  };
}

function mayEvaluate(): boolean {
  try {
    return new Function("return true")() as boolean;
  } catch {
    return false;
  }
}

function finding(what: string, received: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-12): Finding {
  return { what, received: Array.from(received), expected: Array.from(expected), tolerance };
}

function examples(): readonly Finding[] {
  const [x, y, w] = [variable(2, "x"), variable(3, "y"), variable(4, "w")];
  const z = x.add(y).mul(w);
  const gradients = backward(z);

  // y = tanh(A·b): ∂/∂A = (1 − y²)·bᵀ, and ∂/∂b = Aᵀ(1 − y²).
  const matrix = variable([
    [0.5, -1, 2],
    [1, 0.25, -0.5],
  ]);
  const vector = variable([0.3, -0.2, 0.1]);
  const out = tanh(matrix.matmul(vector));
  const slopes = Array.from(out.data, (number) => 1 - number * number);
  const ofTensors = backward(sum(out));

  const single = variable(new Float32Array([0.1, 0.2, 0.3]));
  const square = (v: Value): Value => sum(v.square());
  const rosenbrock = (v: Value): Value => {
    const [a, b] = [v.slice([[0, 1]]), v.slice([[1, 2]])];
    return sum(constant(1).sub(a).square().add(b.sub(a.square()).square().mul(100)));
  };
  const cubes = (v: Value): Value => v.pow(3);
  return [
    finding("z = (x + y)·w", [z.item(), ...[x, y, w].map((of) => gradients.of(of).item())], [20, 4, 4, 5]),
    finding("tanh(A·b)", out.data, [0.55, 0.2].map(Math.tanh)),
    finding(
      "the gradient of Σ tanh(A·b) by A",
      ofTensors.of(matrix).data,
      slopes.flatMap((slope) => Array.from(vector.data, (number) => slope * number)),
    ),
    finding(
      "the gradient of Σ tanh(A·b) by b",
      ofTensors.of(vector).data,
      [0, 1, 2].map((i) => slopes.reduce((total, slope, row) => total + slope * matrix.data[3 * row + i]!, 0)),
    ),
    finding("the gradient of Σ x² in float32", grad(square)(single).data, [0.2, 0.4, 0.6].map(Math.fround), 1e-6),
    finding(
      "jvp of sin(x)·y",
      jvp((a, b) => a.sin().mul(b), [2, 3], [0.5, -1]).map((v) => v.item()),
      [3 * Math.sin(2), 1.5 * Math.cos(2) - Math.sin(2)],
    ),
    finding("the Hessian of Rosenbrock's function", hessian(rosenbrock)(variable([1, 2])).data, [402, -400, -400, 200]),
    finding("the Jacobian of x³", jacobian(cubes)(variable([1, 2])).data, [3, 0, 0, 12]),
    finding("the third derivative of x⁴", [grad(grad(grad((v) => v.pow(4))))(2).item()], [48]),
    finding("vmap of a gradient", vmap(grad((v) => v.pow(3)))(variable([1, 2, 3])).data, [3, 12, 27]),
  ];
}

/** Every elementwise primitive's gradient at some points of its domain, against central differences of its arithmetic. */
function elementwise(met: Set<string>): readonly Finding[] {
  return primitives
    .filter((primitive): primitive is Elementwise => primitive.family === "elementwise")
    .map((primitive) => {
      const operation = (operations as unknown as Record<string, (...inputs: Operand[]) => Value>)[primitive.name]!;
      const received: number[] = [];
      const expected: number[] = [];
      for (const inputs of pointsOf(primitive)) {
        const leaves = inputs.map((input) => variable(input));
        const z = operation(...leaves);
        meet(met, z);
        received.push(z.item());
        expected.push(primitive.evaluate(...inputs));
        if (!z.needsGradient) continue;
        const gradients = backward(z);
        inputs.forEach((input, position) => {
          // What a choice hangs on is true or false: it does not move.
          if (primitive.name === "where" && position === 0) return;
          const at = (moved: number): number =>
            primitive.evaluate(...inputs.map((x, i) => (i === position ? moved : x)));
          received.push(gradients.of(leaves[position]!).item());
          expected.push((at(input + 1e-6) - at(input - 1e-6)) / 2e-6);
        });
      }
      return finding(primitive.name, received, expected, 1e-6);
    });
}

/** Some points inside the domain and away from kinks; the same everywhere. */
function pointsOf({ domain, kink }: Elementwise): readonly (readonly number[])[] {
  const points: number[][] = [];
  for (let i = 1; points.length < 5; i++) {
    const inputs = domain.map(({ above, below }, position) => {
      const share = (i * (position + 1) * 0.618) % 1;
      const [low, high] = [Math.max(above + 0.2, domain.length > 1 ? 0.2 : -3), Math.min(below - 0.2, 3)];
      return low + share * (high - low);
    });
    if (kink(...inputs) > 0.05) points.push(inputs);
  }
  return points;
}

/** Numbers without a pattern, none of them close to another. */
function block(...shape: number[]): { readonly data: Float64Array; readonly shape: readonly number[] } {
  const size = shape.reduce((product, length) => product * length, 1);
  return { data: Float64Array.from({ length: size }, (_, i) => ((i * 0.618 + 0.3) % 1) * 3 - 1.4), shape };
}

const { argmax, avgPool2d, broadcastTo, cast, concat, conv2d, gather, logSoftmax, logSumExp, matmul, max } = gradbook;
const { maxPool2d, mean, min, pad, prod, remat, reshape, slice, softmax, stack, stopGradient, transpose } = gradbook;

/** What works on whole blocks: a function for each, and what it is given. */
const blockCases: Readonly<Record<string, readonly [(...inputs: Value[]) => Value, ...(readonly number[])[]]>> = {
  sum: [(x) => sum(x, { axes: 1 }), [2, 3]],
  mean: [(x) => mean(x, { axes: 0, keepDims: true }), [2, 3]],
  max: [(x) => max(x, { axes: 0 }), [3, 2]],
  min: [(x) => min(x), [3, 2]],
  prod: [(x) => prod(x, { axes: 1 }), [2, 3]],
  logSumExp: [(x) => logSumExp(x, { axes: 1 }), [2, 3]],
  softmax: [(x) => softmax(x), [2, 3]],
  logSoftmax: [(x) => logSoftmax(x, { axis: 0 }), [2, 3]],
  argmax: [(x) => x.mul(cast(argmax(x, { axis: 0 }), "float64")), [3, 2]],
  reshape: [(x) => reshape(x, [3, -1]), [2, 3]],
  transpose: [(x) => transpose(x, [1, 2, 0]), [2, 3, 2]],
  broadcastTo: [(x) => broadcastTo(x, [2, 3, 2]), [3, 1]],
  concat: [(x, y) => concat([x, y], { axis: 1 }), [2, 3], [2, 1]],
  stack: [(x, y) => stack([x, y], { axis: -1 }), [2, 3], [2, 3]],
  slice: [(x) => slice(x, [undefined, [-2, undefined]]), [2, 3]],
  pad: [
    (x) =>
      pad(x, [
        [1, 0],
        [0, 2],
      ]),
    [2, 3],
  ],
  gather: [(x) => gather(x, [2, 0, 2]), [3, 2]],
  cast: [(x) => cast(cast(x, "float64").mul(cast(constant([true, false]), "float64")), "float64"), [3, 2]],
  stopGradient: [(x) => x.add(stopGradient(constant([1, 2]))), [3, 2]],
  matmul: [matmul, [2, 2, 3], [3, 2]],
  conv2d: [(x, weight) => conv2d(x, weight, { stride: 2, padding: 1, groups: 2 }), [1, 2, 5, 4], [2, 1, 3, 2]],
  maxPool2d: [(x) => maxPool2d(x, { size: 2, stride: 1, padding: 1 }), [1, 1, 4, 3]],
  avgPool2d: [(x) => avgPool2d(x, { size: [2, 1], padding: [1, 0] }), [1, 1, 4, 3]],
  remat: [remat((x) => x.sin().mul(x)), [2, 3]],
};

function blocks(met: Set<string>): readonly Finding[] {
  return Object.entries(blockCases).map(([what, [f, ...shapes]]) => {
    const scalar = (...inputs: Value[]): Value => sum(tanh(f(...inputs)));
    const inputs = shapes.map((shape) => block(...shape));
    const leaves = inputs.map((input) => variable(input));
    const gradient = backward(scalar(...leaves), { graph: true }).of(leaves[0]!);
    // Differentiated once more, because the derivatives of derivatives have primitives of their own.
    meet(met, backward(sum(gradient.square()), { graph: true }).of(leaves[0]!));
    const second = (x: Value): Value => sum(grad((y) => scalar(y, ...leaves.slice(1)))(x).square());
    const worst = [checkGradient(scalar, inputs).worst, checkGradient(second, [inputs[0]!]).worst];
    return finding(`${what}: errors of its first and second derivatives`, worst, [0, 0], 1e-5);
  });
}

function meet(met: Set<string>, z: Value): void {
  for (const { primitive } of graphOf(z).nodes) if (primitive !== undefined) met.add(primitive.name);
}
