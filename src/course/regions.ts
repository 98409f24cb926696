/** Parts of a cell that the author marked for the release, by nbgrader's markers: any line that contains one. */
export interface Marked {
  readonly kind: (typeof kinds)[number];
  /** Lines of the markers themselves, counted from 0. */
  readonly begin: number;
  readonly end: number;
}

const kinds = ["SOLUTION", "HIDDEN TESTS", "MARK SCHEME"] as const;

/** The marked regions of a text, or what is wrong with its markers. */
export function markedRegions(source: string): { readonly regions: readonly Marked[] } | { readonly fault: string } {
  const regions: Marked[] = [];
  let open: { readonly kind: Marked["kind"]; readonly begin: number } | undefined;
  for (const [index, line] of source.split("\n").entries()) {
    const begins = kinds.find((kind) => line.includes(`BEGIN ${kind}`));
    const ends = kinds.find((kind) => line.includes(`END ${kind}`));
    if (begins !== undefined && ends !== undefined) {
      return { fault: `line ${index + 1} has a BEGIN and an END marker; each needs a line of its own` };
    }
    if (begins !== undefined) {
      if (open !== undefined) return { fault: `BEGIN ${begins} in line ${index + 1} stands inside BEGIN ${open.kind}` };
      open = { kind: begins, begin: index };
    } else if (ends !== undefined) {
      if (open?.kind !== ends) return { fault: `END ${ends} in line ${index + 1} has no BEGIN ${ends} before it` };
      regions.push({ ...open, end: index });
      open = undefined;
    }
  }
  if (open !== undefined) return { fault: `BEGIN ${open.kind} in line ${open.begin + 1} has no END ${open.kind}` };
  return { regions };
}

/** The text with each region of a kind, markers included, replaced by a stub; without a region, the stub alone. */
export function replaceRegions(source: string, kind: Marked["kind"], stub: readonly string[]): string {
  const regions = regionsOf(source, kind);
  if (regions.length === 0) return stub.join("\n");
  return mapRegions(source, regions, (lines) => {
    const indent = /^\s*/.exec(lines[0] ?? "")?.[0] ?? "";
    return stub.map((line) => `${indent}${line}`);
  });
}

/** The text without the regions of a kind. */
export function removeRegions(source: string, kind: Marked["kind"]): string {
  const regions = regionsOf(source, kind);
  return regions.length === 0 ? source : mapRegions(source, regions, () => []);
}

/** The text with the lines of the markers taken out and all else kept. */
export function withoutMarkers(source: string): string {
  const marker = new RegExp(`(?:BEGIN|END) (?:${kinds.join("|")})`);
  return source
    .split("\n")
    .filter((line) => !marker.test(line))
    .join("\n");
}

/**
 * An answer cell with its entries emptied: `"∂z/∂a": "w",` becomes `"∂z/∂a": "",`, and `answer("seed", "w")` becomes
 * `answer("seed", "")`. Within the solution (the whole cell where no region is marked) every line must be one that
 * can be emptied or holds no answer; else nothing is guessed and the fault is reported.
 */
export function blankAnswers(source: string): { readonly source: string } | { readonly fault: string } {
  const regions = regionsOf(source, "SOLUTION");
  const lines = source.split("\n");
  const inside = regions.length === 0 ? [{ begin: -1, end: lines.length }] : regions;
  const blank: string[] = [];
  for (const [index, line] of lines.entries()) {
    if (regions.some((region) => region.begin === index || region.end === index)) continue;
    const emptied = inside.some((region) => region.begin < index && index < region.end) ? emptyEntry(line) : line;
    if (emptied === undefined)
      return { fault: `line ${index + 1} of the answer is not of the form "asked": "formula",` };
    blank.push(emptied);
  }
  return { source: blank.join("\n") };
}

const text = /(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\$]|\\.)*`)/.source;
const entry = new RegExp(String.raw`^(\s*(?:${text}|[\w$]+)\s*:\s*)(?:${text}|[-+]?[\d.]+)(\s*,?)\s*(?://.*)?$`);
const single = new RegExp(String.raw`^(.*\banswer\(\s*${text}\s*,\s*)${text}(\s*\)\s*;?)\s*(?://.*)?$`);
const opening = new RegExp(String.raw`^\s*(?:(?:const|let)\s+[\w$]+\s*=\s*)?answer\(\s*${text}\s*,\s*\{\s*$`);
const closing = /^\s*\}\s*\)?\s*;?\s*$/;

function emptyEntry(line: string): string | undefined {
  const match = entry.exec(line) ?? single.exec(line);
  if (match !== null) return `${match[1]}""${match[2]}`;
  return line.trim() === "" || opening.test(line) || closing.test(line) ? line : undefined;
}

function regionsOf(source: string, kind: Marked["kind"]): readonly Marked[] {
  const marked = markedRegions(source);
  return "fault" in marked ? [] : marked.regions.filter((region) => region.kind === kind);
}

/** The text with the lines of each region, markers included, replaced by others. */
export function mapRegions(
  source: string,
  regions: readonly Pick<Marked, "begin" | "end">[],
  change: (lines: readonly string[]) => readonly string[],
): string {
  const lines = source.split("\n");
  const result: string[] = [];
  let next = 0;
  for (const { begin, end } of regions) {
    result.push(...lines.slice(next, begin), ...change(lines.slice(begin, end + 1)));
    next = end + 1;
  }
  return [...result, ...lines.slice(next)].join("\n");
}
