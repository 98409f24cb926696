import { backward } from "../autodiff/backward.ts";
import type { ChainStep, ChainTerm } from "../autodiff/steps.ts";
import { substitute, toText } from "../graph/formula.ts";
import { type Graph, type GraphNode, localFormula } from "../graph/graph.ts";
import { formatNumber } from "../graph/number-text.ts";
import { shapeText, sizeOf } from "../graph/shape.ts";
import type { Value } from "../graph/value.ts";
import { type Hiding, hidingOf, unknown } from "./hiding.ts";
import type { Hidden, Token } from "./marks.ts";
import { displayedOperation, displayNames, inDisplayNames, isNumberConstant } from "./names.ts";
import type { NodeKind } from "./palette.ts";

/** A graph and its two passes as a figure tells them: all texts made, nothing placed yet. */
export interface FigureModel {
  /** The output's name. */
  readonly output: string;
  readonly nodes: readonly FigureNode[];
  readonly wires: readonly FigureWire[];
  readonly steps: readonly FigureStep[];
  /** The step that seeds the backward pass; one after the last where there is none. */
  readonly seedStep: number;
}

export interface FigureNode {
  readonly index: number;
  readonly kind: Exclude<NodeKind, "operation">;
  readonly name: string;
  /** "x = 2", "W 2×3": the name alone until the node is evaluated. */
  readonly text: string;
  /** "∂z/∂x = 4"; constants and graphs without a variable have none. */
  readonly gradient: string | undefined;
  readonly operation: { readonly symbol: string; readonly describes: string } | undefined;
  /** The step that evaluates it. */
  readonly forward: number;
  /** The step in which its own operation passes its gradient on. */
  readonly visited: number | undefined;
  /** The step in which its gradient is complete. */
  readonly backward: number | undefined;
  /** Every path to the output, in words. */
  readonly paths: PathTexts | undefined;
}

export interface PathTexts {
  readonly title: string;
  /** For where there is too little room for the title. */
  readonly shortTitle: string;
  /** Each path, with its product of local derivatives where they are numbers. */
  readonly lines: readonly { readonly route: string; readonly product: string; readonly result: string }[];
}

export interface FigureWire {
  readonly from: number;
  readonly to: number;
  readonly position: number;
  readonly value: string;
  /** What flows back over it. */
  readonly contribution: string | undefined;
  /** "∂a/∂x = 1", and "·1" where there is little room. */
  readonly local: { readonly long: string; readonly short: string } | undefined;
  /** When its value is there, when it is used, when its gradient flows. */
  readonly known: number;
  readonly used: number;
  readonly backward: number | undefined;
}

export interface FigureStep {
  readonly phase: "start" | "forward" | "backward" | "done";
  readonly title: string;
  readonly rows: readonly (readonly Token[])[];
}

/** Tensors above this many numbers are not differentiated for a picture: it shows their shapes anyway. */
const mostNumbers = 100_000;
const mostPaths = 3;

/** Reads a graph of one output and both passes over it. */
export function modelOf(graph: Graph, hidden: Hidden | undefined, parameters: readonly Value[] = []): FigureModel {
  return new Reading(graph, hidden, parameters).model();
}

class Reading {
  private readonly names: readonly string[];
  private readonly hiding: Hiding;
  private readonly output: GraphNode;
  private readonly operations: readonly GraphNode[];
  private readonly parameterIds: ReadonlySet<number>;
  private readonly chain: readonly ChainStep[] | undefined;
  private readonly gradients = new Map<number, Value>();
  private readonly visits = new Map<number, number>();
  private readonly completed = new Map<number, number>();
  private readonly forwardSteps = new Map<number, number>();
  private readonly graph: Graph;

