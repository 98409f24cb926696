/** What colours look like to whom: contrast by WCAG 2, and colour blindness by the matrices of Machado, Oliveira, Fernandes 2009. */

type Triple = readonly [number, number, number];

function linear(colour: string): Triple {
  return [1, 3, 5].map((start) => {
    const channel = Number.parseInt(colour.slice(start, start + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  }) as unknown as Triple;
}

function luminance(colour: string): number {
  const [red, green, blue] = linear(colour);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

export function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** Severity 1: without the cones for long, middle or short waves. */
export const visions = {
  normal: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
} as const;

function product(matrix: readonly number[], [x, y, z]: Triple): Triple {
  return [0, 3, 6].map((row) => matrix[row]! * x + matrix[row + 1]! * y + matrix[row + 2]! * z) as unknown as Triple;
}

/** From linear sRGB to CIE XYZ, as shares of the white of daylight (D65). */
const toXyz = [
  0.4124 / 0.9505,
  0.3576 / 0.9505,
  0.1805 / 0.9505,
  0.2126,
  0.7152,
  0.0722,
  0.0193 / 1.089,
  0.1192 / 1.089,
  0.9505 / 1.089,
] as const;

function lab(colour: Triple): Triple {
  const clipped = colour.map((channel) => Math.min(1, Math.max(0, channel))) as unknown as Triple;
  const [x, y, z] = product(toXyz, clipped).map((t) => (t > 216 / 24389 ? Math.cbrt(t) : (t * 841) / 108 + 4 / 29)) as [
    number,
    number,
    number,
  ];
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** How far two colours are apart in CIE Lab, as one kind of eyes sees them. About 2 is just seen, 10 is seen at a glance. */
export function distance(a: string, b: string, vision: keyof typeof visions): number {
  const [one, other] = [a, b].map((colour) => lab(product(visions[vision], linear(colour)))) as [Triple, Triple];
  return Math.hypot(...one.map((channel, i) => channel - other[i]!));
}
