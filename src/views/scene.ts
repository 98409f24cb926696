import { type Layout, type Link, layOut, type Place, type Route, type Spacing, wirePath } from "./layout.ts";
import type { Mark, Wire } from "./marks.ts";
import {
  answered,
  boxSize,
  chipExtent,
  chipHalf,
  circleKey,
  circleSize,
  type Extent,
  headroom,
  innerExtent,
  labelExtent,
  type Measured,
  mapGap,
  measureDown,
  measureRight,
  nodeKey,
  stemKey,
  wireExtent,
  wireKey,
} from "./measures.ts";
import type { FigureModel, FigureNode, FigureWire, Written } from "./model.ts";
import type { NodeKind } from "./palette.ts";
import { round } from "./round.ts";
import { mapLayers, mapNumbers, mapSize, type TensorMap } from "./tensor-map.ts";
import { textWidth } from "./text-width.ts";

/** A figure with everything at its place, in pixels; what the datasets of its specification hold. */
export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly down: boolean;
  readonly boxes: readonly SceneBox[];
  readonly circles: readonly SceneCircle[];
  readonly labels: readonly SceneLabel[];
  readonly wires: readonly SceneWire[];
  readonly chips: readonly SceneChip[];
  readonly maps: readonly SceneMap[];
  readonly cells: readonly SceneCell[];
  readonly tags: readonly SceneTag[];
}

interface SceneBox {
  /** A constant has none: it has no paths to point at. */
  readonly id?: number;
  readonly ty: NodeKind;
  readonly x1: number;
  readonly x2: number;
  readonly y1: number;
  readonly y2: number;
  /** Steps that evaluate it and complete its gradient. */
  readonly f: number;
  readonly b: number;
  /** Bits of the nodes that it is on a path from. */
  readonly a: number;
}

/** An operation's circle; a pill where its symbol is long. */
interface SceneCircle {
  readonly x: number;
  readonly y: number;
  readonly x1: number;
  readonly x2: number;
  readonly y1: number;
  readonly y2: number;
  readonly t: string;
  readonly z: number;
  readonly f: number;
  readonly b: number;
  readonly a: number;
  readonly tip: string;
}

interface SceneLabel {
  readonly x: number;
  readonly y: number;
  /** With its value, and before it is evaluated. */
  readonly t: string;
  readonly n: string;
  readonly f: number;
  readonly a: number;
}

interface SceneWire {
  readonly d: string;
  readonly tx: number;
  readonly ty: number;
  readonly sx: number;
  readonly sy: number;
  readonly f: number;
  readonly b: number;
  readonly a: number;
  readonly m: "none" | "counted" | "missing" | "wrong";
}

/** Cells of one colour in the map of a tensor. */
interface SceneMap {
  readonly x: number;
  readonly y: number;
  readonly d: string;
  readonly f: string;
  readonly k: number;
  readonly a: number;
}

/** A number in a cell of a map. */
interface SceneCell {
  readonly x: number;
  readonly y: number;
  readonly t: string;
  readonly k: number;
  readonly a: number;
}

/**
 * A label on a chip: a value (v), a gradient (g), a tangent (t), a local derivative (l), or a gradient or tangent inside its
 * box (n, m).
 */
interface SceneChip {
  readonly c: "v" | "g" | "t" | "l" | "n" | "m";
  readonly x: number;
  readonly y: number;
  readonly x1: number;
  readonly x2: number;
  /** Half its height. */
  readonly h: number;
  readonly t: string;
  /** From which step it is shown, and in which it is at work. */
  readonly k: number;
  readonly n: number;
  readonly a: number;
}

interface SceneTag {
  readonly c: "answer" | "label";
  readonly x: number;
  readonly y: number;
  readonly x1: number;
  readonly x2: number;
  readonly t: string;
}

export type Direction = "right" | "down";

/** For steps that never come. */
const never = 9999;
const margin = 12;
const tagHalf = 10;

/** Sets the model out so that it reads from left to right where it fits into `width`, else from top to bottom. */
export function sceneOf(
  model: FigureModel,
  marks: readonly Mark[],
  width: number,
  direction: Direction | undefined,
): Scene {
  if (direction !== undefined) return build(model, marks, width, direction === "down");
  if (longestChain(measureRight(model, marks)) > width) return build(model, marks, width, true);
  const right = build(model, marks, width, false);
  if (right.width <= width) return right;
  const down = build(model, marks, width, true);
  return down.width < right.width ? down : right;
}

