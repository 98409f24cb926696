import { randomBytes } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { type Access, checkAddress, cookieName, hasToken } from "./access.ts";
import { jupyterRoutes } from "./api.ts";
import { Contents } from "./contents.ts";
import { courseRoutes } from "./course-api.ts";
import { type Answer, findRoute, json, RequestError, type Route, readJson, send } from "./http.ts";
import { Kernels } from "./kernels.ts";
import { mimeTypeOf } from "./mime-types.ts";
import { Sockets } from "./sockets.ts";

export interface ServerOptions {
  /** 0 takes a free port. */
  readonly port: number;
  /** The folder whose notebooks are served; nothing outside it is. */
  readonly folder: string;
  /** Without one a new one is made. */
  readonly token?: string;
  /** The author's lessons that the folder holds copies of. */
  readonly lessons?: string;
  /** What kernels find in their environment besides the server's own. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface RunningServer {
  /** The page's address with the token. */
  readonly url: string;
  /** The address that Jupyter clients want. */
  readonly baseUrl: string;
  readonly token: string;
  readonly port: number;
  /** Ends the server and its kernels. */
  close(): Promise<void>;
}

const page = fileURLToPath(new URL("../../page/", import.meta.url));

/** Starts a Jupyter server of our own, for this machine only. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const folder = path.resolve(options.folder);
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw new Error(`There is no folder ${folder}.`);
  const token = options.token ?? randomBytes(24).toString("hex");
  const kernels = new Kernels(options.environment);
  const sockets = new Sockets(kernels);
  const routes = [
    ...jupyterRoutes(new Contents(folder), kernels),
    ...courseRoutes({ work: folder, lessons: options.lessons }),
  ];
  const server = createServer();
  const port = await listen(server, options.port);
  const access: Access = { token, port };
  server.on("request", (message, response) => void respond(access, routes, message, response));
  server.on("upgrade", (message, socket, head) => upgrade(access, sockets, message, socket, head));
  return {
    url: `http://127.0.0.1:${port}/?token=${token}`,
    baseUrl: `http://127.0.0.1:${port}/`,
    token,
    port,
    async close() {
      sockets.close();
      server.close();
      server.closeAllConnections();
      await kernels.close();
    },
  };
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, port)));
    server.listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

function listenError(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === "EADDRINUSE") {
    const message = `Port ${port} is in use, perhaps by another gradbook; choose another with --port, or --port 0 for any free one.`;
    return new Error(message, { cause: error });
  }
  if (error.code === "EACCES") {
    return new Error(`You may not listen on port ${port}; choose one above 1023 with --port.`, { cause: error });
  }
  return error;
}

async function respond(
  access: Access,
  routes: readonly Route[],
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let answer: Answer;
  try {
    answer = await answerTo(access, routes, message);
  } catch (error) {
    // The client left while it was sending: there is nobody to answer.
    if (message.destroyed && !message.complete) return;
    answer = errorAnswer(error);
  }
  // What is left of a body that nobody wanted must not hold the connection up.
  message.resume();
  send(response, answer, commonHeaders(access));
}

function errorAnswer(error: unknown): Answer {
  if (error instanceof RequestError) return json({ message: error.message, reason: null }, error.status);
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`gradbook: ${error instanceof Error ? error.stack : message}\n`);
  return json({ message, reason: null }, 500);
}

async function answerTo(access: Access, routes: readonly Route[], message: IncomingMessage): Promise<Answer> {
  const { path: requested, query } = addressOf(message);
  const method = message.method === "HEAD" ? "GET" : (message.method ?? "GET");
  checkAddress(access, message.headers);
  if (!hasToken(access, message.headers, query)) return refusal(requested, message);
  const match = findRoute(routes, method, requested);
  if (match !== undefined) {
    const { headers } = message;
    const request = { method, parameters: match.parameters, query, headers, body: () => readJson(message) };
    return match.handle(request);
  }
  if (method !== "GET" || /^\/(?:lab\/)?api\//.test(requested)) {
    throw new RequestError(404, `There is nothing at ${requested}.`);
  }
  return pageAnswer(access, requested, query);
}

function addressOf(message: IncomingMessage): { path: string; query: URLSearchParams } {
  // The path is kept as it was sent: URL would resolve its dots before they are looked at.
  const [sent = "/", search = ""] = (message.url ?? "/").split(/\?(.*)/s);
  return { path: sent, query: new URLSearchParams(search) };
}

function refusal(requested: string, message: IncomingMessage): Answer {
  const sentence = "This server needs its token: open the address that it printed when it started.";
  if (/^\/(?:lab\/)?api\//.test(requested) || !String(message.headers.accept).includes("text/html")) {
    return json({ message: sentence, reason: null }, 403);
  }
  const body = `<!doctype html><html lang="en"><meta charset="utf-8"><title>gradbook</title><main><p>${sentence}</p></main></html>`;
  return { status: 403, headers: { "Content-Type": "text/html; charset=utf-8" }, body };
}

/** The page's files; every other address is the page itself, which reads from it what to show. */
async function pageAnswer(access: Access, requested: string, query: URLSearchParams): Promise<Answer> {
  if (query.has("token")) return withoutToken(access, requested, query);
  const asset = /^\/page\/([\w.-]+)$/.exec(requested)?.[1];
  if (asset === undefined && !/^\/(?:notebooks\/.*)?$/.test(requested)) {
    throw new RequestError(404, `There is nothing at ${requested}.`);
  }
  const file = asset ?? "index.html";
  const body = await readFile(path.join(page, file)).catch((error: unknown) => {
    const reason = asset === undefined ? "The page is not built; run npm run build." : `There is no file ${asset}.`;
    throw new RequestError(404, reason, error);
  });
  // The names of the page's files change with what is in them.
  const cache = asset === undefined ? "no-cache" : "private, max-age=31536000, immutable";
  return { status: 200, headers: { "Content-Type": mimeTypeOf(file), "Cache-Control": cache }, body };
}

