import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type LoadedScript, loadScript } from "../script.ts";

type Specification = Readonly<Record<string, unknown>>;

/** What of vega and vega-lite is used; kernel/build/drawing.ts makes one script of it. */
type Libraries = Pick<typeof import("vega"), "Error" | "View" | "logger" | "parse"> &
  Pick<typeof import("vega-lite"), "compile">;

/** They are large: they are loaded when the first figure is drawn. */
let loaded: LoadedScript<Libraries> | undefined;

function load(): LoadedScript<Libraries> {
  const file = fileURLToPath(new URL("../../drawing/vega.cjs", import.meta.url));
  if (!existsSync(file))
    throw new Error(`What draws figures is missing (${file}). Run npm run build in gradbook's folder.`);
  return loadScript(file);
}

/**
 * Draws a Vega-Lite specification as SVG, without a browser. A step player is drawn as it opens: at its last step.
 *
 * @throws {Error} where the specification does not compile.
 */
export async function renderSvg(specification: Specification): Promise<string> {
  loaded ??= load();
  const vega = loaded.exports;
  const quiet = vega.logger(vega.Error);
  const input = specification as unknown as Parameters<typeof vega.compile>[0]; // checked by the compiler itself
  const { spec } = vega.compile(input, { logger: quiet });
  const view = new vega.View(vega.parse(spec), { renderer: "none", logger: quiet });
  try {
    return titled(await view.toSVG(), specification);
  } finally {
    view.finalize();
  }
}

/** Keeps V8's code of what draws, with all that has been compiled so far. */
export function saveCodeCache(): void {
  loaded?.save();
}

/** The SVG with the title and description that screen readers and browsers look for. */
function titled(svg: string, specification: Specification): string {
  const { usermeta, title, description } = specification as {
    readonly usermeta?: { readonly title?: unknown };
    readonly title?: unknown;
    readonly description?: unknown;
  };
  const heading = typeof title === "string" ? title : usermeta?.title;
  const parts = [
    typeof heading === "string" ? `<title>${escaped(heading)}</title>` : "",
    typeof description === "string" ? `<desc>${escaped(description)}</desc>` : "",
  ].join("");
  return svg.replace(/^(?:<\?xml[^>]*>\s*)?<svg[^>]*>/, (opening) => `${opening}${parts}`);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
