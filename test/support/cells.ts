import { Compiler } from "../../kernel/engine/compiler.ts";
import {
  binder,
  type CellFunction,
  cellFunction,
  quickenOperators,
  type Scope,
} from "../../kernel/engine/user/cell-function.ts";
import * as gradbook from "../../src/index.ts";
import { root } from "./paths.ts";

/** Cells, checked and compiled as the kernel does it, and run in this process with nothing around them. */
export class Cells {
  private readonly compiler = new Compiler({ folder: root });
  private readonly bind = binder(gradbook.bindName);
  private scope: Scope = Object.create(null) as Scope;
  private count = 0;

  /** Checks and compiles a cell; what it declares is known to the cells after it. Runs it as often as one likes. */
  compile(code: string): () => ReturnType<CellFunction> {
    const compilation = this.compiler.compile(code);
    if (compilation.kind === "problems") {
      const problems = compilation.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
      throw new Error(`${problems.join("\n")}\nin\n${code}`);
    }
    this.compiler.commit();
    const run = cellFunction(compilation.javascript, `cell-${++this.count}`);
    const { scope, bind } = this;
    return () =>
      run(
        scope,
        importModule,
        bind,
        (result) => result,
        () => {},
      );
  }

  /** The value of the cell's last expression. */
  async run(code: string): Promise<unknown> {
    return (await this.compile(code)())?.[0];
  }

  /** Forgets all that cells declared. */
  forget(): void {
    this.compiler.forget();
    this.scope = Object.create(null) as Scope;
  }
}

quickenOperators(gradbook);

async function importModule(specifier: string): Promise<Record<string, unknown>> {
  return specifier === "gradbook" ? gradbook : ((await import(specifier)) as Record<string, unknown>);
}
