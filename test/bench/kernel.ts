import { pathToFileURL } from "node:url";
import { present } from "./kernels/contenders.ts";
import { interrupt } from "./kernels/interrupts.ts";
import { cell, completion, start } from "./kernels/latency.ts";
import { lines } from "./kernels/lines.ts";
import { memory } from "./kernels/memory.ts";
import { type Measurement, printTable } from "./report.ts";

/** What is measured, in this order; `--only` takes some of these names. */
type Part = "start" | "cell" | "completion" | "lines" | "interrupt" | "memory";
const parts: Readonly<Record<Part, (names: readonly string[]) => Promise<readonly Measurement[]>>> = {
  start,
  cell,
  completion,
  lines,
  interrupt,
  memory,
};

/** The kernels compared, each spoken to by the same client over the same five sockets: medians of interleaved runs. */
export async function benchKernel(only: readonly Part[]): Promise<readonly Measurement[]> {
  const { names, absent } = await present();
  const measurements: Measurement[] = [];
  for (const part of only) {
    for (const measurement of await parts[part](names)) {
      measurements.push({ ...measurement, absent: { ...absent, ...measurement.absent } });
    }
  }
  return measurements;
}

function partsAsked([flag, list = ""]: readonly string[]): readonly Part[] {
  const all = Object.keys(parts) as Part[]; // its keys are the names
  if (flag === undefined) return all;
  const asked = list.split(",");
  const unknown = flag !== "--only" || !asked.every((name) => Object.hasOwn(parts, name));
  if (unknown) throw new RangeError(`--only takes some of ${all.join(",")}.`);
  return all.filter((part) => asked.includes(part));
}

if (import.meta.url === pathToFileURL(process.argv[1]!).href) {
  const measurements = await benchKernel(partsAsked(process.argv.slice(2)));
  printTable(measurements, (await present()).names);
}
