import type { Engine } from "../../kernel/engine/engine.ts";
import { startEngine } from "../../kernel/engine/start.ts";
import { type Measurement, median } from "./report.ts";

/** What a cell costs without any transport: compiler, user process and the way there and back. */
export async function benchEngine(): Promise<readonly Measurement[]> {
  const first = await times(5, async () => {
    const engine = await startEngine({ cwd: process.cwd() });
    await run(engine, "1 + 1");
    return () => engine.shutdown();
  });
  const engine = await startEngine({ cwd: process.cwd() });
  await run(engine, 'import { type Value, variable } from "gradbook";\nconst x = variable(2), y = variable(3);');
  const cells = (make: (turn: number) => string): Promise<number> => times(60, (turn) => run(engine, make(turn)));
  const measurements: Measurement[] = [
    one("engine start to first cell", first),
    one("1+<i>", await cells((turn) => `1+${turn}`)),
    one("a small cell on Values", await cells(smallCell)),
    one("a line of output", (await cells(() => "for (let i = 0; i < 1000; i++) console.log('line', i);")) / 1000),
    one("a top-level loop of 1e6 additions", await cells(() => "let s = 0; for (let i = 0; i < 1e6; i++) s += i;")),
    one(
      "completion after an edit",
      await times(30, (turn) => {
        const code = `const edited${turn} = x * y;\nedited${turn}.ta`;
        return engine.complete(code, code.length).then(() => undefined);
      }),
    ),
  ];
  await run(engine, "process.memoryUsage().rss");
  measurements.push(one("a small cell, with all types of Node", await cells(smallCell)));
  await engine.shutdown();
  return measurements;
}

function smallCell(turn: number): string {
  return `const k = ${turn};\nfunction square(v: Value) { return v * v + k }\nsquare(x).item()`;
}

function one(what: string, milliseconds: number): Measurement {
  return { what, unit: "ms", medians: { gradbook: milliseconds } };
}

/** The median of some turns; what a turn returns is done afterwards, untimed. */
async function times(
  turns: number,
  turn: (number: number) => Promise<(() => Promise<void>) | undefined>,
): Promise<number> {
  const taken: number[] = [];
  for (let number = 0; number < turns; number++) {
    const started = performance.now();
    const afterwards = await turn(number);
    taken.push(performance.now() - started);
    await afterwards?.();
  }
  return median(taken);
}

async function run(engine: Engine, code: string): Promise<undefined> {
  const result = await engine.execute(code, { executionCount: 1, silent: false }, () => {});
  if (result.kind !== "ok") throw new Error(`${code}: ${result.evalue}`);
}
