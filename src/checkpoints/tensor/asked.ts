import { pullBack } from "../../autodiff/rules.ts";
import { add } from "../../graph/primitives.ts";
import { filledLike, type Value } from "../../graph/value.ts";
import { type Ask, positionsOf } from "../asks.ts";
import { gradientAt, type TensorPoint } from "./point.ts";

/** The right answer at a point. */
export function askedAt(point: TensorPoint, ask: Ask): Value {
  switch (ask.kind) {
    case "value":
      return point.values[ask.node]!;
    case "gradient":
      return gradientAt(point, ask.output, ask.node);
    case "local": {
      const node = point.values[ask.node]!;
      const parts = pullBack(node, filledLike(node, 1));
      return positionsOf(point.graph.nodes[ask.node]!, ask.input)
        .map((position) => parts[position]!)
        .reduce((total, part) => add(total, part));
    }
  }
}