/** No drawing from left to right is shorter than the longest way from an input to the output. */
function longestChain({ boxes, links }: Measured): number {
  const spans = new Map(boxes.map((box) => [box.key, box.span]));
  const into = new Map<string, Link[]>();
  for (const link of links) into.set(link.to, [...(into.get(link.to) ?? []), link]);
  const lengths = new Map<string, number>();
  const lengthTo = (key: string): number => {
    const known = lengths.get(key);
    if (known !== undefined) return known;
    const before = (into.get(key) ?? []).map((link) => lengthTo(link.from) + (link.label?.along ?? 0));
    const length = Math.max(0, ...before) + spans.get(key)!;
    lengths.set(key, length);
    return length;
  };
  return Math.max(0, ...boxes.map((box) => lengthTo(box.key)));
}

function build(model: FigureModel, marks: readonly Mark[], width: number, down: boolean): Scene {
  const measured = down ? measureDown(model) : measureRight(model, marks);
  const spacing: Spacing = down
    ? { ranks: 44, boxes: 22, links: 12, fill: 0 }
    : { ranks: 30, boxes: marks.length > 0 ? 20 : 8, links: 6, fill: width - 2 * margin };
  const layout = layOut(measured.boxes, measured.links, spacing);
  return new Setting(model, marks, layout, width, down).scene();
}

class Setting {
  private readonly ancestors: readonly number[];
  private readonly offset: Place;
  private readonly size: { readonly width: number; readonly height: number };
  private readonly model: FigureModel;
  private readonly marks: readonly Mark[];
  private readonly layout: Layout;
  private readonly down: boolean;
  private readonly maps: SceneMap[] = [];
  private readonly cells: SceneCell[] = [];

  constructor(model: FigureModel, marks: readonly Mark[], layout: Layout, width: number, down: boolean) {
    this.model = model;
    this.marks = marks;
    this.layout = layout;
    this.down = down;
    this.ancestors = ancestorBits(model);
    const wide = down ? layout.across : layout.along;
    const high = down ? layout.along : layout.across;
    const full = Math.max(width, Math.ceil(wide + 2 * margin));
    const left = (full - wide) / 2;
    // Room for badges above the boxes of the first row.
    const top = down && answered(marks).size > 0 ? 28 : 0;
    this.offset = down ? { along: top, across: left } : { along: left, across: 0 };
    this.size = { width: full, height: Math.ceil(high) + top };
  }

  scene(): Scene {
    const { nodes, wires } = this.model;
    const labels = nodes.map((node) => this.label(node));
    const chips = [...nodes.flatMap((node) => this.nodeChips(node)), ...wires.flatMap((wire) => this.wireChips(wire))];
    const boxes = nodes.map((node) => this.box(node));
    const circles = nodes.flatMap((node) => this.circle(node));
    const tags = this.tags(boxes, circles, chips);
    const lowest = Math.max(this.size.height, ...tags.map((tag) => tag.y + tagHalf + 4));
    return {
      ...this.size,
      height: Math.ceil(lowest),
      down: this.down,
      boxes,
      circles,
      labels,
      wires: [...wires.map((wire) => this.wire(wire)), ...nodes.flatMap((node) => this.stem(node))],
      chips,
      maps: this.maps,
      cells: this.cells,
      tags,
    };
  }

  private point(place: Place): { readonly x: number; readonly y: number } {
    const along = place.along + this.offset.along;
    const across = place.across + this.offset.across;
    return this.down ? { x: across, y: along } : { x: along, y: across };
  }

  private centre(node: FigureNode): { readonly x: number; readonly y: number } {
    return this.point(this.layout.places.get(nodeKey(node.index))!);
  }

  private halves(node: FigureNode): { readonly across: number; readonly upright: number } {
    const { width, height } = boxSize(node, this.down);
    return { across: width / 2, upright: height / 2 };
  }

  private box(node: FigureNode): SceneBox {
    const { x, y } = this.centre(node);
    const half = this.halves(node);
    return {
      ...(node.kind === "constant" ? {} : { id: node.index }),
      ty: node.kind,
      x1: round(x - half.across),
      x2: round(x + half.across),
      y1: round(y - half.upright),
      y2: round(y + half.upright),
      f: node.forward,
      b: (this.isBackward ? node.flowed : undefined) ?? never,
      a: this.ancestors[node.index]!,
    };
  }

