import assert from "node:assert/strict";
import { type Ask, keyOf } from "../../../../src/checkpoints/asks.ts";
import { diagnoseTensor } from "../../../../src/checkpoints/tensor/diagnosis.ts";
import { tensorAsks } from "../../../../src/checkpoints/tensor/exercise.ts";
import type { TensorPoint } from "../../../../src/checkpoints/tensor/point.ts";
import { TensorReference } from "../../../../src/checkpoints/tensor/reference.ts";
import type { TensorSlip } from "../../../../src/checkpoints/tensor/slip.ts";
import { numberTerm } from "../../../../src/checkpoints/tensor/term.ts";
import { sameTensor } from "../../../../src/checkpoints/tensor/verdict.ts";
import { graphOf } from "../../../../src/graph/graph.ts";
import { layers } from "./layers.ts";

/** A reference to which any answer is the one that the slip leads to. */
function answering(reference: TensorReference, slip: TensorSlip): TensorReference {
  return Object.create(reference, { evaluate: { value: (_term: unknown, point: TensorPoint) => slip.at(point) } });
}

describe("the catalogue of mistakes with tensors", () => {
  const ids = new Set<string>();
  let shown = 0;
  let all = 0;
  for (const [name, make] of Object.entries(layers)) {
    it(`names each mistake that can be made in ${name}`, () => {
      const graph = graphOf(make());
      const asks = tensorAsks(graph);
      const reference = new TensorReference(graph, asks, {}, name, "");
      for (const ask of asks) {
        for (const slip of reference.slipsOf(ask)) {
          if (!makesDifference(reference, ask, slip)) continue;
          const answer = { formula: numberTerm(0), decimals: [] };
          const { reasons } = diagnoseTensor(answering(reference, slip), ask, answer, false, new Set());
          assert.ok(reasons.length > 0, `${slip.rule} in ${keyOf(graph, ask)}`);
          for (const { sentence } of reasons) assert.match(sentence, /^\S.*[.?)]$/);
          all++;
          if (reasons.some(({ rule }) => rule === slip.rule)) {
            shown++;
            ids.add(slip.rule);
          }
        }
      }
    });
  }

  it("shows the rule that was broken among three for most of them", () => {
    assert.ok(all > 1500, `${all}`);
    assert.ok(shown / all > 0.8, `${shown} of ${all}`);
  });

  it("has met the mistakes of layers", () => {
    const wanted = [
      "transpose-missing",
      "operands-exchanged",
      "result-transposed",
      "elementwise-for-matmul",
      "not-summed",
      "wrong-axis",
      "mean-for-sum",
      "mean-factor-missing",
      "mean-factor-twice",
      "batch-factor-extra",
      "targets-missing",
      "softmax-diagonal",
      "softmax-twice",
      "mean-path-missing",
      "deviation-path-missing",
      "statistics-paths-missing",
      "gate-by-gradient",
      "relu-gate-lost",
      "last-step-only",
      "steps-averaged",
      "step-off-by-one",
      "time-path-missing",
      "rows-overwritten",
      "ties-to-all",
      "dropout-scale-missing",
      "path-missing",
      "upstream-ignored",
      "sign",
      "other-variable",
      "value-for-gradient",
    ];
    assert.deepEqual(
      wanted.filter((rule) => !ids.has(rule)),
      [],
    );
  });
});

function makesDifference(reference: TensorReference, ask: Ask, slip: TensorSlip): boolean {
  const scale = reference.scaleAt(ask, reference.points);
  const values = reference.points.map((point) => slip.at(point));
  if (values.some((value) => value === undefined || !value.data.every(Number.isFinite))) return false;
  return !reference.points.every((point, i) => sameTensor(values[i]!, reference.rightAt(ask, point), scale));
}
