import { setTimeout } from "node:timers/promises";
import type { KernelClient } from "../../support/kernel-client.ts";
import { atMost, type Measurement } from "../report.ts";
import { contenders, within } from "./contenders.ts";
import type { Loop } from "./languages.ts";
import { inTurns, Running, type Turn } from "./turns.ts";

const turns = 5;
/** When the loop surely runs (milliseconds). */
const headStart = 400;
/** How long an interrupt may take, and the cell that looks for the state after it (milliseconds). */
const patience = 5000;

const loops: readonly Loop[] = ["sync loop", "pending await", "loop after await", "microtask loop", "timer loop"];

/** From the interrupt to the reply of the cell it stops; and whether what earlier cells declared is still there. */
export async function interrupt(names: readonly string[]): Promise<readonly Measurement[]> {
  const running = new Running();
  const measurements: Measurement[] = [];
  try {
    for (const loop of loops) {
      const result = await inTurns(names, turns, async (name) => {
        const turn = await stop(await running.get(name), name, loop);
        if (typeof turn === "string") await running.giveUp(name);
        return turn;
      });
      measurements.push({ what: `interrupt of a ${loop}`, unit: "ms", ...result, bar: atMost(50) });
    }
  } finally {
    await running.close();
  }
  return measurements;
}

async function stop(kernel: KernelClient, name: string, loop: Loop): Promise<Turn> {
  const { language, interrupt } = contenders[name]!;
  const declared = await within(kernel, patience, kernel.execute(language.keep));
  if (typeof declared === "string") return `${declared} before it`;
  const cell = kernel.execute(language.loops[loop]);
  const early = await Promise.race([cell, setTimeout(headStart, undefined)]);
  if (early !== undefined) return `does not run it: ${early.reply.content["evalue"] ?? early.reply.content["status"]}`;
  const began = performance.now();
  if (interrupt === "signal") kernel.process.kill("SIGINT");
  else void kernel.ask("interrupt_request", {}, { channel: "control" });
  const stopped = await within(kernel, patience, cell);
  const took = performance.now() - began;
  if (typeof stopped === "string") return stopped;
  let after = await within(kernel, patience, kernel.execute(language.kept));
  // Some kernels give up whatever comes soon after an error.
  for (let again = 0; typeof after !== "string" && after.reply.content["status"] !== "ok" && again < 3; again++) {
    await setTimeout(headStart);
    after = await within(kernel, patience, kernel.execute(language.kept));
  }
  if (typeof after === "string") return `${after} after it`;
  const shown = after.said.map(({ content }) => JSON.stringify([content["data"], content["text"]]));
  const kept = shown.some((text) => text.includes("42"));
  return kept ? took : "its state is lost";
}
