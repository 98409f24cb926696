import { type Box, type Layout, type Link, layOut, type Place, type Route, type Spacing, wirePath } from "./layout.ts";
import type { Mark, Wire } from "./marks.ts";
import type { FigureModel, FigureNode, FigureWire } from "./model.ts";
import type { NodeKind } from "./palette.ts";
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
  readonly tags: readonly SceneTag[];
}

interface SceneBox {
  readonly id: number;
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

interface SceneCircle {
  readonly x: number;
  readonly y: number;
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

/** A label on a chip: a value (v), a gradient (g), a local derivative (l), or a gradient inside its box (n). */
interface SceneChip {
  readonly c: "v" | "g" | "l" | "n";
  readonly x: number;
  readonly y: number;
  readonly x1: number;
  readonly x2: number;
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
const circleRadius = 18;
const badgeRadius = 13;
export const chipHalf = 9;
const tagHalf = 10;
const nameSize = 15;
const chipSize = 12.5;
const gradientSize = 12;
const slack = 18;
const round = (length: number): number => Math.round(length * 10) / 10;

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

interface Measured {
  readonly boxes: readonly Box[];
  readonly links: readonly Link[];
}

const nodeKey = (index: number): string => `n${index}`;
const circleKey = (index: number): string => `o${index}`;
const wireKey = (wire: FigureWire): string => `w${wire.to}.${wire.position}`;
const stemKey = (index: number): string => `s${index}`;

function build(model: FigureModel, marks: readonly Mark[], width: number, down: boolean): Scene {
  const measured = down ? measureDown(model) : measureRight(model, marks);
  const spacing: Spacing = down
    ? { ranks: 44, boxes: 22, links: 12, fill: 0 }
    : { ranks: 30, boxes: marks.length > 0 ? 20 : 8, links: 6, fill: width - 2 * margin };
  const layout = layOut(measured.boxes, measured.links, spacing);
  return new Setting(model, marks, layout, measured, width, down).scene();
}

function chipWidth(text: string, size: number = chipSize): number {
  return Math.max(26, textWidth(text, size) + 13);
}

function answered(marks: readonly Mark[]): ReadonlySet<number> {
  return new Set(marks.flatMap((mark) => (mark.kind === "answer" ? [mark.node] : [])));
}

function nodeWidth(node: FigureNode, down: boolean): number {
  const inner = down && node.gradient !== undefined ? textWidth(node.gradient, gradientSize) : 0;
  return Math.max(46, Math.max(textWidth(node.text, nameSize), inner) + slack);
}

function measureRight(model: FigureModel, marks: readonly Mark[]): Measured {
  const badges = answered(marks);
  const boxes: Box[] = [];
  const links: Link[] = [];
  for (const node of model.nodes) {
    const across = 34;
    const under = node.gradient === undefined ? 0 : 24;
    const badge = badges.has(node.index) ? 24 : 0;
    const chip = node.gradient === undefined ? 0 : chipWidth(node.gradient, gradientSize);
    boxes.push({
      key: nodeKey(node.index),
      order: node.index,
      along: nodeWidth(node, false),
      across,
      span: Math.max(nodeWidth(node, false), chip),
      room: across + 2 * (Math.max(under, 24) + badge),
      lead: 0,
      round: false,
    });
    if (node.operation === undefined) continue;
    const diameter = 2 * circleRadius;
    boxes.push({
      key: circleKey(node.index),
      order: node.index,
      along: diameter,
      across: diameter,
      span: diameter,
      room: diameter + 8,
      lead: 0,
      round: true,
    });
    links.push({ key: stemKey(node.index), from: circleKey(node.index), to: nodeKey(node.index), label: undefined });
  }
  for (const wire of model.wires) {
    const { values, local } = wireWidths(wire, false);
    links.push({
      key: wireKey(wire),
      from: nodeKey(wire.from),
      to: circleKey(wire.to),
      label: { along: values + (local === 0 ? 0 : local + 4), across: 2 * (12 + chipHalf) + 4 },
    });
  }
  return { boxes, links };
}

function measureDown(model: FigureModel): Measured {
  const boxes = model.nodes.map((node): Box => {
    const along = node.gradient === undefined ? 34 : node.operation === undefined ? 46 : 54;
    const across = nodeWidth(node, true);
    return {
      key: nodeKey(node.index),
      order: node.index,
      along,
      across,
      span: along,
      room: across,
      lead: node.operation === undefined ? 0 : badgeRadius,
      round: false,
    };
  });
  const links = model.wires.map((wire): Link => {
    const { values, local } = wireWidths(wire, true);
    return {
      key: wireKey(wire),
      from: nodeKey(wire.from),
      to: nodeKey(wire.to),
      label: { along: local === 0 ? 2 * chipHalf + 4 : 4 * chipHalf + 8, across: Math.max(2 * values + 10, local) },
    };
  });
  return { boxes, links };
}

function wireWidths(wire: FigureWire, down: boolean): { readonly values: number; readonly local: number } {
  const local = wire.local === undefined ? "" : down ? wire.local.short : wire.local.long;
  return {
    values: Math.max(chipWidth(wire.value), wire.contribution === undefined ? 0 : chipWidth(wire.contribution)),
    local: wire.local === undefined ? 0 : chipWidth(local, 12),
  };
}

class Setting {
  private readonly ancestors: readonly number[];
  private readonly offset: Place;
  private readonly size: { readonly width: number; readonly height: number };
  private readonly model: FigureModel;
  private readonly marks: readonly Mark[];
  private readonly layout: Layout;
  private readonly boxesByKey: ReadonlyMap<string, Box>;
  private readonly down: boolean;

