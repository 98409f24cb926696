import assert from "node:assert/strict";
import fc from "fast-check";
import {
  backward,
  constant,
  type Data,
  exp,
  grad,
  hessian,
  hvp,
  jacobian,
  jvp,
  matmul,
  mul,
  reshape,
  sin,
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

const number = fc.double({ min: -2, max: 2, noNaN: true });
const numbers = (length: number): fc.Arbitrary<number[]> => fc.array(number, { minLength: length, maxLength: length });
const some = { numRuns: 20 };

function block(shape: readonly number[], data: readonly number[]): Data {
  return { shape, data: Float64Array.from(data) };
}

/** A scalar of a vector with second derivatives everywhere. */
const curved = (x: Value): Value => sum(mul(exp(mul(x, 0.3)), sin(mul(x, sum(x)))));

describe("jacobian", () => {
  it("has the shape [...result, ...argument], wide or tall", () => {
    const wide = (x: Value): Value => sum(mul(x, x), { axes: 0 });
    const tall = (x: Value): Value => stack([x, mul(x, x), sin(x), tanh(x)]);
    const x = variable(block([2, 3], [1, 2, 3, 4, 5, 6]));
    assert.deepEqual(jacobian(wide)(x).shape, [3, 2, 3]);
    assert.deepEqual(jacobian(tall)(x).shape, [4, 2, 3, 2, 3]);
    assert.deepEqual(jacobian((y) => sum(y))(x).shape, [2, 3]);
    assert.deepEqual(jacobian((y) => mul(y, constant([1, 2])))(3).shape, [2]);
    assert.deepEqual(jacobian(sin)(0).item(), 1);
  });

  it("of a product with a matrix is the matrix, by forward mode and by reverse mode", () => {
    fc.assert(
      fc.property(fc.constantFrom([2, 5], [5, 2], [3, 3]), numbers(10), numbers(5), (shape, data, at) => {
        const [rows, columns] = shape as [number, number];
        const a = constant(
          block(
            shape,
            Array.from({ length: rows * columns }, (_, i) => data[i % 10]!),
          ),
        );
        const f = (x: Value): Value => matmul(a, x);
        const whole = jacobian(f)(variable(at.slice(0, columns)));
        assert.deepEqual(whole.shape, a.shape);
        assertClose(whole.data, a.data, 0);
      }),
    );
  });

  it("has a row for each vjp and a column for each jvp", () => {
    fc.assert(
      fc.property(numbers(3), (at) => {
        const f = (x: Value): Value => tanh(mul(stack([x, sin(x)]), sum(x)));
        const x = variable(at);
        const whole = reshape(jacobian(f)(x), [6, 3]).toArray() as number[][];
        const [, pullback] = vjp(f, x);
        whole.forEach((row, i) => {
          const unit = block(
            [2, 3],
            [0, 1, 2, 3, 4, 5].map((j) => Number(i === j)),
          );
          assertClose(pullback(constant(unit))[0]!.data, row, 1e-12);
        });
        for (let j = 0; j < 3; j++) {
          const tangent = jvp(f, [x], [constant([0, 1, 2].map((i) => Number(i === j)))])[1];
          assertClose(
            tangent.data,
            whole.map((row) => row[j]!),
            1e-12,
          );
        }
      }),
      some,
    );
  });

  it("takes argnums, and is zeros where nothing depends on the argument", () => {
    const f = (x: Value, y: Value): Value => mul(x, y);
    const [x, y] = [variable([1, 2]), variable([3, 4])];
    assert.deepEqual(jacobian(f, { argnums: 1 })(x, y).toArray(), [
      [1, 0],
      [0, 2],
    ]);
    assert.deepEqual(jacobian(() => constant([5, 6]))(x).toArray(), [
      [0, 0],
      [0, 0],
    ]);
    assert.throws(() => jacobian(f, { argnums: 2 })(x, y), /no argument 2; the function was given 2/);
  });
});

describe("hessian", () => {
  it("is symmetric, and the Jacobian of the gradient", () => {
    fc.assert(
      fc.property(numbers(4), (at) => {
        const x = variable(at);
        const whole = hessian(curved)(x).toArray() as number[][];
        whole.forEach((row, i) => {
          assertClose(
            row,
            whole.map((other) => other[i]!),
            1e-11,
          );
        });
        assertClose(hessian(curved)(x).data, jacobian(grad(curved))(x).data, 1e-12);
      }),
      some,
    );
  });

  it("has the shape [...x, ...x]", () => {
    const x = variable(block([2, 2], [1, 2, 3, 4]));
    const whole = hessian((y) => sum(mul(mul(y, y), y)))(x);
    assert.deepEqual(whole.shape, [2, 2, 2, 2]);
    // Of Σ y³ it is 6y on its diagonal.
    assert.deepEqual(
      Array.from(whole.data).filter((entry) => entry !== 0),
      [6, 12, 18, 24],
    );
  });

  it("times a vector is hvp", () => {
    fc.assert(
      fc.property(numbers(4), numbers(4), (at, direction) => {
        const [x, v] = [variable(at), constant(direction)];
        assertClose(hvp(curved, x, v).data, matmul(hessian(curved)(x), v).data, 1e-10);
      }),
      some,
    );
  });
});

describe("nesting", () => {
  it("comes back to the sine after four derivatives, in each order of modes", () => {
    const forward = (f: (x: Value) => Value) => (x: Value) => jvp(f, [x], [1])[1];
    const reverse = (f: (x: Value) => Value) => (x: Value) => grad(f)(x);
    const reverseByVjp = (f: (x: Value) => Value) => (x: Value) => vjp(f, x)[1](constant(1))[0]!;
    fc.assert(
      fc.property(
        number,
        fc.array(fc.constantFrom(forward, reverse, reverseByVjp), { minLength: 4, maxLength: 4 }),
        (at, modes) => {
          const fourth = modes.reduce((f, derivative) => derivative(f), sin as (x: Value) => Value);
          assertClose(fourth(variable(at)).item(), Math.sin(at), 1e-12);
        },
      ),
      { numRuns: 81 },
    );
  });

  it("keeps apart what the inner and the outer transform move", () => {
    // d/dx [x · d/dy (x + y)] = 1, whatever the modes: perturbations must not be confused.
    const inner = [
      (x: Value): Value => grad((y) => x.add(y))(1),
      (x: Value): Value => jvp((y) => x.add(y), [1], [1])[1],
    ];
    for (const derivative of inner) {
      const f = (x: Value): Value => mul(x, derivative(x));
      assert.equal(grad(f)(3).item(), 1);
      assert.equal(jvp(f, [3], [1])[1].item(), 1);
    }
  });

  it("records a backward pass that runs inside of grad", () => {
    // |∇f|² of f = Σ x⁴ is Σ 16x⁶.
    const f = (x: Value): Value => {
      const gradient = backward(sum(x.pow(4))).of(x);
      return sum(mul(gradient, gradient));
    };
    assertClose(grad(f)(variable([1, -1.5])).data, [96, 96 * (-1.5) ** 5], 1e-12);
    assertClose(jvp(f, [variable([1, 2])], [constant([1, 0])])[1].item(), 96, 1e-12);
  });
});

describe("vmap", () => {
  it("inside of grad is the gradient of the loop, and around it each slice's gradient", () => {
    fc.assert(
      fc.property(numbers(6), (data) => {
        const xs = variable(block([3, 2], data));
        const total = (batch: Value): Value => sum(vmap(curved)(batch));
        const loop = (batch: Value): Value =>
          [0, 1, 2].map((i) => curved(reshape(slice(batch, [[i, i + 1]]), [2]))).reduce((a, b) => a.add(b));
        assertClose(grad(total)(xs).data, grad(loop)(xs).data, 1e-12);
        // The slices do not meet, so both are one.
        assertClose(vmap(grad(curved))(xs).data, grad(total)(xs).data, 1e-12);
        assertClose(
          vmap(hessian(curved))(xs).data,
          stack([0, 1, 2].map((i) => hessian(curved)(variable(data.slice(2 * i, 2 * i + 2))))).data,
          1e-11,
        );
        const v = constant(block([3, 2], data.map(Math.cos)));
        assertClose(
          vmap((x, t) => jvp(curved, [x], [t])[1])(xs, v).data,
          vmap((x, t) => sum(mul(grad(curved)(x), t)))(xs, v).data,
          1e-12,
        );
      }),
      some,
    );
  });

  it("of vmap gives all pairs", () => {
    const pairs = vmap((x) => vmap((y) => mul(x, y))(variable([1, 10, 100])));
    assert.deepEqual(pairs(variable([2, 3])).toArray(), [
      [2, 20, 200],
      [3, 30, 300],
    ]);
    const xs = variable(
      block(
        [2, 3, 4],
        Array.from({ length: 24 }, (_, i) => Math.sin(i)),
      ),
    );
    assertClose(
      vmap(vmap(curved))(xs).data,
      stack([0, 1].map((i) => vmap(curved)(reshape(slice(xs, [[i, i + 1]]), [3, 4])))).data,
      1e-12,
    );
    assertClose(vmap(vmap(grad(curved)))(xs).data, vmap(grad(curved))(reshape(xs, [6, 4])).data, 1e-12);
  });

  it("goes along any axis, negative ones counted from the end, and shares what is null", () => {
    const xs = variable([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const w = variable([10, 100]);
    const f = (x: Value, y: Value): Value => sum(mul(x, y));
    assert.deepEqual(vmap(f, { inAxes: [1, null] })(xs, w).toArray(), [410, 520, 630]);
    assert.deepEqual(vmap(f, { inAxes: [-1, null] })(xs, w).toArray(), [410, 520, 630]);
    assert.deepEqual(
      vmap(f, { inAxes: [null, 0] })(
        variable([1, 2]),
        variable([
          [1, 1],
          [2, 2],
        ]),
      ).toArray(),
      [3, 6],
    );
    assert.deepEqual(vmap((x) => sum(x), { inAxes: -2 })(xs).toArray(), [6, 15]);
    assert.deepEqual(vmap((x, y) => x.add(y), { inAxes: [0, null] })(w, 1).toArray(), [11, 101]);
    assert.deepEqual(grad((y) => sum(vmap(f, { inAxes: [1, null] })(xs, y)))(w).toArray(), [6, 15]);
  });

  it("repeats a result that no slice changes", () => {
    assert.deepEqual(vmap(() => constant([7, 8]))(variable([1, 2, 3])).toArray(), [
      [7, 8],
      [7, 8],
      [7, 8],
    ]);
  });
});

describe("stopGradient", () => {
  it("is the value to what follows and a constant to differentiation", () => {
    const f = (x: Value): Value => mul(x, stopGradient(mul(x, x)));
    assert.equal(f(variable(3)).item(), 27);
    assert.equal(grad(f)(3).item(), 9);
    assert.equal(jvp(f, [3], [1])[1].item(), 9);
    assert.equal(grad(grad(f))(3).item(), 0);
    assert.deepEqual(vmap(grad(f))(variable([1, 2])).toArray(), [1, 4]);
    assert.equal(stopGradient(variable(1)).needsGradient, false);
  });
});
