import "@jupyterlab/notebook/style/index.js";
import "@jupyterlab/completer/style/index.js";
import "@jupyterlab/tooltip/style/index.js";
import "@jupyterlab/mathjax-extension/style/index.js";
import "@jupyterlab/vega5-extension/style/index.js";
import { PageConfig } from "@jupyterlab/coreutils";
import { DocumentManager } from "@jupyterlab/docmanager";
import { DocumentRegistry } from "@jupyterlab/docregistry";
import { NotebookModelFactory, NotebookPanel, NotebookWidgetFactory, StaticNotebook } from "@jupyterlab/notebook";
import { ServerConnection, ServiceManager } from "@jupyterlab/services";
import { Widget } from "@lumino/widgets";
import { addShortcuts, addToolbar, ask, tell } from "./actions.ts";
import { createEditorServices, createLanguages, createRendering } from "./rendering.ts";
import { followTheme } from "./theme.ts";

/** What the server says of itself and of the lessons. */
interface PageSettings {
  readonly baseUrl: string;
  readonly lessons: readonly { readonly name: string; readonly title?: string }[];
  readonly problems?: readonly string[];
}

const element = <Kind extends HTMLElement>(id: string): Kind => document.getElementById(id) as Kind;

function titleOf({ name, title }: PageSettings["lessons"][number]): string {
  if (title !== undefined) return title;
  return name.replace(/\.ipynb$/, "").replaceAll("-", " ");
}

async function start(): Promise<void> {
  followTheme();
  const response = await fetch("gradbook/config.json");
  if (!response.ok) {
    showProblem("This page has no access to its server. Open the link that gradbook printed when it started.");
    return;
  }
  const settings = (await response.json()) as PageSettings;
  const name = new URL(location.href).searchParams.get("notebook");
  fillLessonList(settings, name);
  if (name === null) {
    showHome(settings);
    return;
  }
  document.title = `${titleOf(settings.lessons.find((lesson) => lesson.name === name) ?? { name })} – gradbook`;
  await openNotebook(settings, name);
}

function fillLessonList(settings: PageSettings, current: string | null): void {
  const list = element<HTMLSelectElement>("lessons");
  const names = settings.lessons.some(({ name }) => name === current) || current === null ? [] : [{ name: current }];
  if (current === null) list.add(new Option("choose …", ""));
  for (const lesson of [...settings.lessons, ...names]) {
    list.add(new Option(titleOf(lesson), lesson.name, false, lesson.name === current));
  }
  list.addEventListener("change", () => {
    if (list.value !== "") location.search = `?notebook=${encodeURIComponent(list.value)}`;
  });
}

function showHome(settings: PageSettings): void {
  const home = document.createElement("div");
  home.className = "gb-home";
  const heading = document.createElement("h2");
  heading.textContent = "Lessons";
  const list = document.createElement("ul");
  for (const lesson of settings.lessons) {
    const link = document.createElement("a");
    link.href = `?notebook=${encodeURIComponent(lesson.name)}`;
    link.textContent = titleOf(lesson);
    const item = document.createElement("li");
    item.append(link);
    list.append(item);
  }
  home.append(heading, list);
  element("notebook").append(home);
  for (const problem of settings.problems ?? []) showProblem(problem);
}

function showProblem(text: string): void {
  const problem = document.createElement("p");
  problem.className = "gb-problem";
  problem.setAttribute("role", "alert");
  problem.textContent = text;
  element("notebook").prepend(problem);
}

async function openNotebook(settings: PageSettings, name: string): Promise<void> {
  const baseUrl = new URL(settings.baseUrl, location.href).href;
  PageConfig.setOption("baseUrl", baseUrl);
  const serverSettings = ServerConnection.makeSettings({
    baseUrl,
    wsUrl: baseUrl.replace(/^http/, "ws"),
    appendToken: false,
  });
  const manager = new ServiceManager({ serverSettings });
  await manager.ready;

  const languages = createLanguages();
  const rendermime = createRendering(languages);
  const { factoryService, mimeTypeService } = createEditorServices(languages);
  const registry = new DocumentRegistry();
  const opened = (widget: Widget): void => {
    Widget.attach(widget, element("notebook"));
  };
  const documents = new DocumentManager({
    registry,
    manager,
    opener: {
      open: opened,
      get opened() {
        return { connect: () => true, disconnect: () => true } as never;
      },
    },
  });
  documents.autosaveInterval = 20;
  registry.addModelFactory(new NotebookModelFactory({}));
  registry.addWidgetFactory(
    new NotebookWidgetFactory({
      name: "Notebook",
      modelName: "notebook",
      fileTypes: ["notebook"],
      defaultFor: ["notebook"],
      preferKernel: true,
      canStartKernel: true,
      autoStartDefault: true,
      rendermime,
      contentFactory: new NotebookPanel.ContentFactory({ editorFactory: factoryService.newInlineEditor }),
      mimeTypeService,
      notebookConfig: { ...StaticNotebook.defaultNotebookConfig, windowingMode: "none", scrollPastEnd: true },
    }),
  );
  try {
    await manager.contents.get(name, { content: true });
  } catch (error) {
    showProblem(error instanceof Error ? error.message : String(error));
    return;
  }
  const panel = documents.open(name) as NotebookPanel | undefined;
  if (panel === undefined) {
    showProblem(`${name} could not be opened.`);
    return;
  }
  addToolbar(panel);
  await panel.context.ready;
  await panel.revealed;
  addShortcuts(panel);
  watchKernel(panel);
  offerReset(settings, panel, name);
  panel.content.activate();
  window.addEventListener("beforeunload", (event) => {
    if (panel.context.model.dirty) event.preventDefault();
  });
  // For tests, and for whoever looks into the page with the browser's tools.
  Object.assign(window, { gradbook: { panel, manager } });
}

const stateNames: Readonly<Record<string, string>> = {
  idle: "ready",
  busy: "running",
  starting: "starting",
  restarting: "restarting",
  autorestarting: "restarted: run the cells again",
  dead: "ended: restart the kernel",
  unknown: "connecting",
};

function watchKernel(panel: NotebookPanel): void {
  const status = element("status");
  const session = panel.context.sessionContext;
  const update = (): void => {
    const state = session.kernelDisplayStatus;
    status.dataset["state"] = state;
    status.textContent = `Kernel ${stateNames[state] ?? state}`;
  };
  session.statusChanged.connect(update);
  session.connectionStatusChanged.connect(update);
  update();
}

function offerReset(settings: PageSettings, panel: NotebookPanel, name: string): void {
  const button = element<HTMLButtonElement>("reset");
  button.hidden = !settings.lessons.some((lesson) => lesson.name === name);
  button.addEventListener("click", async () => {
    const sure = await ask(
      "Reset this lesson?",
      "You get a fresh copy. The one you have now is kept in the same folder, under another name.",
      "Reset",
    );
    if (!sure) return;
    await panel.context.save();
    const response = await fetch(`gradbook/reset/${encodeURIComponent(name)}`, { method: "POST" });
    if (response.ok) location.reload();
    else await tell("The lesson was not reset", await response.text());
  });
}

void start().catch((error: unknown) => showProblem(error instanceof Error ? error.message : String(error)));
