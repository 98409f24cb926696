import { ancestorBits, type Bits } from "./ancestors.ts";
import type { Call } from "./calls.ts";
import { type CardLayout, layOutCards, type Measures, type Piece } from "./card-layout.ts";
import type { CardModel, CardUnit, CardWire, LineTone } from "./cards.ts";
import { type Place, wirePath } from "./layout.ts";
import { chipHalf } from "./measures.ts";
import type { NodeKind } from "./palette.ts";
import { round } from "./round.ts";
import type { Direction } from "./scene.ts";
import { textWidth } from "./text-width.ts";

interface Rectangle {
  readonly x1: number;
  readonly x2: number;
  readonly y1: number;
  readonly y2: number;
}

/** The drawing by layers with everything at its place, in pixels; what the datasets of its specification hold. */
export interface CardScene {
  readonly width: number;
  readonly height: number;
  readonly down: boolean;
  readonly boxes: readonly (Rectangle & { readonly id: number; readonly ty: NodeKind; readonly a: Bits })[];
  readonly shadows: readonly (Rectangle & { readonly a: Bits })[];
  readonly frames: readonly (Rectangle & { readonly t: string; readonly w: number })[];
  readonly titles: readonly {
    readonly x: number;
    readonly y: number;
    readonly t: string;
    readonly z: number;
    readonly a: Bits;
  }[];
  readonly lines: readonly {
    readonly x: number;
    readonly y: number;
    readonly t: string;
    readonly c: LineTone;
    readonly a: Bits;
  }[];
  readonly wires: readonly { readonly d: string; readonly w: number; readonly a: Bits }[];
  readonly heads: readonly { readonly x: number; readonly y: number; readonly w: number; readonly a: Bits }[];
  readonly chips: readonly (Rectangle & {
    readonly c: "v" | "g";
    readonly x: number;
    readonly y: number;
    readonly t: string;
    readonly a: Bits;
  })[];
  readonly loops: readonly (Rectangle & {
    readonly d: string;
    readonly x: number;
    readonly y: number;
    readonly t: string;
    readonly hx: number;
    readonly hy: number;
    readonly a: Bits;
  })[];
}

const margin = 12;
const titleSize = 16;
const pillSize = 15;
const lineSize = 11.5;
const lineHeight = 16;
const chipSize = 12;
const shadowShift = 5;
const loopRoom = 24;
const chipWidth = (text: string): number => Math.max(26, textWidth(text, chipSize) + 13);

/** Sets the cards out from left to right where that fits into `width`, else from top to bottom. */
export function cardSceneOf(
  model: CardModel,
  framed: (call: Call | undefined) => Call | undefined,
  width: number,
  direction: Direction | undefined,
): CardScene {
  const build = (down: boolean): CardScene => {
    const measures = measuresFor(model, width, down);
    return new Setting(model, measures, layOutCards(model, framed, measures), width).scene();
  };
  if (direction !== undefined) return build(direction === "down");
  const right = build(false);
  if (right.width <= width) return right;
  const down = build(true);
  return down.width < right.width ? down : right;
}

/** A card's size: its title and lines one below the other, or, for drawings from top to bottom, in two rows. */
function sizeOfUnit(unit: CardUnit, inRows: boolean): { readonly wide: number; readonly high: number } {
  if (unit.shape === "pill") return { wide: Math.max(38, textWidth(unit.title, pillSize) + 22), high: 30 };
  if (unit.shape === "box") return { wide: Math.max(46, textWidth(unit.title, pillSize) + 20), high: 34 };
  const title = textWidth(unit.title, titleSize);
  if (!inRows) {
    const wide = Math.max(title, ...unit.lines.map((line) => textWidth(line.text, lineSize)));
    return { wide: Math.max(72, wide + 20), high: 34 + unit.lines.length * lineHeight };
  }
  const { beside, below } = rowsOf(unit);
  const first = title + (beside === undefined ? 0 : textWidth(beside.text, lineSize) + 10);
  return { wide: Math.max(72, Math.max(first, rowWidth(below)) + 26), high: below.length === 0 ? 36 : 52 };
}

const lineGap = 14;

function rowsOf(unit: CardUnit): { beside: CardUnit["lines"][number] | undefined; below: CardUnit["lines"] } {
  const beside = unit.lines.find((line) => line.tone === "muted");
  return { beside, below: unit.lines.filter((line) => line !== beside) };
}

function rowWidth(lines: CardUnit["lines"]): number {
  return lines.reduce((sum, line) => sum + textWidth(line.text, lineSize), 0) + lineGap * Math.max(0, lines.length - 1);
}

/** Of many cards, those side by side are to be low. */
const manyCards = 20;

function inRows(model: CardModel, down: boolean): boolean {
  return down || model.units.length > manyCards;
}

