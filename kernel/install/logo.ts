import { encodePng } from "../figures/png-file.ts";

/** The kernel's picture: two values that meet in an operation, drawn on a square of 64. */

interface Circle {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly colour: string;
}

const inputs: readonly Circle[] = [
  { x: 15, y: 15, radius: 10, colour: "#3178c6" },
  { x: 15, y: 49, radius: 10, colour: "#3178c6" },
];
const operation: Circle = { x: 47, y: 32, radius: 13, colour: "#e07b39" };
const wires = { width: 5, colour: "#5f6b7a" } as const;

export function logoSvg(): string {
  const lines = inputs.map(({ x, y }) => `<path d="M${x} ${y}L${operation.x} ${operation.y}"/>`);
  const circles = [...inputs, operation].map(
    ({ x, y, radius, colour }) => `<circle cx="${x}" cy="${y}" r="${radius}" fill="${colour}"/>`,
  );
  return [
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img"><title>gradbook</title>',
    `<g stroke="${wires.colour}" stroke-width="${wires.width}">${lines.join("")}</g>`,
    `${circles.join("")}</svg>\n`,
  ].join("\n");
}

/** The same picture in so many pixels a side. */
export function logoPng(size: number): Buffer {
  const data = new Uint8Array(size * size * 4);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) data.set(pixel(row, column, size), (row * size + column) * 4);
  }
  return encodePng({ width: size, height: size, data });
}

/** Samples a side of a pixel, for smooth edges. */
const samples = 4;

/** The mean colour of a pixel's samples, each counting as much as it is opaque. */
function pixel(row: number, column: number, size: number): readonly [number, number, number, number] {
  const sum = [0, 0, 0];
  let covered = 0;
  for (let sample = 0; sample < samples * samples; sample++) {
    const x = ((column + ((sample % samples) + 0.5) / samples) * 64) / size;
    const y = ((row + (Math.floor(sample / samples) + 0.5) / samples) * 64) / size;
    const colour = colourAt(x, y);
    if (colour === undefined) continue;
    covered++;
    for (let channel = 0; channel < 3; channel++) {
      sum[channel]! += Number.parseInt(colour.slice(1 + 2 * channel, 3 + 2 * channel), 16);
    }
  }
  const [red = 0, green = 0, blue = 0] = sum.map((total) => Math.round(total / Math.max(covered, 1)));
  return [red, green, blue, Math.round((255 * covered) / (samples * samples))];
}

function colourAt(x: number, y: number): string | undefined {
  const circle = [...inputs, operation].find((each) => Math.hypot(x - each.x, y - each.y) <= each.radius);
  if (circle !== undefined) return circle.colour;
  return inputs.some((input) => distanceToWire(x, y, input) <= wires.width / 2) ? wires.colour : undefined;
}

function distanceToWire(x: number, y: number, from: Circle): number {
  const [dx, dy] = [operation.x - from.x, operation.y - from.y];
  const along = ((x - from.x) * dx + (y - from.y) * dy) / (dx * dx + dy * dy);
  const nearest = Math.min(Math.max(along, 0), 1);
  return Math.hypot(x - from.x - nearest * dx, y - from.y - nearest * dy);
}
