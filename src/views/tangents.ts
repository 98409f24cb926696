import { pushTangents } from "../autodiff/transforms.ts";
import { applyFormula, type Formula, nameFormula, numberFormula, toText } from "../graph/formula.ts";
import { type Graph, type GraphNode, localFormula } from "../graph/graph.ts";
import { broadcastTo } from "../graph/primitives.ts";
import { sameShape, shapeText } from "../graph/shape.ts";
import { closeSegment } from "../graph/tape.ts";
import { constant, type Data, detached, Value } from "../graph/value.ts";
import type { Hiding } from "./hiding.ts";
import { displayedReference, inDisplayNames } from "./names.ts";

/** How values move, by name or by the Values themselves: `{ x: 1 }`. Whatever is not named stands still. */
export type Tangents = Readonly<Record<string, Data>> | ReadonlyMap<Value, Data>;

/** The tangent of each node that moves, by position in the graph: forward mode from the ones given. */
export function tangentsIn(graph: Graph, names: readonly string[], given: Tangents): ReadonlyMap<number, Value> {
  closeSegment();
  const moving = new Map<number, Value>();
  for (const [key, data] of given instanceof Map ? given : Object.entries(given)) {
    const node = nodeFor(graph, names, key as Value | string);
    const { value } = node;
    if (!value.needsGradient) throw new RangeError(`show: ${node.name} is a constant: it has no tangent.`);
    const tangent = data instanceof Value ? data : constant(data as Data);
    if (tangent.shape.length > 0 && !sameShape(tangent.shape, value.shape)) {
      throw new RangeError(
        `show: the tangent of ${node.name} is ${shapeText(tangent.shape)}; ${node.name} is ${shapeText(value.shape)}.`,
      );
    }
    moving.set(value.id, detached(broadcastTo(tangent, value.shape)));
  }
  for (const output of graph.outputs) pushTangents(graph.nodes[output]!.value, moving);
  const found = graph.nodes.flatMap(({ index, value }): [number, Value][] => {
    const tangent = moving.get(value.id);
    return tangent === undefined ? [] : [[index, detached(tangent)]];
  });
  closeSegment();
  return new Map(found);
}

function nodeFor(graph: Graph, names: readonly string[], key: Value | string): GraphNode {
  const found = graph.nodes.find((node) =>
    key instanceof Value ? node.value.id === key.id : node.name === key || names[node.index] === key,
  );
  if (found !== undefined) return found;
  const known = graph.nodes.filter((node) => node.kind === "variable").map((node) => node.name);
  const asked = key instanceof Value ? (key.name ?? "a Value") : key;
  throw new RangeError(
    `show: ${asked} has a tangent but is not in this graph, whose variables are ${known.join(", ")}.`,
  );
}

/** What a tangent would give away: a hidden derivative on its way, or the gradient it is a part of. */
export function hiddenTangents(
  graph: Graph,
  hiding: Hiding,
  tangents: ReadonlyMap<number, Value>,
): ReadonlySet<number> {
  const hidden = new Set<number>();
  for (const node of graph.nodes) {
    const tells = node.inputs.some(
      (input, position) =>
        tangents.has(input) &&
        (hidden.has(input) || hiding.gradient(input) || hiding.local(node.index, position) || hiding.value(node.index)),
    );
    if (tells) hidden.add(node.index);
  }
  return hidden;
}

/** A name with a dot above: ẋ, ẋ₁; (loss)˙ where it has several letters. */
export function dotted(name: string): string {
  const [, letter, rest] = /^(\p{L})([₀-₉]*)$/u.exec(name) ?? [];
  return letter === undefined ? `(${name})˙` : `${`${letter}\u0307`.normalize("NFC")}${rest}`;
}

/** One term of a tangent: what one moving input adds. */
export interface TangentTerm {
  readonly position: number;
  /** "w · ẋ"; with its sign where it is subtracted. */
  readonly text: string;
  /** The factor that it is multiplied with, where that is not 1 or −1. */
  readonly factor: boolean;
}

/** The chain rule forward through one operation, term by term, in symbols. */
export function tangentTerms(
  graph: Graph,
  names: readonly string[],
  node: GraphNode,
  tangents: ReadonlyMap<number, Value>,
): readonly TangentTerm[] {
  const primitive = node.primitive!;
  const positions = [...node.inputs.keys()].filter((position) => tangents.has(node.inputs[position]!));
  const references = node.inputs.map((input) => displayedReference(graph, names, input));
  const moved = (position: number): Formula => nameFormula(dotted(names[node.inputs[position]!]!));
  if (primitive.family === "linear") {
    // Linear in all of its inputs together: one term.
    const still = numberFormula(0);
    const inputs = references.map((_, position) => (positions.includes(position) ? moved(position) : still));
    return [{ position: positions[0]!, text: toText(applyFormula(primitive, inputs)), factor: false }];
  }
  return positions.map((position) => {
    const dot = toText(moved(position));
    if (primitive.family === "bilinear") {
      const inputs = references.map((reference, other) => (other === position ? moved(position) : reference));
      return { position, text: toText(applyFormula(primitive, inputs)), factor: true };
    }
    const partial = localFormula(graph, node, position);
    if (partial === undefined) {
      return { position, text: `∂${names[node.index]!}/∂${names[node.inputs[position]!]!} · ${dot}`, factor: true };
    }
    if (partial.kind === "number" && Math.abs(partial.value) === 1) {
      return { position, text: partial.value === 1 ? dot : `−${dot}`, factor: false };
    }
    const text = toText(inDisplayNames(graph, names, partial));
    const open = / [+−] /.test(text.replace(/\([^()]*\)|\[[^\]]*\]/g, ""));
    const sign = node.value.shape.length === 0 ? "·" : "⊙";
    return { position, text: `${open ? `(${text})` : text} ${sign} ${dot}`, factor: true };
  });
}

/** Terms with their signs between them. */
export function summed(terms: readonly string[]): string {
  return terms.reduce((sum, term) => (term.startsWith("−") ? `${sum} − ${term.slice(1)}` : `${sum} + ${term}`));
}
