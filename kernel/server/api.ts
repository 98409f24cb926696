import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import type { Contents, ReadOptions } from "./contents.ts";
import { type Answer, json, noContent, type Request, RequestError, type Route, route } from "./http.ts";
import { type KernelPlace, type Kernels, kernelName } from "./kernels.ts";
import { mimeTypeOf } from "./mime-types.ts";
import { Sessions } from "./sessions.ts";

/** Jupyter's REST API: what its front ends and clients ask a server for. */
export function jupyterRoutes(contents: Contents, kernels: Kernels): readonly Route[] {
  const started = new Date();
  return [
    route("GET /api", () => json({ version: "2.17.0" })),
    route("GET /api/status", () =>
      json({
        started: started.toISOString(),
        last_activity: kernels
          .list()
          .reduce((last, { model }) => maximum(last, model.last_activity), started.toISOString()),
        connections: kernels.list().reduce((sum, { model }) => sum + model.connections, 0),
        kernels: kernels.list().length,
      }),
    ),
    route("GET /api/me", () => json({ identity: learner, permissions: {} })),
    route("GET /api/kernelspecs", () => json({ default: kernelName, kernelspecs: { [kernelName]: kernelspec } })),
    route("GET /api/kernelspecs/:name", ({ parameters }) => {
      if (parameters["name"] !== kernelName) throw new RequestError(404, `There is no kernel ${parameters["name"]}.`);
      return json(kernelspec);
    }),
    ...kernelRoutes(contents, kernels),
    ...contentsRoutes(contents),
    ...quietRoutes(),
  ];
}

const maximum = (a: string, b: string): string => (a > b ? a : b);

const learner = {
  username: "learner",
  name: "Learner",
  display_name: "Learner",
  initials: "L",
  avatar_url: null,
  color: null,
};

const kernelspec = {
  name: kernelName,
  spec: {
    argv: [],
    env: {},
    display_name: "TypeScript (gradbook)",
    language: "typescript",
    interrupt_mode: "message",
    metadata: {},
  },
  resources: {},
};

function kernelRoutes(contents: Contents, kernels: Kernels): readonly Route[] {
  const place = async (notebook: unknown, name = ""): Promise<KernelPlace> => {
    if (typeof notebook !== "string" || notebook === "") return { cwd: await contents.file("") };
    const file = await contents.file(notebook);
    const found = await stat(file).catch(() => undefined);
    if (found?.isDirectory()) return { cwd: file };
    const folder = path.dirname(file);
    const folderIsThere = await stat(folder).then(
      (below) => below.isDirectory(),
      () => false,
    );
    // JupyterLab's client starts a session under a path that it makes up, in the notebook's folder, with the notebook's name.
    const meant = !file.endsWith(".ipynb") && name !== "" ? path.join(folder, path.basename(name)) : file;
    return { cwd: folderIsThere ? folder : await contents.file(""), notebook: meant };
  };
  const sessions = new Sessions(kernels, place);
  return [
    route("GET /api/kernels", () => json(kernels.list().map((kernel) => kernel.model))),
    route("POST /api/kernels", async (request) => {
      const { name, path: notebook } = await request.body();
      return json(kernels.start(name, await place(notebook)).model, 201);
    }),
    route("GET /api/kernels/:id", (request) => json(kernels.get(named(request, "id")).model)),
    route("DELETE /api/kernels/:id", async (request) => {
      await kernels.shutdown(named(request, "id"));
      return noContent;
    }),
    route("POST /api/kernels/:id/interrupt", (request) => {
      kernels.get(named(request, "id")).interrupt();
      return noContent;
    }),
    route("POST /api/kernels/:id/restart", async (request) => {
      const kernel = kernels.get(named(request, "id"));
      await kernel.restart();
      return json(kernel.model);
    }),
    route("GET /api/sessions", () => json(sessions.list())),
    route("POST /api/sessions", async (request) => json(await sessions.create(await request.body()), 201)),
    route("GET /api/sessions/:id", (request) => json(sessions.get(named(request, "id")))),
    route("PATCH /api/sessions/:id", async (request) =>
      json(await sessions.change(named(request, "id"), await request.body())),
    ),
    route("DELETE /api/sessions/:id", async (request) => {
      await sessions.delete(named(request, "id"));
      return noContent;
    }),
  ];
}

