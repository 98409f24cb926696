import { toText } from "../graph/formula.ts";
import { graphOf } from "../graph/graph.ts";
import { formatNumber } from "../graph/number-text.ts";
import { shapeText } from "../graph/shape.ts";
import type { Value } from "../graph/value.ts";
import { ancestorBits } from "./ancestors.ts";
import { Figure } from "./display.ts";
import { hidingOf, unknown } from "./hiding.ts";
import {
  colours,
  computed,
  field,
  frame,
  hoverParameter,
  type Json,
  layer,
  noteLayer,
  noteSize,
  once,
  overParameter,
  panel,
  point,
  sides,
} from "./layers.ts";
import { type Box, type Link, layOut, mostPlaced, placedBy, wirePath } from "./layout.ts";
import { moduleView } from "./module-view.ts";
import { displayedOperation, displayNames, isNumberConstant } from "./names.ts";
import { nodeColours, palette } from "./palette.ts";
import { layOutInRanks } from "./ranks.ts";
import { round } from "./round.ts";
import type { ShowOptions } from "./show.ts";
import { advice, summaryOf } from "./summary.ts";
import { fitText } from "./text-width.ts";

/** How many values some were computed from, themselves included. */
export interface GraphSize {
  readonly count: number;
  /** Whether counting stopped there. */
  readonly more: boolean;
}

const mostCounted = 20_000;
/** Up to this many values each is drawn with its number and gradient, if not with every local derivative. */
const mostNumbered = 60;
const mostDots = 500;
const mostWordLines = 40;
const dot = 12;
const tallest = 520;
const noteHeight = 52;

/** Counts without reading more of a huge graph than is needed to say that it is huge. */
export function ancestorsWithin(values: readonly Value[]): GraphSize {
  const found = new Set<number>(values.map((value) => value.id));
  const open = [...values];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const input of next.inputs) {
      if (found.has(input.id)) continue;
      found.add(input.id);
      open.push(input);
    }
    if (found.size > mostCounted) return { count: mostCounted, more: true };
  }
  return { count: found.size, more: false };
}

function hasLayers(value: Value): boolean {
  const found = new Set<number>([value.id]);
  const open = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.module !== undefined) return true;
    for (const input of next.inputs) {
      if (found.has(input.id)) continue;
      found.add(input.id);
      open.push(input);
    }
  }
  return false;
}

/** A graph too large for numbers on its wires: dots where some hundred fit, and a sentence that says what to do. */
export function overviewOf(
  values: readonly Value[],
  size: GraphSize,
  options: ShowOptions & { readonly width: number },
): Figure {
  // Layers are drawn on the way to one output.
  const single = values.length === 1 && !size.more ? values[0] : undefined;
  if (single !== undefined && (size.count <= mostNumbered || hasLayers(single))) {
    const figure = moduleView(single, options);
    if (typeof figure !== "string") return figure;
    if (size.count > mostDots) return summaryOf(values, figure, options);
  }
  const count = `${size.more ? "more than " : ""}${formatNumber(size.count)}`;
  if (size.count > mostDots) return summaryOf(values, `This graph has ${count} values, too many to draw.`, options);
  const title = options.title ?? "Overview";
  const sentence = `${count} values are too many for numbers on every wire, so this is an overview: point at a dot.`;
  const lines = [sentence, advice];
  const { layers, datasets, height, words } = dots(values, options);
  const text = [...lines, ...words].join("\n");
  const top = height + 8;
  const full = top + noteHeight;
  const specification = frame(options.width, full, title, text.replaceAll("\n", "; "), {
    params: [overParameter, colours("nodes", nodeColours)],
    datasets: {
      ...datasets,
      note: lines.map((line, index) => ({
        t: fitText(line, options.width - 28, noteSize),
        y: top + 17 + index * 19,
      })),
    },
    layer: [
      ...layers,
      once("notePanel", { ...panel, cornerRadius: 10, ...sides(0, top, options.width, full) }),
      noteLayer("note"),
    ],
  });
  return new Figure(specification, options.title === undefined ? text : `${options.title}\n${text}`);
}

