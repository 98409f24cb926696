import type { Box, Link } from "./layout.ts";
import type { Mark } from "./marks.ts";
import type { FigureModel, FigureNode, FigureWire, Written } from "./model.ts";
import { mapSize, type TensorMap } from "./tensor-map.ts";
import { textWidth } from "./text-width.ts";

// How large everything in a teaching figure is, in pixels, before it is placed.

export const circleRadius = 18;
export const badgeRadius = 13;
export const chipHalf = 9;
const nameSize = 15;
const chipSize = 12.5;
const smallSize = 12;
const largestSymbol = 19;
const largestBadgeSymbol = 15;
/** A symbol that would have to be set smaller than this to fit a circle gets a pill. */
const smallestSymbol = 12;
const slack = 18;
/** Between words and the map beside them, and above and below a map. */
export const mapGap = 6;
const mapPadding = 4;

export interface Measured {
  readonly boxes: readonly Box[];
  readonly links: readonly Link[];
}

/** The size of a chip, or of a line in a box. */
export interface Extent {
  readonly width: number;
  readonly half: number;
  /** The part of the width that the words take. */
  readonly words: number;
}

export const nodeKey = (index: number): string => `n${index}`;
export const circleKey = (index: number): string => `o${index}`;
export const wireKey = (wire: FigureWire): string => `w${wire.to}.${wire.position}`;
export const stemKey = (index: number): string => `s${index}`;

function extent(words: number, map: TensorMap | undefined, roomy: boolean, least: number): Extent {
  if (map === undefined) return { width: words, half: least, words };
  const { width, height } = mapSize(map, roomy);
  return { width: words + width + mapGap, half: Math.max(least, height / 2 + mapPadding), words };
}

/** A chip on a wire, or (roomy) beneath a box. */
export function chipExtent({ text, map }: Written, roomy: boolean = false): Extent {
  const words = Math.max(26, textWidth(text, roomy ? smallSize : chipSize) + 13);
  return extent(words, map, roomy, chipHalf);
}

export function localWidth(text: string): number {
  return Math.max(26, textWidth(text, smallSize) + 13);
}

/** The lines in a node's box: its name and value and, from top to bottom, what flows. */
export function labelExtent({ text, map }: Written): Extent {
  return extent(textWidth(text, nameSize), map, true, 10);
}

export function innerExtent({ text, map }: Written): Extent {
  return extent(textWidth(text, smallSize), map, true, 9);
}

/** Room above the lines of a box, below its badge. */
export function headroom(node: FigureNode): number {
  return node.operation === undefined ? 4 : 14;
}

/** How large a node's box is. */
export function boxSize(node: FigureNode, down: boolean): { readonly width: number; readonly height: number } {
  const label = labelExtent(node.label);
  const inner = down && node.flow !== undefined ? innerExtent(node.flow) : undefined;
  const width = Math.max(46, Math.max(label.width, inner?.width ?? 0) + slack);
  if (!down) return { width, height: Math.max(34, 2 * label.half + 4) };
  const lines = 2 * label.half + (inner === undefined ? 0 : 2 * inner.half);
  return { width, height: Math.max(34, headroom(node) + lines + 4) };
}

/** The circle of an operation, or the pill that a long symbol takes. */
export function circleSize(
  symbol: string,
  down: boolean,
): { readonly width: number; readonly half: number; readonly font: number } {
  const half = down ? badgeRadius : circleRadius;
  const largest = down ? largestBadgeSymbol : largestSymbol;
  const fitting = (largest * (2 * half - 7)) / textWidth(symbol, largest);
  if (fitting >= smallestSymbol) return { width: 2 * half, half, font: Math.min(largest, fitting) };
  const font = down ? 12 : 14;
  return { width: textWidth(symbol, font) + 20, half: down ? 11 : 14, font };
}

/** What stands on a wire: the value's chip, that of what flows, and the local derivative's. */
export interface WireExtent {
  readonly value: Extent;
  readonly flow: Extent | undefined;
  /** The wider and the higher of the two. */
  readonly values: number;
  readonly half: number;
  readonly local: number;
}

export function wireExtent(wire: FigureWire, down: boolean): WireExtent {
  const value = chipExtent(wire.value);
  const flow = wire.flow && chipExtent(wire.flow);
  const local = wire.local === undefined ? 0 : localWidth(down ? wire.local.short : wire.local.long);
  return {
    value,
    flow,
    values: Math.max(value.width, flow?.width ?? 0),
    half: Math.max(value.half, flow?.half ?? 0),
    local,
  };
}

export function answered(marks: readonly Mark[]): ReadonlySet<number> {
  return new Set(marks.flatMap((mark) => (mark.kind === "answer" ? [mark.node] : [])));
}

/** From left to right: circles between boxes, what flows on a chip beneath each box. */
export function measureRight(model: FigureModel, marks: readonly Mark[]): Measured {
  const badges = answered(marks);
  const boxes: Box[] = [];
  const links: Link[] = [];
  for (const node of model.nodes) {
    const { width, height } = boxSize(node, false);
    const chip = node.flow && chipExtent(node.flow, true);
    const under = chip === undefined ? 0 : 2 * chip.half + 6;
    boxes.push({
      key: nodeKey(node.index),
      order: node.index,
      along: width,
      across: height,
      span: Math.max(width, chip?.width ?? 0),
      room: height + 2 * (Math.max(under, 24) + (badges.has(node.index) ? 24 : 0)),
      lead: 0,
      round: false,
    });
    if (node.operation === undefined) continue;
    const circle = circleSize(node.operation.symbol, false);
    boxes.push({
      key: circleKey(node.index),
      order: node.index,
      along: circle.width,
      across: 2 * circle.half,
      span: circle.width,
      room: 2 * circle.half + 8,
      lead: 0,
      round: true,
    });
    links.push({ key: stemKey(node.index), from: circleKey(node.index), to: nodeKey(node.index), label: undefined });
  }
  for (const wire of model.wires) {
    const { values, half, local } = wireExtent(wire, false);
    links.push({
      key: wireKey(wire),
      from: nodeKey(wire.from),
      to: circleKey(wire.to),
      label: { along: values + (local === 0 ? 0 : local + 4), across: 2 * (3 + 2 * half) + 4 },
    });
  }
  return { boxes, links };
}

/** From top to bottom: circles as badges on their results, what flows inside the boxes. */
export function measureDown(model: FigureModel): Measured {
  const boxes = model.nodes.map((node): Box => {
    const { width, height } = boxSize(node, true);
    const badge = node.operation === undefined ? 0 : circleSize(node.operation.symbol, true).half;
    return {
      key: nodeKey(node.index),
      order: node.index,
      along: height,
      across: width,
      span: height,
      room: width,
      lead: badge,
      round: false,
    };
  });
  const links = model.wires.map((wire): Link => {
    const { values, half, local } = wireExtent(wire, true);
    return {
      key: wireKey(wire),
      from: nodeKey(wire.from),
      to: nodeKey(wire.to),
      label: {
        along: 2 * half + 4 + (local === 0 ? 0 : 2 * chipHalf + 4),
        across: Math.max(2 * values + 10, local),
      },
    };
  });
  return { boxes, links };
}
