import { setTimeout } from "node:timers/promises";
import { aheadOf, atMost, type Bar, both, type Measurement, median } from "../report.ts";
import { contenders, startContender, within } from "./contenders.ts";
import type { Language } from "./languages.ts";
import { inTurns, Running, type Turn } from "./turns.ts";

const starts = 7;
const rounds = 30;
/** How long a cell or an answer may take (milliseconds). */
const patience = 10_000;

/** From the start of the process to the reply to its first cell. */
export async function start(names: readonly string[]): Promise<readonly Measurement[]> {
  const result = await inTurns(names, starts, async (name) => {
    const began = performance.now();
    const kernel = await startContender(name);
    const took = performance.now() - began;
    await kernel.close();
    return took;
  });
  return [{ what: "start to first cell", unit: "ms", ...result, bar: both(atMost(300), aheadOf("ipykernel")) }];
}

interface Cell {
  readonly what: string;
  readonly of: (language: Language, round: number) => string;
  readonly bar: Bar;
}

const cells: readonly Cell[] = [
  { what: "round trip of 1+1", of: () => "1+1", bar: atMost(3) },
  { what: "round trip of 1+<i>", of: (_, round) => `1+${round}`, bar: atMost(5) },
  { what: "round trip of a small cell", of: (language, round) => language.small(round), bar: atMost(8) },
  { what: "round trip of 50 lines", of: (language, round) => language.long(round), bar: atMost(30) },
];

/** From sending a cell to its reply and the idle state after it. */
export async function cell(names: readonly string[]): Promise<readonly Measurement[]> {
  const running = new Running();
  const measurements: Measurement[] = [];
  try {
    for (const { what, of, bar } of cells) {
      const result = await inTurns(names, rounds, async (name, round) => {
        const kernel = await running.get(name);
        const began = performance.now();
        const done = await within(kernel, patience, kernel.execute(of(contenders[name]!.language, round)));
        const took = performance.now() - began;
        if (typeof done === "string") return done;
        const { reply } = done;
        return reply.content["status"] === "ok" ? took : `error: ${reply.content["evalue"]}`;
      });
      measurements.push({ what, unit: "ms", ...result, bar });
    }
  } finally {
    await running.close();
  }
  return measurements;
}

/** How long the cell computes during which completions are asked for, and how many are (seconds). */
const computingFor = 3;
const asksMeanwhile = 8;
/** How long it has computed by then: a kernel that only queues them has begun the cell (milliseconds). */
const headStart = 400;

/** A completion of code that has not been run, after an edit; also while a cell computes. */
export async function completion(names: readonly string[]): Promise<readonly Measurement[]> {
  const running = new Running();
  const notes: Record<string, string> = {};
  let edits = 0;
  const complete = async (name: string, milliseconds: number): Promise<Turn> => {
    const kernel = await running.get(name);
    const { code, expected } = contenders[name]!.language.unfinished(edits++);
    const began = performance.now();
    const cursor_pos = code.length;
    const answer = await within(kernel, milliseconds, kernel.ask("complete_request", { code, cursor_pos }));
    const took = performance.now() - began;
    if (answer === "hangs") return `no answer within ${Math.round(milliseconds / 100) / 10} s`;
    if (answer === "dies") return answer;
    const matches = answer.reply.content["matches"] as readonly string[] | undefined; // as the protocol has it
    const found = matches?.some((match) => match.endsWith(expected)) ?? false;
    if (!found) notes[name] = "finds nothing";
    return took;
  };
  try {
    const idle = await inTurns(names, rounds, (name) => complete(name, patience));
    const busy = await inTurns(names, 3, async (name) => {
      const kernel = await running.get(name);
      const cell = kernel.execute(contenders[name]!.language.computing(computingFor));
      await setTimeout(headStart);
      const times: number[] = [];
      let turn: Turn = 0;
      while (times.length < asksMeanwhile && typeof turn === "number") {
        turn = await complete(name, computingFor * 1000 - 2 * headStart);
        if (typeof turn === "number") times.push(turn);
      }
      await within(kernel, patience, cell);
      return typeof turn === "number" ? median(times) : turn;
    });
    return [
      { what: "completion after an edit", unit: "ms", ...idle, notes, bar: atMost(6) },
      { what: "the same while a cell computes", unit: "ms", ...busy, notes, bar: atMost(6) },
    ];
  } finally {
    await running.close();
  }
}
