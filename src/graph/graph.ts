import {
  applyFormula,
  type Formula,
  nameFormula,
  numberFormula,
  numericPartialsOf,
  partialIn,
  scalarRule,
  superscript,
} from "./formula.ts";
import { modulePath } from "./modules.ts";
import { formatNumber } from "./number-text.ts";
import type { Primitive } from "./primitive.ts";
import type { GradientRecord } from "./tape.ts";
import { constant, type Value } from "./value.ts";

/** One node of a graph, with its neighbours as positions in the graph's list. */
export interface GraphNode {
  readonly index: number;
  readonly value: Value;
  /** Unique in the graph. */
  readonly name: string;
  /** Whether the code gave the name. */
  readonly named: boolean;
  readonly kind: "variable" | "constant" | "operation";
  readonly primitive: Primitive | undefined;
  readonly inputs: readonly number[];
  readonly users: readonly { readonly node: number; readonly position: number }[];
  readonly needsGradient: boolean;
  /** Whether it was recorded by a backward pass: a gradient, or on the way to one. */
  readonly ofGradient: boolean;
  /** Of a recorded gradient ∂output/∂of, the ids of both. */
  readonly gradient: { readonly output: number; readonly of: number } | undefined;
  /** The names of the layers in whose forward pass it was made, outermost first. */
  readonly module: readonly string[];
}

/** A wire: the value of one node as the input of another. */
export interface GraphEdge {
  readonly from: number;
  readonly to: number;
  /** Which input of `to` it is. */
  readonly position: number;
}

/** All that some outputs were computed from, inputs before what uses them. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  /** In the order of the nodes they lead to. */
  readonly edges: readonly GraphEdge[];
  readonly outputs: readonly number[];
}

/**
 * The graph above `outputs`, in tape order, with a unique name for each node.
 *
 * @example
 * ```ts
 * import { add, graphOf, mul, variable } from "gradbook";
 * const z = add(mul(variable(2, "x"), 3), 1);
 * graphOf(z).nodes.map((node) => node.name) // [ 'x', '3', 'a', '1', 'z' ]
 * ```
 */
export function graphOf(...outputs: readonly Value[]): Graph {
  const found = new Map<number, Value>();
  const open = [...outputs];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (found.has(value.id)) continue;
    found.set(value.id, value);
    open.push(...value.inputs);
  }
  const values = [...found.values()].sort((a, b) => a.id - b.id);
  const indexOf = new Map(values.map((value, index) => [value.id, index]));
  const records = recordsOf(values);
  const names = namesOf(values, records);
  const ofGradient = fromPasses(values, records);
  const users = values.map((): { node: number; position: number }[] => []);
  const nodes = values.map((value, index): GraphNode => {
    const inputs = value.inputs.map((input) => indexOf.get(input.id)!);
    const record = records.get(value.id);
    for (const [position, input] of inputs.entries()) users[input]!.push({ node: index, position });
    return {
      index,
      value,
      name: names[index]!,
      named: value.name !== undefined,
      kind: value.kind,
      primitive: value.primitive,
      inputs,
      users: users[index]!,
      needsGradient: value.needsGradient,
      ofGradient: ofGradient.has(value.id),
      gradient: record && { output: record.output.id, of: record.of.get(value.id)! },
      module: modulePath(value.module),
    };
  });
  const edges = nodes.flatMap(({ index, inputs }) =>
    inputs.map((from, position): GraphEdge => ({ from, to: index, position })),
  );
  return { nodes, edges, outputs: outputs.map((output) => indexOf.get(output.id)!) };
}

/**
 * A name for each value: the code's own where it gave one (the second of the same name gets a subscript), a number for
 * an unnamed scalar constant, else the first letters that are free, in tape order.
 */
function namesOf(values: readonly Value[], records: ReadonlyMap<number, GradientRecord>): readonly string[] {
  const given = new Set(values.flatMap((value) => (value.name === undefined ? [] : [value.name])));
  // Names of what was differentiated stand in those of its gradients: no other node gets them.
  const earlier = earlierNames(records);
  for (const name of earlier.values()) given.add(name);
  const taken = new Set<string>();
  const letters = freeLetters(given);
  /** How often each name was wanted so far: the next copy's number, so that thousands of equal ones take no search. */
  const copies = new Map<string, number>();
  const next = (name: string): number => {
    const copy = (copies.get(name) ?? 0) + 1;
    copies.set(name, copy);
    return copy;
  };
  const found = new Map(earlier);
  return values.map((value) => {
    const record = records.get(value.id);
    let name = record === undefined ? earlier.get(value.id) : gradientName(value, record, found);
    const isLeaf = value.kind === "constant" && value.shape.length === 0;
    if (value.name === undefined && name !== undefined && !isLeaf) {
      const wanted = name;
      while (taken.has(name)) name = `${wanted}${primes(next(wanted))}`;
    } else if (value.name !== undefined) {
      name = value.name;
      while (taken.has(name)) name = `${value.name}${subscript(next(value.name) + 1)}`;
    } else if (value.kind === "constant" && value.shape.length === 0) {
      // Two constants of one number are two nodes; what tells them apart must not be read as part of the number.
      const number = formatNumber(value.item());
      name = number;
      while (taken.has(name)) name = `${number}${primes(next(number))}`;
    } else {
      name = letters.next().value as string;
    }
    taken.add(name);
    found.set(value.id, name);
    return name;
  });
}

/** The pass that found each value which is a gradient. */
function recordsOf(values: readonly Value[]): ReadonlyMap<number, GradientRecord> {
  const records = new Map<number, GradientRecord>();
  for (const { id, segment } of values) {
    const record = segment.gradients?.findLast(({ of }) => of.has(id));
    if (record !== undefined) records.set(id, record);
  }
  return records;
}

