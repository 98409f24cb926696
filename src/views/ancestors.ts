/** Bits, 31 to a word, of the nodes from which a path leads to a node, itself included. */
export type Bits = readonly number[];

/** For each of `count` nodes, which lead to it; Vega's expressions test a bit with `(a[floor(n / 31)] >> (n % 31)) & 1`. */
export function ancestorBits(
  count: number,
  wires: readonly { readonly from: number; readonly to: number }[],
): readonly Bits[] {
  const words = Math.ceil(count / 31);
  const bits = Array.from({ length: count }, (_, key) => {
    const own = new Array<number>(words).fill(0);
    own[Math.floor(key / 31)]! |= 1 << (key % 31);
    return own;
  });
  // Once over is enough for wires in the order of what they lead to; those against the flow ask for another turn.
  for (let changed = true; changed; ) {
    changed = false;
    for (const { from, to } of wires) {
      for (let word = 0; word < words; word++) {
        const joined = bits[to]![word]! | bits[from]![word]!;
        if (joined === bits[to]![word]) continue;
        bits[to]![word] = joined;
        changed = true;
      }
    }
  }
  return bits;
}
