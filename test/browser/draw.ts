import * as vega from "vega";
import * as vegaLite from "vega-lite";

/** What the functions here use of a page: they run in one, and are compiled without its types. */
interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly width: number;
}
interface Node {
  id: string;
  readonly style: { cssText: string };
  readonly textContent: string;
  append(child: Node): void;
  querySelectorAll(selector: string): Iterable<Node>;
  getBoundingClientRect(): Box;
}
interface Page {
  readonly body: Node;
  createElement(name: string): Node;
  querySelector(selector: string): Node | null;
}
const page = (): Page => (globalThis as unknown as { readonly document: Page }).document;

/** Draws a Vega-Lite specification at the end of the page, with its sliders. */
export async function draw(id: string, specification: unknown): Promise<void> {
  const place = page().createElement("div");
  place.id = id;
  place.style.cssText = "display: inline-block; vertical-align: top; margin: 6px";
  page().body.append(place);
  const { spec } = vegaLite.compile(specification as Parameters<typeof vegaLite.compile>[0], {
    logger: vega.logger(vega.Error),
  });
  const view = new vega.View(vega.parse(spec), { renderer: "svg", hover: true });
  await view.initialize(place as unknown as Parameters<typeof view.initialize>[0]).runAsync();
}

/** The texts of a figure that stick out of it. */
export function textsOutside(id: string): readonly string[] {
  const drawing = page().querySelector(`#${id} svg`)!;
  const whole = drawing.getBoundingClientRect();
  return [...drawing.querySelectorAll("text")]
    .filter((text) => {
      const { left, right, top, bottom, width } = text.getBoundingClientRect();
      return width > 0 && (left < whole.left || right > whole.right || top < whole.top || bottom > whole.bottom);
    })
    .map((text) => text.textContent);
}
