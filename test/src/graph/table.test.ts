import assert from "node:assert/strict";
import fc from "fast-check";
import { primitives } from "../../../src/graph/tape.ts";
import {
  backward,
  checkGradient,
  constant,
  grad,
  graphOf,
  hvp,
  jvp,
  maxPool2d,
  mul,
  reshape,
  type Shape,
  slice,
  stack,
  stopGradient,
  sum,
  tanh,
  type Value,
  variable,
  vjp,
  vmap,
} from "../../../src/index.ts";
import { assertClose } from "../../support/close.ts";
import { type Sample, samples } from "./samples.ts";

const runs = { numRuns: 6 };
/** How many slices a batch has. */
const batch = 3;

interface Block {
  readonly shape: Shape;
  readonly data: Float64Array;
}

const sizeOf = (shape: Shape): number => shape.reduce((size, length) => size * length, 1);

/** Numbers between −1.5 and 1.5 in any order, no two of them near each other: the largest of them is clear. */
function blocks(shape: Shape): fc.Arbitrary<Block> {
  const size = sizeOf(shape);
  return fc
    .tuple(
      fc.shuffledSubarray([...Array(size).keys()], { minLength: size, maxLength: size }),
      fc.array(fc.double({ min: 0.1, max: 0.9, noNaN: true }), { minLength: size, maxLength: size }),
    )
    .map(([order, within]) => ({
      shape,
      data: Float64Array.from(order, (place, i) => ((place + within[i]!) / size) * 3 - 1.5),
    }));
}

function blocksOf(shapes: readonly Shape[]): fc.Arbitrary<Block[]> {
  return fc.tuple(...shapes.map(blocks));
}

/** Waves, as weights that no symmetry of a primitive hides behind. */
function waves(shape: Shape, phase: number): Block {
  return { shape, data: Float64Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(12.9898 * (i + phase))) };
}

/** A scalar in which every element of the sample's result counts, and counts differently. */
function scalar({ call }: Sample): (...inputs: Value[]) => Value {
  return (...inputs) => {
    const z = call(...inputs);
    return sum(mul(constant(waves(z.shape, 1)), tanh(z)));
  };
}

function dot(a: Value, b: Value): number {
  const right = b.data;
  return Array.from(a.data).reduce((total, x, i) => total + x * right[i]!, 0);
}

function sliceAt(x: Value, i: number): Value {
  return reshape(slice(x, [[i, i + 1]]), x.shape.slice(1));
}

const valuesOf = (list: readonly Block[]): Value[] => list.map((block) => variable(block));

