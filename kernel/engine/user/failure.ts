import { inspect } from "node:util";
import { excerptOf } from "./stack.ts";

export interface Failure {
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: readonly string[];
}

const red = (text: string): string => `\u001b[31m${text}\u001b[39m`;

/** An error as Jupyter wants it: name, message, and a traceback in the cells' own lines. Anything can be thrown. */
export function failureOf(thrown: unknown): Failure {
  if (!(thrown instanceof Error)) {
    const evalue = typeof thrown === "string" ? thrown : inspect(thrown);
    return { ename: "Thrown", evalue, traceback: [`${red("Thrown")}: ${evalue}`] };
  }
  return { ename: nameOf(thrown), evalue: String(thrown.message), traceback: traceOf(thrown, new Set()) };
}

function nameOf(error: Error): string {
  return typeof error.name === "string" && error.name !== "" ? error.name : "Error";
}

/** The error's own lines, then those of what caused it. */
function traceOf(error: Error, above: ReadonlySet<unknown>): string[] {
  const seen = new Set([...above, error]);
  const causes = [
    ...(error instanceof AggregateError ? (error.errors as unknown[]) : []),
    ...(error.cause === undefined ? [] : [error.cause]),
  ];
  return [
    `${red(nameOf(error))}: ${error.message}`,
    ...framesOf(error),
    ...excerptOf(error),
    ...causes.flatMap((cause) => causeOf(cause, seen)),
  ];
}

function causeOf(cause: unknown, seen: ReadonlySet<unknown>): string[] {
  if (seen.has(cause)) return ["Caused by the error above"];
  if (!(cause instanceof Error)) return [`Caused by ${inspect(cause)}`];
  const [head, ...rest] = traceOf(cause, seen);
  return [`Caused by ${head}`, ...rest];
}

function framesOf({ stack }: Error): string[] {
  return typeof stack === "string" ? stack.split("\n").filter((line) => /^\s+at /.test(line)) : [];
}
