import path from "node:path";
import { KernelClient } from "../support/kernel-client.ts";
import { kernelCommand } from "../support/kernel-command.ts";
import { root } from "../support/paths.ts";
import { type Measurement, median } from "./report.ts";

/** The kernels compared, each spoken to by the same client over the same five sockets; ours first. */
const commands: Readonly<Record<string, (connectionFile: string) => readonly string[]>> = {
  gradbook: kernelCommand,
  tslab: (file) => [
    process.execPath,
    path.join(root, "node_modules", "tslab", "bin", "tslab"),
    ...["kernel", "--config-path", file],
  ],
};

const starts = 5;
const rounds = 30;

/** A cell as a learner writes it: a type, a function, a loop, a result. */
const smallCell = (round: number): string => `
interface Point { x: number; y: number }
function squares${round}(points: Point[]): number[] {
  return points.map((point) => point.x ** 2 + point.y ** 2);
}
const result${round} = squares${round}([{ x: ${round}, y: 1 }, { x: 2, y: 3 }]);
for (const [index, value] of result${round}.entries()) console.log(index, value);
result${round}.length`;

/** Start to first cell, a changed trivial cell and a small cell, in milliseconds: medians of interleaved runs. */
export async function benchKernel(): Promise<readonly Measurement[]> {
  const start = await byKernel(async (name) => {
    const began = performance.now();
    const kernel = await startKernel(name);
    const took = performance.now() - began;
    await kernel.close();
    return took;
  }, starts);

  const kernels = new Map<string, KernelClient>();
  for (const name of Object.keys(commands)) kernels.set(name, await startKernel(name));
  const roundTrip = (cell: (round: number) => string): Promise<Readonly<Record<string, number>>> =>
    byKernel(async (name, round) => {
      const began = performance.now();
      const { reply } = await kernels.get(name)!.execute(cell(round));
      const took = performance.now() - began;
      if (reply.content["status"] !== "ok") throw new Error(`${name}: ${JSON.stringify(reply.content)}`);
      return took;
    }, rounds);
  try {
    const trivial = await roundTrip((round) => `1+${round}`);
    const small = await roundTrip(smallCell);
    return [
      { what: "kernel start to first cell", unit: "ms", medians: start },
      { what: "round trip of 1+<i>", unit: "ms", medians: trivial },
      { what: "round trip of a small cell", unit: "ms", medians: small },
    ];
  } finally {
    for (const kernel of kernels.values()) await kernel.close();
  }
}

async function startKernel(name: string): Promise<KernelClient> {
  // In the checkout, because tslab finds the types of console only beside @types/node.
  const kernel = await KernelClient.start({ command: commands[name]!, cwd: root });
  await kernel.executeFirst("1+1");
  return kernel;
}

/** Medians by kernel of what is measured, the kernels taking turns; the first turn warms up and does not count. */
async function byKernel(
  measure: (name: string, round: number) => Promise<number>,
  turns: number,
): Promise<Readonly<Record<string, number>>> {
  const taken = new Map<string, number[]>(Object.keys(commands).map((name) => [name, []]));
  for (let round = 0; round <= turns; round++) {
    for (const [name, times] of taken) {
      const milliseconds = await measure(name, round);
      if (round > 0) times.push(milliseconds);
    }
  }
  return Object.fromEntries([...taken].map(([name, times]) => [name, median(times)]));
}