// The routes of checkpoints come first: a path may hold anything, also what looks like them.
function contentsRoutes(contents: Contents): readonly Route[] {
  const pathOf = (request: Request): string => named(request, "path");
  return [
    route("GET /files/*path", (request) => fileAnswer(contents, pathOf(request))),
    route("GET /api/contents/*path/checkpoints", async (request) => json(await contents.checkpoints(pathOf(request)))),
    route("POST /api/contents/*path/checkpoints", async (request) =>
      json(await contents.createCheckpoint(pathOf(request)), 201),
    ),
    route("POST /api/contents/*path/checkpoints/:id", async (request) => {
      await contents.restoreCheckpoint(pathOf(request), named(request, "id"));
      return noContent;
    }),
    route("DELETE /api/contents/*path/checkpoints/:id", async (request) => {
      await contents.deleteCheckpoint(pathOf(request), named(request, "id"));
      return noContent;
    }),
    route("GET /api/contents/*path", async (request) =>
      json(await contents.read(pathOf(request), readOptions(request.query))),
    ),
    route("POST /api/contents/*path", async (request) => {
      const { copy_from: from, type = "notebook", ext = ".txt" } = await request.body();
      const made =
        typeof from === "string"
          ? await contents.copy(from, pathOf(request))
          : await contents.create(pathOf(request), String(type), String(ext));
      return json(made, 201);
    }),
    route("PUT /api/contents/*path", async (request) =>
      json(await contents.write(pathOf(request), await request.body())),
    ),
    route("PATCH /api/contents/*path", async (request) => {
      const { path: to } = await request.body();
      if (typeof to !== "string") throw new RequestError(400, "The request does not say the new path.");
      return json(await contents.rename(pathOf(request), to));
    }),
    route("DELETE /api/contents/*path", async (request) => {
      await contents.delete(pathOf(request));
      return noContent;
    }),
  ];
}

function readOptions(query: URLSearchParams): ReadOptions {
  return {
    type: query.get("type") ?? undefined,
    format: query.get("format") ?? undefined,
    content: query.get("content") !== "0",
    hash: query.get("hash") === "1",
  };
}

/** A file as it is; what a lesson brings along must not act as a page of this server. */
async function fileAnswer(contents: Contents, apiPath: string): Promise<Answer> {
  const file = await contents.file(apiPath);
  const body = await readFile(file).catch((error: unknown) => {
    throw new RequestError(404, `There is no file ${apiPath}.`, error);
  });
  return {
    status: 200,
    headers: { "Content-Type": mimeTypeOf(file), "Content-Security-Policy": "sandbox; default-src 'none'" },
    body,
  };
}

/** What front ends ask for and this server has none of, or keeps no longer than it runs. */
function quietRoutes(): readonly Route[] {
  const config = new Map<string, Record<string, unknown>>();
  const section = (request: Request): Record<string, unknown> => config.get(named(request, "section")) ?? {};
  return [
    route("GET /api/config/:section", (request) => json(section(request))),
    route("PUT /api/config/:section", async (request) => {
      config.set(named(request, "section"), { ...(await request.body()) });
      return noContent;
    }),
    route("PATCH /api/config/:section", async (request) => {
      config.set(named(request, "section"), { ...section(request), ...(await request.body()) });
      return json(section(request));
    }),
    route("GET /api/terminals", () => json([])),
    route("GET /api/nbconvert", () => json({})),
    route("GET /lab/api/settings", () => json({ settings: [] })),
    route("GET /lab/api/workspaces", () => json({ workspaces: { ids: [], values: [] } })),
    route("GET /lab/api/translations", () =>
      json({ data: { en: { displayName: "English", nativeName: "English" } }, message: "" }),
    ),
    route("GET /lab/api/translations/:locale", () => json({ data: {}, message: "" })),
  ];
}

function named(request: Request, name: string): string {
  return request.parameters[name] ?? "";
}
