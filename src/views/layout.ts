import dagre from "@dagrejs/dagre";
import { orderRanks } from "./ordering.ts";
import { round } from "./round.ts";

/**
 * Places boxes and routes wires. All lengths are along the flow (from inputs to the output) and across it, so one
 * layout serves drawings from left to right and from top to bottom.
 */
export interface Box {
  readonly key: string;
  /** Its place in the order in which things were made. */
  readonly order: number;
  readonly along: number;
  readonly across: number;
  /** The length along that the box needs with the chips beside it. */
  readonly span: number;
  /** The length across that the box needs with the chips beside it. */
  readonly room: number;
  /** How far a badge sticks out against the flow. */
  readonly lead: number;
  /** Circles take wires at their rim, boxes at their sides. */
  readonly round: boolean;
}

export interface Link {
  readonly key: string;
  readonly from: string;
  readonly to: string;
  /** What stands on the wire; a wire without a label is straight and short. */
  readonly label: { readonly along: number; readonly across: number } | undefined;
}

export interface Place {
  readonly along: number;
  readonly across: number;
}

export interface Route {
  /** At the border of the source, at that of the target, and what lies between. */
  readonly tail: Place;
  readonly tip: Place;
  readonly bends: readonly Place[];
  readonly label: Place | undefined;
}

export interface Layout {
  readonly along: number;
  readonly across: number;
  readonly places: ReadonlyMap<string, Place>;
  readonly routes: ReadonlyMap<string, Route>;
}

export interface Spacing {
  readonly ranks: number;
  readonly boxes: number;
  readonly links: number;
  /** The length along that ranks are moved apart to fill, within reason. */
  readonly fill: number;
}

/** Above this many boxes the faster of dagre's rankers is used; above the second number one order only is tried. */
const manyBoxes = 150;
const mostOrdersTried = 50;
/** Long wires have many bends, and take dagre long. */
const mostBendsRetried = 250;
const portGap = 9;
const tipGap = 1.5;
const headLength = 7;
const stemLength = 30;
const mostStretch = 23;

interface Placed {
  readonly box: Box;
  along: number;
  across: number;
}

interface Wired {
  readonly link: Link;
  points: { along: number; across: number }[];
  label: { along: number; across: number } | undefined;
}

interface Draft {
  readonly along: number;
  readonly across: number;
  readonly boxes: Map<string, Placed>;
  readonly links: Map<string, Wired>;
  readonly inverted: number;
  readonly crossings: number;
}

/**
 * How much dagre has to place: boxes, and for each wire a bend in every rank it passes. Time grows with about its square;
 * up to `mostPlaced` a layout takes a fraction of a second. Links must not make a cycle.
 */
export function placedBy(
  boxes: readonly { readonly key: string }[],
  links: readonly Pick<Link, "from" | "to">[],
): number {
  const waiting = new Map(boxes.map(({ key }) => [key, 0]));
  const leaving = new Map<string, string[]>();
  for (const { from, to } of links) {
    waiting.set(to, waiting.get(to)! + 1);
    const targets = leaving.get(from);
    if (targets === undefined) leaving.set(from, [to]);
    else targets.push(to);
  }
  const ranks = new Map<string, number>(boxes.map(({ key }) => [key, 0]));
  const ready = boxes.flatMap(({ key }) => (waiting.get(key) === 0 ? [key] : []));
  for (let key = ready.pop(); key !== undefined; key = ready.pop()) {
    for (const to of leaving.get(key) ?? []) {
      ranks.set(to, Math.max(ranks.get(to)!, ranks.get(key)! + 1));
      waiting.set(to, waiting.get(to)! - 1);
      if (waiting.get(to) === 0) ready.push(to);
    }
  }
  // dagre has a rank between two others, for labels.
  return links.reduce((sum, { from, to }) => sum + 2 * (ranks.get(to)! - ranks.get(from)!) - 1, boxes.length);
}

export const mostPlaced = 700;

