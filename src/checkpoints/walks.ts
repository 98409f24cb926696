import { type Ask, positionsOf } from "./asks.ts";
import { type Detour, gradientsAt, localAt, type Point } from "./point.ts";

/** Walks already made at a point: one walk answers for every node, so all asks of a checkpoint share them. */
const walks = new WeakMap<Point, Map<string, Float64Array>>();

/** ∂output/∂node for every node; with a name and a detour, as it comes out under that mistake. */
export function gradientWalk(
  point: Point,
  output: number,
  name: string = "right",
  detour: (point: Point) => Detour = () => ({}),
): Float64Array {
  const known = walks.get(point) ?? new Map<string, Float64Array>();
  walks.set(point, known);
  const key = `${output} ${name}`;
  const found = known.get(key) ?? gradientsAt(point, output, detour(point));
  known.set(key, found);
  return found;
}

/** The right answer at a point. */
export function answerAt(point: Point, ask: Ask): number {
  switch (ask.kind) {
    case "value":
      return point.values[ask.node]!;
    case "local":
      return positionsOf(point.graph.nodes[ask.node]!, ask.input).reduce(
        (total, position) => total + localAt(point, ask.node, position),
        0,
      );
    case "gradient":
      return gradientWalk(point, ask.output)[ask.node]!;
  }
}

/**
 * How large the numbers are that the right answer is added up from: what is left where they cancel is rounding, and
 * must not be compared digit by digit.
 */
export function sizeAt(point: Point, ask: Ask): number {
  switch (ask.kind) {
    case "value":
      return Math.max(
        ...[ask.node, ...point.graph.nodes[ask.node]!.inputs].map((node) => Math.abs(point.values[node]!)),
      );
    case "local":
      return Math.abs(answerAt(point, ask));
    case "gradient":
      return gradientWalk(point, ask.output, "size", () => ({
        local: (_node, _position, right) => Math.abs(right),
      }))[ask.node]!;
  }
}
