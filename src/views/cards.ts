import { backward } from "../autodiff/backward.ts";
import { multiplicationsOf } from "../autodiff/rules.ts";
import { toText } from "../graph/formula.ts";
import type { Graph } from "../graph/graph.ts";
import { formatNumber } from "../graph/number-text.ts";
import { sameShape, shapeText, sizeOf } from "../graph/shape.ts";
import { Value } from "../graph/value.ts";
import { type Call, headingOf, nameBeside } from "./calls.ts";
import type { Contraction, Signal, Unit } from "./contraction.ts";
import { type Hiding, hidingOf, unknown } from "./hiding.ts";
import type { Hidden } from "./marks.ts";
import { displayedOperation, displayNames, isNumberConstant } from "./names.ts";
import type { NodeKind } from "./palette.ts";

/** A graph drawn by layers, as it is told: all texts made, nothing placed yet. */
export interface CardModel {
  readonly output: string;
  readonly units: readonly CardUnit[];
  readonly wires: readonly CardWire[];
  readonly frames: ReadonlyMap<Call, string>;
  /** How many values and operations there are. */
  readonly values: number;
  readonly operations: number;
  /** Why there are no gradients, where there are none. */
  readonly without: string | undefined;
}

export type LineTone = "muted" | "operation" | "parameter" | "value" | "gradient";

export interface CardLine {
  readonly text: string;
  readonly tone: LineTone;
}

export interface CardUnit {
  readonly key: number;
  readonly shape: "card" | "pill" | "box";
  readonly kind: NodeKind;
  readonly title: string;
  readonly lines: readonly CardLine[];
  /** Whether it stands for more than one value. */
  readonly stacked: boolean;
  /** Steps of a recurrence that is folded in it. */
  readonly steps: number;
  readonly frame: Call | undefined;
  /** What it is, in a sentence. */
  readonly tells: string;
}

export interface CardWire {
  readonly from: number;
  readonly to: number;
  /** The same for wires that carry the same from the same unit. */
  readonly carries: string;
  readonly value: string;
  readonly gradient: string | undefined;
  /** How many numbers pass. */
  readonly size: number;
}

/** A pass backward for a picture takes no more than about half a second, counted in multiplications. */
const mostWork = 60_000_000;
/** What it costs to read or write a number, and to visit a tensor, in multiplications. */
const numberWork = 3;
const tensorWork = 3000;
const longestNameOnWire = 9;

export function cardsOf(
  graph: Graph,
  contraction: Contraction,
  hidden: Hidden | undefined,
  parameters: readonly Value[] = [],
): CardModel {
  return new Telling(graph, contraction, hidden, parameters).model();
}

function counted(count: number, thing: string): string {
  return `${count.toLocaleString("en-US")} ${thing}${count === 1 ? "" : "s"}`;
}

class Telling {
  private readonly names: readonly string[];
  private readonly hiding: Hiding;
  private readonly gradientOf: ((index: number) => Value) | undefined;
  private readonly without: string | undefined;
  private readonly squares = new Map<number, number>();
  private readonly parameterIds: ReadonlySet<number>;
  private readonly graph: Graph;
  private readonly contraction: Contraction;

  constructor(graph: Graph, contraction: Contraction, hidden: Hidden | undefined, parameters: readonly Value[]) {
    this.graph = graph;
    this.contraction = contraction;
    this.names = displayNames(graph);
    this.hiding = hidingOf(graph, hidden);
    this.parameterIds = new Set(parameters.map((value) => value.id));
    const { value } = graph.nodes[this.outputIndex]!;
    this.without = this.obstacle(value);
    if (this.without !== undefined) return;
    const gradients = backward(value);
    this.gradientOf = (index) => gradients.of(graph.nodes[index]!.value);
  }

  private get outputIndex(): number {
    return this.graph.outputs[0]!;
  }