export function layOut(boxes: readonly Box[], links: readonly Link[], spacing: Spacing): Layout {
  const read = readingOrder(boxes, links);
  const orders = [boxes, [...boxes].reverse(), read];
  let draft: Draft | undefined;
  for (const order of boxes.length <= mostOrdersTried ? orders : orders.slice(0, 1)) {
    const next = attempt(order, read, links, spacing);
    if (draft === undefined || isBetter(next, draft)) draft = next;
    const bends = [...draft.links.values()].reduce((sum, { points }) => sum + points.length, 0);
    if ((draft.crossings === 0 && draft.inverted === 0) || bends > mostBendsRetried) break;
  }
  if (draft === undefined) throw new RangeError("There is nothing to lay out.");
  draft = stretched(draft, spacing.fill);
  slideLabels(draft);
  slideCircles(draft, links);
  return {
    along: draft.along,
    across: draft.across,
    places: new Map([...draft.boxes].map(([key, { along, across }]) => [key, { along, across }])),
    routes: routesOf(draft, links),
  };
}

function isBetter(draft: Draft, than: Draft): boolean {
  if (draft.across > than.across * 1.15) return false;
  return draft.crossings === than.crossings ? draft.inverted < than.inverted : draft.crossings < than.crossings;
}

/** The boxes as one meets them reading the formula: what an operation takes, in its order, before the operation. */
function readingOrder(boxes: readonly Box[], links: readonly Link[]): readonly Box[] {
  const into = new Map<string, string[]>();
  for (const link of links) into.set(link.to, [...(into.get(link.to) ?? []), link.from]);
  const sources = new Set(links.map((link) => link.from));
  const found = new Set<string>();
  const visit = (key: string): void => {
    if (found.has(key)) return;
    for (const from of into.get(key) ?? []) visit(from);
    found.add(key);
  };
  for (const box of boxes) if (!sources.has(box.key)) visit(box.key);
  const byKey = new Map(boxes.map((box) => [box.key, box]));
  return [...found].map((key) => byKey.get(key)!);
}

function attempt(boxes: readonly Box[], read: readonly Box[], links: readonly Link[], spacing: Spacing): Draft {
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({
    rankdir: "LR",
    ranksep: spacing.ranks,
    nodesep: spacing.boxes,
    edgesep: spacing.links,
    marginx: 2,
    marginy: 2,
    ranker: boxes.length <= manyBoxes ? "network-simplex" : "longest-path",
  });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const box of boxes) {
    graph.setNode(box.key, { width: box.span + box.lead, height: box.room });
  }
  for (const link of sortedBy(boxes, links)) {
    const label = link.label === undefined ? {} : { width: link.label.along, height: link.label.across, labelpos: "c" };
    graph.setEdge(link.from, link.to, { ...label, minlen: 1, weight: link.label === undefined ? 8 : 1 }, link.key);
  }
  dagre.layout(graph, { customOrder: orderRanks });
  const size = graph.graph();
  const across = size.height ?? 0;
  const placed = boxes.map((box): Placed => {
    const node = graph.node(box.key);
    return { box, along: node.x + box.lead / 2, across: node.y };
  });
  const inOrder = new Map(placed.map((each) => [each.box.key, each]));
  const given = read.map(({ key }) => inOrder.get(key)!);
  const { inverted, pairs } = inversions(given, links);
  // dagre may hand back the mirror image; the order in which things were given reads better.
  const flipped = inverted * 2 > pairs;
  const turn = (y: number): number => (flipped ? across - y : y);
  for (const each of placed) each.across = turn(each.across);
  const wired = links.map((link): Wired => {
    const edge = graph.edge({ v: link.from, w: link.to, name: link.key });
    return {
      link,
      points: (edge.points ?? []).map((point: { x: number; y: number }) => ({ along: point.x, across: turn(point.y) })),
      label: link.label === undefined ? undefined : { along: edge.x, across: turn(edge.y) },
    };
  });
  const drawn = {
    boxes: new Map(placed.map((each) => [each.box.key, each])),
    links: new Map(wired.map((each) => [each.link.key, each])),
  };
  const sorted = sortLeaves(drawn, links);
  return {
    along: size.width ?? 0,
    across,
    ...drawn,
    inverted: sorted ? inversions(given, links).inverted : flipped ? pairs - inverted : inverted,
    crossings: crossingsOf(placed, wired),
  };
}

