import { Dialog, SessionContextDialogs, showDialog } from "@jupyterlab/apputils";
import { NotebookActions, type NotebookPanel, ToolbarItems } from "@jupyterlab/notebook";
import { fastForwardIcon, refreshIcon, stopIcon, ToolbarButton } from "@jupyterlab/ui-components";
import { CommandRegistry } from "@lumino/commands";
import { addCompletion, inspectAtCursor } from "./help.ts";

const dialogs = new SessionContextDialogs();

export async function restart(panel: NotebookPanel): Promise<boolean> {
  return dialogs.restart(panel.context.sessionContext);
}

export async function runAll(panel: NotebookPanel): Promise<void> {
  await NotebookActions.runAll(panel.content, panel.context.sessionContext);
}

function interrupt(panel: NotebookPanel): void {
  void panel.context.sessionContext.session?.kernel?.interrupt();
}

export function addToolbar(panel: NotebookPanel): void {
  const { toolbar } = panel;
  toolbar.addItem("save", ToolbarItems.createSaveButton(panel));
  toolbar.addItem("insert", ToolbarItems.createInsertButton(panel));
  toolbar.addItem("run", ToolbarItems.createRunButton(panel));
  toolbar.addItem(
    "run-all",
    new ToolbarButton({
      icon: fastForwardIcon,
      label: "Run all",
      tooltip: "Run all cells",
      onClick: () => void runAll(panel),
    }),
  );
  toolbar.addItem(
    "interrupt",
    new ToolbarButton({
      icon: stopIcon,
      tooltip: "Interrupt the running cell (I, I)",
      onClick: () => interrupt(panel),
    }),
  );
  toolbar.addItem(
    "restart",
    new ToolbarButton({
      icon: refreshIcon,
      tooltip: "Restart the kernel (0, 0)",
      onClick: () => void restart(panel),
    }),
  );
  toolbar.addItem("cell-type", ToolbarItems.createCellTypeItem(panel));
}

/** The notebook's usual keys. */
export function addShortcuts(panel: NotebookPanel): void {
  const { content: notebook, context } = panel;
  const session = context.sessionContext;
  const commands = new CommandRegistry();
  const completion = addCompletion(panel);
  const command = ".jp-Notebook.jp-mod-commandMode:not(.jp-mod-readWrite) :focus";
  const edit = ".jp-Notebook.jp-mod-editMode";
  const both = ".jp-Notebook";
  const add = (id: string, selector: string, keys: readonly string[], execute: () => unknown): void => {
    commands.addCommand(id, { execute });
    for (const key of keys) commands.addKeyBinding({ command: id, keys: key.split(" "), selector });
  };
  add("run-and-advance", both, ["Shift Enter"], () => NotebookActions.runAndAdvance(notebook, session));
  add("run", both, ["Accel Enter"], () => NotebookActions.run(notebook, session));
  add("run-and-insert", both, ["Alt Enter"], () => NotebookActions.runAndInsert(notebook, session));
  add("save", both, ["Accel S"], () => context.save());
  add("command-mode", edit, ["Escape", "Ctrl M"], () => {
    notebook.mode = "command";
  });
  add("edit-mode", command, ["Enter"], () => {
    notebook.mode = "edit";
  });
  add("above", command, ["ArrowUp", "K"], () => NotebookActions.selectAbove(notebook));
  add("below", command, ["ArrowDown", "J"], () => NotebookActions.selectBelow(notebook));
  add("insert-above", command, ["A"], () => NotebookActions.insertAbove(notebook));
  add("insert-below", command, ["B"], () => NotebookActions.insertBelow(notebook));
  add("delete", command, ["D D"], () => NotebookActions.deleteCells(notebook));
  add("cut", command, ["X"], () => NotebookActions.cut(notebook));
  add("copy", command, ["C"], () => NotebookActions.copy(notebook));
  add("paste", command, ["V"], () => NotebookActions.paste(notebook));
  add("undo", command, ["Z"], () => NotebookActions.undo(notebook));
  add("redo", command, ["Shift Z"], () => NotebookActions.redo(notebook));
  add("to-markdown", command, ["M"], () => NotebookActions.changeCellType(notebook, "markdown"));
  add("to-code", command, ["Y"], () => NotebookActions.changeCellType(notebook, "code"));
  add("interrupt", command, ["I I"], () => interrupt(panel));
  add("restart", command, ["0 0"], () => restart(panel));
  add("complete", ".jp-Notebook.jp-mod-editMode .jp-mod-completer-enabled", ["Tab"], () => completion.complete());
  add("accept", ".jp-Notebook.jp-mod-editMode .jp-mod-completer-active", ["Enter"], () => completion.accept());
  add("inspect", edit, ["Shift Tab"], () => inspectAtCursor(panel));
  document.addEventListener("keydown", (event) => commands.processKeydownEvent(event), true);
}

/** One sentence to the learner, and a button. */
export async function tell(title: string, body: string): Promise<void> {
  await showDialog({ title, body, buttons: [Dialog.okButton()] });
}

export async function ask(title: string, body: string, accept: string): Promise<boolean> {
  const result = await showDialog({
    title,
    body,
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: accept })],
  });
  return result.button.accept;
}