  private obstacle(output: Value): string | undefined {
    const name = this.names[this.outputIndex]!;
    if (!output.needsGradient) return `${name} depends on no variable, so there are no gradients.`;
    if (sizeOf(output.shape) !== 1) {
      return `${name} is ${shapeText(output.shape)}: gradients are drawn for the graph of a single number, such as a loss.`;
    }
    let multiplications = 0;
    let work = 0;
    for (const { value, inputs } of this.graph.nodes) {
      if (value.primitive === undefined) continue;
      const own = multiplicationsOf(value);
      multiplications += own;
      work += own + numberWork * (sizeOf(value.shape) + this.sizeOf(inputs));
      if (value.shape.length > 0) work += tensorWork;
    }
    if (work <= mostWork) return undefined;
    const count = this.graph.nodes.length.toLocaleString("en-US");
    return `Gradients are left out: a backward pass over ${count} values and ${formatNumber(multiplications)} multiplications is too long for a picture.`;
  }

  model(): CardModel {
    const { units, signals, kept } = this.contraction;
    const told = units.map((unit) => this.unit(unit));
    const output = this.contraction.unitOf[this.outputIndex]!;
    const end: CardUnit = {
      key: units.length,
      shape: "box",
      kind: "output",
      title: this.equation(this.outputIndex),
      lines: [],
      stacked: false,
      steps: 0,
      frame: undefined,
      tells: `${this.equation(this.outputIndex)}: the output`,
    };
    // A lone leaf needs no box beside it that says the same.
    const ends = units[output]?.kind === "leaf" ? [] : [end];
    const wires = signals.map((signal) => this.wire(signal));
    if (ends.length > 0) wires.push(this.wire({ from: output, to: end.key, values: [this.outputIndex] }));
    const frames = new Map(
      units.flatMap(({ frame }) => {
        const around: Call[] = [];
        for (let at = frame; at !== undefined; at = at.parent) around.push(at);
        return around.map((call) => [call, this.frameTitle(call, kept.get(call) ?? [])] as const);
      }),
    );
    return {
      output: this.names[this.outputIndex]!,
      units: [...told, ...ends],
      wires,
      frames,
      values: this.graph.nodes.length,
      operations: this.graph.nodes.filter((node) => node.primitive !== undefined).length,
      without: this.without,
    };
  }

  private frameTitle(call: Call, kept: readonly number[]): string {
    const beside = nameBeside(call);
    const heading = beside === undefined ? headingOf(call) : `${headingOf(call)}  ${beside}`;
    const parameters = this.parametersIn(kept);
    if (parameters.length === 0) return heading;
    const norm = this.norm(parameters);
    const shared = `${counted(this.sizeOf(parameters), "parameter")}, shared`;
    return `${heading}  ·  ${shared}${norm === undefined ? "" : `  ·  ‖∇θ‖ ${norm}`}`;
  }

  private sizeOf(nodes: readonly number[]): number {
    return nodes.reduce((sum, index) => sum + sizeOf(this.graph.nodes[index]!.value.shape), 0);
  }

  private parametersIn(nodes: readonly number[]): readonly number[] {
    return nodes.filter((index) => this.graph.nodes[index]!.kind === "variable");
  }

  /** ‖∂output/∂…‖ over several values, or the derivative by a single number. */
  private norm(nodes: readonly number[]): string | undefined {
    const moving = nodes.filter((index) => this.graph.nodes[index]!.needsGradient);
    if (moving.length === 0 || this.without !== undefined) return undefined;
    if (moving.some((index) => this.hiding.gradient(index))) return unknown;
    if (this.isNumber(nodes)) return formatNumber(this.gradientOf!(nodes[0]!).item());
    return formatNumber(Math.sqrt(moving.reduce((sum, index) => sum + this.square(index), 0)));
  }

  private square(index: number): number {
    let square = this.squares.get(index);
    if (square === undefined) {
      square = 0;
      for (const each of this.gradientOf!(index).data) square += each * each;
      this.squares.set(index, square);
    }
    return square;
  }