function measuresFor(model: CardModel, width: number, down: boolean): Measures {
  const rows = inRows(model, down);
  return {
    down,
    fill: down ? 0 : width - 2 * margin,
    titleWidth: (title) => textWidth(title, 12.5, true),
    box: (unit, key) => {
      const { wide, high } = sizeOfUnit(unit, rows);
      const [along, across] = down ? [high, wide] : [wide, high];
      const shadow = unit.stacked && unit.shape !== "pill" ? 2 * shadowShift : 0;
      const loop = unit.steps > 0 ? 2 * loopRoom + (down ? 40 : 0) : 0;
      return {
        key,
        order: unit.key,
        along,
        across,
        span: along + 2 * shadow * (down ? 1 : 0.5),
        room: across + 2 * shadow + loop,
        lead: 0,
        round: false,
      };
    },
    label: (wire) => {
      const [value, gradient] = [chipWidth(wire.value), wire.gradient === undefined ? 0 : chipWidth(wire.gradient)];
      // From a pill to the output beside it there is nothing new to say.
      if (isStem(model, wire)) return { along: 2, across: 2 };
      return down
        ? { along: 2 * chipHalf, across: 2 * Math.max(value, gradient) + 14 }
        : { along: Math.max(value, gradient) + 2, across: 2 * (13 + chipHalf) + 2 };
    },
  };
}

function isStem(model: CardModel, wire: CardWire): boolean {
  return model.units[wire.to]!.kind === "output";
}

class Setting {
  private readonly ancestors: readonly Bits[];
  private readonly offset: Place;
  private readonly size: { readonly width: number; readonly height: number };
  private readonly model: CardModel;
  private readonly measures: Measures;
  private readonly layout: CardLayout;
  private readonly rows: boolean;

  constructor(model: CardModel, measures: Measures, layout: CardLayout, width: number) {
    this.model = model;
    this.measures = measures;
    this.layout = layout;
    this.rows = inRows(model, measures.down);
    const { down } = measures;
    const wide = down ? layout.across : layout.along;
    const high = down ? layout.along : layout.across;
    const full = Math.max(width, Math.ceil(wide + 2 * margin));
    this.size = { width: full, height: Math.ceil(high + margin) };
    const left = (full - wide) / 2;
    this.offset = down ? { along: margin / 2, across: left } : { along: left, across: margin / 2 };
    this.ancestors = ancestorBits(model.units.length, model.wires);
  }

  scene(): CardScene {
    const { units } = this.model;
    const placed = units.map((unit) => ({ unit, box: this.rectangle(unit) }));
    return {
      ...this.size,
      down: this.measures.down,
      boxes: placed.map(({ unit, box }) => ({
        ...box,
        id: unit.key,
        ty: unit.kind,
        a: this.ancestors[unit.key]!,
      })),
      shadows: placed.flatMap(({ unit, box }) =>
        unit.stacked
          ? [2, 1].map((step) => ({
              x1: round(box.x1 + step * shadowShift),
              x2: round(box.x2 + step * shadowShift),
              // Away from the wires that come in, whose arrow heads it would hide.
              y1: round(box.y1 + (this.measures.down ? step : -step) * shadowShift),
              y2: round(box.y2 + (this.measures.down ? step : -step) * shadowShift),
              a: this.ancestors[unit.key]!,
            }))
          : [],
      ),
      frames: this.layout.frames.map(({ place, along, across, title }) => {
        const [wide, high] = this.measures.down ? [across, along] : [along, across];
        return { ...around(this.point(place), wide, high), t: title, w: round(textWidth(title, 12.5, true) + 18) };
      }),
      titles: placed.map(({ unit, box }) => this.title(unit, box)),
      lines: placed.flatMap(({ unit, box }) => this.lines(unit, box)),
      wires: this.layout.pieces.map((piece) => ({
        d: this.path(piece),
        w: widthOf(piece.wire.size),
        a: this.ancestors[piece.wire.from]!,
      })),
      heads: this.layout.pieces
        .filter((piece) => piece.arrives)
        .map((piece) => ({
          ...this.point(piece.route.tip),
          w: round(3.5 + widthOf(piece.wire.size) * 1.4),
          a: this.ancestors[piece.wire.from]!,
        })),
      chips: this.layout.pieces.flatMap((piece) => this.chips(piece)),
      loops: placed.flatMap(({ unit, box }) => (unit.steps > 0 ? [this.loop(unit, box)] : [])),
    };
  }

  private point(place: Place): { readonly x: number; readonly y: number } {
    const along = round(place.along + this.offset.along);
    const across = round(place.across + this.offset.across);
    return this.measures.down ? { x: across, y: along } : { x: along, y: across };
  }

  private rectangle(unit: CardUnit): Rectangle {
    const { wide, high } = sizeOfUnit(unit, this.rows);
    return around(this.point(this.layout.places.get(unit.key)!), wide, high);
  }

  private title(unit: CardUnit, box: Rectangle): CardScene["titles"][number] {
    const a = this.ancestors[unit.key]!;
    const x = round((box.x1 + box.x2) / 2);
    const middle = round((box.y1 + box.y2) / 2);
    if (unit.shape !== "card") return { x, y: middle, t: unit.title, z: pillSize, a };
    if (!this.rows) return { x, y: box.y1 + 17, t: unit.title, z: titleSize, a };
    const { beside, below } = rowsOf(unit);
    const shift = beside === undefined ? 0 : (textWidth(beside.text, lineSize) + 10) / 2;
    return { x: round(x - shift), y: below.length === 0 ? middle : box.y1 + 17, t: unit.title, z: titleSize, a };
  }

