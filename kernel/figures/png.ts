import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { encodePng } from "./png-file.ts";

type Resvg = typeof import("@resvg/resvg-wasm").Resvg;

/** The renderer and its fonts are large: they are loaded when the first picture is asked for. */
let loaded: Promise<{ readonly Resvg: Resvg; readonly fonts: readonly Uint8Array[] }> | undefined;

/** Upright and bold, with serifs and without: what figures are written in where a machine has no fonts. */
const fontFiles = ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf"];
const sans = "DejaVu Sans";
const serif = "DejaVu Serif";

/** The figures' pixels are CSS pixels; screens of today have two to one of these. */
const usualScale = 2;
/** In all: a picture of a huge figure is made smaller. */
const mostPixels = 4_000_000;

/**
 * Draws an SVG document as PNG, with fonts of its own: a picture looks the same on a machine without any.
 *
 * @throws {Error} where it is no SVG.
 */
export async function renderPng(svg: string, scale: number = usualScale): Promise<Uint8Array> {
  loaded ??= load();
  const { Resvg, fonts } = await loaded;
  const zoom = Math.min(scale, Math.sqrt(mostPixels / areaOf(svg)));
  const drawing = new Resvg(withOwnFonts(svg), {
    fitTo: { mode: "zoom", value: zoom },
    font: { fontBuffers: [...fonts], defaultFontFamily: sans, sansSerifFamily: sans, serifFamily: serif },
  });
  try {
    const image = drawing.render();
    try {
      return encodePng({ width: image.width, height: image.height, data: image.pixels, mixed: true });
    } finally {
      image.free();
    }
  } finally {
    drawing.free();
  }
}

/** Width times height, as its first tag says. */
function areaOf(svg: string): number {
  const [opening = ""] = /<svg[^>]*>/.exec(svg) ?? [];
  const length = (name: string): number => Number(new RegExp(`\\s${name}="([\\d.]+)`).exec(opening)?.[1] ?? 1);
  return Math.max(1, length("width") * length("height"));
}

/** The figures' lists of fonts end in what kind of letters they ask for. */
function withOwnFonts(svg: string): string {
  return svg.replace(/font-family="([^"]*)"/g, (_, list: string) => {
    return `font-family="${/(?<!sans-)serif\s*$/.test(list) ? serif : sans}"`;
  });
}

async function load(): Promise<{ readonly Resvg: Resvg; readonly fonts: readonly Uint8Array[] }> {
  const { Resvg, initWasm } = await import("@resvg/resvg-wasm");
  const { resolve } = createRequire(import.meta.url);
  const folder = path.join(path.dirname(resolve("dejavu-fonts-ttf/package.json")), "ttf");
  const [wasm, ...fonts] = await Promise.all([
    readFile(resolve("@resvg/resvg-wasm/index_bg.wasm")),
    ...fontFiles.map((file) => readFile(path.join(folder, file))),
  ]);
  await initWasm(wasm!);
  return { Resvg, fonts };
}