  private get isBackward(): boolean {
    return this.model.flow === "gradient";
  }

  private circle(node: FigureNode): readonly SceneCircle[] {
    const { operation } = node;
    if (operation === undefined) return [];
    const { x, y } = this.down
      ? { x: this.centre(node).x, y: this.centre(node).y - this.halves(node).upright }
      : this.point(this.layout.places.get(circleKey(node.index))!);
    const { width, half, font } = circleSize(operation.symbol, this.down);
    return [
      {
        x: round(x),
        y: round(y),
        x1: round(x - width / 2),
        x2: round(x + width / 2),
        y1: round(y - half),
        y2: round(y + half),
        t: operation.symbol,
        z: round(font),
        f: node.forward,
        b: node.visited ?? never,
        a: this.ancestors[node.index]!,
        tip: operation.describes,
      },
    ];
  }

  private label(node: FigureNode): SceneLabel {
    const { x, y } = this.centre(node);
    const extent = labelExtent(node.label);
    const middle =
      this.down && (node.flow !== undefined || node.operation !== undefined)
        ? y - this.halves(node).upright + headroom(node) + extent.half
        : y;
    const words = this.besideMap(node.label.map, { x, y: middle }, extent, node.forward, node.index, true);
    return {
      x: round(words),
      y: round(middle),
      t: node.label.text,
      n: node.name,
      f: node.forward,
      a: this.ancestors[node.index]!,
    };
  }

  /** Puts a map at the right end of what is `wide`, around a centre; returns the middle of what is left for the words. */
  private besideMap(
    map: TensorMap | undefined,
    { x, y }: { readonly x: number; readonly y: number },
    { width, words }: Extent,
    shown: number,
    source: number,
    roomy: boolean,
  ): number {
    if (map === undefined) return x;
    const size = mapSize(map, roomy);
    const right = x + width / 2 - (roomy ? 0 : mapGap);
    const corner = { x: right - size.width, y: y - size.height / 2 };
    const common = { k: shown, a: this.ancestors[source]! };
    for (const { d, f } of mapLayers(map, size)) {
      this.maps.push({ x: round(corner.x), y: round(corner.y), d, f, ...common });
    }
    for (const number of mapNumbers(map, size)) {
      this.cells.push({ x: round(corner.x + number.x), y: round(corner.y + number.y), t: number.t, ...common });
    }
    return x - width / 2 + words / 2 + (roomy ? 0 : 2);
  }

  private nodeChips(node: FigureNode): readonly SceneChip[] {
    if (node.flow === undefined || node.flowed === undefined) return [];
    const { x, y } = this.centre(node);
    const upright = this.halves(node).upright;
    if (this.down) {
      const extent = innerExtent(node.flow);
      const middle = y - upright + headroom(node) + 2 * labelExtent(node.label).half + extent.half;
      const words = this.besideMap(node.flow.map, { x, y: middle }, extent, node.flowed, node.index, true);
      return [
        {
          c: this.isBackward ? "n" : "m",
          x: round(words),
          y: round(middle),
          x1: round(x),
          x2: round(x),
          h: 0,
          t: node.flow.text,
          k: node.flowed,
          n: node.flowed,
          a: this.ancestors[node.index]!,
        },
      ];
    }
    const extent = chipExtent(node.flow, true);
    const place = { x, y: y + upright + 3 + extent.half };
    return [this.flowChip(node.flow, place, extent, node.flowed, node.flowed, node.index, true)];
  }

  private flowChip(
    flow: Written,
    place: { readonly x: number; readonly y: number },
    extent: Extent,
    shown: number,
    active: number,
    source: number,
    roomy: boolean,
  ): SceneChip {
    const c = this.isBackward ? "g" : "t";
    return this.chip(c, flow, place, extent, shown, active, source, roomy);
  }

