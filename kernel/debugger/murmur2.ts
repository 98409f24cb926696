const multiplier = 0x5bd1e995;

/** The hash by which JupyterLab and the kernel give a cell's text the same name: MurmurHash2, 32 bits, of its UTF-8. */
export function murmur2(text: string, seed: number): number {
  const bytes = Buffer.from(text, "utf8");
  const scramble = (word: number): number => Math.imul(word, multiplier);
  const whole = bytes.length - (bytes.length % 4);
  let hash = seed ^ bytes.length;
  for (let at = 0; at < whole; at += 4) {
    const word = scramble(bytes.readInt32LE(at));
    hash = scramble(hash) ^ scramble(word ^ (word >>> 24));
  }
  if (whole < bytes.length) hash = scramble(hash ^ bytes.readUIntLE(whole, bytes.length - whole));
  hash = scramble(hash ^ (hash >>> 13));
  return (hash ^ (hash >>> 15)) >>> 0;
}
