import { renderSvg } from "../../kernel/figures/svg.ts";
import { type Figure, mul, show, tanh, type Value, variable } from "../../src/index.ts";
import { runningExample } from "../support/graphs.ts";
import { scalarsLoss } from "../support/networks.ts";
import { atMost, type Measurement, median, printTable } from "./report.ts";

const turns = 15;

/** The specification and its SVG: what a cell that ends with a Value waits for. */
async function milliseconds(draw: () => Figure): Promise<number> {
  const start = performance.now();
  await renderSvg(draw().specification);
  return performance.now() - start;
}

async function warm(what: string, draw: () => Figure, most: number): Promise<Measurement> {
  for (let turn = 0; turn < 20; turn++) await milliseconds(draw);
  const times: number[] = [];
  for (let turn = 0; turn < turns; turn++) times.push(await milliseconds(draw));
  return { what, unit: "ms", medians: { gradbook: median(times) }, bar: atMost(most) };
}

/** z = tanh(… tanh(x · w) · w): 25 values, as many as a figure shows every number of. */
function twentyFive(): Value {
  const w = variable(0.5, "w");
  let value = variable(0.7, "x");
  for (let layer = 0; layer < 11; layer++) value = tanh(mul(value, w));
  return mul(value, w);
}

const seed = runningExample();
const cold = await milliseconds(() => show(seed));
const some = twentyFive();
const network = scalarsLoss();
printTable(
  [
    { what: "z = (x + y)·w, the first figure", unit: "ms", medians: { gradbook: cold }, bar: atMost(200) },
    await warm("z = (x + y)·w", () => show(seed), 25),
    await warm("25 values, every number", () => show(some), 60),
    await warm("982 values of an MLP, by layers", () => show(network), 100),
  ],
  ["gradbook"],
);
