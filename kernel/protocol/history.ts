import type { HistoryContent, HistoryItem } from "./requests.ts";

interface Entry {
  readonly line: number;
  readonly input: string;
  output: string | null;
}

/** What was executed in this session, for history requests. */
export class History {
  // Jupyter numbers sessions from 1; in a request, 0 and less count back from the current one.
  readonly #session = 1;
  readonly #entries: Entry[] = [];

  add(line: number, input: string): void {
    this.#entries.push({ line, input, output: null });
  }

  /** Notes the text of the last input's result. */
  noteOutput(output: string): void {
    const last = this.#entries.at(-1);
    if (last !== undefined) last.output = output;
  }

  find(query: HistoryContent): readonly HistoryItem[] {
    return this.#select(query).map(({ line, input, output }) => [
      this.#session,
      line,
      query.output ? [input, output] : input,
    ]);
  }

  #select(query: HistoryContent): readonly Entry[] {
    switch (query.access) {
      case "tail":
        return lastOf(this.#entries, query.n);
      case "range": {
        const { start, stop } = query;
        if (query.session !== 0 && query.session !== this.#session) return [];
        return this.#entries.filter(({ line }) => line >= start && (stop === undefined || line < stop));
      }
      case "search": {
        const pattern = globPattern(query.pattern);
        const found = this.#entries.filter(({ input }) => pattern.test(input));
        const latest = new Map(found.map((entry) => [entry.input, entry]));
        const kept = query.unique ? found.filter((entry) => latest.get(entry.input) === entry) : found;
        return query.n === undefined ? kept : lastOf(kept, query.n);
      }
    }
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