  constructor(graph: Graph, hidden: Hidden | undefined, parameters: readonly Value[]) {
    this.graph = graph;
    this.names = displayNames(graph);
    this.hiding = hidingOf(graph, hidden);
    this.output = graph.nodes[graph.outputs[0]!]!;
    this.operations = graph.nodes.filter((node) => node.primitive !== undefined);
    this.parameterIds = new Set(parameters.map((value) => value.id));
    for (const [index, node] of this.operations.entries()) this.forwardSteps.set(node.index, index + 1);
    if (!this.output.needsGradient) return;
    const numbers = graph.nodes.reduce((sum, node) => sum + sizeOf(node.value.shape), 0);
    if (sizeOf(this.output.value.shape) === 1 && numbers <= mostNumbers) {
      const gradients = backward(this.output.value);
      this.chain = gradients.steps;
      for (const node of graph.nodes) if (node.needsGradient) this.gradients.set(node.index, gradients.of(node.value));
    }
    const visited = this.operations.filter((node) => node.needsGradient).reverse();
    this.completed.set(this.output.index, this.seedStep);
    for (const [index, node] of visited.entries()) {
      const step = this.seedStep + 1 + index;
      this.visits.set(node.index, step);
      for (const input of node.inputs) if (graph.nodes[input]!.needsGradient) this.completed.set(input, step);
    }
  }

  private get seedStep(): number {
    return this.operations.length + 1;
  }

  model(): FigureModel {
    return {
      output: this.names[this.output.index]!,
      nodes: this.graph.nodes.map((node) => this.node(node)),
      wires: this.operations.flatMap((node) => node.inputs.map((_, position) => this.wire(node, position))),
      steps: [this.start(), ...this.operations.map((node) => this.forwardStep(node)), ...this.backwardSteps()],
      seedStep: this.seedStep,
    };
  }

  private name(index: number): string {
    return this.names[index]!;
  }

  private isScalar(node: GraphNode): boolean {
    return node.value.shape.length === 0;
  }

  /** The value as a chip shows it: the number of a scalar, the shape of a tensor. */
  private quantity(node: GraphNode): string {
    if (!this.isScalar(node)) return shapeText(node.value.shape);
    return this.hiding.value(node.index) ? unknown : formatNumber(node.value.item());
  }

  private equation(node: GraphNode): string {
    if (!this.isScalar(node)) return `${this.name(node.index)}  ${shapeText(node.value.shape)}`;
    if (isNumberConstant(node)) return this.quantity(node);
    return `${this.name(node.index)} = ${this.quantity(node)}`;
  }

  private symbolOf(index: number): string {
    return `∂${this.name(this.output.index)}/∂${this.name(index)}`;
  }

  private gradientNumber(node: GraphNode): string | undefined {
    if (!this.isScalar(node)) return undefined;
    if (this.hiding.gradient(node.index)) return unknown;
    const gradient = this.gradients.get(node.index);
    return gradient === undefined ? undefined : formatNumber(gradient.item());
  }

  private gradientText(node: GraphNode): string | undefined {
    if (!node.needsGradient) return undefined;
    const number = this.gradientNumber(node);
    const hidden = !this.isScalar(node) && this.hiding.gradient(node.index);
    const shape = this.isScalar(node) ? "" : hidden ? ` = ${unknown}` : `  ${shapeText(node.value.shape)}`;
    return number === undefined ? `${this.symbolOf(node.index)}${shape}` : `${this.symbolOf(node.index)} = ${number}`;
  }

  private kindOf(node: GraphNode): FigureNode["kind"] {
    if (node.index === this.output.index && node.kind !== "constant") return "output";
    if (node.kind === "operation") return "intermediate";
    if (node.kind === "constant") return "constant";
    return this.parameterIds.has(node.value.id) ? "parameter" : "input";
  }

  private node(node: GraphNode): FigureNode {
    const { primitive } = node;
    return {
      index: node.index,
      kind: this.kindOf(node),
      name: isNumberConstant(node) ? this.quantity(node) : this.name(node.index),
      text: this.equation(node),
      gradient: this.gradientText(node),
      operation:
        primitive === undefined
          ? undefined
          : {
              symbol: primitive.symbol,
              describes: `${primitive.label}: ${this.name(node.index)} = ${toText(displayedOperation(this.graph, this.names, node))}`,
            },
      forward: this.forwardSteps.get(node.index) ?? 0,
      visited: this.visits.get(node.index),
      backward: this.completed.get(node.index),
      paths: node.needsGradient ? this.paths(node) : undefined,
    };
  }

