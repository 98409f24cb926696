import type { ImportedName } from "../declarations.ts";
import type { Comm, MimeBundle } from "../engine.ts";
import type { LocalModule } from "../local-modules.ts";

/** From the control side to the user process's main thread. */
export interface RunCell {
  readonly kind: "run";
  readonly cell: number;
  /** What stack frames call the cell: In [3]. */
  readonly label: string;
  readonly javascript: string;
  readonly sourceMap: string;
  readonly linesBefore: number;
  /** The cell's own text, for excerpts. */
  readonly code: string;
  /** The learner's own modules that are new to this process or have changed. */
  readonly modules: readonly LocalModule[];
  /** Which names of modules lead to the learner's own. */
  readonly imports: Readonly<Record<string, string>>;
  /** Bindings of earlier imports whose modules have changed since. */
  readonly renewed: readonly ImportedName[];
  /** The notebook's file, where the front end names it. */
  readonly notebook?: string;
}

/** What the learner typed, or why nobody can be asked. */
export interface Answer {
  readonly kind: "answer";
  readonly question: number;
  readonly text: string;
  readonly refusal?: string;
}

/** What the front end says over a comm; whoever listens runs as a cell of this number. */
export interface FromComm {
  readonly kind: "comm";
  readonly cell: number;
  readonly comm: Comm;
}

/** What is a binding of the notebook at present? */
export interface Describe {
  readonly kind: "describe";
  readonly id: number;
  readonly name: string;
}

/** From the user process, in the order things happened. */
export type UserEvent =
  | { readonly kind: "ready" }
  | { readonly kind: "stream"; readonly cell: number; readonly name: "stdout" | "stderr"; readonly text: string }
  | {
      readonly kind: "display";
      readonly cell: number;
      readonly data: MimeBundle;
      readonly displayId?: string;
      readonly update: boolean;
    }
  | { readonly kind: "clear"; readonly cell: number; readonly wait: boolean }
  | {
      readonly kind: "ask";
      readonly cell: number;
      readonly question: number;
      readonly text: string;
      readonly password: boolean;
    }
  | { readonly kind: "comm"; readonly cell: number; readonly comm: Comm }
  | { readonly kind: "done"; readonly cell: number; readonly data?: MimeBundle }
  | {
      readonly kind: "failed";
      readonly cell: number;
      readonly ename: string;
      readonly evalue: string;
      readonly traceback: readonly string[];
    }
  /** What a binding is, where there is more to say of it than its type. */
  | { readonly kind: "described"; readonly id: number; readonly data?: MimeBundle }
  /** The cell called process.exit. */
  | { readonly kind: "exit"; readonly code: number };

/** A variable as a debugger shows it. */
export interface InspectedVariable {
  readonly name: string;
  readonly value: string;
  readonly type: string;
  /** A number to ask for its parts by; 0 where there are none. */
  readonly reference: number;
}

/** Under this symbol the main thread's global object holds what shows variables to a debugger. */
export const inspectionSymbol = "gradbook.inspection";

/** File descriptors that the control side opens for the user process, beside its standard ones. */
export const descriptors = { events: 3, cells: 4, control: 5 } as const;

/** From the control side to the control thread. */
export type ControlRequest = Interrupt | Prepare | Inspect;

/**
 * V8's debugger is to be at hand for an interrupt, or is not needed any more: a loop with variables of its own runs for
 * some time. To turn it on takes V8 tens of milliseconds, which an interrupt is not to wait for.
 */
export interface Prepare {
  readonly kind: "prepare";
  readonly on: boolean;
}

export interface Interrupt {
  readonly kind: "interrupt";
  /** All that run. */
  readonly cells: readonly number[];
  /** What, where a loop of theirs has variables of its own, puts these back. */
  readonly keep: readonly string[];
}

/** A call of V8's inspector on the main thread. */
export interface Inspect {
  readonly kind: "inspect";
  readonly id: number;
  readonly method: string;
  readonly parameters: object;
}

/** From the control thread. */
export type ControlEvent =
  /** The cell is stopped, and the main thread takes the next one. */
  | { readonly kind: "interrupted"; readonly cells: readonly number[] }
  | { readonly kind: "inspected"; readonly id: number; readonly result: object }
  | { readonly kind: "refused"; readonly id: number; readonly message: string }
  /** What the inspector tells of itself, once it was asked to. */
  | { readonly kind: "heard"; readonly method: string; readonly parameters: object };
