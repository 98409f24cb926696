import type { MimeBundle } from "../engine.ts";

/** From the control side to the user process. */
export interface RunCell {
  readonly kind: "run";
  readonly cell: number;
  /** What stack frames call the cell: In [3]. */
  readonly file: string;
  readonly javascript: string;
  readonly sourceMap: string;
  readonly linesBefore: number;
  /** The cell's own text, for excerpts. */
  readonly code: string;
}

/** From the user process's main thread, in the order things happened. */
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
  | { readonly kind: "done"; readonly cell: number; readonly data?: MimeBundle }
  | {
      readonly kind: "failed";
      readonly cell: number;
      readonly ename: string;
      readonly evalue: string;
      readonly traceback: readonly string[];
    };

/** File descriptors that the control side opens for the user process, beside its standard ones. */
export const descriptors = { events: 3, control: 4 } as const;

/** From the control side to the control thread, which hands cells on to the main thread. */
export type ControlMessage = RunCell | { readonly kind: "interrupt" };

/** The control thread's answer to an interrupt: the main thread listens again. */
export interface ControlAnswer {
  readonly kind: "interrupted";
}
