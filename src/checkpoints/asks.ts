import type { Graph, GraphNode } from "../graph/graph.ts";
import { CheckpointError } from "./errors.ts";
import { plainName } from "./notation.ts";

/** One quantity that a checkpoint asks for. Nodes are positions in the graph. */
export type Ask =
  /** What an operation evaluates to: "a". */
  | { readonly kind: "value"; readonly node: number }
  /** How an operation moves with one of its own inputs, the others held: "da/dx". */
  | { readonly kind: "local"; readonly node: number; readonly input: number }
  /** How one node moves with another one through all paths between them: "dz/dx". */
  | { readonly kind: "gradient"; readonly output: number; readonly node: number };

/** The key an answer gives it under: "dz/dx". */
export function keyOf(graph: Graph, ask: Ask): string {
  const name = (node: number): string => graph.nodes[node]!.name;
  switch (ask.kind) {
    case "value":
      return name(ask.node);
    case "local":
      return `d${name(ask.node)}/d${name(ask.input)}`;
    case "gradient":
      return `d${name(ask.output)}/d${name(ask.node)}`;
  }
}

/** As it is written: ∂z/∂x. */
export function symbolOf(graph: Graph, ask: Ask): string {
  return ask.kind === "value" ? keyOf(graph, ask) : keyOf(graph, ask).replace(/^d/, "∂").replace("/d", "/∂");
}

/** Positions of the node among an operation's inputs; two for x · x. */
export function positionsOf(node: GraphNode, input: number): readonly number[] {
  return node.inputs.flatMap((index, position) => (index === input ? [position] : []));
}

/** Everything the node was computed from, itself included. */
export function ancestorsOf(graph: Graph, node: number): ReadonlySet<number> {
  const found = new Set([node]);
  for (let index = node; index >= 0; index--) {
    if (found.has(index)) for (const input of graph.nodes[index]!.inputs) found.add(input);
  }
  return found;
}

/** Every way from one node to another along the wires, as wires; at most `most` of them. */
export function pathsBetween(graph: Graph, from: number, to: number, most: number): readonly Path[] {
  const above = ancestorsOf(graph, to);
  const found: Path[] = [];
  const walk = (node: number, path: Path): void => {
    if (node === to) {
      found.push(path);
      return;
    }
    for (const user of graph.nodes[node]!.users) {
      if (found.length > most) return;
      if (above.has(user.node)) walk(user.node, [...path, user]);
    }
  };
  walk(from, []);
  return found;
}

/** The wires walked through, from the input on; each names the operation it enters. */
export type Path = readonly { readonly node: number; readonly position: number }[];

/** x → a → z. */
export function pathText(graph: Graph, from: number, path: Path): string {
  return [from, ...path.map((wire) => wire.node)].map((node) => graph.nodes[node]!.name).join(" → ");
}

/**
 * What a step-wise checkpoint asks: the value of every operation, each local derivative, the gradient at every node
 * from the output backward, the leaves last.
 */
export function stepwiseAsks(graph: Graph): readonly Ask[] {
  const output = graph.outputs[0]!;
  const operations = graph.nodes.filter((node) => node.kind === "operation");
  const moving = graph.nodes.filter((node) => node.needsGradient && node.index !== output);
  return [
    ...operations.map((node): Ask => ({ kind: "value", node: node.index })),
    // What enters the output has its gradient asked for below.
    ...operations
      .filter((node) => node.index !== output)
      .flatMap((node) =>
        [...new Set(node.inputs)]
          .filter((input) => graph.nodes[input]!.needsGradient)
          .map((input): Ask => ({ kind: "local", node: node.index, input })),
      ),
    ...moving
      .filter((node) => node.kind === "operation")
      .reverse()
      .map((node): Ask => ({ kind: "gradient", output, node: node.index })),
    ...moving
      .filter((node) => node.kind === "variable")
      .map((node): Ask => ({ kind: "gradient", output, node: node.index })),
  ];
}

/** Reads keys: "dz/dx", "∂z/∂x" with or without spaces, "a" for a value. */
export class AskReader {
  private readonly graph: Graph;
  private readonly byKey = new Map<string, Ask>();

  constructor(graph: Graph) {
    this.graph = graph;
    const output = graph.outputs[0]!;
    const add = (ask: Ask): void => {
      const key = keyOf(graph, ask);
      for (const form of [key, plainName(key)]) if (!this.byKey.has(form)) this.byKey.set(form, ask);
    };
    for (const node of graph.nodes) if (node.kind === "operation") add({ kind: "value", node: node.index });
    for (const node of graph.nodes) {
      for (const above of ancestorsOf(graph, node.index)) {
        if (above === node.index || !graph.nodes[above]!.needsGradient) continue;
        const direct = node.inputs.includes(above);
        if (direct && node.index !== output) add({ kind: "local", node: node.index, input: above });
        else add({ kind: "gradient", output: node.index, node: above });
      }
    }
  }

  /** The ask of a key, or why it is none. */
  read(key: string): Ask | string {
    const compact = key.normalize("NFC").replaceAll(/\s+/g, "").replaceAll(/[∂𝜕δ]/gu, "d").replaceAll(/[∕⁄÷]/g, "/");
    const ask = this.byKey.get(compact) ?? this.byKey.get(plainName(compact));
    if (ask !== undefined) return ask;
    const names = new Map(this.graph.nodes.map((node) => [plainName(node.name), node]));
    const [, top, bottom] = /^d(.+)\/d(.+)$/u.exec(compact) ?? [];
    if (top !== undefined && bottom !== undefined) {
      const [over, under] = [names.get(plainName(top)), names.get(plainName(bottom))];
      const missing = over === undefined ? top : under === undefined ? bottom : undefined;
      if (missing !== undefined) return `there is no “${missing}” in this graph; its names are ${this.nameList()}`;
      if (over === under) return `how ${top} moves with itself is always 1 and is not asked`;
      if (!under!.needsGradient) return `${bottom} is a constant: nothing moves with it`;
      return `${top} was not computed from ${bottom}`;
    }
    const leaf = names.get(plainName(compact));
    if (leaf !== undefined) return `${leaf.name} was given, not computed`;
    return `a key is the name of a node, such as “${this.example("value")}”, or a derivative, such as “${this.example("gradient")}”`;
  }

  /** The ask of an author's key. @throws {CheckpointError} where it is none. */
  require(key: string, checkpoint: string): Ask {
    const ask = this.read(key);
    if (typeof ask === "string")
      throw new CheckpointError(`checkpoint “${checkpoint}”: cannot ask for “${key}”: ${ask}.`);
    return ask;
  }

  private nameList(): string {
    return this.graph.nodes
      .filter((node) => node.kind !== "constant" || node.named)
      .map((node) => node.name)
      .join(", ");
  }

  private example(kind: Ask["kind"]): string {
    const ask = stepwiseAsks(this.graph).find((candidate) => candidate.kind === kind);
    return ask === undefined ? this.graph.nodes[this.graph.outputs[0]!]!.name : keyOf(this.graph, ask);
  }
}