/** ∂z/∂x, and ∂²z/∂x∂y for the gradient of a gradient; undefined where what it is of has no name. */
function gradientName(
  { id }: Value,
  { output, of }: GradientRecord,
  found: ReadonlyMap<number, string>,
): string | undefined {
  const bottom = found.get(of.get(id)!);
  const top = found.get(output.id);
  // ∂(∂z/∂x)/∂(∂z/∂a) is longer than it is clear.
  if (bottom === undefined || top === undefined || bottom.startsWith("∂")) return undefined;
  const [, order, whole, before] = /^∂([²³]?)([^∂]+)\/(∂[^(]+)$/.exec(top) ?? [];
  if (whole === undefined || order === "³") return derivativeName(top, bottom);
  const squared = before === `∂${bottom}` ? `∂${bottom}²` : `${before}∂${bottom}`;
  return `∂${order === "" ? "²" : "³"}${whole}/${squared}`;
}

/** ∂z/∂x; what is itself a derivative gets brackets: ∂(∂z/∂x)/∂y. */
export function derivativeName(top: string, bottom: string): string {
  return `${differentialName(top)}/${differentialName(bottom)}`;
}

/** ∂x, ∂(∂z/∂x). */
export function differentialName(name: string): string {
  return name.startsWith("∂") ? `∂(${name})` : `∂${name}`;
}

/** The names that nodes have in the graphs of what was differentiated. */
function earlierNames(records: ReadonlyMap<number, GradientRecord>): ReadonlyMap<number, string> {
  const outputs = new Map([...records.values()].map(({ output }) => [output.id, output]));
  return new Map(
    [...outputs.values()].flatMap((output) =>
      graphOf(output).nodes.map(({ value, name }): [number, string] => [value.id, name]),
    ),
  );
}

/** What backward passes recorded on the way to gradients among `values`: it is newer than what they differentiated. */
function fromPasses(values: readonly Value[], records: ReadonlyMap<number, GradientRecord>): ReadonlySet<number> {
  const found = new Set<number>();
  for (const value of [...values].reverse()) {
    const record = records.get(value.id);
    if (record !== undefined || found.has(value.id)) {
      found.add(value.id);
      const since = record?.output.id ?? Number.POSITIVE_INFINITY;
      for (const input of value.inputs) {
        if (input.primitive !== undefined && (input.id > since || records.has(input.id))) found.add(input.id);
      }
    }
  }
  return found;
}

/** As many strokes as wanted, up to four; then one with their number. */
function primes(count: number): string {
  return count <= 4 ? "\u2032".repeat(count) : `\u2032${superscript(count)}`;
}

function subscript(number: number): string {
  return [...String(number)].map((digit) => "₀₁₂₃₄₅₆₇₈₉"[Number(digit)]).join("");
}

/** a, b, c … z, a₁, b₁ … without those in use. `e` is left out too: it reads as Euler's number. */
function* freeLetters(given: ReadonlySet<string>): Generator<string, never> {
  for (let round = 0; ; round++) {
    for (const letter of "abcdfghijklmnopqrstuvwxyz") {
      const name = round === 0 ? letter : `${letter}${subscript(round)}`;
      if (!given.has(name)) yield name;
    }
  }
}

/** How a node is written where another one uses it: its name, or its number where it is an unnamed constant. */
export function referenceFormula(node: GraphNode): Formula {
  return node.kind === "constant" && !node.named && node.value.shape.length === 0
    ? numberFormula(node.value.item())
    : nameFormula(node.name);
}

/** The right-hand side of an operation in the names of its inputs: x + y. @throws {RangeError} for a leaf. */
export function operationFormula(graph: Graph, node: GraphNode): Formula {
  if (node.primitive === undefined) throw new RangeError(`${node.name} was given, not computed.`);
  return applyFormula(
    node.primitive,
    node.inputs.map((input) => referenceFormula(graph.nodes[input]!)),
  );
}

/**
 * The derivative of an operation by its input at `position`, in node names: w for z = a · w by a.
 * `undefined` where it is no number by number rule (a sum over axes, a matrix product).
 */
export function localFormula(graph: Graph, node: GraphNode, position: number): Formula | undefined {
  if (node.primitive?.family !== "elementwise") return undefined;
  const inputs = node.inputs.map((input) => referenceFormula(graph.nodes[input]!));
  return partialIn(node.primitive, position, inputs, nameFormula(node.name));
}

/** The derivative of a primitive on numbers, by its input at `position`. */
export function localDerivative(
  primitive: Primitive,
  position: number,
  inputs: readonly number[],
  output: number,
): number {
  switch (primitive.family) {
    case "elementwise":
      return numericPartialsOf(primitive)[position]!(...inputs, output);
    case "linear":
      return 1;
    case "bilinear":
      return inputs[1 - position]!;
    case "reduction":
      return primitive.partial(constant(inputs[0]!), constant(output), { axes: [], keepDims: true }).item();
    case "general":
      return primitive.vjp === null
        ? 0
        : (primitive
            .vjp(
              constant(1),
              inputs.map((input) => constant(input)),
              constant(output),
              { axes: [] },
            )
            [position]?.item() ?? 0);
  }
}

/** Every node's value in a graph of scalars, with other values at some of its nodes (by position in the graph). */
export function replay(graph: Graph, replaced: ReadonlyMap<number, number>): Float64Array {
  const values = new Float64Array(graph.nodes.length);
  for (const node of graph.nodes) {
    const other = replaced.get(node.index);
    if (other !== undefined) values[node.index] = other;
    else if (node.primitive === undefined) values[node.index] = node.value.item();
    else values[node.index] = scalarRule(node.primitive)(...node.inputs.map((input) => values[input]!));
  }
  return values;
}