/** Moves the token from the address, where histories and pictures would keep it, into a cookie. */
function withoutToken(access: Access, requested: string, query: URLSearchParams): Answer {
  query.delete("token");
  const rest = query.toString();
  const cookie = `${cookieName(access)}=${access.token}; Path=/; HttpOnly; SameSite=Strict`;
  // Two slashes at the start would lead to another host.
  const clean = `/${requested.replace(/^\/+/, "")}`;
  return { status: 302, headers: { "Set-Cookie": cookie, Location: clean + (rest === "" ? "" : `?${rest}`) } };
}

function commonHeaders(access: Access): Readonly<Record<string, string>> {
  const sockets = ["127.0.0.1", "localhost"].map((name) => `ws://${name}:${access.port}`).join(" ");
  return {
    "Content-Security-Policy": [
      "default-src 'none'",
      "script-src 'self'",
      // CodeMirror, MathJax and figures write their styles into the page.
      "style-src 'self' 'unsafe-inline'",
      "img-src 'self' data: blob:",
      "media-src 'self' data: blob:",
      "font-src 'self' data:",
      `connect-src 'self' ${sockets}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join("; "),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
  };
}

function upgrade(access: Access, sockets: Sockets, message: IncomingMessage, socket: Duplex, head: Buffer): void {
  socket.on("error", () => socket.destroy());
  const refuse = (status: string): void => {
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
  };
  try {
    const { path: requested, query } = addressOf(message);
    checkAddress(access, message.headers);
    if (!hasToken(access, message.headers, query)) refuse("403 Forbidden");
    else if (!sockets.accept(requested, query, message, socket, head)) refuse("404 Not Found");
  } catch (error) {
    refuse(error instanceof RequestError && error.status === 403 ? "403 Forbidden" : "404 Not Found");
  }
}