  private wire(node: GraphNode, position: number): FigureWire {
    const input = this.graph.nodes[node.inputs[position]!]!;
    return {
      from: input.index,
      to: node.index,
      position,
      value: this.quantity(input),
      contribution: input.needsGradient ? this.contribution(node, position) : undefined,
      local: input.needsGradient ? this.local(node, position) : undefined,
      known: this.forwardSteps.get(input.index) ?? 0,
      used: this.forwardSteps.get(node.index)!,
      backward: input.needsGradient ? this.visits.get(node.index) : undefined,
    };
  }

  private term(node: GraphNode, position: number): ChainTerm | undefined {
    return this.chain?.find((step) => step.node.id === node.value.id)?.terms.find((term) => term.position === position);
  }

  private contribution(node: GraphNode, position: number): string {
    const input = this.graph.nodes[node.inputs[position]!]!;
    if (!this.isScalar(input)) return shapeText(input.value.shape);
    if (this.hiding.contribution(node.index, position)) return unknown;
    const term = this.term(node, position);
    return term === undefined ? shapeText(input.value.shape) : formatNumber(term.contribution.item());
  }

  /** The number of a local derivative; undefined where tensors are involved. */
  private localNumber(node: GraphNode, position: number): string | undefined {
    const input = this.graph.nodes[node.inputs[position]!]!;
    if (!this.isScalar(node) || !this.isScalar(input)) return undefined;
    if (this.hiding.local(node.index, position)) return unknown;
    const local = this.term(node, position)?.local;
    return local === undefined ? undefined : formatNumber(local.item());
  }

  private local(node: GraphNode, position: number): FigureWire["local"] {
    const input = node.inputs[position]!;
    const symbol = `∂${this.name(node.index)}/∂${this.name(input)}`;
    const number = this.localNumber(node, position);
    if (number === undefined) return { long: symbol, short: symbol };
    const short = `·${bracketed(number)}`;
    // By one of two uses of the same input it is not the whole derivative, so the symbol would mislead.
    const partial = this.isPartial(node, input);
    return { long: partial ? short : `${symbol} = ${number}`, short };
  }

  /** Whether ∂node/∂input stands for two things: input enters twice, or also reaches the output another way. */
  private isPartial(node: GraphNode, input: number): boolean {
    const uses = this.graph.nodes[input]!.users;
    if (uses.filter((user) => user.node === node.index).length > 1) return true;
    return node.index === this.output.index && uses.length > 1;
  }

  private start(): FigureStep {
    const leaves = this.graph.nodes.filter((node) => node.primitive === undefined && !isNumberConstant(node));
    const shown = leaves.slice(0, 6).map((node) => this.equation(node));
    if (leaves.length > shown.length) shown.push("…");
    return { phase: "start", title: "Start: what is given", rows: [[{ kind: "text", text: shown.join(",   ") }]] };
  }

  private forwardStep(node: GraphNode): FigureStep {
    const formula = displayedOperation(this.graph, this.names, node);
    const parts = [this.name(node.index), toText(formula)];
    const scalars = [node, ...node.inputs.map((input) => this.graph.nodes[input]!)].every((each) =>
      this.isScalar(each),
    );
    if (!this.isScalar(node)) parts[1] += `   (${this.quantity(node)})`;
    else if (!scalars) parts.push(this.quantity(node));
    else if (this.hiding.value(node.index)) parts.push(unknown);
    else {
      const values = new Map(node.inputs.map((input) => [this.name(input), this.graph.nodes[input]!.value.item()]));
      const numbers = substitute(formula, (name) => {
        const value = values.get(name);
        return value === undefined ? undefined : { kind: "number", value };
      });
      parts.push(toText(numbers), this.quantity(node));
    }
    const distinct = parts.filter((part, index) => part !== parts[index - 1]);
    return {
      phase: "forward",
      title: `Forward: ${node.primitive!.label.toLowerCase()}`,
      rows: [[{ kind: "text", text: distinct.join(" = ") }]],
    };
  }