  private chip(
    c: SceneChip["c"],
    { text, map }: Written,
    { x, y }: { readonly x: number; readonly y: number },
    extent: Extent,
    shown: number,
    active: number,
    source: number,
    roomy: boolean = false,
  ): SceneChip {
    const edged = roomy && map !== undefined ? { ...extent, width: extent.width - 10 } : extent;
    const words = this.besideMap(map, { x, y }, edged, shown, source, roomy);
    return {
      c,
      x: round(words),
      y: round(y),
      x1: round(x - extent.width / 2),
      x2: round(x + extent.width / 2),
      h: round(extent.half),
      t: text,
      k: shown,
      n: active,
      a: this.ancestors[source]!,
    };
  }

  private wireChips(wire: FigureWire): readonly SceneChip[] {
    const route = this.layout.routes.get(wireKey(wire))!;
    const { x, y } = this.point(route.label!);
    const { value, flow, values, half, local } = wireExtent(wire, this.down);
    const total = values + (local === 0 ? 0 : local + 4);
    const start = x - total / 2 + values / 2;
    const middle = local === 0 ? y : y - chipHalf - 2;
    const at = this.down
      ? {
          value: { x: x - value.width / 2 - 5, y: middle },
          flow: { x: x + (flow?.width ?? 0) / 2 + 5, y: middle },
          local: { x, y: y + half + 2 },
        }
      : {
          value: { x: start, y: y - 3 - value.half },
          flow: { x: start, y: y + 3 + (flow?.half ?? 0) },
          local: { x: x + total / 2 - local / 2, y },
        };
    // Left to right the two chips are of one width.
    const wide = (extent: Extent): Extent =>
      this.down ? extent : { ...extent, width: values, words: extent.words + values - extent.width };
    const chips = [this.chip("v", wire.value, at.value, wide(value), wire.known, wire.used, wire.from)];
    if (wire.flow === undefined || wire.local === undefined) return chips;
    const shown = this.isBackward ? wire.backward! : wire.known;
    const active = this.isBackward ? wire.backward! : wire.used;
    chips.push(this.flowChip(wire.flow, at.flow, wide(flow!), shown, active, wire.from, false));
    const text = this.down ? wire.local.short : wire.local.long;
    const localExtent = { width: local, words: local, half: chipHalf };
    chips.push(this.chip("l", { text, map: undefined }, at.local, localExtent, active, active, wire.from));
    return chips;
  }

  private path(route: Route): Pick<SceneWire, "d" | "tx" | "ty" | "sx" | "sy"> {
    const moved = (place: Place): Place => ({
      along: place.along + this.offset.along,
      across: place.across + this.offset.across,
    });
    const tip = this.point(route.tip);
    const tail = this.point(route.tail);
    const shifted = { tail: moved(route.tail), tip: moved(route.tip), bends: route.bends.map(moved) };
    return {
      d: wirePath(shifted, this.down),
      tx: round(tip.x),
      ty: round(tip.y),
      sx: round(tail.x),
      sy: round(tail.y),
    };
  }

  private wire(wire: FigureWire): SceneWire {
    return {
      ...this.path(this.layout.routes.get(wireKey(wire))!),
      f: wire.used,
      b: wire.backward ?? never,
      a: this.ancestors[wire.from]!,
      m: this.markOf(wire),
    };
  }

  /** Half the width of what stands on a wire. */
  private labelHalf({ node, position }: Wire): number {
    const wire = this.model.wires.find((each) => each.to === node && each.position === position)!;
    return chipExtent(wire.flow ?? wire.value).width + 5;
  }

  private markOf(wire: FigureWire): SceneWire["m"] {
    const same = (other: { readonly node: number; readonly position: number }): boolean =>
      other.node === wire.to && other.position === wire.position;
    let found: SceneWire["m"] = "none";
    for (const mark of this.marks) {
      if (mark.kind === "counted" && mark.wires.some(same) && found === "none") found = "counted";
      if (mark.kind === "missing" && mark.wires.some(same)) found = "missing";
      if (mark.kind === "wrong" && same(mark.wire)) found = "wrong";
    }
    return found;
  }

  /** The wire from an operation's circle to its result; where circles are badges there is none. */
  private stem(node: FigureNode): readonly SceneWire[] {
    if (this.down || node.operation === undefined) return [];
    const into = this.model.wires.filter((wire) => wire.to === node.index).map((wire) => this.markOf(wire));
    return [
      {
        ...this.path(this.layout.routes.get(stemKey(node.index))!),
        f: node.forward,
        b: (this.isBackward ? node.flowed : undefined) ?? never,
        a: this.ancestors[node.index]!,
        m:
          into.includes("counted") || into.includes("wrong")
            ? "counted"
            : into.includes("missing")
              ? "missing"
              : "none",
      },
    ];
  }

