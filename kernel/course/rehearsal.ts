import type { Notebook } from "../../src/course/notebook.ts";
import { connect } from "../client/connection.ts";
import { evaluate } from "../client/evaluate.ts";
import { type Execution, execute } from "../client/execute.ts";
import { type RunningServer, startServer } from "../server/server.ts";

/** Seconds that one cell of a lesson may take before it is held to hang. */
const longestCell = 120;

/** A lesson that has run in a kernel of its own, which still lives. */
export interface Rehearsal extends Execution {
  /** Evaluates an expression in the lesson's kernel; `gradbook` in it is the library. */
  ask(expression: string): Promise<unknown>;
}

/** Where lessons are run: in their folder, where their data is. */
export class Stage {
  private readonly server: RunningServer;
  private runs = 0;

  private constructor(server: RunningServer) {
    this.server = server;
  }

  static async in(folder: string): Promise<Stage> {
    return new Stage(await startServer({ port: 0, folder }));
  }

  /** Runs a notebook up to the first cell that fails, then `then`; the kernel ends after it. */
  async rehearse<Result>(notebook: Notebook, then: (rehearsal: Rehearsal) => Promise<Result>): Promise<Result> {
    const { baseUrl, token } = this.server;
    // Of no file: no work that is saved somewhere is taken up.
    const name = `gradbook-rehearsal-${++this.runs}.ipynb`;
    const { kernel, close } = await connect(baseUrl, token, "gradbook", name);
    try {
      const execution = await execute(notebook, kernel, { progress: () => undefined, timeout: longestCell });
      return await then({ ...execution, ask: (expression) => evaluate(kernel, expression) });
    } finally {
      await close();
    }
  }

  async close(): Promise<void> {
    await this.server.close();
  }
}
