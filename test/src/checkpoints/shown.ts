type Bundle = Readonly<Record<string, unknown>>;

/** What a notebook shows of something, output by output. */
export function contentOf(shown: unknown): readonly Bundle[] {
  return (shown as Record<symbol, () => readonly Bundle[]>)[Symbol.for("Jupyter.display")]!();
}

/** The text of its first output. */
export function textOf(shown: unknown): string {
  return String(contentOf(shown)[0]!["text/plain"]);
}
