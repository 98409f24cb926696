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

/** A notebook in the learner's folder. */
interface Lesson {
  readonly path: string;
  readonly title: string;
  /** The course has this lesson: it can be reset. */
  readonly lesson: boolean;
  readonly worked: boolean;
  readonly problem?: string;
}

const element = <Kind extends HTMLElement>(id: string): Kind => document.getElementById(id) as Kind;

async function start(): Promise<void> {
  followTheme();
  const response = await fetch("gradbook/lessons");
  if (!response.ok) {
    showProblem("This page has no access to its server. Open the link that gradbook printed when it started.");
    return;
  }
  const lessons = (await response.json()) as readonly Lesson[];
  const name = new URL(location.href).searchParams.get("notebook");
  fillLessonList(lessons, name);
  if (name === null) {
    showHome(lessons);
    return;
  }
  document.title = `${lessons.find((lesson) => lesson.path === name)?.title ?? name} – gradbook`;
  await openNotebook(lessons, name);
}

function fillLessonList(lessons: readonly Lesson[], current: string | null): void {
  const list = element<HTMLSelectElement>("lessons");
  const known = current === null || lessons.some(({ path }) => path === current);
  if (current === null) list.add(new Option("choose …", ""));
  if (!known) list.add(new Option(current, current, false, true));
  for (const { path, title } of lessons) list.add(new Option(title, path, false, path === current));
  list.addEventListener("change", () => {
    if (list.value !== "") location.search = `?notebook=${encodeURIComponent(list.value)}`;
  });
}

function showHome(lessons: readonly Lesson[]): void {
  const home = document.createElement("div");
  home.className = "gb-home";
  const heading = document.createElement("h2");
  heading.textContent = "Lessons";
  const list = document.createElement("ul");
  for (const lesson of lessons) {
    const link = document.createElement("a");
    link.href = `?notebook=${encodeURIComponent(lesson.path)}`;
    link.textContent = lesson.title;
    const item = document.createElement("li");
    item.append(link);
    list.append(item);
  }
  home.append(heading, list);
  element("notebook").append(home);
  for (const { path, problem } of lessons) if (problem !== undefined) showProblem(`${path}: ${problem}`);
}

function showProblem(text: string): void {
  const problem = document.createElement("p");
  problem.className = "gb-problem";
  problem.setAttribute("role", "alert");
  problem.textContent = text;
  element("notebook").prepend(problem);
}

async function openNotebook(lessons: readonly Lesson[], name: string): Promise<void> {
  const baseUrl = new URL("./", location.href).href.replace(/\?.*$/, "");
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
  offerReset(lessons, panel, name);
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

function offerReset(lessons: readonly Lesson[], panel: NotebookPanel, name: string): void {
  const button = element<HTMLButtonElement>("reset");
  button.hidden = !lessons.some(({ path, lesson }) => lesson && path === name);
  button.addEventListener("click", async () => {
    const sure = await ask(
      "Reset this lesson?",
      "You get a fresh copy. The one you have now is kept in the same folder, under another name.",
      "Reset",
    );
    if (!sure) return;
    await panel.context.save();
    const response = await fetch("gradbook/reset", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ path: name }),
    });
    if (response.ok) location.reload();
    else await tell("The lesson was not reset", await response.text());
  });
}

void start().catch((error: unknown) => showProblem(error instanceof Error ? error.message : String(error)));
