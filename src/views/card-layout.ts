import { type Call, isInside } from "./calls.ts";
import type { CardModel, CardWire } from "./cards.ts";
import { type Box, type Layout, type Link, layOut, type Place, type Route } from "./layout.ts";

/** A stretch of a wire at one level: between things, or between one and the border of the frame around. */
export interface Piece {
  readonly route: Omit<Route, "label">;
  /** Where the wire's chips stand, if this stretch has them. */
  readonly label: Place | undefined;
  readonly wire: CardWire;
  /** Whether it ends at what the wire leads to. */
  readonly arrives: boolean;
  /** Whether it leads against the flow. */
  readonly back: boolean;
}

export interface PlacedFrame {
  readonly call: Call;
  readonly title: string;
  /** Its centre. */
  readonly place: Place;
  readonly along: number;
  readonly across: number;
}

export interface CardLayout {
  readonly along: number;
  readonly across: number;
  readonly places: ReadonlyMap<number, Place>;
  readonly frames: readonly PlacedFrame[];
  readonly pieces: readonly Piece[];
}

/** How large things are, in the direction of the drawing. */
export interface Measures {
  box(unit: CardModel["units"][number], key: string): Box;
  label(wire: CardWire): NonNullable<Link["label"]>;
  titleWidth(title: string): number;
  readonly down: boolean;
  readonly fill: number;
}

interface Stretch {
  readonly key: string;
  readonly from: string;
  readonly to: string;
  readonly wire: CardWire;
  readonly chips: boolean;
}

interface Level {
  readonly layout: Layout;
  readonly inner: ReadonlyMap<string, Level>;
  readonly stretches: readonly Stretch[];
  readonly back: ReadonlySet<Stretch>;
  readonly along: number;
  readonly across: number;
  /** From the layout's own corner to the frame's. */
  readonly shift: Place;
  readonly boxes: ReadonlyMap<string, Box>;
}

const padding = 14;
export const frameTitle = 22;
const backDepth = 22;
/** From more wires with the same on them, chips on each would only repeat it. */
const mostRepeated = 6;
const unitKey = (key: number): string => `u${key}`;
const frameKey = (call: Call): string => `f${call.path}`;
const portIn = (carries: string): string => `i${carries}`;
const portOut = (carries: string): string => `o${carries}`;

/**
 * Places units in their frames: each frame's inside is laid out by itself, from the innermost out, and stands as one box
 * in what is around it. Wires that cross a border meet at a port on it.
 */
export function layOutCards(
  model: CardModel,
  framed: (call: Call | undefined) => Call | undefined,
  measures: Measures,
): CardLayout {
  return new LayingOut(model, framed, measures).run();
}

class LayingOut {
  private readonly frames: readonly (Call | undefined)[];
  private readonly stretches = new Map<Call | undefined, Map<string, Stretch>>();
  private readonly places = new Map<number, Place>();
  private readonly placedFrames: PlacedFrame[] = [];
  private readonly pieces: Piece[] = [];
  private readonly model: CardModel;
  private readonly framed: (call: Call | undefined) => Call | undefined;
  private readonly measures: Measures;

  constructor(model: CardModel, framed: (call: Call | undefined) => Call | undefined, measures: Measures) {
    this.model = model;
    this.framed = framed;
    this.measures = measures;
    this.frames = model.units.map((unit) => framed(unit.frame));
    const repeated = new Map<string, number>();
    for (const { carries } of model.wires) repeated.set(carries, (repeated.get(carries) ?? 0) + 1);
    for (const wire of model.wires) this.divide(wire, repeated.get(wire.carries)! <= mostRepeated);
  }

  run(): CardLayout {
    const level = this.level(undefined);
    this.place(level, undefined, { along: 0, across: 0 });
    return {
      along: level.along,
      across: level.across,
      places: this.places,
      frames: this.placedFrames,
      pieces: this.pieces,
    };
  }

  private around(call: Call): Call | undefined {
    return this.framed(call.parent);
  }

