import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Parameters } from "../../../src/graph/primitive.ts";
import * as operations from "../../../src/graph/primitives.ts";
import { add } from "../../../src/graph/primitives.ts";
import { backward, sum, type Value, variable } from "../../../src/index.ts";
import { assertClose } from "../../support/close.ts";

// What PyTorch computed for the same inputs (test/fixtures/pytorch.py made the file).

interface Block {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Case {
  readonly name: string;
  readonly options: Parameters;
  readonly dtype: "float64" | "float32";
  readonly inputs: readonly Block[];
  readonly output: Block;
  readonly cotangent: Block;
  readonly gradients: readonly Block[];
  /** Gradients of the sum of all gradients. */
  readonly second?: readonly Block[];
}

const fixture = JSON.parse(readFileSync("test/fixtures/pytorch.json", "utf8")) as { torch: string; cases: Case[] };
const tolerances = { float64: 1e-10, float32: 1e-5 } as const;

/** How an operation is called: axes and shapes go where its signature wants them. */
function apply({ name, options }: Case, inputs: readonly Value[]): Value {
  const operation = (operations as unknown as Record<string, (...list: unknown[]) => Value>)[name]!;
  if (name === "transpose") return operation(inputs[0], options.axes);
  if (name === "reshape" || name === "broadcastTo") return operation(inputs[0], options.shape);
  return options.axes === undefined ? operation(...inputs) : operation(...inputs, options);
}

describe(`PyTorch ${fixture.torch}`, () => {
  for (const name of new Set(fixture.cases.map((example) => example.name))) {
    const examples = fixture.cases.filter((example) => example.name === name);
    it(`agrees on ${name} (${examples.length} cases)`, () => {
      for (const example of examples) {
        const tolerance = tolerances[example.dtype];
        const make = (block: Block): Value =>
          variable({
            shape: block.shape,
            data: example.dtype === "float32" ? Float32Array.from(block.data) : Float64Array.from(block.data),
          });
        const inputs = example.inputs.map(make);
        const output = apply(example, inputs);
        assert.deepEqual(output.shape, example.output.shape);
        assert.equal(output.dtype, example.dtype);
        assertClose(output.data, example.output.data, tolerance, `${name}: value`);
        const gradients = backward(output, { seed: make(example.cotangent), graph: example.second !== undefined });
        example.gradients.forEach((expected, position) => {
          const gradient = gradients.of(inputs[position]!);
          assert.deepEqual(gradient.shape, expected.shape);
          assertClose(gradient.data, expected.data, tolerance, `${name}: gradient ${position}`);
        });
        if (example.second === undefined) continue;
        const total = inputs.map((input) => sum(gradients.of(input))).reduce((a, b) => add(a, b));
        const second = total.needsGradient ? backward(total) : undefined;
        example.second.forEach((expected, position) => {
          const gradient = second?.of(inputs[position]!).data ?? new Float64Array(expected.data.length);
          assertClose(gradient, expected.data, tolerance, `${name}: second derivative ${position}`);
        });
      }
    });
  }
});