/** The links in the order of the boxes they leave: dagre starts from the order in which it is told of things. */
function sortedBy(boxes: readonly Box[], links: readonly Link[]): readonly Link[] {
  const positions = new Map(boxes.map((box, index) => [box.key, index]));
  return [...links].sort((a, b) => positions.get(a.from)! - positions.get(b.from)!);
}

/** How many pairs of wires cross, taken as straight from box to label to box. */
function crossingsOf(placed: readonly Placed[], wired: readonly Wired[]): number {
  if (wired.length > mostOrdersTried) return 0;
  const at = new Map(placed.map((each) => [each.box.key, each]));
  const segments = wired.flatMap(({ link, points, label }) => {
    const start = at.get(link.from)!;
    const end = at.get(link.to)!;
    const middle = label === undefined ? points.slice(1, -1) : [...points.slice(1, -1), label];
    const stops = [start, ...middle.sort((a, b) => a.along - b.along), end];
    return stops.slice(1).map((stop, index) => [stops[index]!, stop] as const);
  });
  const side = (a: Place, b: Place, c: Place): number =>
    Math.sign((b.along - a.along) * (c.across - a.across) - (b.across - a.across) * (c.along - a.along));
  let crossings = 0;
  for (const [index, [a, b]] of segments.entries()) {
    for (const [c, d] of segments.slice(index + 1)) {
      if (side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0) crossings++;
    }
  }
  return crossings;
}

/** The draft with its ranks further apart: they share what is free of `fill`. */
function stretched(draft: Draft, fill: number): Draft {
  const wired = [...draft.links.values()];
  const centres: number[] = [];
  const stops = [
    ...[...draft.boxes.values()].map((placed) => placed.along - placed.box.lead / 2),
    ...wired.flatMap(({ points, label }) =>
      [...points.slice(1, -1), ...(label === undefined ? [] : [label])].map((point) => point.along),
    ),
  ];
  for (const stop of stops.sort((a, b) => a - b)) if (stop - (centres.at(-1) ?? -1) > 0.5) centres.push(stop);
  const gaps = centres.length - 1;
  const step = gaps < 1 ? 0 : Math.min(mostStretch, Math.max(0, (fill - draft.along) / gaps));
  if (step === 0) return draft;
  const rankOf = (along: number): number => {
    let rank = 0;
    while (rank < gaps && Math.abs(centres[rank + 1]! - along) <= Math.abs(centres[rank]! - along)) rank++;
    return rank;
  };
  for (const placed of draft.boxes.values()) placed.along += step * rankOf(placed.along - placed.box.lead / 2);
  for (const { points, label } of wired) {
    for (const point of points) point.along += step * rankOf(point.along);
    if (label !== undefined) label.along += step * rankOf(label.along);
  }
  return { ...draft, along: draft.along + step * gaps };
}

/** Pairs in the same rank, or both leaves, and how many of them are not in the order given. */
function inversions(placed: readonly Placed[], links: readonly Link[]): { inverted: number; pairs: number } {
  let inverted = 0;
  let pairs = 0;
  if (placed.length > 300) return { inverted, pairs };
  const fed = new Set(links.map((link) => link.to));
  for (const [index, first] of placed.entries()) {
    for (const second of placed.slice(index + 1)) {
      const leaves = !fed.has(first.box.key) && !fed.has(second.box.key);
      if (!leaves && Math.abs(first.along - second.along) >= 3) continue;
      pairs++;
      if (first.across > second.across) inverted++;
    }
  }
  return { inverted, pairs };
}

