import type { Answer } from "./messages.ts";
import { cellAtWork, send } from "./output.ts";

// Questions to the learner: prompt("How many?") resolves to what was typed.

export interface PromptOptions {
  /** Whether what is typed is hidden. */
  readonly password?: boolean;
}

interface Question {
  resolve(text: string): void;
  reject(error: Error): void;
}

/** Nobody is there who could answer. */
class NoInputError extends Error {
  override readonly name: string = "NoInputError";
}

const open = new Map<number, Question>();
let asked = 0;

/** Asks the learner; resolves to what is typed. @throws {NoInputError} where nobody can be asked. */
export function prompt(text: unknown = "", { password = false }: PromptOptions = {}): Promise<string> {
  const question = ++asked;
  send({ kind: "ask", cell: cellAtWork(), question, text: String(text), password });
  return new Promise((resolve, reject) => open.set(question, { resolve, reject }));
}

export function takeAnswer({ question, text, refusal }: Answer): void {
  const waiting = open.get(question);
  open.delete(question);
  if (refusal === undefined) waiting?.resolve(text);
  else waiting?.reject(new NoInputError(refusal));
}
