import { pullBack } from "../../autodiff/rules.ts";
import { ShapeError } from "../../graph/errors.ts";
import { type Graph, type GraphNode, graphOf } from "../../graph/graph.ts";
import { type Shape, sameShape, sizeOf } from "../../graph/shape.ts";
import { bindName, constant, filledLike, type Value, variable } from "../../graph/value.ts";
import { randomFrom } from "../random.ts";

// The same computation with other things given: what lies in a graph by chance, and what by its nature.

/** A leaf anew, so that leaves stand in the order that they had. */
function leafOf(kind: GraphNode["kind"], data: Float64Array, shape: Shape): Value {
  return kind === "variable" ? variable({ data, shape }) : constant({ data, shape });
}

/** The graph computed again from other leaves; undefined where their shapes do not let it. */
function rebuilt(graph: Graph, leafFor: (node: GraphNode) => Value): Graph | undefined {
  const values = computed(graph, leafFor, ({ value, named, name, primitive }, made) => {
    // A gradient that was stopped stays so.
    if (!value.needsGradient && made.needsGradient && primitive !== undefined) made.segment.dropGradient(made.position);
    if (named) bindName(made, name);
  });
  if (values === undefined) return undefined;
  const output = graph.outputs[0]!;
  if (!sameShape(values[output]!.shape, graph.nodes[output]!.value.shape)) return undefined;
  const again = graphOf(values[output]!);
  // Asks are positions: of use only where all of them are as they were.
  const same = graph.nodes.every(({ name }, index) => again.nodes[index]?.name === name);
  return same ? again : undefined;
}

function computed(
  { nodes }: Graph,
  leafFor: (node: GraphNode) => Value,
  after: (node: GraphNode, made: Value) => void,
): readonly Value[] | undefined {
  const values: Value[] = [];
  return fitting(() => {
    for (const node of nodes) {
      const { primitive, inputs, value } = node;
      const made =
        primitive === undefined
          ? leafFor(node)
          : primitive.apply(
              inputs.map((input) => values[input]!),
              value.parameters,
            );
      after(node, made);
      values.push(made);
    }
    return values;
  });
}

function fitting<Result>(run: () => Result): Result | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof ShapeError) return undefined;
    throw error;
  }
}

/** Whether the sizes fit everywhere: a primitive by itself looks at few of them, but what comes back has the shape of what went in. */
function fitsTogether(graph: Graph, shapes: ReadonlyMap<number, Shape>): boolean {
  const values = computed(
    graph,
    (node) => leafOf("variable", filling(node, shapes.get(node.index)!), shapes.get(node.index)!),
    () => {},
  );
  const fits = fitting(() =>
    values?.every(
      (value) =>
        value.primitive === undefined ||
        pullBack(value, filledLike(value, 1)).every(
          (part, position) => part === undefined || sameShape(part.shape, value.inputs[position]!.shape),
        ),
    ),
  );
  return fits === true;
}

/** Zeros and one other number: a mask, a choice of rows, targets of classes. What it is for is in its numbers. */
function isPattern({ value: { data } }: GraphNode): boolean {
  const distinct = new Set(data);
  return distinct.size === 1 || (distinct.size === 2 && distinct.has(0));
}

/** Constants whose numbers could be any others. */
export function looseConstants(graph: Graph): readonly GraphNode[] {
  return graph.nodes.filter((node) => node.kind === "constant" && sizeOf(node.value.shape) > 1 && !isPattern(node));
}

/** The graph in which these constants vary as variables do. */
export function withVarying(graph: Graph, constants: readonly GraphNode[]): Graph | undefined {
  return rebuilt(graph, (node) =>
    leafOf(constants.includes(node) ? "variable" : node.kind, numbersOf(node), node.value.shape),
  );
}

/** One axis of a leaf. */
interface Place {
  readonly leaf: number;
  readonly axis: number;
}

/** Beyond so many places of one size it is not tried out which belong together. */
const mostPlaces = 8;

/**
 * The graph with sizes that differ wherever the computation lets them, and no size of 1 where it could be more; undefined
 * where they differ already. Which sizes belong together is found by trying: nothing is known of any operation.
 */
