// Bundles what of vega and vega-lite draws figures into dist/drawing, one script: reading a hundred modules takes longer
// than a figure.
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
const output = path.join(root, "dist", "drawing");
const vega = createRequire(createRequire(import.meta.url).resolve("vega"));

rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });
buildSync({
  stdin: {
    contents: 'export { Error, View, logger, parse } from "vega"; export { compile } from "vega-lite";',
    resolveDir: root,
  },
  bundle: true,
  minify: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  outfile: path.join(output, "vega.cjs"),
  // What is for browsers finds no canvas here: letters are as wide as Vega estimates, whatever else is installed.
  alias: { "vega-canvas": path.join(path.dirname(vega.resolve("vega-canvas")), "vega-canvas.browser.js") },
  legalComments: "none",
  banner: {
    js: "/*! vega and vega-lite, Copyright (c) University of Washington Interactive Data Lab, BSD-3-Clause; d3, Copyright Mike Bostock, ISC */",
  },
});

// V8's code cache is best made by a process that has just drawn some figures.
const warmUp = fileURLToPath(new URL("draw-first.js", import.meta.url));
if (spawnSync(process.execPath, [warmUp], { stdio: "inherit" }).status !== 0) {
  console.error("gradbook: the code cache of what draws figures could not be made; first figures take a little longer");
}
