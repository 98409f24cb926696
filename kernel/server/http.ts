import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";

/** What a handler is told about a request. */
export interface Request {
  readonly method: string;
  /** The path's parts that a route names, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The JSON body; an empty one is an empty object. */
  body(): Promise<Readonly<Record<string, unknown>>>;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** A request that cannot be done; the message is one sentence for the learner. */
export class RequestError extends Error {
  readonly status: number;

  constructor(status: number, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "RequestError";
    this.status = status;
  }
}

export type Handler = (request: Request) => Answer | Promise<Answer>;

/** A method and a path such as `GET /api/kernels/:id`; one part `*name` takes any number of parts. */
export interface Route {
  readonly method: string;
  readonly parts: readonly string[];
  readonly handle: Handler;
}

export function route(pattern: string, handle: Handler): Route {
  const [method = "", path = ""] = pattern.split(" ");
  return { method, parts: partsOf(path), handle };
}

export function json(value: unknown, status: number = 200): Answer {
  return { status, headers: { "Content-Type": "application/json; charset=utf-8" }, body: JSON.stringify(value) };
}

export const noContent: Answer = { status: 204 };

export interface Match {
  readonly handle: Handler;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The route of a request; undefined where there is none, a 405 where only the method differs. */
export function findRoute(routes: readonly Route[], method: string, path: string): Match | undefined {
  const parts = partsOf(path);
  let pathKnown = false;
  for (const { method: wanted, parts: pattern, handle } of routes) {
    const parameters = matchParts(pattern, parts);
    if (parameters === undefined) continue;
    if (wanted === method) return { handle, parameters };
    pathKnown = true;
  }
  if (pathKnown) throw new RequestError(405, `${path} does not know the method ${method}.`);
  return undefined;
}

const partsOf = (path: string): readonly string[] => path.split("/").filter((part) => part !== "");

function matchParts(pattern: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  const star = pattern.findIndex((part) => part.startsWith("*"));
  if (star < 0) return parts.length === pattern.length ? matchEach(pattern, parts) : undefined;
  const after = pattern.length - star - 1;
  const rest = parts.slice(star, parts.length - after);
  if (parts.length < star + after) return undefined;
  const before = matchEach(pattern.slice(0, star), parts.slice(0, star));
  const behind = matchEach(pattern.slice(star + 1), parts.slice(parts.length - after));
  if (before === undefined || behind === undefined) return undefined;
  return { ...before, ...behind, [pattern[star]!.slice(1)]: rest.map(decode).join("/") };
}

function matchEach(pattern: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [position, wanted] of pattern.entries()) {
    const part = parts[position]!;
    if (wanted.startsWith(":")) parameters[wanted.slice(1)] = decode(part);
    else if (wanted !== part) return undefined;
  }
  return parameters;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new RequestError(400, `The path's part ${part} is not encoded as a URL wants it.`);
  }
}

const largestBody = 256 * 1024 * 1024;

export async function readJson(message: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBody) throw new RequestError(413, "The request is larger than 256 MB.");
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString("utf8");
  if (text.trim() === "") return {};
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new RequestError(400, "The request's body is not valid JSON.", error);
  }
  if (typeof data !== "object" || data === null || Array.isArray(data)) {
    throw new RequestError(400, "The request's body is not a JSON object.");
  }
  return data as Readonly<Record<string, unknown>>;
}

export function send(response: ServerResponse, answer: Answer, common: Readonly<Record<string, string>>): void {
  response.writeHead(answer.status, { ...common, ...answer.headers });
  response.end(answer.body);
}
