import assert from "node:assert/strict";
import fc from "fast-check";
import {
  add,
  broadcastTo,
  concat,
  constant,
  type DType,
  div,
  exp,
  greater,
  less,
  matmul,
  max,
  mean,
  mul,
  pad,
  prod,
  reshape,
  slice,
  softmax,
  stack,
  sum,
  transpose,
  type Value,
  variable,
  where,
} from "../../../src/index.ts";

const dtypes = ["bool", "int32", "float32", "float64"] as const;

/** The numbers 1, 0, 1, 0 … under each type. */
function ones(dtype: DType, shape: readonly number[] = [4]): Value {
  const size = shape.reduce((product, length) => product * length, 1);
  const data = Array.from({ length: size }, (_, i) => (i + 1) % 2);
  const typed = {
    bool: Uint8Array.from(data),
    int32: Int32Array.from(data),
    float32: Float32Array.from(data),
    float64: Float64Array.from(data),
  }[dtype];
  return constant({ data: typed, shape, dtype });
}

describe("views", () => {
  const views: Readonly<Record<string, (x: Value) => Value>> = {
    transpose: (x) => transpose(x),
    reshape: (x) => reshape(x, [4, 3]),
    slice: (x) => slice(x, [[1, 3], [-2]]),
    broadcastTo: (x) => broadcastTo(x, [5, 3, 4]),
    "a transpose of a slice": (x) => transpose(slice(x, [undefined, [1, 3]])),
  };
  for (const [name, view] of Object.entries(views)) {
    it(`${name} shares its memory, and neither changes the other`, () => {
      fc.assert(
        fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 12, maxLength: 12 }), (numbers) => {
          const x = variable({ data: Float64Array.from(numbers), shape: [3, 4] });
          const seen = view(x);
          assert.equal(seen.storage.data.buffer, x.storage.data.buffer);
          const [before, seenBefore] = [x.toArray(), seen.toArray()];
          // What is computed from a view goes elsewhere.
          const twice = mul(seen, 2);
          assert.notEqual(twice.storage.data, seen.storage.data);
          concat([seen, seen]);
          pad(
            seen,
            seen.shape.map(() => [1, 1] as const),
          );
          assert.deepEqual(x.toArray(), before);
          assert.deepEqual(seen.toArray(), seenBefore);
        }),
        { numRuns: 20 },
      );
    });
  }

  it("read the same numbers that a copy would hold", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
        fc.infiniteStream(fc.nat(1000)),
        (shape, choices) => {
          const size = shape.reduce((product, length) => product * length, 1);
          let view = variable({ data: Float64Array.from({ length: size }, (_, i) => i), shape });
          let copy = view;
          for (let step = 0; step < 4; step++) {
            const choice = choices.next().value!;
            const rank = view.shape.length;
            const change = [
              (x: Value): Value => transpose(x),
              (x: Value): Value => slice(x, [[choice % x.shape[0]!]]),
              (x: Value): Value => broadcastTo(x, [2, ...x.shape]),
              (x: Value): Value => reshape(x, [-1, x.shape[rank - 1]!]),
            ][choice % 4]!;
            view = change(view);
            const changed = change(copy);
            copy = variable({ data: Float64Array.from(changed.data), shape: changed.shape });
          }
          assert.deepEqual(view.toArray(), copy.toArray());
          assert.deepEqual(sum(view, { axes: 0 }).toArray(), sum(copy, { axes: 0 }).toArray());
          assert.deepEqual(add(view, view).toArray(), add(copy, copy).toArray());
        },
      ),
    );
  });

  it("do not follow the caller's array, nor change it", () => {
    const data = Float64Array.from([1, 2, 3]);
    const x = variable(data);
    data[0] = 9;
    assert.deepEqual(x.toArray(), [1, 2, 3]);
    const rows = [[1, 2]];
    const y = constant(rows);
    rows[0]![0] = 9;
    assert.deepEqual(y.toArray(), [[1, 2]]);
  });
});

