import { appendFileSync, closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import type { Entry } from "./history.ts";

export interface Session {
  readonly number: number;
  readonly entries: readonly Entry[];
}

/** An input when it is run, or its result when that is there. */
type Line = { readonly line: number } & ({ readonly input: string } | { readonly output: string });

/** How many sessions are kept. */
const kept = 1000;

/**
 * Sessions on disk, one file each, so that kernels that run side by side never write into one another's. A line is
 * written when its cell is run: a session that breaks off is there up to its last cell. A folder that cannot be written
 * to costs the history, not the cells.
 */
export class SessionFiles {
  readonly #folder: string;
  #file: string | undefined;
  #number: number | undefined;
  #earlier: readonly Session[] | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** This session's; the one that it would get, while nothing was written. */
  get number(): number {
    return this.#number ?? (this.#numbers().at(-1) ?? 0) + 1;
  }

  write(line: Line): void {
    try {
      this.#file ??= this.#begin();
      appendFileSync(this.#file, `${JSON.stringify(line)}\n`);
    } catch {
      // Without a file, the session is remembered as long as it lasts.
    }
  }

  /** The sessions before this one, oldest first. */
  earlier(): readonly Session[] {
    this.#earlier ??= this.#numbers()
      .filter((number) => number < this.number)
      .map((number) => ({ number, entries: read(this.#path(number)) }));
    return this.#earlier;
  }

  #begin(): string {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const numbers = this.#numbers();
    for (const old of numbers.slice(0, Math.max(0, numbers.length - kept))) rmSync(this.#path(old), { force: true });
    for (let number = this.number; ; number++) {
      try {
        // Fails where another kernel has just taken the number.
        closeSync(openSync(this.#path(number), "wx", 0o600));
        this.#number = number;
        return this.#path(number);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
    }
  }

  #numbers(): readonly number[] {
    try {
      return readdirSync(this.#folder)
        .filter((name) => /^\d+\.jsonl$/.test(name))
        .map((name) => Number.parseInt(name, 10))
        .sort((a, b) => a - b);
    } catch {
      return [];
    }
  }

  #path(number: number): string {
    return path.join(this.#folder, `${number}.jsonl`);
  }
}

function read(file: string): readonly Entry[] {
  const entries = new Map<number, Entry>();
  let text = "";
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return [];
  }
  for (const row of text.split("\n")) {
    const { line, input, output } = parsed(row);
    if (line === undefined) continue;
    if (input !== undefined) entries.set(line, { line, input, output: null });
    const entry = entries.get(line);
    if (entry !== undefined && output !== undefined) entry.output = output;
  }
  return [...entries.values()];
}

/** A line that was cut off while it was written says nothing. */
function parsed(row: string): { readonly line?: number; readonly input?: string; readonly output?: string } {
  try {
    const { line, input, output } = JSON.parse(row) as Readonly<Record<string, unknown>>;
    return {
      ...(typeof line === "number" ? { line } : {}),
      ...(typeof input === "string" ? { input } : {}),
      ...(typeof output === "string" ? { output } : {}),
    };
  } catch {
    return {};
  }
}
