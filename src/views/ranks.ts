import type { Box, Layout, Link, Place, Route } from "./layout.ts";

/** How often boxes are moved to the middle of what they hang together with. */
const turns = 8;
const rankGap = 34;
const boxGap = 20;

/**
 * Places boxes in ranks where wires are too long or too many for dagre: each box one rank after the last that leads to
 * it, ranks ordered by the middle of their neighbours, wires straight through. Links lead from earlier boxes to later ones.
 */
export function layOutInRanks(boxes: readonly Box[], links: readonly Link[]): Layout {
  const rankOf = new Map(boxes.map((box) => [box.key, 0]));
  const neighbours = new Map(boxes.map((box): [string, string[]] => [box.key, []]));
  for (const { from, to } of links) {
    rankOf.set(to, Math.max(rankOf.get(to)!, rankOf.get(from)! + 1));
    neighbours.get(from)!.push(to);
    neighbours.get(to)!.push(from);
  }
  const ranks: Box[][] = [];
  for (const box of boxes) {
    const rank = rankOf.get(box.key)!;
    while (ranks.length <= rank) ranks.push([]);
    ranks[rank]!.push(box);
  }
  const tallest = Math.max(...ranks.map((rank) => rank.length));
  const across = new Map<string, number>();
  const spread = (rank: readonly Box[]): void => {
    const first = ((tallest - rank.length) * boxGap) / 2;
    for (const [index, box] of rank.entries()) across.set(box.key, first + (index + 0.5) * boxGap);
  };
  for (const rank of ranks) spread(rank);
  for (let turn = 0; turn < turns; turn++) {
    for (const rank of turn % 2 === 0 ? ranks : [...ranks].reverse()) {
      const middles = new Map(
        rank.map((box) => {
          const around = neighbours.get(box.key)!;
          const sum = around.reduce((total, key) => total + across.get(key)!, 0);
          return [box.key, around.length === 0 ? across.get(box.key)! : sum / around.length];
        }),
      );
      rank.sort((a, b) => middles.get(a.key)! - middles.get(b.key)!);
      spread(rank);
    }
  }
  const places = new Map(
    boxes.map((box): [string, Place] => [
      box.key,
      { along: (rankOf.get(box.key)! + 0.5) * rankGap, across: across.get(box.key)! },
    ]),
  );
  const routes = new Map(
    links.map((link): [string, Route] => {
      const [from, to] = [places.get(link.from)!, places.get(link.to)!];
      const half = boxes[0]!.along / 2;
      return [
        link.key,
        {
          tail: { along: from.along + half, across: from.across },
          tip: { along: to.along - half, across: to.across },
          bends: [],
          label: undefined,
        },
      ];
    }),
  );
  return { along: ranks.length * rankGap, across: tallest * boxGap, places, routes };
}
