import type { CodeCell } from "@jupyterlab/cells";
import { CompletionProviderManager, KernelCompleterProvider } from "@jupyterlab/completer";
import type { NotebookPanel } from "@jupyterlab/notebook";
import { Tooltip } from "@jupyterlab/tooltip";
import { Widget } from "@lumino/widgets";

/** What the kernel knows about the code under the cursor: completions and explanations. */
export class Assistance {
  readonly #panel: NotebookPanel;
  readonly #completion = new CompletionProviderManager();
  #tooltip: Tooltip | undefined;

  constructor(panel: NotebookPanel) {
    this.#panel = panel;
    this.#completion.registerProvider(new KernelCompleterProvider());
    this.#completion.activateProvider(["CompletionProvider:kernel"]);
    this.#completion.setTimeout(3000);
    this.#completion.setContinuousHinting(true);
    this.#completion.setShowDocumentationPanel(false);
    const update = (): void => void this.#follow();
    panel.content.activeCellChanged.connect(update);
    panel.sessionContext.sessionChanged.connect(update);
    update();
  }

  complete(): void {
    this.#completion.invoke(this.#panel.id);
  }

  select(): void {
    this.#completion.select(this.#panel.id);
  }

  /** Shows what the name before the cursor is. */
  async inspect(): Promise<void> {
    this.#tooltip?.dispose();
    const { activeCell } = this.#panel.content;
    const editor = activeCell?.editor;
    const kernel = this.#panel.sessionContext.session?.kernel;
    if (editor == null || kernel == null) return;
    const code = editor.model.sharedModel.getSource();
    const offset = editor.getOffsetAt(editor.getCursorPosition());
    const { content } = await kernel.requestInspect({
      code,
      // Jupyter counts characters, editors UTF-16 units.
      cursor_pos: [...code.slice(0, offset)].length,
      detail_level: 0,
    });
    if (content.status !== "ok" || !content.found) return;
    this.#tooltip = new Tooltip({
      anchor: this.#panel.content,
      bundle: content.data,
      editor,
      rendermime: this.#panel.content.rendermime,
    });
    Widget.attach(this.#tooltip, document.body);
  }

  async #follow(): Promise<void> {
    const { activeCell, rendermime } = this.#panel.content;
    await activeCell?.ready;
    const editor = (activeCell as CodeCell | null)?.editor ?? null;
    await this.#completion.updateCompleter({
      widget: this.#panel,
      editor,
      session: this.#panel.sessionContext.session,
      sanitizer: rendermime.sanitizer,
    });
  }
}