describe("the table of primitives that work on blocks", () => {
  it("is covered by the samples, what derivatives are made of included", () => {
    const seen = new Set<string>();
    const note = (z: Value): void => {
      for (const { primitive } of graphOf(z).nodes) if (primitive !== undefined) seen.add(primitive.name);
    };
    for (const { inputs, call } of Object.values(samples)) {
      const at = inputs.map((shape) => variable(waves(shape, 2)));
      const z = call(...at);
      const gradients = backward(z, { seed: constant(waves(z.shape, 1)), graph: true });
      for (const x of at) note(gradients.of(x));
      note(z);
    }
    note(stopGradient(variable(1)));
    // Inside of another transform, an argument is the identity of what it was given.
    const inner = (y: Value): Value => {
      note(y);
      return mul(y, y);
    };
    grad((x) => grad(inner)(x))(2);
    const missing = primitives.filter(({ family, name }) => family !== "elementwise" && !seen.has(name));
    assert.deepEqual(
      missing.map(({ name }) => name),
      [],
    );
  });

  for (const [name, sample] of Object.entries(samples)) {
    const { inputs, call } = sample;
    const f = scalar(sample);

    it(`${name}: gradients match central differences`, () => {
      fc.assert(
        fc.property(blocksOf(inputs), (at) => {
          const check = checkGradient(f, at);
          assert.ok(check.ok, check.message);
        }),
        runs,
      );
    });

    it(`${name}: ⟨ct, jvp(dx)⟩ = ⟨vjp(ct), dx⟩`, () => {
      fc.assert(
        fc.property(blocksOf(inputs), blocksOf(inputs), (at, directions) => {
          const [primals, tangents] = [valuesOf(at), valuesOf(directions)];
          const [z, tangent] = jvp(call, primals, tangents);
          const cotangent = constant(waves(z.shape, 3));
          const [again, pullback] = vjp(call, ...primals);
          assert.deepEqual(again.toArray(), z.toArray());
          const gradients = pullback(cotangent);
          const right = gradients.reduce((total, gradient, i) => total + dot(gradient, tangents[i]!), 0);
          assertClose(dot(cotangent, tangent), right, 1e-12);
        }),
        runs,
      );
    });

    it(`${name}: the pass over numbers and the one that is recorded agree`, () => {
      fc.assert(
        fc.property(blocksOf(inputs), (at) => {
          const primals = valuesOf(at);
          const z = f(...primals);
          const [numbers, graph] = [backward(z), backward(z, { graph: true })];
          for (const x of primals) assertClose(numbers.of(x).data, graph.of(x).data, 1e-13);
        }),
        runs,
      );
    });

    it(`${name}: second derivatives match differences of first ones, backward and forward`, () => {
      fc.assert(
        fc.property(blocksOf(inputs), (at) => {
          inputs.forEach((shape, position) => {
            const direction = constant(waves(shape, 4));
            const others = valuesOf(at);
            const alone = (x: Value): Value => f(...others.map((other, i) => (i === position ? x : other)));
            const slope = (x: Value): Value => sum(mul(grad(alone)(x), direction));
            const check = checkGradient(slope, [at[position]!], { step: 1e-5, tolerance: 1e-5 });
            assert.ok(check.ok, `by input ${position}: ${check.message}`);
            const x = variable(at[position]!);
            assertClose(hvp(alone, x, direction).data, grad(slope)(x).data, 1e-11);
          });
        }),
        { numRuns: 3 },
      );
    });

    it(`${name}: vmap equals a loop over slices, of the values and of the gradients`, () => {
      fc.assert(
        fc.property(blocksOf(inputs.map((shape) => [batch, ...shape])), (at) => {
          const whole = valuesOf(at);
          const loop = (g: (...list: Value[]) => Value, shared?: number): Value =>
            stack(
              Array.from({ length: batch }, (_, i) =>
                g(...whole.map((x, position) => sliceAt(x, position === shared ? 0 : i))),
              ),
            );
          const agree = (actual: Value, expected: Value): void => {
            assert.deepEqual(actual.shape, expected.shape);
            assertClose(actual.data, expected.data, 1e-12);
          };
          agree(vmap(call)(...whole), loop(call));
          agree(vmap(grad(f))(...whole), loop(grad(f)));
          if (inputs.length === 1) return;
          // One input is the same for all slices.
          inputs.forEach((_, shared) => {
            const inAxes = inputs.map((_shape, position) => (position === shared ? null : 0));
            const given = whole.map((x, position) => (position === shared ? sliceAt(x, 0) : x));
            agree(vmap(call, { inAxes })(...given), loop(call, shared));
            const byShared = grad(f, { argnums: shared });
            agree(vmap(byShared, { inAxes })(...given), loop(byShared, shared));
          });
        }),
        { numRuns: 4 },
      );
    });
  }

  it("maxPool2d gives nothing to the zeros around: equal ones inside share the gradient", () => {
    const x = variable({ data: new Float64Array(4), shape: [1, 1, 2, 2] });
    const z = sum(maxPool2d(x, { size: 2, stride: 2, padding: 1 }));
    for (const graph of [false, true]) {
      assert.deepEqual(Array.from(backward(z, { graph }).of(x).data), [1, 1, 1, 1]);
    }
    assert.equal(jvp((y) => sum(maxPool2d(y, { size: 2, stride: 2, padding: 1 })), [x], [1])[1].item(), 4);
  });
});