  /** Divides a wire at the borders it crosses. */
  private divide(wire: CardWire, chips: boolean): void {
    const [source, target] = [this.frames[wire.from], this.frames[wire.to]];
    let from = unitKey(wire.from);
    let at = source;
    let fresh = true;
    const add = (level: Call | undefined, to: string, leaves: boolean): void => {
      const key = `${from}>${to}:${wire.carries}`;
      const known = this.stretches.get(level) ?? new Map<string, Stretch>();
      this.stretches.set(level, known);
      if (!known.has(key)) known.set(key, { key, from, to, wire, chips: chips && fresh && !leaves });
      if (!leaves) fresh = false;
    };
    while (at !== undefined && !isInside(target, at)) {
      add(at, portOut(wire.carries), true);
      from = frameKey(at);
      at = this.around(at);
    }
    const inward: Call[] = [];
    for (let frame = target; frame !== at && frame !== undefined; frame = this.around(frame)) inward.unshift(frame);
    for (const frame of inward) {
      add(at, frameKey(frame), false);
      from = portIn(wire.carries);
      at = frame;
    }
    add(at, unitKey(wire.to), false);
  }

  private level(call: Call | undefined): Level {
    const { down } = this.measures;
    const inner = new Map<string, Level>();
    const boxes: Box[] = [];
    for (const frame of this.model.frames.keys()) {
      if (this.framed(frame) !== frame || this.around(frame) !== call) continue;
      const level = this.level(frame);
      inner.set(frameKey(frame), level);
      boxes.push(plain(frameKey(frame), this.firstIn(frame), level.along, level.across));
    }
    for (const [index, unit] of this.model.units.entries()) {
      if (this.frames[index] === call) boxes.push(this.measures.box(unit, unitKey(unit.key)));
    }
    const stretches = [...(this.stretches.get(call)?.values() ?? [])];
    const ports = new Set(stretches.flatMap(({ from, to }) => [from, to].filter((key) => /^[io]/.test(key))));
    for (const port of ports) boxes.push(plain(port, port.startsWith("i") ? -1 : 1e9, 1, 1));
    const back = againstFlow(boxes, stretches);
    const links = stretches
      .filter((stretch) => !back.has(stretch))
      .map(
        (stretch): Link => ({
          key: stretch.key,
          from: stretch.from,
          to: stretch.to,
          label: stretch.chips ? this.measures.label(stretch.wire) : { along: 6, across: 6 },
        }),
      );
    const anchored = ports.size === 0 ? { boxes, links } : this.anchored(boxes, links);
    const layout = layOut(anchored.boxes, anchored.links, {
      ranks: down ? 40 : 26,
      boxes: down ? 20 : 14,
      links: 10,
      fill: call === undefined ? this.measures.fill : 0,
    });
    return this.sized(call, layout, inner, stretches, back, boxes);
  }

  /** Ports at the very start and end: they hang on two boxes that are not drawn. */
  private anchored(boxes: readonly Box[], links: readonly Link[]): { boxes: readonly Box[]; links: readonly Link[] } {
    const sources = new Set(links.map((link) => link.from));
    const targets = new Set(links.map((link) => link.to));
    const none = { along: 0, across: 0 };
    const extra: Link[] = [];
    for (const { key } of boxes) {
      const port = /^[io]/.test(key);
      if (!targets.has(key))
        extra.push({ key: `start>${key}`, from: "start", to: key, label: port ? undefined : none });
      if (!sources.has(key)) extra.push({ key: `${key}>end`, from: key, to: "end", label: port ? undefined : none });
    }
    return {
      boxes: [plain("start", -2, 1, 1), ...boxes, plain("end", 2e9, 1, 1)],
      links: [...links, ...extra],
    };
  }

  private firstIn(frame: Call): number {
    return this.model.units.find((unit) => isInside(unit.frame, frame))?.key ?? 0;
  }

