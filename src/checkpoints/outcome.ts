import type { NestedNumbers } from "../graph/value.ts";
import type { Reason } from "./diagnosis.ts";

/** What became of one asked quantity. What was wanted stays out of it: outcomes are saved with the notebook. */
export type Entry =
  | {
      readonly kind: "correct";
      readonly key: string;
      readonly got: string;
      /** A decimal was rounded; the form is right. */
      readonly rounded: boolean;
    }
  | {
      readonly kind: "incorrect";
      readonly key: string;
      /** The answer as it was understood. */
      readonly got: string;
      /** The mistakes that give this answer; empty where no known slip does. */
      readonly because: readonly Reason[];
      /** Right at some points: a branch or a sign is not seen to. */
      readonly partly: boolean;
      /** So near the right answer that only exact arithmetic tells them apart. */
      readonly nearly: boolean;
      readonly example?: Example;
      /** Where in it shapes do not fit, counted in characters from 0. */
      readonly position?: number;
    }
  /** Right given the learner's own earlier answers, which are not. */
  | {
      readonly kind: "follows";
      readonly key: string;
      readonly got: string;
      readonly from: readonly string[];
      /** It names what it rests on, and needs no change once that is right. */
      readonly stands: boolean;
    }
  | {
      readonly kind: "unreadable";
      readonly key: string;
      /** As it was typed. */
      readonly got: string;
      readonly message: string;
      /** Where in it, counted in characters from 0. */
      readonly position?: number;
    }
  | {
      readonly kind: "missing";
      readonly key: string;
      /** Whether it was answered rightly before, or its solution was taken. */
      readonly settled: boolean;
    }
  /** A key that the checkpoint does not ask for. */
  | { readonly kind: "unknown"; readonly key: string; readonly message: string };

/**
 * A point at which a wrong answer differs. It is none of those that decide, and not the one the graph was run at. Tensors
 * are lists nested as deep as there are axes.
 */
export interface Example {
  /** The variables' values by name; empty where they are too many to be read. */
  readonly at: Readonly<Record<string, NestedNumbers>>;
  readonly yours: NestedNumbers;
  readonly computed: NestedNumbers;
  /** By finite differences, where a derivative is asked. */
  readonly difference?: NestedNumbers;
}

/** What `answer` returns: plain data. */
export interface OutcomeData {
  /** `incomplete`: all that was answered is right, and something is still open. */
  readonly kind: "correct" | "incorrect" | "incomplete" | "not-attempted";
  readonly checkpoint: string;
  readonly entries: readonly Entry[];
  /** How many of the asked quantities are right now, earlier answers included. */
  readonly right: number;
  readonly of: number;
}