/** Leaves of the same rank that feed one box alone are put in the order in which it takes them; tells whether any moved. */
function sortLeaves(draft: Pick<Draft, "boxes" | "links">, links: readonly Link[]): boolean {
  let sorted = false;
  const fed = new Set(links.map((link) => link.to));
  const outgoing = new Map<string, Link[]>();
  for (const link of links) outgoing.set(link.from, [...(outgoing.get(link.from) ?? []), link]);
  const groups = new Map<string, Link[]>();
  for (const link of links) {
    const source = draft.boxes.get(link.from)!;
    if (fed.has(link.from) || outgoing.get(link.from)!.length !== 1) continue;
    const key = `${link.to} ${Math.round(source.along / 40)}`;
    groups.set(key, [...(groups.get(key) ?? []), link]);
  }
  for (const group of groups.values()) {
    // Places are exchanged as they are, so what stands there must be of about one size.
    const rooms = group.map((link) => draft.boxes.get(link.from)!.box.room);
    const labels = group.map((link) => link.label?.across ?? 0);
    const uneven = [rooms, labels].some((sizes) => Math.max(...sizes) - Math.min(...sizes) > 10);
    if (uneven) continue;
    const positions = group.map((link) => draft.boxes.get(link.from)!.across).sort((a, b) => a - b);
    for (const [index, link] of group.entries()) {
      const source = draft.boxes.get(link.from)!;
      const shift = positions[index]! - source.across;
      if (shift === 0) continue;
      sorted = true;
      source.across += shift;
      const wired = draft.links.get(link.key)!;
      if (wired.label !== undefined) wired.label.across += shift;
      for (const point of wired.points.slice(0, -1)) point.across += shift;
    }
  }
  return sorted;
}

/** A label in line with its source moves up to it, where nothing stands in between: the bend gets the room. */
function slideLabels(draft: Draft): void {
  const labels = [...draft.links.values()].filter((wired) => wired.label !== undefined);
  for (const wired of labels) {
    const label = wired.label!;
    const size = wired.link.label!;
    const source = draft.boxes.get(wired.link.from)!;
    if (Math.abs(source.across - label.across) >= 3) continue;
    const target = source.along + source.box.span / 2 + 10 + size.along / 2;
    if (target >= label.along) continue;
    const reach = { from: source.along + source.box.span / 2 + 1, to: label.along - size.along / 2 };
    const blocked = (along: number, half: number, across: number, halfAcross: number): boolean =>
      along - half < reach.to &&
      along + half > reach.from &&
      Math.abs(across - label.across) < halfAcross + size.across / 2 + 2;
    const boxInTheWay = [...draft.boxes.values()].some(
      (other) => other !== source && blocked(other.along, other.box.span / 2, other.across, other.box.room / 2),
    );
    const labelInTheWay = labels.some(
      (other) =>
        other !== wired &&
        blocked(other.label!.along, other.link.label!.along / 2, other.label!.across, other.link.label!.across / 2),
    );
    if (!boxInTheWay && !labelInTheWay) {
      label.along = target;
      wired.points = wired.points.filter((point) => point.along <= reach.from || point.along >= target);
    }
  }
}

/** A circle moves up to the box it leads to, where nothing is in the way: the bends before it get the room. */
function slideCircles(draft: Draft, links: readonly Link[]): void {
  for (const link of links) {
    if (link.label !== undefined) continue;
    const circle = draft.boxes.get(link.from)!;
    const result = draft.boxes.get(link.to)!;
    if (!circle.box.round || result.box.round) continue;
    const half = circle.box.along / 2;
    const target = result.along - result.box.span / 2 - stemLength - half;
    if (target <= circle.along) continue;
    const blocked = (along: number, reach: number, across: number, reachAcross: number): boolean =>
      along - reach < target + half + 2 &&
      along + reach > circle.along - half &&
      Math.abs(across - circle.across) < reachAcross + circle.box.room / 2 + 2;
    const boxes = [...draft.boxes.values()].filter((other) => other !== circle && other !== result);
    if (boxes.some((other) => blocked(other.along, other.box.span / 2, other.across, other.box.room / 2))) continue;
    const labels = [...draft.links.values()].filter((wired) => wired.label !== undefined);
    if (
      labels.some(({ label, link: { label: size } }) =>
        blocked(label!.along, size!.along / 2, label!.across, size!.across / 2),
      )
    ) {
      continue;
    }
    circle.along = target;
  }
}

