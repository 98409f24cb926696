type Specification = Readonly<Record<string, unknown>>;

/** vega and vega-lite are large: they are loaded when the first figure is drawn. */
let libraries: Promise<[typeof import("vega"), typeof import("vega-lite")]> | undefined;

/**
 * Draws a Vega-Lite specification as SVG, without a browser. A step player is drawn as it opens: at its last step.
 *
 * @throws {Error} where the specification does not compile.
 */
export async function renderSvg(specification: Specification): Promise<string> {
  libraries ??= Promise.all([import("vega"), import("vega-lite")]);
  const [vega, vegaLite] = await libraries;
  const quiet = vega.logger(vega.Error);
  const input = specification as unknown as Parameters<typeof vegaLite.compile>[0]; // checked by the compiler itself
  const { spec } = vegaLite.compile(input, { logger: quiet });
  const view = new vega.View(vega.parse(spec), { renderer: "none", logger: quiet });
  try {
    return titled(await view.toSVG(), specification);
  } finally {
    view.finalize();
  }
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