describe("types", () => {
  it("meet in the wider one: bool, int32, float32, float64", () => {
    for (const [i, a] of dtypes.entries()) {
      for (const [j, b] of dtypes.entries()) {
        const wider = dtypes[Math.max(i, j)]!;
        // Truth values add up as whole numbers.
        assert.equal(add(ones(a), ones(b)).dtype, wider === "bool" ? "int32" : wider, `${a} + ${b}`);
        assert.equal(where(ones("bool"), ones(a), ones(b)).dtype, wider, `where: ${a}, ${b}`);
        assert.equal(concat([ones(a), ones(b)]).dtype, wider, `concat: ${a}, ${b}`);
        assert.equal(div(ones(a), add(ones(b), 1)).dtype, wider === "float32" ? "float32" : "float64", `${a} / ${b}`);
        assert.equal(less(ones(a), ones(b)).dtype, "bool");
      }
    }
  });

  it("stay as they are beside a bare number that they can hold", () => {
    assert.deepEqual(
      dtypes.map((dtype) => add(ones(dtype), 2).dtype),
      ["int32", "int32", "float32", "float64"],
    );
    assert.deepEqual(
      dtypes.map((dtype) => mul(ones(dtype), 0.5).dtype),
      ["float64", "float64", "float32", "float64"],
    );
    assert.deepEqual(mul(ones("int32"), 0.5).toArray(), [0.5, 0, 0.5, 0]);
  });

  it("become floats where an operation makes fractions", () => {
    assert.deepEqual(
      dtypes.map((dtype) => exp(ones(dtype)).dtype),
      ["float64", "float64", "float32", "float64"],
    );
    assert.deepEqual(
      dtypes.map((dtype) => mean(ones(dtype)).dtype),
      ["float64", "float64", "float32", "float64"],
    );
    assert.equal(softmax(ones("int32")).dtype, "float64");
  });

  it("of sums and products of whole numbers and truth values are whole numbers", () => {
    for (const dtype of ["bool", "int32"] as const) {
      assert.deepEqual([sum(ones(dtype)).dtype, sum(ones(dtype)).item()], ["int32", 2]);
      assert.deepEqual([prod(ones(dtype)).dtype, prod(ones(dtype)).item()], ["int32", 0]);
    }
    assert.equal(max(constant(new Int32Array([-5, -3]))).item(), -3);
  });

  it("take Int32Arrays and booleans in and give their numbers out", () => {
    const n = constant(new Int32Array([3, -4]));
    assert.equal(n.dtype, "int32");
    assert.ok(n.data instanceof Int32Array);
    assert.deepEqual(n.toArray(), [3, -4]);
    const flags = constant([
      [true, false],
      [true, true],
    ]);
    assert.equal(flags.dtype, "bool");
    assert.deepEqual(flags.toArray(), [
      [1, 0],
      [1, 1],
    ]);
    assert.equal(constant(true).dtype, "bool");
    assert.deepEqual(greater(variable([1, 3]), 2).toArray(), [0, 1]);
    const whole = constant({ data: Float64Array.of(1.9, -1.9, 0), shape: [3], dtype: "int32" });
    assert.deepEqual(whole.toArray(), [1, -1, 0]);
    const truth = constant({ data: Float64Array.of(0.5, 0, -2), shape: [3], dtype: "bool" });
    assert.deepEqual(truth.toArray(), [1, 0, 1]);
  });

  it("begin from another Value's numbers and type", () => {
    for (const dtype of dtypes) {
      const copy = constant(ones(dtype));
      assert.deepEqual([copy.dtype, copy.toArray(), copy.kind], [dtype, [1, 0, 1, 0], "constant"]);
    }
  });
});

describe("shapes", () => {
  const none = variable({ data: new Float64Array(0), shape: [0, 3] });

  it("may have size 0", () => {
    assert.deepEqual(none.toArray(), []);
    assert.deepEqual(transpose(none).toArray(), [[], [], []]);
    assert.deepEqual(add(none, variable([1, 2, 3])).shape, [0, 3]);
    assert.deepEqual(sum(none, { axes: 0 }).toArray(), [0, 0, 0]);
    assert.deepEqual(prod(none, { axes: 0 }).toArray(), [1, 1, 1]);
    assert.deepEqual(max(none, { axes: 1 }).shape, [0]);
    assert.ok(Number.isNaN(mean(none).item()));
    assert.deepEqual(softmax(none).shape, [0, 3]);
    assert.deepEqual(matmul(none, variable([[1], [2], [3]])).shape, [0, 1]);
    assert.deepEqual(matmul(transpose(none), none).toArray(), [
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ]);
    assert.deepEqual(concat([none, variable([[1, 2, 3]])]).toArray(), [[1, 2, 3]]);
    assert.deepEqual(reshape(none, [3, 0, 2]).shape, [3, 0, 2]);
    assert.deepEqual(
      pad(none, [
        [1, 0],
        [0, 0],
      ]).toArray(),
      [[0, 0, 0]],
    );
    assert.deepEqual(variable([]).shape, [0]);
  });

  it("may be those of scalars", () => {
    const s = variable(3);
    assert.deepEqual(s.shape, []);
    assert.deepEqual([sum(s).item(), mean(s).item(), max(s).item(), prod(s).item()], [3, 3, 3, 3]);
    assert.equal(transpose(s).item(), 3);
    assert.deepEqual(reshape(s, [1, 1]).toArray(), [[3]]);
    assert.deepEqual(stack([s, s]).toArray(), [3, 3]);
    const float = constant({ data: Float32Array.of(1.5), shape: [] });
    assert.deepEqual([float.shape, float.dtype, float.item()], [[], "float32", 1.5]);
  });

  it("count negative axes from the end", () => {
    const x = variable({ data: Float64Array.from({ length: 24 }, (_, i) => Math.sin(i)), shape: [2, 3, 4] });
    for (const axis of [0, 1, 2]) {
      const back = axis - 3;
      assert.deepEqual(sum(x, { axes: back }).toArray(), sum(x, { axes: axis }).toArray());
      assert.deepEqual(max(x, { axes: [back] }).toArray(), max(x, { axes: [axis] }).toArray());
      assert.deepEqual(x.argmax({ axis: back }).toArray(), x.argmax({ axis }).toArray());
      assert.deepEqual(softmax(x, { axis: back }).toArray(), softmax(x, { axis }).toArray());
      assert.deepEqual(concat([x, x], { axis: back }).toArray(), concat([x, x], { axis }).toArray());
      assert.deepEqual(stack([x, x], { axis: back - 1 }).toArray(), stack([x, x], { axis }).toArray());
    }
    assert.deepEqual(transpose(x, [-1, 0, -2]).shape, [4, 2, 3]);
    assert.deepEqual(slice(x, [[-1], [-3, -1]]).shape, [1, 2, 4]);
  });
});
