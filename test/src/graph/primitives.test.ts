import assert from "node:assert/strict";
import fc from "fast-check";
import { pullBack } from "../../../src/autodiff/rules.ts";
import { localDerivative } from "../../../src/graph/graph.ts";
import type { Elementwise } from "../../../src/graph/primitive.ts";
import * as operations from "../../../src/graph/primitives.ts";
import { primitives } from "../../../src/graph/tape.ts";
import { backward, checkGradient, grad, jvp, type Operand, sum, type Value, variable } from "../../../src/index.ts";
import { assertClose } from "../../support/close.ts";

const elementwise = primitives.filter((primitive): primitive is Elementwise => primitive.family === "elementwise");

/** The callable of a primitive, by the name that the table gives it. */
function operationOf(name: string): (...inputs: Operand[]) => Value {
  return (operations as unknown as Record<string, (...inputs: Operand[]) => Value>)[name]!;
}

/** Arguments inside the primitive's domain and away from kinks, where a derivative exists. */
function argumentsOf(primitive: Elementwise): fc.Arbitrary<number[]> {
  const numbers = Array.from({ length: primitive.partials.length }, (_, position): fc.Arbitrary<number> => {
    if (isCondition(primitive, position)) return fc.constantFrom(0, 1);
    const { above, below } = primitive.domain[position]!;
    const positive = primitive.name === "pow" && position === 0;
    return fc.double({ min: positive ? 0.2 : Math.max(above + 0.2, -3), max: Math.min(below - 0.2, 3), noNaN: true });
  });
  return fc.tuple(...numbers).filter((inputs) => primitive.kink(...inputs) > 0.1) as unknown as fc.Arbitrary<number[]>;
}

/** What chooses is true or false: it does not move. */
function isCondition({ name }: Elementwise, position: number): boolean {
  return name === "where" && position === 0;
}

describe("the table of primitives", () => {
  it("has a method on Value for every elementwise operation", () => {
    for (const { name } of elementwise) {
      assert.equal(typeof (variable(1) as unknown as Record<string, unknown>)[name], "function", name);
    }
  });

  for (const primitive of elementwise) {
    const operation = operationOf(primitive.name);

    it(`${primitive.name}: partials match central differences`, () => {
      fc.assert(
        fc.property(argumentsOf(primitive), (inputs) => {
          const output = primitive.evaluate(...inputs);
          inputs.forEach((input, position) => {
            if (isCondition(primitive, position)) return;
            const at = (x: number): number => primitive.evaluate(...inputs.map((y, i) => (i === position ? x : y)));
            const expected = (at(input + 1e-6) - at(input - 1e-6)) / 2e-6;
            assertClose(localDerivative(primitive, position, inputs, output), expected, 1e-6, `at ${inputs}`);
          });
        }),
      );
    });

    it(`${primitive.name}: second derivatives match differences of first ones`, () => {
      fc.assert(
        fc.property(argumentsOf(primitive), (inputs) => {
          inputs.forEach((input, position) => {
            if (isCondition(primitive, position)) return;
            const f = (x: Value): Value => operation(...inputs.map((y, i) => (i === position ? x : y)));
            const first = grad(f);
            const expected = (first(input + 1e-5).item() - first(input - 1e-5).item()) / 2e-5;
            assertClose(grad(grad(f))(input).item(), expected, 1e-5, `at ${inputs}`);
          });
        }),
        { numRuns: 30 },
      );
    });

    if (primitive.result === "bool") {
      it(`${primitive.name}: says true or false, and passes no gradient`, () => {
        const z = operation(variable([1, 2, 3]), 2);
        assert.equal(z.dtype, "bool");
        assert.equal(z.needsGradient, false);
      });
      continue;
    }

    it(`${primitive.name}: ⟨ct, jvp(dx)⟩ = ⟨vjp(ct), dx⟩, with broadcasting`, () => {
      fc.assert(
        fc.property(
          fc.array(argumentsOf(primitive), { minLength: 6, maxLength: 6 }),
          fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 24, maxLength: 24 }),
          (rows, noise) => {
            const shapes = [[2, 3], [2, 1], [3]];
            const sizes = [6, 2, 3];
            const primals = Array.from({ length: primitive.partials.length }, (_, position) =>
              variable({
                data: Float64Array.from({ length: sizes[position]! }, (_x, i) => rows[i]![position]!),
                shape: shapes[position]!,
              }),
            );
            const tangents = primals.map((x, position) =>
              variable({
                data: Float64Array.from(noise.slice(position * 6, position * 6 + x.data.length)),
                shape: x.shape,
              }),
            );
            // Rows meet in new pairs when they broadcast: keep clear of kinks there too.
            const meet = primals.length === 2 ? primals[0]!.data : [];
            fc.pre(Array.from(meet).every((x, i) => primitive.kink(x, primals[1]!.data[Math.floor(i / 3)]!) > 0.05));
            const [z, tangent] = jvp(operation, primals, tangents);
            const cotangent = variable({
              data: Float64Array.from(noise.slice(18, 18 + z.data.length)),
              shape: z.shape,
            });
            const output = operation(...primals);
            const gradients = backward(output, { seed: cotangent });
            const left = dot(cotangent, tangent);
            const right = primals.reduce((total, x, position) => total + dot(gradients.of(x), tangents[position]!), 0);
            assertClose(left, right, 1e-9);
          },
        ),
        { numRuns: 50 },
      );
    });
  }

  it("pow: derivatives of whole powers at 0 are numbers, to any order", () => {
    for (const power of [1, 2, 3]) {
      let derivative = (x: Operand): Value => operations.pow(x, power);
      let expected = 1;
      for (let order = 1; order <= power + 2; order++) {
        derivative = grad(derivative);
        expected *= Math.max(power - order + 1, 0);
        assert.equal(derivative(0).item(), order === power ? expected : 0, `x^${power}, order ${order}`);
      }
    }
  });

  it("is what the backward pass reads: nothing but a table entry is needed for a contribution", () => {
    const x = variable(3);
    const z = operations.exp(x);
    assertClose(pullBack(z, variable(2))[0]!.item(), 2 * Math.exp(3));
  });
});

