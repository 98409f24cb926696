import * as vega from "vega";
import * as vegaLite from "vega-lite";

type Specification = Readonly<Record<string, unknown>>;

/** Compiles with Vega-Lite and gives the Vega specification and all that it warned of. */
export function compile(specification: Specification): {
  readonly spec: vega.Spec;
  readonly warnings: readonly string[];
} {
  const warnings: string[] = [];
  const note = (...parts: readonly unknown[]): vega.LoggerInterface => {
    // Figures state v5, the version that notebooks have registered; v6 reads it and says so.
    const text = parts.join(" ");
    if (!text.includes("v5.json")) warnings.push(text);
    return logger;
  };
  const logger = {
    level: () => logger,
    warn: note,
    error: note,
    info: () => logger,
    debug: () => logger,
  } as unknown as vega.LoggerInterface;
  const input = specification as unknown as Parameters<typeof vegaLite.compile>[0];
  return { spec: vegaLite.compile(input, { logger }).spec, warnings };
}

export async function viewOf(specification: Specification): Promise<vega.View> {
  return await new vega.View(vega.parse(compile(specification).spec), { renderer: "none" }).runAsync();
}
