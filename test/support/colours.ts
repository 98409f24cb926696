/** Colours as eyes see them: sRGB, CIE Lab under daylight (D65), and colour blindness after Machado, Oliveira and Fernandes, 2009. */

type Triple = readonly [number, number, number];
type Matrix = readonly [Triple, Triple, Triple];

/** Full severity, on linear red, green and blue. */
export const visions: Readonly<Record<"normal" | "protan" | "deutan" | "tritan", Matrix>> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritan: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

const times = (matrix: Matrix, [x, y, z]: Triple): Triple =>
  matrix.map((row) => row[0] * x + row[1] * y + row[2] * z) as unknown as Triple; // three rows

function linear(colour: string): Triple {
  return [1, 3, 5].map((at) => {
    const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  }) as unknown as Triple; // three channels
}

const toXyz: Matrix = [
  [0.4124564, 0.3575761, 0.1804375],
  [0.2126729, 0.7151522, 0.072175],
  [0.0193339, 0.119192, 0.9503041],
];
const white: Triple = [0.95047, 1, 1.08883];

/** Lightness, green to red, blue to yellow. */
export function labOf(colour: string, vision: Matrix = visions.normal): Triple {
  const seen = times(vision, linear(colour)).map((channel) => Math.min(1, Math.max(0, channel))) as unknown as Triple;
  const [x, y, z] = times(toXyz, seen).map((part, axis) => {
    const share = part / white[axis]!;
    return share > 216 / 24389 ? Math.cbrt(share) : ((24389 / 27) * share + 16) / 116;
  }) as unknown as Triple;
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** How far apart two colours look (CIE 1976). */
export function distance(a: string, b: string, vision: Matrix = visions.normal): number {
  const [first, second] = [labOf(a, vision), labOf(b, vision)];
  return Math.hypot(...first.map((part, axis) => part - second[axis]!));
}

/** The luminance of a Lab lightness. */
export function luminanceOf(lightness: number): number {
  const y = (lightness + 16) / 116;
  return y > 6 / 29 ? y ** 3 : lightness / (24389 / 27);
}

/** The contrast of two luminances, as the guidelines for accessible web content define it: 1 to 21. */
export function contrastOf(a: number, b: number): number {
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

export function contrast(a: string, b: string): number {
  return contrastOf(luminanceOf(labOf(a)[0]), luminanceOf(labOf(b)[0]));
}