  private sized(
    call: Call | undefined,
    layout: Layout,
    inner: Level["inner"],
    stretches: readonly Stretch[],
    back: ReadonlySet<Stretch>,
    boxes: readonly Box[],
  ): Level {
    const { down } = this.measures;
    const solid = boxes.filter((box) => !/^[io]/.test(box.key));
    const ends = (side: 1 | -1, axis: "along" | "across"): number[] => [
      ...solid.map((box) => layout.places.get(box.key)![axis] + (side * (axis === "along" ? box.span : box.room)) / 2),
      ...stretches.flatMap((stretch) => {
        const label = layout.routes.get(stretch.key)?.label;
        return label === undefined || !stretch.chips
          ? []
          : [label[axis] + (side * this.measures.label(stretch.wire)[axis]) / 2];
      }),
      ...[...layout.routes].flatMap(([key, route]) =>
        axis === "across" && !key.startsWith("start>") && !key.endsWith(">end")
          ? route.bends.map((bend) => bend.across + side * 3)
          : [],
      ),
    ];
    const low = { along: Math.min(...ends(-1, "along")), across: Math.min(...ends(-1, "across")) };
    const high = { along: Math.max(...ends(1, "along")), across: Math.max(...ends(1, "across")) };
    if (back.size > 0) high.across += backDepth + 8 * back.size;
    const edge = call === undefined ? 0 : padding;
    const title = call === undefined ? 0 : frameTitle;
    const wide = call === undefined ? 0 : this.measures.titleWidth(this.model.frames.get(call)!) + 24;
    const before = { along: edge + (down ? title : 6), across: edge + (down ? 0 : title) };
    const along = high.along - low.along + before.along + edge + (down ? 0 : 6);
    const across = high.across - low.across + before.across + edge;
    const lacking = Math.max(0, wide - (down ? across : along));
    const spare = { along: down ? 0 : lacking / 2, across: down ? lacking / 2 : 0 };
    return {
      layout,
      inner,
      stretches,
      back,
      along: along + (down ? 0 : lacking),
      across: across + (down ? lacking : 0),
      shift: { along: before.along + spare.along - low.along, across: before.across + spare.across - low.across },
      boxes: new Map(boxes.map((box) => [box.key, box])),
    };
  }

  /** Moves a level and all in it to where it stands: its corner at `corner`. */
  private place(level: Level, call: Call | undefined, corner: Place): void {
    const moved = ({ along, across }: Place): Place => ({
      along: along + level.shift.along + corner.along,
      across: across + level.shift.across + corner.across,
    });
    const cornerOf = (key: string): Place => {
      const centre = moved(level.layout.places.get(key)!);
      const frame = level.inner.get(key)!;
      return { along: centre.along - frame.along / 2, across: centre.across - frame.across / 2 };
    };
    for (const [index, unit] of this.model.units.entries()) {
      if (this.frames[index] === call) this.places.set(unit.key, moved(level.layout.places.get(unitKey(unit.key))!));
    }
    for (const frame of this.model.frames.keys()) {
      const key = frameKey(frame);
      const inside = level.inner.get(key);
      if (inside === undefined || this.around(frame) !== call) continue;
      this.placedFrames.push({
        call: frame,
        title: this.model.frames.get(frame)!,
        place: moved(level.layout.places.get(key)!),
        along: inside.along,
        across: inside.across,
      });
      this.place(inside, frame, cornerOf(key));
    }
    const lowest = corner.across + level.across - padding / 2;
    for (const [index, stretch] of [...level.back].entries())
      this.pieces.push(this.drawnBack(stretch, level, moved, lowest - 8 * index));
    for (const stretch of level.stretches) {
      const route = level.layout.routes.get(stretch.key);
      if (route === undefined) continue;
      let tail = moved(route.tail);
      let tip = moved(route.tip);
      const bends = this.pastBoxes(stretch, level, route).map(moved);
      // A port is a place on the border: of the frame around, or of one that stands here as a box.
      if (stretch.from.startsWith("i")) {
        bends.unshift({ along: Math.max(tail.along, corner.along + 4), across: tail.across });
        tail = { along: corner.along, across: tail.across };
      }
      if (stretch.to.startsWith("o")) {
        const border = corner.along + level.along;
        bends.push({ along: Math.min(tip.along, border - 4), across: tip.across });
        tip = { along: border + 4, across: tip.across };
      }
      const entered = level.inner.get(stretch.to);
      if (entered !== undefined) tip = this.atPort(entered, cornerOf(stretch.to), portIn(stretch.wire.carries), 4);
      const left = level.inner.get(stretch.from);
      if (left !== undefined)
        tail = this.atPort(left, cornerOf(stretch.from), portOut(stretch.wire.carries), left.along);
      this.pieces.push({
        route: { tail, tip, bends },
        label: stretch.chips && route.label !== undefined ? moved(route.label) : undefined,
        wire: stretch.wire,
        arrives: stretch.to.startsWith("u"),
        back: false,
      });
    }
  }

