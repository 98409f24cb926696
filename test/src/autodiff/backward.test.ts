import assert from "node:assert/strict";
import fc from "fast-check";
import {
  add,
  backward,
  constant,
  grad,
  jvp,
  matmul,
  mul,
  sum,
  tanh,
  type Value,
  valueAndGrad,
  variable,
} from "../../../src/index.ts";
import { assertClose } from "../../support/close.ts";

describe("backward", () => {
  it("gives the running example's gradients: 4, 4, 5", () => {
    const [x, y, w] = [variable(2, "x"), variable(3, "y"), variable(4, "w")];
    const gradients = backward(mul(add(x, y), w));
    assert.deepEqual(
      [x, y, w].map((leaf) => gradients.of(leaf).item()),
      [4, 4, 5],
    );
  });

  it("sums cotangents where a value is used twice", () => {
    fc.assert(
      fc.property(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 }), (p, q) => {
        const [a, b] = [variable(p), variable(q)];
        const gradients = backward(mul(add(a, b), add(b, 1)));
        assert.equal(gradients.of(a).item(), q + 1);
        assert.equal(gradients.of(b).item(), q + 1 + (p + q));
      }),
    );
  });

  it("tells the chain rule term by term", () => {
    const b = variable(1, "b");
    const e = mul(add(variable(2, "a"), b), add(b, 1));
    const terms = backward(e)
      .steps.flatMap((step) => step.terms)
      .filter((term) => term.input.id === b.id);
    assert.deepEqual(
      terms.map(({ local, contribution, before, after, last }) => [
        local?.item(),
        contribution.item(),
        before?.item(),
        after.item(),
        last,
      ]),
      [
        [1, 3, undefined, 3, false],
        [1, 2, 3, 5, true],
      ],
    );
  });

  it("is the same over numbers, over tensors and as a graph", () => {
    const f = (x: Value, y: Value): Value => sum(tanh(mul(add(x, y), x)));
    fc.assert(
      fc.property(fc.double({ min: -2, max: 2, noNaN: true }), fc.double({ min: -2, max: 2, noNaN: true }), (p, q) => {
        const [x, y] = [variable(p), variable(q)];
        const [u, v] = [variable([p]), variable([q])];
        const numbers = backward(f(x, y));
        const tensors = backward(f(u, v));
        const graph = backward(f(x, y), { graph: true });
        assertClose(tensors.of(u).item(), numbers.of(x).item(), 1e-14);
        assertClose(graph.of(y).item(), numbers.of(y).item(), 1e-14);
        assert.equal(graph.of(y).needsGradient, true);
        assertClose(jvp(f, [p, q], [1, 0])[1].item(), numbers.of(x).item(), 1e-12);
      }),
    );
  });

  it("gives zeros where the output does not depend on a variable", () => {
    const other = variable([1, 2]);
    assert.deepEqual(
      backward(mul(variable(1), 2))
        .of(other)
        .toArray(),
      [0, 0],
    );
  });

  it("starts a tensor from the cotangent it is given", () => {
    const x = variable([1, 2]);
    assert.deepEqual(
      backward(mul(x, x), { seed: constant([1, 10]) })
        .of(x)
        .toArray(),
      [2, 40],
    );
    assert.throws(() => backward(mul(x, x)), /2 elements.*Start from a scalar.*seed/s);
    assert.throws(() => backward(mul(x, x), { seed: constant([1, 2, 3]) }), /seed must have the output's shape/);
  });

  it("says that a constant has no gradient", () => {
    const c = constant(3, "c");
    assert.throws(() => backward(mul(variable(1), c)).of(c), /c is a constant.*variable/);
    assert.throws(() => backward(mul(c, c)), /does not depend on a variable/);
  });

  it("tells of every value in a long graph, also after other long passes", () => {
    const length = 1500;
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: length - 1 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 0, max: 9 }),
        (asked, every) => {
          // Variables among the operations, a tensor in the middle: what is kept and what is not lie side by side.
          const variables: Value[] = [variable(1.5)];
          const chain: Value[] = [variables[0]!];
          for (let i = 1; i < length; i++) {
            if (i % 50 === every && i < length / 3) variables.push(variable(i / length));
            const before = chain[i - 1]!;
            if (i === length / 2) chain.push(sum(mul(before, variable([0.5, 0.25]))));
            else chain.push(i % 2 === 0 ? tanh(before) : add(mul(before, variables[i % variables.length]!), 0.1));
          }
          const z = chain[length - 1]!;
          const asNumbers = backward(z);
          const asGraph = backward(z, { graph: true });
          // This pass takes over what the first one worked with.
          backward(z.mul(3));
          for (const value of [...variables, ...asked.map((i) => chain[i]!)]) {
            const number = asNumbers.of(value).item();
            assertClose(number, asGraph.of(value).item());
            assertClose(backward(z.mul(2)).of(value).item(), 2 * number);
          }
        },
      ),
      { numRuns: 20 },
    );
  });

  it("differentiates a chain of a million nodes", () => {
    const x = variable(1);
    let z: Value = x;
    for (let i = 0; i < 1_000_000; i++) z = add(z, x);
    assert.equal(backward(z).of(x).item(), 1_000_001);
  });
});

describe("grad", () => {
  it("nests: the third derivative of x⁵ is 60x²", () => {
    const f = (x: Value): Value => x.pow(5);
    assertClose(grad(grad(grad(f)))(1.5).item(), 60 * 1.5 ** 2, 1e-12);
  });

  it("differentiates by its own argument only, also where an outer value is used inside", () => {
    const f = (x: Value): Value => mul(x, grad((y) => mul(x, y))(x));
    assertClose(grad(f)(3).item(), 6, 1e-12);
  });

  it("takes argnums, and a list of them", () => {
    const f = (x: Value, y: Value): Value => mul(mul(x, y), y);
    assert.equal(grad(f, { argnums: 1 })(2, 3).item(), 12);
    assert.deepEqual(
      grad(f, { argnums: [0, 1] })(2, 3).map((g) => g.item()),
      [9, 12],
    );
    assert.deepEqual(
      valueAndGrad(f)(2, 3).map((g) => g.item()),
      [18, 9],
    );
    assert.throws(() => grad(f, { argnums: 2 })(2, 3), /no argument 2/);
  });

  it("follows branches and loops as they ran", () => {
    const f = (x: Value): Value => (x.item() > 0 ? mul(x, x) : x.neg());
    assert.deepEqual(
      [3, -3].map((x) => grad(f)(x).item()),
      [6, -1],
    );
  });

  it("matches Xᵀ·ct and ct·Wᵀ for a matrix product", () => {
    const [x, w] = [
      variable([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
      variable([
        [1, 0, 2],
        [0, 1, 3],
      ]),
    ];
    const gradients = backward(sum(matmul(x, w)));
    assert.deepEqual(gradients.of(w).toArray(), [
      [9, 9, 9],
      [12, 12, 12],
    ]);
    assert.deepEqual(gradients.of(x).toArray(), [
      [3, 4],
      [3, 4],
      [3, 4],
    ]);
  });
});
