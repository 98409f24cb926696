import assert from "node:assert/strict";
import fc from "fast-check";
import {
  add,
  backward,
  constant,
  customVjp,
  exp,
  GradientError,
  grad,
  graphOf,
  hessian,
  jvp,
  matmul,
  mul,
  remat,
  sin,
  sum,
  tanh,
  type Value,
  variable,
  vmap,
} from "../../../src/index.ts";
import { assertClose } from "../../support/close.ts";

const numbers = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 3, maxLength: 3 });
const some = { numRuns: 20 };

describe("remat", () => {
  const plain = (x: Value): Value => tanh(mul(sin(mul(x, x)), exp(x)));
  const again = remat(plain);
  const total = (f: (x: Value) => Value) => (x: Value) => sum(mul(f(x), constant([1, 2, 3])));

  it("equals its function in value, gradient, tangent, second derivative and batch", () => {
    fc.assert(
      fc.property(numbers, numbers, (at, direction) => {
        const [x, v] = [variable(at), constant(direction)];
        assert.deepEqual(again(x).toArray(), plain(x).toArray());
        const [f, g] = [total(again), total(plain)];
        assertClose(grad(f)(x).data, grad(g)(x).data, 1e-13);
        assertClose(backward(f(x)).of(x).data, grad(g)(x).data, 1e-13);
        assertClose(jvp(f, [x], [v])[1].item(), jvp(g, [x], [v])[1].item(), 1e-12);
        assertClose(hessian(f)(x).data, hessian(g)(x).data, 1e-11);
        const xs = variable({ shape: [2, 3], data: Float64Array.from([...at, ...direction]) });
        assertClose(vmap(again)(xs).data, vmap(plain)(xs).data, 1e-13);
        assertClose(vmap(grad(f))(xs).data, vmap(grad(g))(xs).data, 1e-13);
      }),
      some,
    );
  });

  it("is one node, that keeps nothing in between", () => {
    const x = variable([1, 2, 3], "x");
    assert.deepEqual(
      graphOf(again(x)).nodes.map(({ kind }) => kind),
      ["variable", "operation"],
    );
  });

  it("reaches the parameters that its function reads from outside", () => {
    fc.assert(
      fc.property(numbers, numbers, (at, weights) => {
        const [x, w, b] = [
          variable(at),
          variable({ shape: [3, 1], data: Float64Array.from(weights) }),
          variable([0.5]),
        ];
        const layer = (h: Value): Value => tanh(add(matmul(h, w), b));
        const [kept, run] = [backward(sum(layer(x))), backward(sum(remat(layer)(x)))];
        for (const leaf of [x, w, b]) assertClose(run.of(leaf).data, kept.of(leaf).data, 1e-13);
        // Twice in one graph, one above the other.
        const deep = (f: (h: Value) => Value): Value => sum(f(mul(x, sum(f(x)))));
        const [keptDeep, runDeep] = [backward(deep(layer)), backward(deep(remat(layer)))];
        for (const leaf of [x, w, b]) assertClose(runDeep.of(leaf).data, keptDeep.of(leaf).data, 1e-12);
      }),
      some,
    );
  });

  it("differentiates by a parameter from outside inside of grad, also twice", () => {
    const f = (w: Value): Value => remat((x) => mul(mul(w, w), mul(w, x)))(variable(2));
    assert.equal(grad(f)(3).item(), 54);
    assert.equal(grad(grad(f))(3).item(), 36);
    assert.equal(jvp(f, [3], [1])[1].item(), 54);
    assert.equal(jvp(grad(f), [3], [1])[1].item(), 36);
  });

  it("takes whole numbers beside floats", () => {
    const rows = remat((x: Value, i: Value) => sum(x.gather(i)));
    const x = variable([1, 2, 3]);
    assert.deepEqual(
      backward(rows(x, constant(new Int32Array([2, 0, 2]))))
        .of(x)
        .toArray(),
      [1, 0, 2],
    );
  });

  it("says what its function must return", () => {
    assert.throws(
      () => remat(() => 3 as never)(variable(1)),
      /remat: the function must return a Value; it returned number/,
    );
  });
});

describe("customVjp", () => {
  // A rule that no differentiation of its function would find: 7 times the true one.
  const cube = customVjp(
    function cube(x) {
      return mul(x, mul(x, x));
    },
    (cotangent, [x]) => [mul(cotangent, mul(21, mul(x!, x!)))],
  );

  it("gives the function's value and the rule's gradient", () => {
    assert.equal(cube(variable(2)).item(), 8);
    assert.equal(grad(cube)(2).item(), 84);
    assert.deepEqual(grad((x) => sum(cube(x)))(variable([1, 2])).toArray(), [21, 84]);
    const x = variable(2, "x");
    const z = cube(x);
    assert.equal(backward(z).of(x).item(), 84);
    assert.deepEqual(
      graphOf(z).nodes.map(({ primitive }) => primitive?.name),
      [undefined, "cube"],
    );
  });

  it("is followed by forward mode, by second derivatives and by vmap", () => {
    assert.equal(jvp(cube, [2], [0.5])[1].item(), 42);
    assert.equal(grad(grad(cube))(2).item(), 84);
    assert.equal(jvp(grad(cube), [2], [1])[1].item(), 84);
    assert.deepEqual(vmap(cube)(variable([1, 2, 3])).toArray(), [1, 8, 27]);
    assert.deepEqual(vmap(grad(cube))(variable([1, 2, 3])).toArray(), [21, 84, 189]);
  });

  it("hands the rule the output, and as many inputs as there are", () => {
    const exponential = customVjp(exp, (cotangent, _inputs, output) => [mul(cotangent, output)]);
    assertClose(grad(exponential)(1).item(), Math.E, 1e-15);
    const product = customVjp(mul as (x: Value, y: Value) => Value, (ct, [x, y]) => [mul(ct, y!), mul(ct, x!)]);
    assert.deepEqual(
      grad((x, y) => product(x, y), { argnums: [0, 1] })(2, 5).map((g) => g.item()),
      [5, 2],
    );
    assert.equal(jvp(product, [2, 5], [1, 10])[1].item(), 25);
    assert.equal(jvp((x) => product(x, 5), [2], [1])[1].item(), 5);
  });

  it("says what a rule returns amiss, by the function's name", () => {
    const refused = (pullback: () => unknown): (() => unknown) => {
      const f = customVjp(
        function half(x) {
          return mul(0.5, x);
        },
        pullback as () => Value[],
      );
      return () => grad((x) => sum(f(x)))(variable([1, 2]));
    };
    assert.throws(
      refused(() => []),
      /customVjp: the pullback of half must return a list of 1 gradients, one for each input/,
    );
    assert.throws(
      refused(() => variable(1)),
      GradientError,
    );
    assert.throws(
      refused(() => [variable(1)]),
      /must return a Value of \[2\] for input 0; it returned a scalar/,
    );
    assert.throws(
      refused(() => [3]),
      /must return a Value of \[2\] for input 0; it returned number/,
    );
    assert.throws(
      () =>
        customVjp(
          () => "text" as never,
          () => [],
        )(variable(1)),
      /customVjp: the function must return a Value; it returned string/,
    );
  });
});
