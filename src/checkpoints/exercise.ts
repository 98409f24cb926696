import { type Graph, graphOf } from "../graph/graph.ts";
import { Value } from "../graph/value.ts";
import { tableAsks } from "./asked-table.ts";
import { type Ask, AskReader, ancestorsOf, keyOf, stepwiseAsks } from "./asks.ts";
import { CheckpointError } from "./errors.ts";
import type { Domain } from "./points.ts";
import { Reference } from "./reference.ts";
import { checkTensorGraph, tensorAsks } from "./tensor/exercise.ts";
import { TensorReference } from "./tensor/reference.ts";

/** What an author may say about a checkpoint; nothing is needed. */
export interface CheckpointOptions {
  /** "table": the rows of the decomposition table are to be filled in, each operation and its local derivatives. */
  readonly kind?: "steps" | "table";
  /**
   * The keys asked for, such as "dz/dx" or "a"; by default every step of both passes, of a graph with tensors the
   * gradients at named nodes and at leaves.
   */
  readonly ask?: readonly string[];
  /** Where an answer may be a number: the variables' values there, by default those the graph was run with; "anywhere" asks for formulas. With tensors only "anywhere" can be said. */
  readonly at?: Readonly<Record<string, number>> | "anywhere";
  /** Where the variables may lie when answers are compared: { x: [0.5, 2] }. */
  readonly domain?: Domain;
  /** What it is worth. */
  readonly points?: number;
  /** Said before the hints that follow from the graph; by key, or for the whole checkpoint. */
  readonly hints?: readonly string[] | Readonly<Record<string, readonly string[]>>;
  /** One line above the figure. */
  readonly title?: string;
}

/** A checkpoint as it was made: a graph, what is asked about it, and what is right. */
export type Exercise = ScalarExercise | TensorExercise;

/** Of a graph of scalars. */
export interface ScalarExercise extends Asked {
  readonly of: "scalars";
  readonly reference: Reference;
}

/** Of a graph with tensors in it. */
export interface TensorExercise extends Asked {
  readonly of: "tensors";
  readonly reference: TensorReference;
}

interface Asked {
  readonly id: string;
  readonly value: Value;
  readonly graph: Graph;
  readonly asks: readonly Ask[];
  readonly reader: AskReader;
  /** Whether a bare number is an answer. */
  readonly numbersCount: boolean;
  readonly options: CheckpointOptions;
}

/** @throws {CheckpointError} where the graph or an option cannot be asked about. */
export function exerciseOf(id: string, value: Value, options: CheckpointOptions, seed: string): Exercise {
  if (typeof id !== "string" || id.trim() === "") {
    throw new CheckpointError('A checkpoint needs a name of its own: checkpoint("seed", z).');
  }
  if (!(value instanceof Value)) {
    throw new CheckpointError(
      `checkpoint “${id}”: the second argument must be a Value, such as z; it is ${value === null ? "null" : `a ${typeof value}`}.`,
    );
  }
  const graph = graphOf(value);
  const tensors = graph.nodes.some((node) => node.value.shape.length > 0);
  if (!value.needsGradient || value.kind !== "operation") {
    throw new CheckpointError(`checkpoint “${id}”: nothing to derive: the value must be computed from a variable(…).`);
  }
  const reader = new AskReader(graph);
  const usual = options.kind === "table" ? tableAsks : tensors ? tensorAsks : stepwiseAsks;
  const wanted = options.ask?.map((key) => reader.require(key, id)) ?? usual(graph);
  const asks = wanted.filter(
    (ask, index) => wanted.findIndex((other) => keyOf(graph, other) === keyOf(graph, ask)) === index,
  );
  if (asks.length === 0) throw new CheckpointError(`checkpoint “${id}”: it asks for nothing.`);
  // A table says what is computed, not how much it comes to.
  const place = options.at ?? (options.kind === "table" ? "anywhere" : undefined);
  const at = place === "anywhere" || place === undefined ? {} : place;
  const domain = checkedDomain(id, graph, options.domain ?? {});
  const asked: Asked = { id, value, graph, asks, reader, numbersCount: place !== "anywhere", options };
  if (tensors) {
    checkTensorGraph(id, graph, asks, place);
    return { ...asked, of: "tensors", reference: new TensorReference(graph, asks, domain, id, seed) };
  }
  return { ...asked, of: "scalars", reference: new Reference(graph, asks, domain, id, placed(id, graph, at), seed) };
}

/** The names that an answer to the ask may use: for a value, what it is computed from; else every node. */
export function namesFor(graph: Graph, ask: Ask): readonly string[] {
  const usable = ask.kind === "value" ? ancestorsOf(graph, ask.node) : undefined;
  return graph.nodes
    .filter((node) => node.kind !== "constant" || node.named)
    .filter((node) => usable === undefined || (usable.has(node.index) && node.index !== ask.node))
    .map((node) => node.name);
}

function placed(id: string, graph: Graph, at: Readonly<Record<string, number>>): ReadonlyMap<number, number> {
  return new Map(
    Object.entries(at).map(([name, number]) => {
      if (!Number.isFinite(number)) throw new CheckpointError(`checkpoint “${id}”: at.${name} must be a number.`);
      return [variableNamed(id, graph, name, "at"), number];
    }),
  );
}

function checkedDomain(id: string, graph: Graph, domain: Domain): Domain {
  for (const [name, range] of Object.entries(domain)) {
    variableNamed(id, graph, name, "domain");
    const [low, high] = range;
    if (!(Number.isFinite(low) && Number.isFinite(high) && low < high)) {
      throw new CheckpointError(`checkpoint “${id}”: domain.${name} must be two numbers, the smaller one first.`);
    }
  }
  return domain;
}

function variableNamed(id: string, graph: Graph, name: string, option: string): number {
  const node = graph.nodes.find((candidate) => candidate.kind === "variable" && candidate.name === name);
  if (node !== undefined) return node.index;
  const names = graph.nodes.filter((candidate) => candidate.kind === "variable").map((candidate) => candidate.name);
  throw new CheckpointError(`checkpoint “${id}”: ${option} names “${name}”; the variables are ${names.join(", ")}.`);
}