  /** The bends of a route, which keep level as long as it passes beside a box: layers know the box's middle only. */
  private pastBoxes({ from, to }: Stretch, level: Level, { bends, tail, tip }: Route): readonly Place[] {
    const beside = (at: number): readonly [number, number] => {
      let [start, end] = [at, at];
      for (const [key, box] of level.boxes) {
        if (key === from || key === to) continue;
        const middle = level.layout.places.get(key)!.along;
        if (Math.abs(middle - at) > box.span / 2) continue;
        start = Math.min(start, middle - box.span / 2 - 2);
        end = Math.max(end, middle + box.span / 2 + 2);
      }
      return [start, end];
    };
    const kept: Place[] = [];
    for (const { along, across } of bends) {
      const [start, end] = beside(along);
      const first = Math.max(start, tail.along + 8, kept.at(-1)?.along ?? 0);
      kept.push({ along: Math.min(along, first), across });
      const last = Math.min(end, tip.along - 16);
      if (last > along + 1) kept.push({ along: last, across });
    }
    return kept;
  }

  private atPort(level: Level, corner: Place, port: string, along: number): Place {
    const place = level.layout.places.get(port)!;
    return { along: corner.along + along, across: corner.across + place.across + level.shift.across };
  }

  /** A wire against the flow: out, below everything, and back in. */
  private drawnBack(stretch: Stretch, level: Level, moved: (place: Place) => Place, across: number): Piece {
    const end = (key: string, side: 1 | -1): Place => {
      const centre = moved(level.layout.places.get(key)!);
      return { along: centre.along + (side * (level.boxes.get(key)?.span ?? 0)) / 2, across: centre.across };
    };
    const [tail, tip] = [end(stretch.from, 1), end(stretch.to, -1)];
    return {
      route: {
        tail,
        tip,
        bends: [
          { along: tail.along + 10, across },
          { along: tip.along - 16, across },
        ],
      },
      label: undefined,
      wire: stretch.wire,
      arrives: stretch.to.startsWith("u"),
      back: true,
    };
  }
}

function plain(key: string, order: number, along: number, across: number): Box {
  return { key, order, along, across, span: along, room: across, lead: 0, round: false };
}

/** The stretches that close a cycle, found by going down from each box in its order. */
function againstFlow(boxes: readonly Box[], stretches: readonly Stretch[]): ReadonlySet<Stretch> {
  const leaving = new Map<string, Stretch[]>();
  for (const stretch of stretches) leaving.set(stretch.from, [...(leaving.get(stretch.from) ?? []), stretch]);
  const state = new Map<string, "open" | "done">();
  const back = new Set<Stretch>();
  for (const { key } of boxes.toSorted((a, b) => a.order - b.order)) {
    if (state.has(key)) continue;
    const path = [{ key, next: 0 }];
    state.set(key, "open");
    for (let at = path.at(-1); at !== undefined; at = path.at(-1)) {
      const stretch = leaving.get(at.key)?.[at.next++];
      if (stretch === undefined) {
        state.set(at.key, "done");
        path.pop();
      } else if (state.get(stretch.to) === "open") back.add(stretch);
      else if (!state.has(stretch.to)) {
        state.set(stretch.to, "open");
        path.push({ key: stretch.to, next: 0 });
      }
    }
  }
  return back;
}