function routesOf(draft: Draft, links: readonly Link[]): ReadonlyMap<string, Route> {
  const middle = (link: Link): number => {
    const wired = draft.links.get(link.key)!;
    return wired.label?.across ?? wired.points[Math.floor(wired.points.length / 2)]?.across ?? 0;
  };
  const ports = (side: "from" | "to"): ReadonlyMap<string, Place> => {
    const found = new Map<string, Place>();
    const byBox = new Map<string, Link[]>();
    for (const link of links) byBox.set(link[side], [...(byBox.get(link[side]) ?? []), link]);
    for (const [key, group] of byBox) {
      const placed = draft.boxes.get(key)!;
      const sorted = [...group].sort((a, b) => middle(a) - middle(b));
      for (const [index, link] of sorted.entries()) {
        found.set(link.key, portOf(placed, index, sorted.length, side === "from" ? 1 : -1));
      }
    }
    return found;
  };
  const starts = ports("from");
  const ends = ports("to");
  return new Map(
    links.map((link) => {
      const wired = draft.links.get(link.key)!;
      const start = starts.get(link.key)!;
      const end = ends.get(link.key)!;
      const tail = { along: start.along + tipGap, across: start.across };
      const tip = { along: end.along - tipGap, across: end.across };
      return [link.key, { tail, tip, bends: bends(wired, tail, tip), label: wired.label }];
    }),
  );
}

function portOf({ box, along, across }: Placed, index: number, count: number, side: 1 | -1): Place {
  const half = box.across / 2;
  const gap = count === 1 ? 0 : Math.min(portGap, (half * 1.1) / (count - 1));
  const offset = (index - (count - 1) / 2) * gap;
  const rim = box.round
    ? box.along / 2 - half + Math.sqrt(Math.max(0, half * half - offset * offset))
    : side === -1 && box.lead > 0
      ? box.along / 2 + Math.sqrt(Math.max(0, box.lead * box.lead - offset * offset))
      : box.along / 2;
  return { along: along + side * rim, across: across + offset };
}

/** The places a wire passes between its ends: through its label in a straight line, and dagre's own bends of long wires. */
function bends(wired: Wired, tail: Place, tip: Place): readonly Place[] {
  const inside = wired.points.filter((point) => point.along > tail.along + 6 && point.along < tip.along - 6);
  const long = wired.points.length > 3;
  if (wired.link.label === undefined || wired.label === undefined) {
    return long ? inside.filter((point) => point.along < tip.along - 30) : [];
  }
  const { along, across } = wired.label;
  const half = wired.link.label.along / 2;
  const through = [
    { along: along - half, across },
    { along: along + half, across },
  ];
  if (!long) return through;
  const before = inside.filter((point) => point.along < along - half - 12);
  const after = inside.filter((point) => point.along > along + half + 12 && point.along < tip.along - 45);
  return [...before, ...through, ...after];
}

/** The wire as an SVG path: level at its ends and its label, S-shaped in between. */
export function wirePath({ tail, tip, bends }: Omit<Route, "label">, down: boolean): string {
  const at = (along: number, across: number): string =>
    down ? `${round(across)},${round(along)}` : `${round(along)},${round(across)}`;
  let path = `M${at(tail.along, tail.across)}`;
  let previous = tail;
  for (const point of [...bends, { along: tip.along - headLength, across: tip.across }]) {
    const middle = (previous.along + point.along) / 2;
    path +=
      Math.abs(previous.across - point.across) < 0.3
        ? `L${at(point.along, point.across)}`
        : `C${at(middle, previous.across)} ${at(middle, point.across)} ${at(point.along, point.across)}`;
    previous = point;
  }
  // A short straight end: the line stays inside the arrow head.
  return `${path}L${at(previous.along + headLength - 3, previous.across)}`;
}
