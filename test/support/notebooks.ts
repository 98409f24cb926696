/** The parts of a notebook that tests look at. */
export interface TestNotebook {
  readonly cells: readonly {
    readonly cell_type: string;
    readonly source: string | readonly string[];
    readonly outputs?: readonly TestOutput[];
  }[];
}

export interface TestOutput {
  readonly output_type: string;
  readonly name?: string;
  readonly text?: string | readonly string[];
  readonly data?: Readonly<Record<string, unknown>>;
  readonly ename?: string;
  readonly evalue?: string;
}

/** A notebook of code cells for the gradbook kernel, not yet run. */
export function notebookOf(...sources: readonly string[]): object {
  return {
    cells: sources.map((source, index) => ({
      cell_type: "code",
      id: `cell-${index}`,
      metadata: {},
      source,
      outputs: [],
      execution_count: null,
    })),
    metadata: { kernelspec: { name: "gradbook", display_name: "TypeScript (gradbook)", language: "typescript" } },
    nbformat: 4,
    nbformat_minor: 5,
  };
}

/** The text of a stream, or of one representation of a result; notebook files keep either as lines. */
export function outputText({ text, data }: TestOutput, mimetype: string = "text/plain"): string {
  const found = text ?? data?.[mimetype] ?? "";
  return Array.isArray(found) ? found.join("") : String(found);
}
