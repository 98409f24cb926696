import type { IRenderMime } from "@jupyterlab/rendermime";
import { RenderedVega, rendererFactory } from "@jupyterlab/vega5-extension";

/** Live figures. */
export const figureFactory: IRenderMime.IRendererFactory = {
  ...rendererFactory,
  createRenderer: (options) => new Figure(options),
};

/** Before HTML, SVG and PNG, as in JupyterLab. */
export const figureRank = 57;

class Figure extends RenderedVega {
  readonly #type: string;

  constructor(options: IRenderMime.IRendererOptions) {
    super(options);
    this.#type = options.mimeType;
  }

  override renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const given = model.metadata[this.#type] as { readonly embed_options?: object } | undefined;
    // Expressions are interpreted: the page's policy lets no text become code.
    const embed_options = { actions: false, renderer: "svg", ...given?.embed_options, ast: true };
    return super.renderModel({
      trusted: model.trusted,
      // The renderer stores a picture of every figure that has none; files would grow by it, and figures blink.
      data: { ...model.data, "image/png": "-" },
      metadata: { ...model.metadata, [this.#type]: { embed_options } },
      setData: () => {},
    });
  }
}