  /** Badges and labels of marks, each where it covers nothing. */
  private tags(
    boxes: readonly SceneBox[],
    circles: readonly SceneCircle[],
    chips: readonly SceneChip[],
  ): readonly SceneTag[] {
    const taken: Rectangle[] = [
      ...boxes,
      ...circles.map(({ x1, x2, y1, y2 }) => ({ x1: x1 - 2, x2: x2 + 2, y1: y1 - 2, y2: y2 + 2 })),
      ...chips.filter(({ h }) => h > 0).map((chip) => ({ ...chip, y1: chip.y - chip.h, y2: chip.y + chip.h })),
    ];
    const tags: SceneTag[] = [];
    let bottom = this.size.height + tagHalf + 4;
    const put = (
      c: SceneTag["c"],
      text: string,
      places: readonly { readonly x: number; readonly y: number }[],
    ): void => {
      const half = tagWidth(text) / 2;
      const inside = places.map(({ x, y }) => ({
        x: Math.min(this.size.width - half - 2, Math.max(half + 2, x)),
        y,
      }));
      let place = inside.find(
        ({ x, y }) => y - tagHalf >= 0 && !taken.some((other) => overlap(around(x, y, half + 2, tagHalf + 1), other)),
      );
      if (place === undefined) {
        place = { x: inside[0]!.x, y: bottom };
        bottom += 2 * tagHalf + 4;
      }
      taken.push(around(place.x, place.y, half, tagHalf));
      const { x, y } = place;
      tags.push({ c, x: round(x), y: round(y), x1: round(x - half), x2: round(x + half), t: text });
    };
    for (const mark of this.marks) {
      if (mark.kind === "answer") {
        const node = this.model.nodes[mark.node];
        if (node === undefined) continue;
        const { x, y } = this.centre(node);
        const under = y + this.halves(node).upright;
        const beside = this.halves(node).across + tagWidth(mark.label) / 2 + 5;
        const places = this.down
          ? [
              { x: x + beside, y },
              { x: x - beside, y },
            ]
          : [36, 14, 60].map((gap) => ({ x, y: under + gap }));
        put("answer", mark.label, [...places, { x, y: y - this.halves(node).upright - 14 }]);
      } else if ((mark.kind === "missing" || mark.kind === "wrong") && mark.label !== undefined) {
        const wire = mark.kind === "wrong" ? mark.wire : mark.wires.at(-1);
        const route = wire === undefined ? undefined : this.layout.routes.get(`w${wire.node}.${wire.position}`);
        if (route?.label === undefined) continue;
        const { x, y } = this.point(route.label);
        const beside = (this.down ? this.labelHalf(wire!) : 0) + tagWidth(mark.label) / 2 + 6;
        const sides = this.down ? [beside, -beside].map((aside) => ({ x: x + aside, y })) : [];
        const gaps = [28, -28, 36, -36, 48, -48, 60, -60].flatMap((gap) =>
          [0, 60, -60, 110, -110].map((aside) => ({ x: x + aside, y: y + gap })),
        );
        const places = [...sides, ...gaps];
        put("label", mark.label, places);
      }
    }
    return tags;
  }
}

function tagWidth(text: string): number {
  return textWidth(text, 12, true) + 24;
}

interface Rectangle {
  readonly x1: number;
  readonly x2: number;
  readonly y1: number;
  readonly y2: number;
}

function around(x: number, y: number, halfWidth: number, halfHeight: number): Rectangle {
  return { x1: x - halfWidth, x2: x + halfWidth, y1: y - halfHeight, y2: y + halfHeight };
}

function overlap(a: Rectangle, b: Rectangle): boolean {
  return a.x1 < b.x2 && b.x1 < a.x2 && a.y1 < b.y2 && b.y1 < a.y2;
}

/** For each node the bits of those with a path to it, itself included; constants have no path worth showing. */
function ancestorBits(model: FigureModel): readonly number[] {
  const bits: number[] = [];
  for (const node of model.nodes) {
    let own = node.kind === "constant" ? 0 : 1 << node.index;
    for (const wire of model.wires) if (wire.to === node.index) own |= bits[wire.from]!;
    bits.push(own);
  }
  return bits;
}