  private isNumber(nodes: readonly number[]): boolean {
    return nodes.length === 1 && this.graph.nodes[nodes[0]!]!.value.shape.length === 0;
  }

  private quantity(index: number): string {
    const { value } = this.graph.nodes[index]!;
    if (value.shape.length > 0) return shapeText(value.shape);
    return this.hiding.value(index) ? unknown : formatNumber(value.item());
  }

  private equation(index: number): string {
    const node = this.graph.nodes[index]!;
    if (isNumberConstant(node)) return this.quantity(index);
    const name = node.named || node.kind !== "constant" ? this.names[index]! : "constant";
    return node.value.shape.length > 0 ? `${name}  ${this.quantity(index)}` : `${name} = ${this.quantity(index)}`;
  }

  private wire({ from, to, values }: Signal): CardWire {
    const size = this.sizeOf(values);
    const one = values.length === 1;
    const number = this.isNumber(values);
    const node = this.graph.nodes[values[0]!]!;
    const name = one && node.named && node.primitive !== undefined ? this.names[node.index]! : "";
    const told = one ? this.quantity(node.index) : this.several(values);
    const norm = this.norm(values);
    return {
      from,
      to,
      carries: `${from}:${values.join(",")}`,
      value: name !== "" && name.length <= longestNameOnWire ? `${name}${number ? " =" : ""} ${told}` : told,
      gradient: norm === undefined ? undefined : number ? norm : `‖∇‖ ${norm}`,
      size,
    };
  }

  private several(values: readonly number[]): string {
    const scalars = values.every((index) => this.graph.nodes[index]!.value.shape.length === 0);
    return scalars ? counted(values.length, "number") : counted(values.length, "tensor");
  }

  private unit(unit: Unit): CardUnit {
    const shared = { key: unit.key, steps: unit.call?.steps ?? 0, frame: unit.frame };
    switch (unit.kind) {
      case "card":
      case "operations":
        return { ...shared, shape: "card", kind: "intermediate", stacked: unit.nodes.length > 1, ...this.card(unit) };
      case "operation": {
        const node = this.graph.nodes[unit.nodes.at(-1)!]!;
        const formula = toText(displayedOperation(this.graph, this.names, node));
        return {
          ...shared,
          shape: "pill",
          kind: "operation",
          stacked: false,
          title: node.primitive!.symbol,
          lines: [],
          tells: `${node.primitive!.label}: ${this.names[node.index]} = ${formula}, ${this.quantity(node.index)}${this.gradientPhrase([node.index])}`,
        };
      }
      case "leaf": {
        const node = this.graph.nodes[unit.nodes[0]!]!;
        const kind = node.kind === "constant" ? "constant" : this.isParameter(unit) ? "parameter" : "input";
        const field = node.named ? undefined : this.fieldOf(unit);
        const title = field === undefined ? this.equation(node.index) : `${field}  ${this.quantity(node.index)}`;
        return {
          ...shared,
          shape: "box",
          kind,
          stacked: false,
          title,
          lines: [],
          tells: `${title}: ${kind}${this.gradientPhrase([node.index])}`,
        };
      }
      case "leaves": {
        const kind = this.graph.nodes[unit.nodes[0]!]!.kind === "constant" ? "constant" : "input";
        const title = counted(unit.nodes.length, kind);
        return { ...shared, shape: "box", kind, stacked: true, title, lines: [], tells: title };
      }
    }
  }

  /** What the layer in whose frame a parameter stands calls it. */
  private fieldOf({ frame, nodes }: Unit): string | undefined {
    const { value, kind } = this.graph.nodes[nodes[0]!]!;
    for (let call = frame; call !== undefined; call = call.parent) {
      const fields = Object.entries(call.scope.module).filter(([, field]) => field instanceof Value);
      const own = fields.find(([, field]) => field === value);
      // After a step of training the field holds the next value.
      const later = fields.find(
        ([, field]) =>
          kind === "variable" && (field as Value).kind === kind && sameShape((field as Value).shape, value.shape),
      );
      const found = own ?? later;
      if (found !== undefined) return found[0];
    }
    return undefined;
  }

