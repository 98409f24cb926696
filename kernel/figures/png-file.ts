import { crc32, deflateSync } from "node:zlib";

/** A picture as four bytes for each pixel, row by row: red, green, blue, and how opaque it is. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
  /** Whether the three are already made darker by how little the pixel is opaque, as renderers leave them. */
  readonly mixed?: boolean;
}

const mostColours = 256;
const mostFrequent = 160;
/** Of the rarer ones, those that differ more from all before them have a place too (squares of differences, added up). */
const farEnough = 400;
const tooFar = 3000;

/**
 * A picture as a PNG file. Figures have few colours: 256 of them are numbered, the frequent ones and those unlike any other,
 * and each pixel is one byte: a third of the room. What else there is, at the rims of lines and letters, takes the nearest.
 * A picture that would suffer by this keeps its colours, as four bytes a pixel.
 */
export function encodePng({ width, height, data, mixed = false }: Pixels): Buffer {
  const aligned = data.byteOffset % 4 === 0 ? data : data.slice();
  // Signed, for V8 keeps those as they are and larger ones on its heap.
  const pixels = new Int32Array(aligned.buffer, aligned.byteOffset, width * height);
  const colours = coloursOf(pixels, mixed ? straight : (colour) => colour);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, colours.numbered ? 3 : 6], 8); // 8 bits each, numbers or red, green, blue and opacity
  const bytes = colours.numbered ? 1 : 4;
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    ...(colours.numbered
      ? [
          chunk("PLTE", Buffer.from(colours.list.flatMap((colour) => colour.slice(0, 3)))),
          chunk("tRNS", Buffer.from(colours.list.map(([, , , opaque]) => opaque))),
        ]
      : []),
    chunk("IDAT", deflateSync(rowsOf(colours.bytes, width * bytes, height), { level: 6 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** Each row starts with its filter: none. */
function rowsOf(bytes: Uint8Array, width: number, height: number): Buffer {
  const rows = Buffer.alloc((width + 1) * height);
  for (let row = 0; row < height; row++)
    rows.set(bytes.subarray(row * width, (row + 1) * width), row * (width + 1) + 1);
  return rows;
}

type Colours =
  /** At most 256, and for each pixel its colour's place among them. */
  | { readonly numbered: true; readonly list: readonly Channels[]; readonly bytes: Uint8Array }
  /** Four bytes for each pixel. */
  | { readonly numbered: false; readonly bytes: Uint8Array };

function coloursOf(pixels: Int32Array, shown: (colour: Channels) => Channels): Colours {
  const found = new Map<number, number>();
  const counts: number[] = [];
  // Neighbours are mostly alike: a run of them is looked up and filled as one.
  const starts: number[] = [];
  const indices: number[] = [];
  for (let at = 0; at < pixels.length; ) {
    const colour = pixels[at]!;
    let end = at + 1;
    while (end < pixels.length && pixels[end] === colour) end++;
    let index = found.get(colour);
    if (index === undefined) {
      index = counts.push(0) - 1;
      found.set(colour, index);
    }
    counts[index]! += end - at;
    starts.push(at);
    indices.push(index);
    at = end;
  }
  const all = [...found.keys()].map((colour) => shown(channelsOf(colour)));
  const filled = <Pixels extends Uint8Array | Int32Array>(target: Pixels, values: ArrayLike<number>): Pixels => {
    for (let run = 0; run < indices.length; run++) {
      const [value, end] = [values[indices[run]!]!, starts[run + 1] ?? target.length];
      for (let at = starts[run]!; at < end; at++) target[at] = value;
    }
    return target;
  };
  const list: Channels[] = [];
  const near = new Nearest();
  const places = new Uint8Array(all.length);
  for (const index of [...all.keys()].sort((a, b) => counts[b]! - counts[a]!)) {
    const colour = all[index]!;
    const { place, distance } = list.length < mostFrequent ? nothingNear : near.to(colour);
    const own = distance > farEnough && list.length < mostColours;
    if (!own && distance > tooFar) {
      const bytes = filled(new Int32Array(pixels.length), new Int32Array(Uint8Array.from(all.flat()).buffer));
      return { numbered: false, bytes: new Uint8Array(bytes.buffer) };
    }
    places[index] = own ? list.push(colour) - 1 : place;
    if (own) near.add(colour);
  }
  return { numbered: true, list, bytes: filled(new Uint8Array(pixels.length), places) };
}

type Channels = readonly [red: number, green: number, blue: number, opaque: number];

function channelsOf(colour: number): Channels {
  const [red, green, blue, opaque] = new Uint8Array(Int32Array.of(colour).buffer) as unknown as Channels; // four bytes
  return [red, green, blue, opaque];
}

function straight([red, green, blue, opaque]: Channels): Channels {
  const light = (channel: number): number => (opaque === 0 ? 0 : Math.min(255, Math.round((channel * 255) / opaque)));
  return [light(red), light(green), light(blue), opaque];
}

const nothingNear = { place: 0, distance: Number.POSITIVE_INFINITY };

/** Colours with the question which of them is the nearest to another: asked of thousands, so their channels lie in a row. */
class Nearest {
  private readonly channels = new Int16Array(4 * mostColours);
  private count = 0;

  add(colour: Channels): void {
    this.channels.set(colour, 4 * this.count++);
  }

  to([red, green, blue, opaque]: Channels): { readonly place: number; readonly distance: number } {
    const { channels, count } = this;
    let { place, distance } = nothingNear;
    for (let other = 0, at = 0; other < count; other++, at += 4) {
      const [r, g] = [red - channels[at]!, green - channels[at + 1]!];
      const [b, o] = [blue - channels[at + 2]!, opaque - channels[at + 3]!];
      const between = r * r + g * g + b * b + o * o;
      if (between < distance) {
        place = other;
        distance = between;
      }
    }
    return { place, distance };
  }
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
