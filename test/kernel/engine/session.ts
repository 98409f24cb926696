import type { CellContext, CellEvent, CellResult, Engine } from "../../../kernel/engine/engine.ts";
import { startEngine } from "../../../kernel/engine/start.ts";

/** What came of a cell, as a test reads it. */
export interface Outcome {
  readonly result: CellResult;
  /** text/plain of the last expression; undefined where there is none. */
  readonly shown: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly events: readonly CellEvent[];
  /** `ename: evalue` of a cell that did not end well. */
  readonly failure: string | undefined;
  readonly traceback: string;
}

/** An engine and a count of cells, for tests that are written as a notebook is. */
export class Session {
  readonly engine: Engine;
  private count = 0;

  private constructor(engine: Engine) {
    this.engine = engine;
  }

  static async start(cwd: string = process.cwd()): Promise<Session> {
    return new Session(await startEngine({ cwd }));
  }

  /** Runs a cell; `whileRunning` is told of each event. */
  async run(
    code: string,
    whileRunning: (event: CellEvent) => void = () => {},
    more: Partial<CellContext> = {},
  ): Promise<Outcome> {
    const events: CellEvent[] = [];
    const cell = { executionCount: ++this.count, silent: false, ...more };
    const result = await this.engine.execute(code, cell, (event) => {
      events.push(event);
      whileRunning(event);
    });
    return {
      result,
      events,
      shown: result.kind === "ok" ? (result.data?.["text/plain"] as string | undefined) : undefined,
      get stdout() {
        return textOf(events, "stdout");
      },
      get stderr() {
        return textOf(events, "stderr");
      },
      failure: result.kind === "ok" ? undefined : `${result.ename}: ${result.evalue}`,
      traceback: result.kind === "ok" ? "" : result.traceback.join("\n"),
    };
  }

  /** Runs cells that must end well, and gives what the last one shows. */
  async show(...cells: string[]): Promise<string | undefined> {
    let shown: string | undefined;
    for (const code of cells) {
      const outcome = await this.run(code);
      if (outcome.failure !== undefined) throw new Error(`${code}\n${outcome.failure}\n${outcome.traceback}`);
      shown = outcome.shown;
    }
    return shown;
  }

  /** The same for a cell that asks questions. */
  async showAsking(ask: NonNullable<CellContext["ask"]>, code: string): Promise<string | undefined> {
    const { failure, shown } = await this.run(code, undefined, { ask });
    if (failure !== undefined) throw new Error(failure);
    return shown;
  }
}

function textOf(events: readonly CellEvent[], name: "stdout" | "stderr"): string {
  return events.map((event) => (event.kind === "stream" && event.name === name ? event.text : "")).join("");
}
