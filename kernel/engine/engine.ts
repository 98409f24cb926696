import type { Debuggee } from "./debuggee.ts";

/** A MIME bundle: what Jupyter shows, richest representation first by the front end's own ranking. */
export type MimeBundle = Readonly<Record<string, unknown>>;

/** What a running cell says before it is done. Late events (a timer's) reach the cell that caused them. */
export type CellEvent =
  | { readonly kind: "stream"; readonly name: "stdout" | "stderr"; readonly text: string }
  | {
      readonly kind: "display";
      readonly data: MimeBundle;
      readonly metadata: Readonly<Record<string, unknown>>;
      readonly displayId?: string;
      /** True where an earlier display of the same id is to be replaced. */
      readonly update: boolean;
    }
  | { readonly kind: "clear"; readonly wait: boolean }
  | { readonly kind: "comm"; readonly comm: Comm };

/** What goes over a comm, either way. */
export interface Comm {
  readonly action: "open" | "message" | "close";
  readonly id: string;
  /** What is to be at the other end; the empty text where the front end does not say it again. */
  readonly target: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Bytes beside the data, in base64. */
  readonly buffers: readonly string[];
}

/** How a cell ended. `interrupted` and `died` are errors to Jupyter; the kinds tell the message core what to do next. */
export type CellResult =
  | { readonly kind: "ok"; readonly data?: MimeBundle; readonly metadata?: Readonly<Record<string, unknown>> }
  | {
      readonly kind: "error" | "interrupted" | "died";
      readonly ename: string;
      readonly evalue: string;
      /** Lines with ANSI colours, frames of the kernel removed, positions those of the cell's own text. */
      readonly traceback: readonly string[];
    };

/** One completion; `start` and `end` are UTF-16 offsets into the code that was asked about. */
export interface Completion {
  readonly text: string;
  /** TypeScript's word for it: function, variable, property, class … */
  readonly type: string;
  readonly signature?: string;
}

export interface Completions {
  readonly start: number;
  readonly end: number;
  readonly items: readonly Completion[];
}

export type Completeness =
  | { readonly status: "complete" | "invalid" | "unknown" }
  | { readonly status: "incomplete"; readonly indent: string };

/**
 * Compiles and runs cells. It knows no protocol: the message core stands above it, whatever carries the messages.
 * Offsets are UTF-16 code units; the message core converts from Jupyter's code points.
 */
export interface Engine {
  /** What a debugger works with. */
  readonly debuggee: Debuggee;
  /** Runs one cell. Cells run one at a time: the caller waits for one before it starts the next. */
  execute(code: string, cell: CellContext, emit: (event: CellEvent) => void): Promise<CellResult>;
  /** Answers while a cell runs, too. */
  complete(code: string, offset: number): Promise<Completions>;
  inspect(code: string, offset: number): Promise<MimeBundle | undefined>;
  isComplete(code: string): Promise<Completeness>;
  /** Hands on what the front end says over a comm; resolves when whoever listens in the notebook is done with it. */
  comm(message: Comm, emit: (event: CellEvent) => void): Promise<void>;
  /** Stops the running cell, whatever it does; state is kept. Does nothing where no cell runs. */
  interrupt(): void;
  /** Ends the user process. */
  shutdown(): Promise<void>;
}

export interface CellContext {
  /** The number the learner sees in In [n]. */
  readonly executionCount: number;
  readonly silent: boolean;
  /** The notebook's file, where the front end names it with the cell. */
  readonly notebook?: string;
  /** Asks whoever runs the cell; undefined where nobody can be asked. */
  readonly ask?: (prompt: string, password: boolean) => Promise<string>;
}

export interface EngineOptions {
  /** The notebook's folder: modules are resolved from it, and it is the user process's working directory. */
  readonly cwd: string;
}