interface Drawing {
  readonly layers: readonly Json[];
  readonly datasets: Readonly<Record<string, unknown>>;
  readonly height: number;
  readonly words: readonly string[];
}

function dots(values: readonly Value[], options: ShowOptions & { readonly width: number }): Drawing {
  const graph = graphOf(...values);
  const names = displayNames(graph);
  const hiding = hidingOf(graph, options.hidden);
  const parameters = new Set(options.parameters?.map((parameter) => parameter.id));
  const boxes = graph.nodes.map(
    (node): Box => ({
      key: String(node.index),
      order: node.index,
      along: dot,
      across: dot,
      span: dot,
      room: dot,
      lead: 0,
      round: true,
    }),
  );
  const links = graph.nodes.flatMap((node) =>
    node.inputs.map(
      (input, position): Link => ({
        key: `${node.index}.${position}`,
        from: String(input),
        to: String(node.index),
        label: undefined,
      }),
    ),
  );
  const layout =
    placedBy(boxes, links) <= mostPlaced
      ? layOut(boxes, links, { ranks: 20, boxes: 6, links: 3, fill: 0 })
      : layOutInRanks(boxes, links);
  const margin = 10;
  const wide = Math.min(4, (options.width - 2 * margin) / layout.along);
  const high = Math.min(1, tallest / layout.across);
  const height = Math.ceil(layout.across * high + 2 * margin);
  const at = (place: { along: number; across: number }): { along: number; across: number } => ({
    along: place.along * wide + margin,
    across: place.across * high + margin,
  });
  const describe = graph.nodes.map((node) => {
    const number =
      node.value.shape.length > 0
        ? shapeText(node.value.shape)
        : hiding.value(node.index)
          ? unknown
          : formatNumber(node.value.item());
    if (isNumberConstant(node)) return number;
    const formula = node.primitive === undefined ? [] : [toText(displayedOperation(graph, names, node))];
    return [names[node.index]!, ...formula, number].join(" = ");
  });
  const kind = (index: number): string => {
    const node = graph.nodes[index]!;
    if (graph.outputs.includes(index)) return "output";
    if (node.kind === "operation") return "intermediate";
    if (node.kind === "constant") return "constant";
    return parameters.has(node.value.id) ? "parameter" : "input";
  };
  const nodes = graph.nodes.map((node) => {
    const { along, across } = at(layout.places.get(String(node.index))!);
    return { id: node.index, x: round(along), y: round(across), c: kind(node.index), t: describe[node.index]! };
  });
  const ancestors = ancestorBits(graph.nodes.length, graph.edges);
  const wires = links.map((link) => {
    const route = layout.routes.get(link.key)!;
    const scaled = { tail: at(route.tail), tip: at(route.tip), bends: route.bends.map(at) };
    return { d: wirePath(scaled, false), a: ancestors[Number(link.from)]! };
  });
  const touches = "over >= 0 && ((datum.a[floor(over / 31)] >> (over % 31)) & 1)";
  const operations = graph.nodes.filter((node) => node.primitive !== undefined);
  const words = operations.slice(0, mostWordLines).map((node) => describe[node.index]!);
  if (operations.length > words.length) words.push(`… and ${operations.length - words.length} more operations`);
  return {
    height,
    words,
    datasets: { nodes, wires },
    layers: [
      layer("wires", {
        type: "point",
        filled: false,
        size: 4,
        x: 0,
        y: 0,
        shape: field("d"),
        stroke: computed(`${touches} ? "${palette.path}" : "${palette.wire}"`),
        strokeWidth: computed(`${touches} ? 2.5 : 1`),
        // Of hundreds of wires at once none can be followed: they stay in the background until one is asked for.
        opacity: computed(`${touches} ? 1 : over >= 0 ? 0.12 : ${links.length > 120 ? 0.4 : 0.8}`),
      }),
      layer(
        "nodes",
        {
          type: "point",
          filled: true,
          shape: "circle",
          size: 90,
          strokeWidth: 1.4,
          opacity: 1,
          ...point,
          fill: computed("nodes[datum.c].fill"),
          stroke: computed("nodes[datum.c].edge"),
          tooltip: field("t"),
        },
        { params: [hoverParameter] },
      ),
    ],
  };
}
