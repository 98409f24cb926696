import assert from "node:assert/strict";
import { inflateSync } from "node:zlib";

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and opacity of a pixel. */
  readonly at: (x: number, y: number) => readonly number[];
}

/** Reads what encodePng writes: rows without filters, of colours or of their numbers. */
export function decode(file: Uint8Array): Picture {
  const bytes = Buffer.from(file);
  assert.equal(bytes.toString("latin1", 0, 8), "\x89PNG\r\n\x1a\n");
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    chunks.set(bytes.toString("latin1", at + 4, at + 8), bytes.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const header = chunks.get("IHDR")!;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const numbered = header[9] === 3;
  const size = numbered ? 1 : 4;
  const rows = inflateSync(chunks.get("IDAT")!);
  assert.equal(rows.length, (size * width + 1) * height);
  return {
    width,
    height,
    at: (x, y) => {
      const start = y * (size * width + 1);
      assert.equal(rows[start], 0);
      const at = start + 1 + size * x;
      if (!numbered) return [...rows.subarray(at, at + 4)];
      const number = rows[at]!;
      return [...chunks.get("PLTE")!.subarray(3 * number, 3 * number + 3), chunks.get("tRNS")![number]!];
    },
  };
}
