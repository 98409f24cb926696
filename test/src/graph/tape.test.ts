import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { blockMark, closeSegment, gradientMark, none, plainMark, tape } from "../../../src/graph/tape.ts";
import { add, backward, constant, graphOf, mul, type Value, variable } from "../../../src/index.ts";
import { root } from "../../support/paths.ts";

describe("the tape", () => {
  it("has the numbers that the quick ways onto it are written with", () => {
    // They are copied as text and can name nothing from outside.
    const text = readFileSync(path.join(root, "src", "graph", "record.ts"), "utf8");
    assert.deepEqual(
      [gradientMark, blockMark, plainMark, tape.capacity, none],
      [0x100, 0x200, 0x400, 0x40000, -0x8000_0000],
    );
    for (const number of ["0x100", "0x200", "0x400", "0x40000", "-0x8000_0000"])
      assert.ok(text.includes(number), number);
  });

  it("goes on where a set of columns is full, with nodes that read across", () => {
    const x = variable(1.00001);
    let z: Value = x;
    for (let i = 0; i < 2 * tape.capacity + 10; i++) z = i % 2 === 0 ? mul(z, x) : add(z, 1e-9);
    assert.ok(z.id - x.id > 2 * tape.capacity);
    assert.equal(graphOf(z).nodes.filter(({ kind }) => kind === "variable").length, 1);
    const h = 1e-9;
    const at = (start: number): number => {
      let number = start;
      for (let i = 0; i < 2 * tape.capacity + 10; i++) number = i % 2 === 0 ? number * start : number + 1e-9;
      return number;
    };
    const expected = (at(1.00001 + h) - at(1.00001 - h)) / (2 * h);
    assert.ok(Math.abs(backward(z).of(x).item() / expected - 1) < 1e-5);
  });

  it("starts anew before the references of one segment run out of numbers", () => {
    const parts = Array.from({ length: 20_000 }, (_, i) => {
      const part = variable(i);
      closeSegment();
      return part;
    });
    const whole = parts.reduce((sum, part) => add(sum, part));
    const gradients = backward(whole);
    assert.equal(whole.item(), (20_000 * 19_999) / 2);
    assert.ok(parts.every((part) => gradients.of(part).item() === 1));
  });

  it("reads nodes of many segments, each found again", () => {
    const parts = Array.from({ length: 50 }, (_, i) => {
      const x = variable(i);
      backward(mul(x, x));
      for (let k = 0; k < 70; k++) constant(k);
      backward(mul(x, x));
      return x;
    });
    const z = parts.reduce((sum: Value, x) => add(sum, mul(x, x)), constant(0));
    const gradients = backward(z);
    parts.forEach((x, i) => {
      assert.equal(gradients.of(x).item(), 2 * i);
    });
    assert.deepEqual(
      new Set(graphOf(z).nodes.flatMap(({ kind, value }) => (kind === "variable" ? [value.id] : []))),
      new Set(parts.map(({ id }) => id)),
    );
  });
});