  private isParameter(unit: Unit): boolean {
    return unit.frame !== undefined || this.parameterIds.has(this.graph.nodes[unit.nodes[0]!]!.value.id);
  }

  private gradientPhrase(nodes: readonly number[]): string {
    const norm = this.norm(nodes);
    if (norm === undefined) return "";
    const output = this.names[this.outputIndex]!;
    const name = nodes.length === 1 ? this.names[nodes[0]!]! : "…";
    return this.isNumber(nodes) ? `, ∂${output}/∂${name} = ${norm}` : `, ‖∂${output}/∂${name}‖ = ${norm}`;
  }

  private card(unit: Unit): Pick<CardUnit, "title" | "lines" | "tells"> {
    const nodes = unit.nodes.map((index) => this.graph.nodes[index]!);
    const operations = nodes.filter((node) => node.primitive !== undefined);
    const parameters = this.parametersIn(unit.nodes);
    const results = this.resultsOf(unit);
    const title = unit.call === undefined ? counted(operations.length, "operation") : headingOf(unit.call);
    const beside = unit.call === undefined ? undefined : nameBeside(unit.call);
    const symbols = this.symbols(operations.map((node) => node.primitive!.symbol));
    const made = results.length === 1 ? this.shape(results[0]!) : results.length === 0 ? "" : this.several(results);
    const lines: CardLine[] = [];
    if (beside !== undefined) lines.push({ text: beside, tone: "muted" });
    if (unit.call === undefined) lines.push({ text: symbols, tone: "operation" });
    else lines.push({ text: counted(operations.length, "operation"), tone: "operation" });
    if (parameters.length > 0) {
      lines.push({ text: counted(this.sizeOf(parameters), "parameter"), tone: "parameter" });
    }
    if (made !== "") lines.push({ text: `→ ${made}`, tone: "value" });
    const norm = this.norm(parameters);
    if (parameters.length > 0 && norm !== undefined) lines.push({ text: `‖∇θ‖ ${norm}`, tone: "gradient" });
    const steps = unit.call === undefined || unit.call.steps === 0 ? [] : [counted(unit.call.steps, "step")];
    const tells = [
      ...steps,
      `${counted(operations.length, "operation")} (${symbols})`,
      ...(parameters.length > 0 ? [counted(this.sizeOf(parameters), "parameter")] : []),
      ...(parameters.length > 0 && norm !== undefined ? [`‖∂${this.names[this.outputIndex]}/∂θ‖ = ${norm}`] : []),
      ...(made === "" ? [] : [`gives ${made}`]),
      `collapsed: ${counted(unit.nodes.length, "value")}`,
    ].join(", ");
    return {
      title,
      lines,
      tells: `${unit.call === undefined ? "Operations" : `${title} ${unit.call.path}`}: ${tells}`,
    };
  }

  private shape(index: number): string {
    const { shape } = this.graph.nodes[index]!.value;
    return shape.length === 0 ? "a number" : shapeText(shape);
  }

  /** The values of a unit that others use. */
  private resultsOf(unit: Unit): readonly number[] {
    const { unitOf } = this.contraction;
    return unit.nodes.filter((index) => {
      const node = this.graph.nodes[index]!;
      if (node.primitive === undefined) return false;
      return index === this.outputIndex || node.users.some((user) => unitOf[user.node] !== unit.key);
    });
  }

  private symbols(all: readonly string[]): string {
    const counts = new Map<string, number>();
    for (const symbol of all) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
    const ordered = [...counts].sort((a, b) => b[1] - a[1]);
    const listed = ordered.slice(0, 4).map(([symbol, count]) => (count === 1 ? symbol : `${count} ${symbol}`));
    return `${listed.join(", ")}${ordered.length > 4 ? ", …" : ""}`;
  }
}