  private backwardSteps(): readonly FigureStep[] {
    if (!this.output.needsGradient) return [];
    const seed: FigureStep = {
      phase: "backward",
      title: "Backward: start at the output",
      rows: [[this.fraction(this.output.index, this.output.index, "gradient"), ...this.outcome(this.output)]],
    };
    const visited = this.operations.filter((node) => node.needsGradient).reverse();
    const reached = new Map<number, number>();
    const steps = visited.map((node): FigureStep => {
      const rows = node.inputs.flatMap((input, position) => {
        if (!this.graph.nodes[input]!.needsGradient) return [];
        const earlier = reached.get(input) ?? 0;
        reached.set(input, earlier + 1);
        return [this.chainRule(node, position, earlier)];
      });
      return {
        phase: "backward",
        title: `Backward: ${node.primitive!.label.toLowerCase()} passes its gradient on`,
        rows,
      };
    });
    return [seed, ...steps, this.summary()];
  }

  private fraction(top: number, bottom: number, tone: "gradient" | "local"): Token {
    return { kind: "fraction", top: `∂${this.name(top)}`, bottom: `∂${this.name(bottom)}`, tone };
  }

  /** = 4 after the gradient of a scalar, the shape after that of a tensor. */
  private outcome(node: GraphNode): readonly Token[] {
    const number = this.gradientNumber(node);
    return number === undefined
      ? [{ kind: "note", text: `of shape ${shapeText(node.value.shape)}` }]
      : [text("="), { kind: "result", text: number, tone: "gradient" }];
  }

  /** ∂z/∂x = what came before + ∂z/∂node · ∂node/∂x = … for one input of one operation. */
  private chainRule(node: GraphNode, position: number, earlier: number): readonly Token[] {
    const input = this.graph.nodes[node.inputs[position]!]!;
    const row: Token[] = [this.fraction(this.output.index, input.index, "gradient"), { kind: "text", text: "=" }];
    const left = this.graph.nodes[input.index]!.users.filter((user) => this.visits.has(user.node)).length - earlier - 1;
    if (this.hiding.contribution(node.index, position)) {
      row.push({ kind: "result", text: unknown, tone: "gradient" });
      return row;
    }
    const scalar = this.isScalar(input) && this.isScalar(node);
    const term = this.term(node, position);
    const before =
      earlier === 0
        ? []
        : scalar && term?.before !== undefined
          ? [text(formatNumber(term.before.item()), "gradient"), text("+")]
          : [text("…", "gradient"), text("+")];
    row.push(...before);
    const number = scalar ? this.localNumber(node, position) : undefined;
    const symbol = this.localSymbol(node, position);
    const isOutput = node.index === this.output.index;
    if (isOutput && scalar && symbol !== undefined) {
      row.push(text(this.gradientNumber(this.output) ?? "", "gradient"), text("·"), text(symbol, "local"));
    } else if (isOutput && earlier === 0) {
      // The output's own operation: its local derivative is the gradient.
      row.pop();
    } else if (isOutput) {
      row.push(this.fraction(node.index, input.index, "local"));
    } else {
      row.push(this.fraction(this.output.index, node.index, "gradient"), text("·"));
      row.push(this.fraction(node.index, input.index, "local"));
    }
    if (!scalar || term === undefined || number === undefined) {
      if (!this.isScalar(input)) row.push({ kind: "note", text: `of shape ${shapeText(input.value.shape)}` });
      else if (term !== undefined) {
        row.push(text("="), { kind: "result", text: formatNumber(term.after.item()), tone: "gradient" });
      }
    } else {
      if (!(isOutput && symbol === number)) {
        const upstream = this.gradientNumber(node)!;
        row.push(text("="), ...before, text(earlier === 0 ? upstream : bracketed(upstream), "gradient"), text("·"));
        const explained = !isOutput && symbol !== undefined && symbol !== number;
        row.push(
          explained
            ? { kind: "factor", text: bracketed(number), beneath: symbol, tone: "local" }
            : text(bracketed(number), "local"),
        );
      }
      row.push(text("="), { kind: "result", text: formatNumber(term.after.item()), tone: "gradient" });
    }
    if (left > 0)
      row.push({
        kind: "note",
        text: left === 1 ? "so far: one more path to add" : `so far: ${left} more paths to add`,
      });
    else if (earlier > 0) row.push({ kind: "note", text: "the paths add up" });
    return row;
  }

