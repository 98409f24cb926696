import { type Session, SessionFiles } from "./history-files.ts";
import type { HistoryContent, HistoryItem } from "./requests.ts";

export interface Entry {
  readonly line: number;
  readonly input: string;
  output: string | null;
}

interface Found extends Entry {
  readonly session: number;
}

/** What was executed, in this session and in earlier ones that were kept on disk, for history requests. */
export class History {
  readonly #files: SessionFiles | undefined;
  readonly #entries: Entry[] = [];

  /** @param folder where sessions are kept; without one, this one is forgotten when it ends. */
  constructor(folder: string | undefined) {
    this.#files = folder === undefined ? undefined : new SessionFiles(folder);
  }

  add(line: number, input: string): void {
    this.#entries.push({ line, input, output: null });
    this.#files?.write({ line, input });
  }

  /** Notes the text of the last input's result. */
  noteOutput(output: string): void {
    const last = this.#entries.at(-1);
    if (last === undefined) return;
    last.output = output;
    this.#files?.write({ line: last.line, output });
  }

  find(query: HistoryContent): readonly HistoryItem[] {
    return this.#select(query).map(({ session, line, input, output }) => [
      session,
      line,
      query.output ? [input, output] : input,
    ]);
  }

  #select(query: HistoryContent): readonly Found[] {
    switch (query.access) {
      case "tail":
        return lastOf(this.#all(), query.n);
      case "range": {
        const { session, start, stop } = query;
        // Jupyter numbers sessions from 1; 0 and less count back from the current one.
        const wanted = session > 0 ? session : this.#number + session;
        return this.#all().filter(
          (entry) => entry.session === wanted && entry.line >= start && (stop === undefined || entry.line < stop),
        );
      }
      case "search": {
        const pattern = globPattern(query.pattern);
        const found = this.#all().filter(({ input }) => pattern.test(input));
        const latest = new Map(found.map((entry) => [entry.input, entry]));
        const kept = query.unique ? found.filter((entry) => latest.get(entry.input) === entry) : found;
        return query.n === undefined ? kept : lastOf(kept, query.n);
      }
    }
  }

  get #number(): number {
    return this.#files?.number ?? 1;
  }

  #all(): readonly Found[] {
    const own = { number: this.#number, entries: this.#entries };
    return [...(this.#files?.earlier() ?? []), own].flatMap(({ number, entries }: Session) =>
      entries.map((entry) => ({ ...entry, session: number })),
    );
  }
}

function lastOf<Item>(items: readonly Item[], n: number): readonly Item[] {
  return n > 0 ? items.slice(-n) : [];
}

/** `*` stands for any text, `?` for one character. */
function globPattern(glob: string): RegExp {
  const parts = glob.split(/([*?])/).map((part) => {
    if (part === "*") return ".*";
    return part === "?" ? "." : part.replace(/[\\^$.+()[\]{}|/-]/g, "\\$&");
  });
  return new RegExp(`^${parts.join("")}$`, "su");
}
