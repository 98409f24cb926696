import type { KernelClient } from "../../support/kernel-client.ts";
import { type Measurement, median } from "../report.ts";
import { startContender } from "./contenders.ts";

/** What a kernel came to at one turn: a number, or why there is none. */
export type Turn = number | string;

/** Medians by kernel of what is measured, the kernels taking turns; the first turn warms up and does not count. */
export async function inTurns(
  names: readonly string[],
  turns: number,
  measure: (name: string, round: number) => Promise<Turn>,
): Promise<Pick<Measurement, "medians" | "absent">> {
  const taken = new Map<string, number[]>(names.map((name) => [name, []]));
  const absent: Record<string, string> = {};
  for (let round = 0; round <= turns; round++) {
    for (const [name, times] of taken) {
      const turn = await measure(name, round);
      if (typeof turn === "string") {
        // It will not do better at the next turn, and each may last as long as patience does.
        absent[name] = turn;
        taken.delete(name);
      } else if (round > 0) times.push(turn);
    }
  }
  return { medians: Object.fromEntries([...taken].map(([name, times]) => [name, median(times)])), absent };
}

/** Kernels that run side by side, one of each name; one that died or hung is started anew. */
export class Running {
  private readonly kernels = new Map<string, KernelClient>();

  async get(name: string): Promise<KernelClient> {
    const kernel = this.kernels.get(name) ?? (await startContender(name));
    this.kernels.set(name, kernel);
    return kernel;
  }

  /** Gives one up: what is asked of this name next is asked of a new kernel. */
  async giveUp(name: string): Promise<void> {
    const kernel = this.kernels.get(name);
    this.kernels.delete(name);
    await kernel?.close();
  }

  async close(): Promise<void> {
    await Promise.all([...this.kernels.keys()].map((name) => this.giveUp(name)));
  }
}
