import type { ISessionContext } from "@jupyterlab/apputils";
import type { CommandName, PageCommands } from "./commands.ts";
import { element } from "./elements.ts";
import type { Notices } from "./notices.ts";
import { themeButton } from "./theme.ts";

interface HeaderParts {
  readonly title: string;
  readonly commands: PageCommands;
  readonly notices: Notices;
  readonly sessionContext: ISessionContext;
  readonly isLesson: boolean;
}

/** The bar above a notebook. */
export function notebookHeader({ title, commands, notices, sessionContext, isLesson }: HeaderParts): HTMLElement {
  const button = (command: CommandName, label: string, hint: string): HTMLElement => {
    const made = element("button", { type: "button", title: hint, "data-command": command }, label);
    // The focus stays in the cell that the button is about.
    made.addEventListener("mousedown", (event) => event.preventDefault());
    made.addEventListener("click", () => commands.run(command));
    return made;
  };
  const tools = element(
    "div",
    { class: "gb-tools", role: "toolbar", "aria-label": "Notebook" },
    button("run", "Run", "Run this cell and go to the next (Shift-Enter)"),
    button("run-all", "Run all", "Run all cells, from the top"),
    button("interrupt", "Interrupt", "Stop the running cell; variables are kept"),
    button("restart", "Restart", "Start the kernel afresh; variables are lost"),
    button("restart-and-run-all", "Restart & run all", "Start the kernel afresh and run all cells"),
    button("save", "Save", "Save the notebook (Ctrl-S); it is also saved by itself"),
    ...(isLesson ? [button("reset", "Reset lesson", "Begin the lesson anew; your version is kept beside it")] : []),
  );
  return element(
    "header",
    { class: "gb-header" },
    element("a", { class: "gb-brand", href: "/", title: "All lessons" }, "gradbook"),
    element("span", { class: "gb-title" }, title),
    tools,
    notices.node,
    kernelStatus(sessionContext),
    themeButton(),
  );
}

const words: Readonly<Record<string, string>> = {
  idle: "ready",
  busy: "running",
  starting: "starting",
  restarting: "restarting",
  autorestarting: "restarting",
  dead: "ended",
  terminating: "ending",
  disconnected: "not connected",
  connecting: "connecting",
};

/** Says what the kernel does. */
function kernelStatus(sessionContext: ISessionContext): HTMLElement {
  const node = element("span", { class: "gb-kernel" });
  const update = (): void => {
    const { connectionStatus, status } = sessionContext.session?.kernel ?? {
      connectionStatus: "connecting",
      status: "",
    };
    const state = connectionStatus === "connected" ? status : connectionStatus;
    const word = words[state] ?? "starting";
    node.dataset["state"] = word;
    node.textContent = `TypeScript, ${word}`;
  };
  sessionContext.statusChanged.connect(update);
  sessionContext.connectionStatusChanged.connect(update);
  sessionContext.sessionChanged.connect(update);
  sessionContext.kernelChanged.connect(update);
  update();
  return node;
}
