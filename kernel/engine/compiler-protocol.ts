import type { Compilation, CompileOptions, Emitted, Problem } from "./compiler.ts";
import type { Completeness, Completions, MimeBundle } from "./engine.ts";

/** What the kernel asks of the compiler's process, each with what it answers. */
export interface CompilerRequests {
  /** Where the notebook is; the first request of all. */
  open(folder: string): null;
  compile(code: string, options: CompileOptions): Compilation;
  compileUnchecked(code: string): Emitted | null;
  compileExpression(expression: string, locals: readonly string[]): string | Problem;
  /** Takes over for later cells what the last one declares. */
  commit(): null;
  complete(code: string, offset: number): Completions;
  inspect(code: string, offset: number): MimeBundle | null;
  isComplete(code: string): Completeness;
  /** The user process has started afresh: nothing is declared. */
  forget(): null;
}

export type CompilerRequestName = keyof CompilerRequests;

/** Requests and answers are JSON in frames (user/frames.ts) over this descriptor of the compiler's process. */
export const descriptor = 3;

export interface CompilerRequest {
  readonly id: number;
  readonly name: CompilerRequestName;
  readonly parameters: readonly unknown[];
}

export interface CompilerAnswer {
  readonly id: number;
  readonly result?: unknown;
  /** What went wrong in the compiler itself; mistakes of the learner's are results. */
  readonly error?: string;
}
