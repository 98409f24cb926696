import type { Context } from "@jupyterlab/docregistry";
import type { INotebookModel } from "@jupyterlab/notebook";
import { type Contents, ServerConnection } from "@jupyterlab/services";
import { ask } from "./dialogs.ts";
import type { Notices } from "./notices.ts";

const autosaveDelay = 2000;

/** Saves the notebook when asked and by itself, and never over what another page has saved. */
export class Saving {
  readonly #context: Context<INotebookModel>;
  readonly #contents: Contents.IManager;
  readonly #notices: Notices;
  /** Of the file as this page last read or wrote it. */
  #hash: string | undefined;
  /** What the cells were then. The notebook's own metadata change with every kernel, which is nobody's work. */
  #savedCells: string;
  #timer: number | undefined;
  #running: Promise<boolean> | undefined;
  #asking = false;
  /** The learner put the question about a conflict off: only a save on purpose asks again. */
  #putOff = false;

  constructor(context: Context<INotebookModel>, contents: Contents.IManager, notices: Notices) {
    this.#context = context;
    this.#contents = contents;
    this.#notices = notices;
    this.#hash = context.contentsModel?.hash ?? undefined;
    this.#savedCells = cellsOf(context.model);
    context.model.contentChanged.connect(() => this.#schedule());
    window.addEventListener("beforeunload", (event) => {
      if (this.#hasWork()) event.preventDefault();
    });
    // A page that is put away may not come back.
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") void this.#automatic();
    });
  }

  /** Saves on purpose; resolves to whether what is on the page is in the file now. */
  async save(): Promise<boolean> {
    this.#putOff = false;
    const saved = await this.#save();
    if (saved) this.#notices.flash("Saved.");
    return saved;
  }

  /** Shows the file as it is now; what was on the page only is gone. */
  async reload(): Promise<void> {
    await this.#context.revert();
    this.#hash = this.#context.contentsModel?.hash ?? undefined;
    this.#savedCells = cellsOf(this.#context.model);
  }

  #hasWork(): boolean {
    return cellsOf(this.#context.model) !== this.#savedCells;
  }

  #schedule(): void {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#automatic(), autosaveDelay);
  }

  async #automatic(): Promise<void> {
    if (!this.#putOff && this.#hasWork()) await this.#save();
  }

  // One at a time: two at once would each take the other for a second page.
  async #save(): Promise<boolean> {
    while (this.#running !== undefined) await this.#running;
    if (this.#asking) return false;
    this.#running = this.#write().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #write(): Promise<boolean> {
    window.clearTimeout(this.#timer);
    const { model, path } = this.#context;
    const cells = cellsOf(model);
    try {
      const saved = await this.#contents.save(path, this.#saveOptions());
      this.#hash = saved.hash ?? undefined;
      this.#savedCells = cells;
      return true;
    } catch (error) {
      if (error instanceof ServerConnection.ResponseError && error.response.status === 409) {
        void this.#resolveConflict();
        return false;
      }
      const offline = error instanceof ServerConnection.NetworkError;
      const reason = offline ? "the server does not answer; is it still running?" : String((error as Error).message);
      this.#notices.show(`Not saved: ${reason} Your work is still on this page.`);
      this.#schedule();
      return false;
    }
  }

  #saveOptions(): Partial<Contents.IModel> {
    const options = { type: "notebook", format: "json", content: this.#context.model.toJSON() } as const;
    // Our server compares; one that does not know it leaves it out of account.
    return this.#hash === undefined ? options : { ...options, ...{ expected_hash: this.#hash } };
  }

  async #resolveConflict(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    const choice = await ask(
      "This notebook was changed elsewhere",
      "Another page or program has saved it since you opened it here. Keep your version as a copy beside it, or load the other version into this page?",
      [
        { name: "reload", label: "Load the other", warns: true },
        { name: "copy", label: "Save mine as a copy" },
      ],
      "Not now",
    ).finally(() => {
      this.#asking = false;
    });
    if (choice === "reload") await this.reload();
    else if (choice === "copy") await this.#saveCopy();
    else {
      this.#putOff = true;
      this.#notices.show("Not saved: the notebook was changed elsewhere. Save to choose what becomes of it.");
    }
  }

  /** Writes the page's version to a file of its own and goes on there. */
  async #saveCopy(): Promise<void> {
    const { path, model } = this.#context;
    const { path: copy } = await this.#contents.copy(path, path.split("/").slice(0, -1).join("/"));
    await this.#contents.save(copy, { type: "notebook", format: "json", content: model.toJSON() });
    this.#savedCells = cellsOf(model);
    window.location.assign(`/notebooks/${copy.split("/").map(encodeURIComponent).join("/")}`);
  }
}

function cellsOf(model: INotebookModel): string {
  return JSON.stringify(model.sharedModel.toJSON().cells);
}
