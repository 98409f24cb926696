import { pathToFileURL } from "node:url";
import { type Contest, hold } from "./contest.ts";
import { benchCost } from "./cost.ts";
import { type Measurement, median, print } from "./report.ts";
import { measure, type WorkName, type Works } from "./work.ts";

const contests: readonly Contest[] = [
  {
    what: "scalar node, built, forward and backward (65,814 nodes, network 2-16-16-1, 100 points)",
    unit: "ns",
    work: "scalar",
    names: ["gradbook", "gradbook in a cell", "linked objects", "micrograd", "TF.js cpu", "jax-js"],
  },
  {
    what: "add of ten elements, forward",
    unit: "ns",
    work: "add",
    names: ["gradbook", "TF.js cpu", "TF.js wasm", "jax-js"],
  },
  {
    what: "add of ten elements, forward and backward",
    unit: "ns",
    work: "add and backward",
    names: ["gradbook", "TF.js cpu", "TF.js wasm", "jax-js"],
  },
  {
    what: "a chain of 1,000,000 multiplications, forward and backward, each",
    unit: "ns",
    work: "chain",
    names: ["gradbook", "linked objects", "micrograd"],
  },
];

/** The graph and its derivatives beside their peers. */
export async function benchCore(): Promise<readonly Measurement[]> {
  const measurements: Measurement[] = [];
  for (const contest of contests) measurements.push(await hold(contest));
  return [...measurements, ...benchCost()];
}

/** One piece of our own work in this process and nothing beside it, for a profiler. `cell` is the scalar work in a cell. */
async function alone(what: string): Promise<readonly Measurement[]> {
  if (what === "cost") return benchCost();
  const module = what === "cell" ? "cell" : "gradbook";
  const { works } = (await import(`./contestants/${module}.js`)) as { readonly works: Works };
  const work = works[(what === "cell" ? "scalar" : what) as WorkName];
  if (work === undefined) throw new RangeError(`--only takes ${[...Object.keys(works), "cell", "cost"].join(", ")}.`);
  const first = (await measure(work, 0)).nanoseconds;
  await measure(work, 500);
  const times: number[] = [];
  for (let turn = 0; turn < 25; turn++) times.push((await measure(work, 60)).nanoseconds);
  return [{ what, unit: "ns", medians: { gradbook: median(times), fastest: Math.min(...times), "first run": first } }];
}

if (import.meta.url === pathToFileURL(process.argv[1]!).href) {
  const [flag, only] = process.argv.slice(2);
  print(flag === "--only" ? await alone(only!) : await benchCore());
}