  constructor(
    model: FigureModel,
    marks: readonly Mark[],
    layout: Layout,
    measured: Measured,
    width: number,
    down: boolean,
  ) {
    this.model = model;
    this.marks = marks;
    this.layout = layout;
    this.boxesByKey = new Map(measured.boxes.map((box) => [box.key, box]));
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
      labels: nodes.map((node) => this.label(node)),
      wires: [...wires.map((wire) => this.wire(wire)), ...nodes.flatMap((node) => this.stem(node))],
      chips,
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
    const box = this.boxesByKey.get(nodeKey(node.index))!;
    if (this.down) return { across: box.across / 2, upright: box.along / 2 };
    return { across: nodeWidth(node, false) / 2, upright: box.across / 2 };
  }

  private box(node: FigureNode): SceneBox {
    const { x, y } = this.centre(node);
    const half = this.halves(node);
    return {
      id: node.index,
      ty: node.kind,
      x1: round(x - half.across),
      x2: round(x + half.across),
      y1: round(y - half.upright),
      y2: round(y + half.upright),
      f: node.forward,
      b: node.backward ?? never,
      a: this.ancestors[node.index]!,
    };
  }

  private circle(node: FigureNode): readonly SceneCircle[] {
    const { operation } = node;
    if (operation === undefined) return [];
    const centre = this.down
      ? { x: this.centre(node).x, y: this.centre(node).y - this.halves(node).upright }
      : this.point(this.layout.places.get(circleKey(node.index))!);
    const room = 2 * (this.down ? badgeRadius : circleRadius) - 7;
    const largest = this.down ? 15 : 19;
    const natural = textWidth(operation.symbol, largest);
    return [
      {
        x: round(centre.x),
        y: round(centre.y),
        t: operation.symbol,
        z: round(Math.min(largest, (largest * room) / natural)),
        f: node.forward,
        b: node.visited ?? never,
        a: this.ancestors[node.index]!,
        tip: operation.describes,
      },
    ];
  }

  private label(node: FigureNode): SceneLabel {
    const { x, y } = this.centre(node);
    const up = !this.down || node.gradient === undefined ? 0 : node.operation === undefined ? 9 : 3;
    return {
      x: round(x),
      y: round(y - up),
      t: node.text,
      n: node.name,
      f: node.forward,
      a: this.ancestors[node.index]!,
    };
  }

  private nodeChips(node: FigureNode): readonly SceneChip[] {
    if (node.gradient === undefined || node.backward === undefined) return [];
    const { x, y } = this.centre(node);
    if (this.down) {
      return [
        {
          c: "n",
          x: round(x),
          y: round(y + (node.operation === undefined ? 11 : 15)),
          x1: round(x),
          x2: round(x),
          t: node.gradient,
          k: node.backward,
          n: node.backward,
          a: this.ancestors[node.index]!,
        },
      ];
    }
    const place = { x, y: y + this.halves(node).upright + 3 + chipHalf };
    const wide = chipWidth(node.gradient, gradientSize);
    return [this.chip("g", place, wide, node.gradient, node.backward, node.backward, node.index)];
  }

  private chip(
    c: SceneChip["c"],
    { x, y }: { readonly x: number; readonly y: number },
    wide: number,
    text: string,
    shown: number,
    active: number,
    source: number,
  ): SceneChip {
    return {
      c,
      x: round(x),
      y: round(y),
      x1: round(x - wide / 2),
      x2: round(x + wide / 2),
      t: text,
      k: shown,
      n: active,
      a: this.ancestors[source]!,
    };
  }

  private wireChips(wire: FigureWire): readonly SceneChip[] {
    const route = this.layout.routes.get(wireKey(wire))!;
    const { x, y } = this.point(route.label!);
    const { values, local } = wireWidths(wire, this.down);
    const chips: SceneChip[] = [];
    const total = values + (local === 0 ? 0 : local + 4);
    const at = this.down
      ? {
          value: { x: x - values / 2 - 5, y: local === 0 ? y : y - chipHalf - 2 },
          gradient: { x: x + values / 2 + 5, y: y - chipHalf - 2 },
          local: { x, y: y + chipHalf + 2 },
        }
      : {
          value: { x: x - total / 2 + values / 2, y: y - 12 },
          gradient: { x: x - total / 2 + values / 2, y: y + 12 },
          local: { x: x + total / 2 - local / 2, y },
        };
    const valueWidth = this.down ? chipWidth(wire.value) : values;
    const valueAt = this.down ? { x: x - valueWidth / 2 - 5, y: at.value.y } : at.value;
    chips.push(this.chip("v", valueAt, valueWidth, wire.value, wire.known, wire.used, wire.from));
    if (wire.contribution === undefined || wire.local === undefined || wire.backward === undefined) return chips;
    const wide = this.down ? chipWidth(wire.contribution) : values;
    const gradientAt = this.down ? { x: x + wide / 2 + 5, y: at.gradient.y } : at.gradient;
    chips.push(this.chip("g", gradientAt, wide, wire.contribution, wire.backward, wire.backward, wire.from));
    const text = this.down ? wire.local.short : wire.local.long;
    chips.push(this.chip("l", at.local, local, text, wire.backward, wire.backward, wire.from));
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
    return chipWidth(wire.contribution ?? wire.value) + 5;
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
        b: node.backward ?? never,
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
      ...circles.map(({ x, y }) => around(x, y, circleRadius + 2, circleRadius + 2)),
      ...chips
        .filter((chip) => chip.c !== "n")
        .map((chip) => ({ ...chip, y1: chip.y - chipHalf, y2: chip.y + chipHalf })),
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
