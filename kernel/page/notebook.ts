import { Context } from "@jupyterlab/docregistry";
import { NotebookModelFactory, type NotebookPanel, runCell, setCellExecutor } from "@jupyterlab/notebook";
import { ServiceManager } from "@jupyterlab/services";
import { Widget } from "@lumino/widgets";
import { Assistance } from "./assistance.ts";
import { pageCommands } from "./commands.ts";
import { type LessonEntry, listLessons } from "./course.ts";
import { notebookFactory } from "./editors.ts";
import { element } from "./elements.ts";
import { notebookHeader } from "./header.ts";
import { Notices } from "./notices.ts";
import { Saving } from "./saving.ts";
import { themeButton } from "./theme.ts";

/** Opens a notebook as the page. */
export async function showNotebook(path: string): Promise<void> {
  const name = path.split("/").at(-1) ?? path;
  document.title = `${name} · gradbook`;
  const services = new ServiceManager();
  const problem = await problemOf(services, path);
  if (problem !== undefined) return showProblem(problem);
  const lesson = (await listLessons().catch((): readonly LessonEntry[] => [])).find((entry) => entry.path === path);
  document.title = `${lesson?.title ?? name} · gradbook`;
  setCellExecutor({ runCell });
  const factory = notebookFactory();
  const context = new Context({
    manager: services,
    factory: new NotebookModelFactory({ disableDocumentWideUndoRedo: true }),
    path,
    kernelPreference: { name: "gradbook", language: "typescript", shouldStart: true, canStart: true },
  });
  const panel = factory.createNew(context);
  panel.id = "notebook";
  const loaded = context.initialize(false);
  await context.ready;
  const notices = new Notices();
  const saving = new Saving(context, services.contents, notices);
  const assistance = new Assistance(panel);
  const isLesson = lesson?.lesson ?? false;
  const commands = pageCommands({ panel, assistance, saving, notices, isLesson });
  const title = lesson?.title ?? name;
  const main = element("main", { class: "gb-notebook jp-ThemedContainer", "aria-label": title });
  const header = notebookHeader({ title, commands, notices, sessionContext: panel.sessionContext, isLesson });
  document.body.append(element("div", { class: "gb-page" }, header, main));
  panel.toolbar.hide();
  Widget.attach(panel, main);
  window.addEventListener("resize", () => panel.update());
  followKernel(panel, notices);
  await loaded;
  // A feed may hold articles only, and cells are none.
  panel.node.querySelector('[role="feed"]')?.setAttribute("role", "group");
  panel.content.activeCellIndex = 0;
  panel.content.activate();
}

/** Why a notebook cannot be opened, in one sentence. */
async function problemOf(services: ServiceManager, path: string): Promise<string | undefined> {
  try {
    await services.contents.get(path, { type: "notebook", content: true });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function showProblem(problem: string): void {
  const header = element(
    "header",
    { class: "gb-header" },
    element("a", { class: "gb-brand", href: "/" }, "gradbook"),
    themeButton(),
  );
  const main = element(
    "main",
    { class: "gb-lessons" },
    element("h1", {}, "This notebook cannot be opened"),
    element("p", { role: "alert", class: "gb-problem" }, problem),
    element("p", {}, "The file was left as it is. ", element("a", { href: "/" }, "All lessons")),
  );
  document.body.append(header, main);
}

function followKernel(panel: NotebookPanel, notices: Notices): void {
  panel.sessionContext.statusChanged.connect((_, status) => {
    if (status === "autorestarting") {
      notices.show("The kernel ended and was started again; its variables are lost. Run the cells above once more.");
    } else if (status === "dead") {
      notices.show("The kernel ended and does not start again; choose Restart to try once more.");
    }
  });
}