describe("linear and bilinear primitives", () => {
  const matrix = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 12, maxLength: 12 });
  const cases: Readonly<Record<string, (x: Value) => Value>> = {
    "sum over an axis": (x) => operations.sum(x, { axes: 1 }),
    "sum over a negative axis, kept": (x) => operations.sum(x, { axes: -2, keepDims: true }),
    "sum over all": (x) => operations.sum(x),
    "mean over an axis": (x) => operations.mean(x, { axes: 0 }),
    "mean over all": (x) => operations.mean(x),
    reshape: (x) => operations.reshape(x, [2, -1]),
    transpose: (x) => operations.transpose(x),
    broadcastTo: (x) => operations.broadcastTo(operations.reshape(x, [3, 1, 4]), [2, 3, 5, 4]),
    "matmul with itself transposed": (x) => operations.matmul(x, operations.transpose(x)),
    "matmul with a vector": (x) => operations.matmul(x, variable([1, 2, 3, 4])),
    "a vector with matmul": (x) => operations.matmul(variable([1, 2, 3]), x),
    "a batch of matmul": (x) =>
      operations.matmul(
        operations.reshape(x, [3, 2, 2]),
        variable([
          [1, 2],
          [3, 4],
        ]),
      ),
  };
  for (const [name, f] of Object.entries(cases)) {
    it(`${name}: gradients match central differences, and forward mode matches reverse`, () => {
      fc.assert(
        fc.property(matrix, matrix, (numbers, direction) => {
          const x = { data: Float64Array.from(numbers), shape: [3, 4] };
          const scalar = (value: Value): Value => sum(operations.tanh(f(value)));
          const check = checkGradient(scalar, [x]);
          assert.ok(check.ok, check.message);
          const tangent = variable({ data: Float64Array.from(direction), shape: [3, 4] });
          const primal = variable(x);
          assertClose(jvp(scalar, [primal], [tangent])[1].item(), dot(grad(scalar)(primal), tangent), 1e-9);
        }),
        { numRuns: 20 },
      );
    });
  }
});

function dot(a: Value, b: Value): number {
  let total = 0;
  a.data.forEach((x, i) => {
    total += x * b.data[i]!;
  });
  return total;
}
