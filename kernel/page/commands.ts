import { NotebookActions, type NotebookPanel } from "@jupyterlab/notebook";
import { CommandRegistry } from "@lumino/commands";
import type { Assistance } from "./assistance.ts";
import { resetLesson } from "./course.ts";
import { ask, tell } from "./dialogs.ts";
import type { Notices } from "./notices.ts";
import type { Saving } from "./saving.ts";

/** What a learner can do on the page, by name: the toolbar's buttons and the keys both call these. */
export interface PageCommands {
  readonly registry: CommandRegistry;
  run(name: CommandName): void;
}

const commandNames = [
  "run",
  "run-and-stay",
  "run-and-insert",
  "run-all",
  "interrupt",
  "restart",
  "restart-and-run-all",
  "save",
  "reset",
  "complete",
  "select-completion",
  "inspect",
  "command-mode",
  "edit-mode",
  "above",
  "below",
  "extend-above",
  "extend-below",
  "insert-above",
  "insert-below",
  "cut",
  "copy",
  "paste",
  "delete",
  "undo",
  "redo",
  "to-code",
  "to-markdown",
  "merge",
  "split",
] as const;

export type CommandName = (typeof commandNames)[number];

interface Parts {
  readonly panel: NotebookPanel;
  readonly assistance: Assistance;
  readonly saving: Saving;
  readonly notices: Notices;
  readonly isLesson: boolean;
}

export function pageCommands(parts: Parts): PageCommands {
  const registry = new CommandRegistry();
  const actions = { ...kernelCommands(parts), ...editingCommands(parts) };
  const run = (name: CommandName): void => {
    Promise.resolve(actions[name]()).catch((error: unknown) => {
      void tell("That did not work", error instanceof Error ? error.message : String(error));
    });
  };
  for (const name of commandNames) registry.addCommand(name, { execute: () => run(name) });
  for (const [selector, keys] of Object.entries(bindings)) {
    for (const [key, command] of Object.entries(keys)) {
      registry.addKeyBinding({ selector, keys: key.split(", "), command });
    }
  }
  document.addEventListener("keydown", (event) => registry.processKeydownEvent(event), true);
  return { registry, run };
}

type Action = () => unknown;

type KernelCommand =
  | "run"
  | "run-and-stay"
  | "run-and-insert"
  | "run-all"
  | "interrupt"
  | "restart"
  | "restart-and-run-all"
  | "save"
  | "reset"
  | "complete"
  | "select-completion"
  | "inspect";

function kernelCommands(parts: Parts): Record<KernelCommand, Action> {
  const { panel, assistance, saving, notices, isLesson } = parts;
  const { content, sessionContext } = panel;
  const restart = async (): Promise<boolean> => {
    const body = "All variables are lost; the text and the outputs of the notebook stay.";
    if ((await ask("Restart the kernel?", body, [{ name: "restart", label: "Restart" }])) === undefined) return false;
    await sessionContext.restartKernel();
    notices.flash("The kernel was restarted; its variables are gone.");
    return true;
  };
  return {
    run: () => NotebookActions.runAndAdvance(content, sessionContext),
    "run-and-stay": () => NotebookActions.run(content, sessionContext),
    "run-and-insert": () => NotebookActions.runAndInsert(content, sessionContext),
    "run-all": () => NotebookActions.runAll(content, sessionContext),
    interrupt: () => sessionContext.session?.kernel?.interrupt(),
    restart,
    "restart-and-run-all": async () => {
      if (await restart()) await NotebookActions.runAll(content, sessionContext);
    },
    save: () => saving.save(),
    reset: async () => {
      const path = sessionContext.path;
      if (!isLesson) return tell("Nothing to reset", "This notebook is not one of the course's lessons.");
      const body = "A fresh copy takes its place. Your version, as it is now, is kept under another name.";
      if ((await ask("Reset this lesson?", body, [{ name: "reset", label: "Reset" }])) === undefined) return;
      if (!(await saving.save())) return;
      const kept = await resetLesson(path);
      await saving.reload();
      await sessionContext.restartKernel();
      notices.show(
        kept === undefined ? "The lesson was reset." : `The lesson was reset; your version is kept as ${kept}.`,
      );
    },
    complete: () => assistance.complete(),
    "select-completion": () => assistance.select(),
    inspect: () => assistance.inspect(),
  };
}

function editingCommands({ panel }: Parts): Record<Exclude<CommandName, KernelCommand>, Action> {
  const { content } = panel;
  return {
    "command-mode": () => {
      content.mode = "command";
    },
    "edit-mode": () => {
      content.mode = "edit";
    },
    above: () => NotebookActions.selectAbove(content),
    below: () => NotebookActions.selectBelow(content),
    "extend-above": () => NotebookActions.extendSelectionAbove(content),
    "extend-below": () => NotebookActions.extendSelectionBelow(content),
    "insert-above": () => NotebookActions.insertAbove(content),
    "insert-below": () => NotebookActions.insertBelow(content),
    cut: () => NotebookActions.cut(content),
    copy: () => NotebookActions.copy(content),
    paste: () => NotebookActions.paste(content),
    delete: () => NotebookActions.deleteCells(content),
    undo: () => NotebookActions.undo(content),
    redo: () => NotebookActions.redo(content),
    "to-code": () => NotebookActions.changeCellType(content, "code"),
    "to-markdown": () => NotebookActions.changeCellType(content, "markdown"),
    merge: () => NotebookActions.mergeCells(content),
    split: () => NotebookActions.splitCell(content),
  };
}

/** Jupyter's own keys, by where the focus is. */
const bindings: Readonly<Record<string, Readonly<Record<string, CommandName>>>> = {
  body: { "Accel S": "save" },
  ".jp-Notebook": {
    "Shift Enter": "run",
    "Ctrl Enter": "run-and-stay",
    "Alt Enter": "run-and-insert",
  },
  ".jp-Notebook.jp-mod-commandMode:not(.jp-mod-readWrite) :focus:not(:read-write)": {
    Enter: "edit-mode",
    ArrowUp: "above",
    ArrowDown: "below",
    K: "above",
    J: "below",
    "Shift ArrowUp": "extend-above",
    "Shift ArrowDown": "extend-below",
    A: "insert-above",
    B: "insert-below",
    X: "cut",
    C: "copy",
    V: "paste",
    "D, D": "delete",
    Z: "undo",
    "Shift Z": "redo",
    Y: "to-code",
    M: "to-markdown",
    "Shift M": "merge",
    "I, I": "interrupt",
    "0, 0": "restart",
  },
  ".jp-Notebook.jp-mod-editMode": { Escape: "command-mode", "Ctrl Shift -": "split" },
  ".jp-Notebook.jp-mod-editMode .jp-mod-completer-enabled": { Tab: "complete" },
  ".jp-mod-completer-active": { Enter: "select-completion", Tab: "select-completion" },
  ".jp-Notebook.jp-mod-editMode .jp-CodeCell": { "Shift Tab": "inspect" },
};