export function withOtherSizes(graph: Graph): { readonly graph: Graph; readonly shapes: readonly Shape[] } | undefined {
  const leaves = graph.nodes.filter(({ primitive }) => primitive === undefined);
  let shapes: ReadonlyMap<number, Shape> = new Map(leaves.map(({ index, value }) => [index, value.shape]));
  const places = leaves.flatMap(({ index, value }) => value.shape.map((_, axis): Place => ({ leaf: index, axis })));
  const sizeAt = ({ leaf, axis }: Place): number => shapes.get(leaf)![axis]!;
  const original = new Set(places.map(sizeAt));
  const used = new Set(original);
  for (const size of original) {
    const alike = places.filter((place) => sizeAt(place) === size);
    if (alike.length > mostPlaces) continue;
    const open = new Set(alike);
    // One group keeps the size, unless it is 1, which hides sums.
    let kept = size === 1;
    for (const place of alike) {
      if (!open.has(place)) continue;
      const next = [...Array(20 + size).keys()].find((candidate) => candidate > size && !used.has(candidate))!;
      for (const group of groupsWith(place, [...open])) {
        const changed = new Map(shapes);
        for (const { leaf, axis } of group) changed.set(leaf, changed.get(leaf)!.with(axis, next));
        const tried = resized(graph, changed);
        if (tried === undefined || (size === 1 && stretchesAnew(graph, tried))) continue;
        for (const one of group) open.delete(one);
        if (kept) {
          shapes = changed;
          used.add(next);
        }
        kept = true;
        break;
      }
    }
  }
  const again = resized(graph, shapes);
  const changed = leaves.some(({ index, value }) => !sameShape(shapes.get(index)!, value.shape));
  return again === undefined || !changed
    ? undefined
    : { graph: again, shapes: graph.nodes.map(({ index, value }) => shapes.get(index) ?? value.shape) };
}

/** Sets of places with this one among them, smaller ones first. */
function groupsWith(place: Place, all: readonly Place[]): readonly (readonly Place[])[] {
  const others = all.filter((other) => other !== place);
  const groups = Array.from({ length: 2 ** others.length }, (_, bits) => [
    place,
    ...others.filter((_other, i) => (bits >> i) & 1),
  ]);
  return groups.sort((a, b) => a.length - b.length);
}

function resized(graph: Graph, shapes: ReadonlyMap<number, Shape>): Graph | undefined {
  // Windows are checked where they are asked for, and not again.
  if (graph.nodes.some(({ value: { parameters } }) => parameters.window ?? parameters.convolution)) return undefined;
  if (!fitsTogether(graph, shapes)) return undefined;
  return rebuilt(graph, (node) => {
    const shape = shapes.get(node.index)!;
    const kept = sameShape(shape, node.value.shape);
    return leafOf(node.kind, kept ? numbersOf(node) : filling(node, shape), shape);
  });
}

function numbersOf({ value }: GraphNode): Float64Array {
  return Float64Array.from(value.data);
}

/** Numbers of a leaf in another shape: those of a pattern in its manner, else any. */
function filling(node: GraphNode, shape: Shape): Float64Array {
  const { data } = node.value;
  const random = randomFrom(`sizes/${node.index}`);
  const size = sizeOf(shape);
  if (!isPattern(node)) return Float64Array.from({ length: size }, () => Number((4 * random() - 2).toFixed(1)));
  const [zero, other] = [Math.min(...data), Math.max(...data)];
  const columns = shape.at(-1)!;
  // A row of targets has one that is set.
  const rows = Array.from({ length: size / columns }, () => Math.floor(random() * columns));
  return Float64Array.from({ length: size }, (_, i) => (rows[Math.floor(i / columns)] === i % columns ? other : zero));
}

/** Whether something that had the size of what it meets is stretched now: then its size belongs to the other's. Parameters, as a bias, are there to be stretched. */
function stretchesAnew(before: Graph, after: Graph): boolean {
  const stretched = ({ nodes }: Graph, index: number, input: number): boolean =>
    nodes[index]!.primitive?.family === "elementwise" &&
    !sameShape(nodes[input]!.value.shape, nodes[index]!.value.shape);
  return after.nodes.some(({ index, inputs }) =>
    inputs.some(
      (input) =>
        after.nodes[input]!.kind !== "variable" && stretched(after, index, input) && !stretched(before, index, input),
    ),
  );
}