  private lines(unit: CardUnit, box: Rectangle): CardScene["lines"] {
    const a = this.ancestors[unit.key]!;
    const x = (box.x1 + box.x2) / 2;
    if (!this.rows) {
      return unit.lines.map(({ text, tone }, index) => ({
        x: round(x),
        y: round(box.y1 + 36 + index * lineHeight),
        t: text,
        c: tone,
        a,
      }));
    }
    const { beside, below } = rowsOf(unit);
    const lines: CardScene["lines"][number][] = [];
    if (beside !== undefined) {
      const first = box.y1 + (below.length === 0 ? 18 : 17);
      const at = x + (textWidth(unit.title, titleSize) + 10) / 2;
      lines.push({ x: round(at), y: round(first), t: beside.text, c: beside.tone, a });
    }
    let left = x - rowWidth(below) / 2;
    for (const { text, tone } of below) {
      const wide = textWidth(text, lineSize);
      lines.push({ x: round(left + wide / 2), y: round(box.y1 + 37), t: text, c: tone, a });
      left += wide + lineGap;
    }
    return lines;
  }

  private path({ route, arrives, wire }: Piece): string {
    const shifted = (place: Place): Place => ({
      along: place.along + this.offset.along,
      across: place.across + this.offset.across,
    });
    const tip = shifted(route.tip);
    // The arrow head of a wide wire is longer; what ends at a border has none.
    const short = arrives ? widthOf(wire.size) * 0.8 : 0;
    const path = {
      tail: shifted(route.tail),
      tip: { ...tip, along: tip.along - short },
      bends: route.bends.map(shifted),
    };
    return wirePath(path, this.measures.down);
  }

  private chips({ wire, label }: Piece): CardScene["chips"] {
    if (label === undefined || isStem(this.model, wire)) return [];
    const { x, y } = this.point(label);
    const a = this.ancestors[wire.from]!;
    const chip = (c: "v" | "g", t: string, at: { x: number; y: number }): CardScene["chips"][number] => ({
      ...around(at, chipWidth(t), 2 * chipHalf),
      c,
      x: round(at.x),
      y: round(at.y),
      t,
      a,
    });
    const { down } = this.measures;
    const half = widthOf(wire.size) / 2;
    const beside = (t: string, side: 1 | -1): { x: number; y: number } =>
      down ? { x: x + side * (chipWidth(t) / 2 + 4 + half), y } : { x, y: y + side * (chipHalf + 2.5 + half / 2) };
    return [
      chip("v", wire.value, beside(wire.value, -1)),
      ...(wire.gradient === undefined ? [] : [chip("g", wire.gradient, beside(wire.gradient, 1))]),
    ];
  }

  /** The arrow from a folded recurrence to itself. */
  private loop(unit: CardUnit, box: Rectangle): CardScene["loops"][number] {
    const text = `× ${unit.steps} steps`;
    const wide = chipWidth(text);
    const a = this.ancestors[unit.key]!;
    if (this.measures.down) {
      const x = box.x1 - loopRoom;
      const [low, high] = [box.y2 - 10, box.y1 + 10];
      const d = `M${round(box.x1)},${round(low)}C${round(x - 6)},${round(low + 6)} ${round(x - 6)},${round(high - 6)} ${round(box.x1 - 6)},${round(high)}`;
      const middle = { x: x - wide / 2 + 10, y: (box.y1 + box.y2) / 2 };
      return { ...around(middle, wide, 2 * chipHalf), ...rounded(middle), d, t: text, hx: box.x1 - 1, hy: high, a };
    }
    const y = box.y2 + loopRoom;
    const [from, to] = [box.x2 - 14, box.x1 + 14];
    const d = `M${round(from)},${round(box.y2)}C${round(from + 6)},${round(y + 2)} ${round(to - 6)},${round(y + 2)} ${round(to)},${round(box.y2 + 6)}`;
    const middle = { x: (box.x1 + box.x2) / 2, y: box.y2 + loopRoom - 6 };
    return { ...around(middle, wide, 2 * chipHalf), ...rounded(middle), d, t: text, hx: to, hy: box.y2 + 1, a };
  }
}

const rounded = ({ x, y }: { x: number; y: number }): { x: number; y: number } => ({ x: round(x), y: round(y) });

function around({ x, y }: { readonly x: number; readonly y: number }, wide: number, high: number): Rectangle {
  return { x1: round(x - wide / 2), x2: round(x + wide / 2), y1: round(y - high / 2), y2: round(y + high / 2) };
}

/** How thick a wire is by how many numbers pass. */
export function widthOf(size: number): number {
  return round(Math.min(7, 1.5 + 0.45 * Math.log2(Math.max(1, size))));
}
