import { setTimeout } from "node:timers/promises";
import type { JupyterMessage } from "../../../kernel/protocol/message.ts";
import { atMost, type Measurement } from "../report.ts";
import { contenders, startContender, within } from "./contenders.ts";
import { inTurns, type Turn } from "./turns.ts";

const count = 100_000;
const turns = 3;
/** How long the cell may take, and how long what it printed may come after it (milliseconds). */
const patience = 20_000;
const silence = 1000;

interface Printed {
  readonly seconds: Turn;
  readonly lost: number;
  readonly messages: number;
}

/** What becomes of many printed lines: from sending the cell to its reply and the idle state, and what has arrived when nothing more comes. */
export async function lines(names: readonly string[]): Promise<readonly Measurement[]> {
  const printed = new Map<string, Printed[]>(names.map((name) => [name, []]));
  const seconds = await inTurns(names, turns, async (name) => {
    const once = await print(name);
    printed.get(name)!.push(once);
    return once.seconds;
  });
  // Also of the turn that warms up: a line lost there is lost.
  const most = (of: "lost" | "messages"): Measurement["medians"] =>
    Object.fromEntries([...printed].map(([name, times]) => [name, Math.max(...times.map((each) => each[of]))]));
  return [
    { what: "1e5 lines printed", unit: "s", ...seconds, bar: atMost(1) },
    { what: "lines of them lost", unit: "lines", medians: most("lost"), bar: atMost(0) },
    { what: "messages they came in", unit: "messages", medians: most("messages") },
  ];
}

/** In a kernel of its own: one that lost its way in this cell is of no use for the next. */
async function print(name: string): Promise<Printed> {
  const kernel = await startContender(name);
  try {
    const began = performance.now();
    const cell = await within(kernel, patience, kernel.execute(contenders[name]!.language.lines(count)));
    const took = (performance.now() - began) / 1000;
    for (let heard = -1; heard < kernel.heard.length; await setTimeout(silence)) heard = kernel.heard.length;
    const streams = kernel.heard.filter(({ header }) => header.msg_type === "stream");
    const seconds = cell === "hangs" ? `hangs: no reply within ${patience / 1000} s` : cell === "dies" ? cell : took;
    return { seconds, lost: count - inOrder(streams), messages: streams.length };
  } finally {
    await kernel.close();
  }
}

/** How many of the lines came, each behind the one before it. */
function inOrder(streams: readonly JupyterMessage[]): number {
  const text = streams.map(({ content }) => String(content["text"])).join("");
  let found = 0;
  let last = -1;
  for (const [, digits] of text.matchAll(/^line (\d+)$/gmu)) {
    if (Number(digits) <= last) continue;
    last = Number(digits);
    found++;
  }
  return found;
}
