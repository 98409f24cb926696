import path from "node:path";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { root } from "./paths.ts";

/** Vega and Vega-Lite of one major version: 5 as JupyterLab's extension brings it, 6 as the kernel draws with. */
export type Major = 5 | 6;

interface Step {
  readonly step: number;
  readonly texts: readonly Measured[];
}

/** Something that was drawn, with its box as the browser measures it, in pixels from the figure's upper left corner. */
export interface Measured {
  /** Which layer of the figure it belongs to. */
  readonly layer: string;
  readonly text: string;
  readonly x1: number;
  readonly x2: number;
  readonly y1: number;
  readonly y2: number;
}

export interface Drawing {
  readonly width: number;
  readonly height: number;
  /** What is drawn as the figure opens. */
  readonly marks: readonly Measured[];
  /** The words of its panel in other steps. */
  readonly steps: readonly Step[];
}

/** A page with one version of Vega, on which figures are drawn one after the other. */
export async function vegaPage(browser: Browser, major: Major, deviceScaleFactor = 1): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1000, height: 900 }, deviceScaleFactor });
  await page.setContent(
    '<!doctype html><title>figures</title><body style="margin:0;background:#fff"><div id="figure"></div>',
  );
  await page.addScriptTag({ content: await script(major) });
  await page.addScriptTag({ content: drawing });
  return page;
}

/** Draws a specification; with `everyStep` the panel's words are measured in all of them. */
export async function draw(page: Page, specification: unknown, everyStep = false): Promise<Drawing> {
  return (await page.evaluate(
    ([spec, all]) =>
      (globalThis as unknown as { drawFigure(spec: unknown, all: unknown): unknown }).drawFigure(spec, all),
    [specification, everyStep] as const,
  )) as Drawing;
}

export interface Difference {
  readonly sameSize: boolean;
  readonly different: number;
  /** Of all pixels. */
  readonly share: number;
}

/** How many pixels of two pictures (PNG) differ by more than a trace. */
export async function compare(page: Page, one: Buffer, other: Buffer): Promise<Difference> {
  return (await page.evaluate(
    ([first, second]) =>
      (globalThis as unknown as { comparePictures(a: unknown, b: unknown): unknown }).comparePictures(first, second),
    [one.toString("base64"), other.toString("base64")] as const,
  )) as Difference;
}

const scripts = new Map<Major, Promise<string>>();

function script(major: Major): Promise<string> {
  const known = scripts.get(major) ?? bundled(major);
  scripts.set(major, known);
  return known;
}

async function bundled(major: Major): Promise<string> {
  const home = major === 6 ? root : path.join(root, "node_modules/@jupyterlab/vega5-extension");
  const result = await build({
    stdin: {
      contents: 'export { View, parse, version } from "vega"; export { compile } from "vega-lite";',
      resolveDir: home,
    },
    bundle: true,
    minify: true,
    platform: "browser",
    format: "iife",
    globalName: "drawn",
    write: false,
    // As for the page: what of d3 and canvas is Node's is never reached in a browser.
    external: ["canvas"],
  });
  return result.outputFiles[0]!.text;
}

/** Runs in the page. */
const drawing = `
let view;
function boxes(origin, wanted) {
  const found = [];
  for (const group of document.querySelectorAll("#figure svg g[class*='_marks']")) {
    const layer = /(\\w+?)_marks/.exec(group.getAttribute("class"))[1];
    if (!wanted(layer)) continue;
    for (const item of group.querySelectorAll("text, path")) {
      const opacity = Number(item.getAttribute("opacity") ?? 1);
      if (opacity === 0 || item.getAttribute("display") === "none" || item.style.display === "none") continue;
      const box = item.getBoundingClientRect();
      if (box.width === 0 || (item.tagName === "text" && item.textContent === "")) continue;
      const x1 = box.left - origin.left, y1 = box.top - origin.top;
      found.push({ layer, text: item.tagName === "text" ? item.textContent : "", x1, x2: x1 + box.width, y1, y2: y1 + box.height });
    }
  }
  return found;
}
async function drawFigure(specification, everyStep) {
  view?.finalize();
  const quiet = { level: () => quiet, warn: () => quiet, error: () => quiet, info: () => quiet, debug: () => quiet };
  const { spec } = drawn.compile(specification, { logger: quiet });
  view = new drawn.View(drawn.parse(spec), { renderer: "svg", container: "#figure", hover: true });
  await view.runAsync();
  const svg = document.querySelector("#figure svg");
  const origin = svg.getBoundingClientRect();
  const marks = boxes(origin, () => true);
  const steps = [];
  const last = everyStep && specification.datasets?.dots ? specification.datasets.dots.length - 1 : -1;
  for (let step = 0; step <= last; step++) {
    await view.signal("at_k", step).runAsync();
    steps.push({ step, texts: boxes(origin, (layer) => ["words", "panelTitle"].includes(layer)) });
  }
  return { width: origin.width, height: origin.height, marks, steps };
}
async function pixels(base64) {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, image.width, image.height);
}
async function comparePictures(first, second) {
  const [a, b] = [await pixels(first), await pixels(second)];
  if (a.width !== b.width || a.height !== b.height) return { sameSize: false, different: -1, share: 1 };
  let different = 0;
  for (let i = 0; i < a.data.length; i += 4) {
    if ([0, 1, 2, 3].some((channel) => Math.abs(a.data[i + channel] - b.data[i + channel]) > 8)) different++;
  }
  return { sameSize: true, different, share: different / (a.width * a.height) };
}`;
