import { derivativeName, type Graph, type GraphNode } from "../../graph/graph.ts";
import { matmul, transpose } from "../../graph/primitives.ts";
import type { Value } from "../../graph/value.ts";
import type { Mark } from "../../views/marks.ts";
import { gradientAt, type TensorPoint } from "./point.ts";
import { attempted, type TensorSlip } from "./slip.ts";
import { termText } from "./term.ts";
import { operationTerm } from "./terms.ts";
import { wiresOfGradient } from "./wires.ts";

/** In graphs with more matrices than these there are too many pairs to try. */
const mostMatrices = 12;

/**
 * A matrix and a gradient multiplied as at a product of matrices, where there is no such product: the form of another
 * step. What is right at some product is told elsewhere, as the gradient that it is.
 */
export function formSlips(graph: Graph, output: number, target: number): readonly TensorSlip[] {
  const matrices = graph.nodes.filter(
    ({ value, named, kind }) => value.shape.length === 2 && (named || kind === "variable"),
  );
  const arriving = matrices.filter(({ needsGradient, index }) => needsGradient && index <= output);
  const [wire] = wiresOfGradient(graph, output, target);
  if (wire === undefined || matrices.length > mostMatrices) return [];
  const marks: readonly Mark[] = [{ kind: "wrong", wire }];
  const { name } = graph.nodes[target]!;
  const step = graph.nodes[wire.node]!;
  const goesInto = `${name} goes into ${step.name} = ${termText(operationTerm(graph, wire.node))}.`;
  const end = graph.nodes[output]!.name;
  const slip = (at: (point: TensorPoint) => Value, sentence: string): TensorSlip => ({
    rule: "form-of-other-step",
    at: (point) => attempted(() => at(point)),
    sentence: `${sentence} ${goesInto}`,
    place: "",
    marks,
    through: [],
  });
  return arriving.flatMap((from) =>
    matrices.flatMap((matrix): readonly TensorSlip[] => {
      const gradient = derivativeName(end, from.name);
      const arrives = (point: TensorPoint): Value => gradientAt(point, output, from.index);
      const itself = ({ values }: TensorPoint): Value => values[matrix.index]!;
      return [
        ...(fits(matrix, from, 0)
          ? [
              slip(
                (point) => matmul(transpose(itself(point), [1, 0]), arrives(point)),
                `${matrix.name}ᵀ @ ${gradient} is what goes back to a matrix that ${matrix.name} is multiplied by, in a step from ${matrix.name} to ${from.name}.`,
              ),
            ]
          : []),
        ...(fits(matrix, from, 1)
          ? [
              slip(
                (point) => matmul(arrives(point), transpose(itself(point), [1, 0])),
                `${gradient} @ ${matrix.name}ᵀ is what goes back to a matrix that is multiplied by ${matrix.name}, in a step that gives ${from.name}.`,
              ),
            ]
          : []),
      ];
    }),
  );
}

function fits({ value: a }: GraphNode, { value: b }: GraphNode, axis: 0 | 1): boolean {
  return a.shape[axis] === b.shape[axis];
}
