import {
  Completer,
  CompleterModel,
  CompletionHandler,
  KernelCompleterProvider,
  ProviderReconciliator,
} from "@jupyterlab/completer";
import type { NotebookPanel } from "@jupyterlab/notebook";
import { Tooltip } from "@jupyterlab/tooltip";
import type { JSONObject } from "@lumino/coreutils";
import { Widget } from "@lumino/widgets";

/** Completion as one types and with Tab, from the kernel. Returns what Tab and Enter call. */
export function addCompletion(panel: NotebookPanel): { complete(): void; accept(): void } {
  const model = new CompleterModel();
  const editor = panel.content.activeCell?.editor ?? null;
  const completer = new Completer({ editor, model });
  const reconciliatorFor = (): ProviderReconciliator =>
    new ProviderReconciliator({
      context: {
        widget: panel,
        editor: panel.content.activeCell?.editor ?? null,
        session: panel.context.sessionContext.session,
      },
      providers: [new KernelCompleterProvider()],
      timeout: 2000,
    });
  const handler = new CompletionHandler({ completer, reconciliator: reconciliatorFor() });
  const refresh = (): void => {
    handler.editor = panel.content.activeCell?.editor ?? null;
    handler.reconciliator = reconciliatorFor();
  };
  refresh();
  panel.content.activeCellChanged.connect((_sender, cell) => {
    // The editor of a cell that was not yet in view is made later.
    void cell?.ready.then(refresh);
  });
  panel.context.sessionContext.sessionChanged.connect(refresh);
  completer.hide();
  Widget.attach(completer, document.body);
  return { complete: () => handler.invoke(), accept: () => completer.selectActive() };
}

let shown: Tooltip | undefined;

/** What the kernel knows of the word at the cursor, in a box beside it. */
export async function inspectAtCursor(panel: NotebookPanel): Promise<void> {
  shown?.dispose();
  const editor = panel.content.activeCell?.editor;
  const kernel = panel.context.sessionContext.session?.kernel;
  if (editor === undefined || editor === null || kernel === undefined || kernel === null) return;
  const code = editor.model.sharedModel.getSource();
  // Jupyter counts characters, editors count UTF-16 units.
  const position = [...code.slice(0, editor.getOffsetAt(editor.getCursorPosition()))].length;
  const reply = await kernel.requestInspect({ code, cursor_pos: position, detail_level: 0 });
  if (reply.content.status !== "ok" || !reply.content.found) return;
  shown = new Tooltip({
    anchor: panel.content,
    bundle: reply.content.data as JSONObject,
    editor,
    rendermime: panel.content.rendermime,
    position: { line: editor.getCursorPosition().line, column: editor.getCursorPosition().column } as never,
  });
  Widget.attach(shown, document.body);
}
