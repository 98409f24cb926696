import type { Comm } from "../engine/engine.ts";
import type { JupyterMessage } from "./message.ts";
import { toOffset } from "./positions.ts";
import type { Content, HistoryContent, RequestContent, RequestName } from "./requests.ts";

/** Thrown where a request's content does not say what the protocol wants it to say. */
export class MalformedRequest extends Error {
  constructor(field: string, wanted: string, got: unknown) {
    super(`${field} should be ${wanted}, got ${got === undefined ? "nothing" : describe(got)}`);
    this.name = "MalformedRequest";
  }
}

function describe(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

export function text(content: Content, field: string, otherwise?: string): string {
  const value = content[field] ?? otherwise;
  if (typeof value !== "string") throw new MalformedRequest(field, "a string", value);
  return value;
}

function flag(content: Content, field: string, otherwise: boolean): boolean {
  const value = content[field] ?? otherwise;
  if (typeof value !== "boolean") throw new MalformedRequest(field, "true or false", value);
  return value;
}

export function integer<Otherwise>(content: Content, field: string, otherwise: Otherwise): number | Otherwise {
  const value = content[field];
  if (value === undefined || value === null) return otherwise;
  if (typeof value !== "number" || !Number.isInteger(value)) {
    throw new MalformedRequest(field, "a whole number", value);
  }
  return value;
}

export function object(content: Content, field: string): Content {
  const value = content[field];
  if (!isObject(value)) throw new MalformedRequest(field, "an object", value);
  return value;
}

/** Objects in a list; none where there is no list. */
export function list(content: Content, field: string): readonly Content[] {
  const value = content[field] ?? [];
  if (!Array.isArray(value) || !value.every(isObject)) throw new MalformedRequest(field, "a list of objects", value);
  return value;
}

function isObject(value: unknown): value is Content {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function expressions(content: Content): Record<string, string> {
  const { user_expressions: value = {} } = content;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new MalformedRequest("user_expressions", "an object of names and expressions", value);
  }
  for (const [name, expression] of Object.entries(value)) {
    if (typeof expression !== "string") throw new MalformedRequest(`user_expressions.${name}`, "a string", expression);
  }
  return value as Record<string, string>; // each value was just checked
}

function position(content: Content): { code: string; offset: number } {
  const code = text(content, "code");
  const cursor = integer(content, "cursor_pos", undefined);
  if (cursor !== undefined && cursor < 0) throw new MalformedRequest("cursor_pos", "0 or more", cursor);
  return { code, offset: cursor === undefined ? code.length : toOffset(code, cursor) };
}

function history(content: Content): HistoryContent {
  const access = text(content, "hist_access_type", "tail");
  const output = flag(content, "output", false);
  switch (access) {
    case "tail":
      return { output, access, n: integer(content, "n", 10) };
    case "range":
      return {
        output,
        access,
        session: integer(content, "session", 0),
        start: integer(content, "start", 1),
        stop: integer(content, "stop", undefined),
      };
    case "search":
      return {
        output,
        access,
        n: integer(content, "n", undefined),
        pattern: text(content, "pattern", "*"),
        unique: flag(content, "unique", false),
      };
  }
  throw new MalformedRequest("hist_access_type", '"tail", "range" or "search"', access);
}

const commActions = { comm_open: "open", comm_msg: "message", comm_close: "close" } as const;

/** Reads a message over a comm; undefined where it is none. */
export function commFrom({ header, content, metadata, buffers }: JupyterMessage): Comm | undefined {
  const type = header.msg_type as keyof typeof commActions;
  const { comm_id: id, target_name: target, data } = content;
  if (!Object.hasOwn(commActions, type) || typeof id !== "string") return undefined;
  return {
    action: commActions[type],
    id,
    target: typeof target === "string" ? target : "",
    data: typeof data === "object" && data !== null ? (data as Content) : {},
    metadata,
    buffers: buffers.map((bytes) => Buffer.from(bytes).toString("base64")),
  };
}

/** Reads what came over the wire; throws MalformedRequest where it is not what the request needs. */
export const parsers: { readonly [Name in RequestName]: (content: Content) => RequestContent<Name> } = {
  kernel_info: () => ({}),
  execute: (content) => {
    const silent = flag(content, "silent", false);
    return {
      code: text(content, "code"),
      silent,
      store_history: flag(content, "store_history", !silent) && !silent,
      user_expressions: expressions(content),
      allow_stdin: flag(content, "allow_stdin", false),
      stop_on_error: flag(content, "stop_on_error", true),
    };
  },
  complete: position,
  inspect: (content) => ({ ...position(content), detail_level: integer(content, "detail_level", 0) }),
  is_complete: (content) => ({ code: text(content, "code") }),
  history,
  comm_info: ({ target_name: target }) => ({ target: typeof target === "string" ? target : undefined }),
  create_subshell: () => ({}),
  delete_subshell: (content) => ({ id: text(content, "subshell_id") }),
  list_subshell: () => ({}),
  interrupt: () => ({}),
  shutdown: (content) => ({ restart: flag(content, "restart", false) }),
  debug: (content) => ({
    seq: integer(content, "seq", 0),
    command: text(content, "command", ""),
    arguments: content["arguments"] === undefined ? {} : object(content, "arguments"),
  }),
};