  private localSymbol(node: GraphNode, position: number): string | undefined {
    const formula = localFormula(this.graph, node, position);
    return formula === undefined ? undefined : toText(inDisplayNames(this.graph, this.names, formula));
  }

  private summary(): FigureStep {
    const leaves = this.graph.nodes.filter((node) => node.kind === "variable" && node.needsGradient);
    const shown = leaves
      .slice(0, 5)
      .flatMap((node, index): Token[] => [
        ...(index === 0 ? [] : [text("      ")]),
        this.fraction(this.output.index, node.index, "gradient"),
        text("="),
        { kind: "result", text: this.gradientNumber(node) ?? shapeText(node.value.shape), tone: "gradient" },
      ]);
    if (leaves.length > 5) shown.push(text("      …"));
    return { phase: "done", title: "Done: every gradient from one backward pass", rows: [shown] };
  }

  /** Every path from a node to the output with its product of local derivatives; the first few where there are many. */
  private paths(node: GraphNode): PathTexts {
    const symbol = this.symbolOf(node.index);
    const number = this.gradientNumber(node);
    if (number === unknown) return { title: `${symbol} = ${unknown}`, shortTitle: `${symbol} = ${unknown}`, lines: [] };
    const { total, listed } = pathsToOutput(this.graph, node.index, this.output.index);
    const many = total === 1 ? "one path" : `sum over ${total} paths`;
    const shortTitle = number === undefined ? `${symbol}   (${many})` : `${symbol} = ${number}   (${many})`;
    const lines = listed.map((path) => this.pathLine(node, path));
    const more = total - listed.length;
    if (more > 0) lines.push({ route: `… and ${more} more`, product: "", result: "" });
    const results = lines.flatMap(({ result }) => (result === "" ? [] : [bracketed(result)]));
    if (total === 1 || number === undefined || results.length < listed.length) {
      return { title: shortTitle, shortTitle, lines };
    }
    const sum = [...results, ...(more > 0 ? ["…"] : [])].join(" + ");
    return { title: `${symbol} = ${sum} = ${number}   (${many})`, shortTitle, lines };
  }

  private pathLine(node: GraphNode, path: readonly PathStep[]): PathTexts["lines"][number] {
    const route = [node.index, ...path.map((step) => step.node)].map((index) => this.name(index)).join(" → ");
    const steps = path.map(({ node: index, position }) => ({ node: this.graph.nodes[index]!, position }));
    const factors = steps.map((step) => this.localNumber(step.node, step.position));
    if (factors.length === 0 || factors.includes(undefined)) return { route, product: "", result: "" };
    const product = steps.reduce(
      (sofar, step) => sofar * this.term(step.node, step.position)!.local!.item(),
      this.gradients.get(this.output.index)!.item(),
    );
    const result = formatNumber(product);
    const written = factors.map((factor) => bracketed(factor!)).join(" · ");
    return { route, product: factors.length > 1 ? `${written} = ${result}` : result, result };
  }
}

function text(content: string, tone: "plain" | "gradient" | "local" = "plain"): Token {
  return { kind: "text", text: content, tone };
}

function bracketed(number: string): string {
  return number.startsWith("−") ? `(${number})` : number;
}

interface PathStep {
  readonly node: number;
  readonly position: number;
}

/** How many paths lead from a node to the output, and the first of them. */
function pathsToOutput(
  graph: Graph,
  from: number,
  output: number,
): { readonly total: number; readonly listed: readonly (readonly PathStep[])[] } {
  const counts = new Array<number>(graph.nodes.length).fill(0);
  counts[output] = 1;
  for (const node of [...graph.nodes].reverse()) {
    if (node.index !== output) counts[node.index] = node.users.reduce((sum, user) => sum + counts[user.node]!, 0);
  }
  const listed: (readonly PathStep[])[] = [];
  const follow = (node: number, path: readonly PathStep[]): void => {
    if (listed.length >= mostPaths) return;
    if (node === output) listed.push(path);
    else for (const user of graph.nodes[node]!.users) follow(user.node, [...path, user]);
  };
  follow(from, []);
  return { total: counts[from]!, listed };
}
