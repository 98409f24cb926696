import { inspect } from "node:util";
import { bundleOf } from "./display.ts";

// Figures as files, for cells that ask. Drawing is large, so it is loaded by the first that does.

const vegaLite = "application/vnd.vegalite.v5+json";

/** @throws {TypeError} of what has no figure. */
export async function toSvg(figure: unknown): Promise<string> {
  const specification = bundleOf(figure)?.[vegaLite];
  if (typeof specification !== "object" || specification === null) {
    throw new TypeError(`toSvg and toPng take a figure, a plot or a Value; this is ${inspect(figure, { depth: 0 })}.`);
  }
  const { renderSvg } = await import("../../figures/svg.ts");
  return renderSvg(specification as Parameters<typeof renderSvg>[0]);
}

/** @throws {TypeError} of what has no figure. @throws {RangeError} of a scale that is none. */
export async function toPng(figure: unknown, { scale = 2 }: { readonly scale?: number } = {}): Promise<Uint8Array> {
  if (!(scale > 0 && scale <= 16))
    throw new RangeError(`toPng: scale is a number above 0, at most 16; it is ${scale}.`);
  const svg = await toSvg(figure);
  const { renderPng } = await import("../../figures/png.ts");
  return new Uint8Array(await renderPng(svg, scale));
}
