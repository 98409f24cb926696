import { createHash } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { access, copyFile, cp, lstat, mkdir, readdir, readFile, realpath, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { NotebookError, readNotebook, writeNotebook } from "../../src/course/notebook.ts";
import { writeFileWhole } from "../course/write-file.ts";
import { RequestError } from "./http.ts";
import { mimeTypeOf } from "./mime-types.ts";

/** A file or folder as Jupyter's contents API describes it. */
export interface ContentsModel {
  readonly name: string;
  readonly path: string;
  readonly type: "notebook" | "file" | "directory";
  readonly writable: boolean;
  readonly created: string;
  readonly last_modified: string;
  readonly size: number | null;
  readonly mimetype: string | null;
  readonly content: unknown;
  readonly format: "json" | "text" | "base64" | null;
  readonly hash?: string;
  readonly hash_algorithm?: string;
}

export interface ReadOptions {
  readonly type?: string | undefined;
  readonly format?: string | undefined;
  readonly content: boolean;
  readonly hash: boolean;
}

export interface Checkpoint {
  readonly id: string;
  readonly last_modified: string;
}

const checkpointFolder = ".ipynb_checkpoints";
const checkpointId = "checkpoint";

/** The files of one folder; no path leads out of it, also not through a symbolic link. */
export class Contents {
  readonly #root: string;
  /** Writes wait for one another, so that nothing comes between a look at a file and its change. */
  #writing: Promise<unknown> = Promise.resolve();

  constructor(root: string) {
    this.#root = path.resolve(root);
  }

  /** The file of an API path, which may not exist yet. */
  async file(apiPath: string): Promise<string> {
    const parts = apiPath.split("/").filter((part) => part !== "");
    for (const part of parts) {
      if (part === ".." || part === "." || part.includes("\0") || part.includes("\\") || /^[a-z]:$/i.test(part)) {
        throw new RequestError(403, `The path ${apiPath} leads out of the folder of the lessons.`);
      }
      if (part.startsWith("."))
        throw new RequestError(404, `There is no file ${apiPath}; hidden files are not served.`);
    }
    const file = path.join(this.#root, ...parts);
    const root = await realpath(this.#root);
    const real = await realExistingPart(file);
    if (real !== root && !real.startsWith(root + path.sep)) {
      throw new RequestError(403, `The path ${apiPath} leads out of the folder of the lessons.`);
    }
    return file;
  }

  async read(apiPath: string, options: ReadOptions): Promise<ContentsModel> {
    const file = await this.file(apiPath);
    const found = await this.#stat(file, apiPath);
    const type = found.isDirectory() ? "directory" : (options.type ?? kindOf(file));
    if (found.isDirectory() !== (type === "directory") || (options.type === "directory" && !found.isDirectory())) {
      throw new RequestError(400, `${apiPath} is ${found.isDirectory() ? "a folder" : "not a folder"}.`);
    }
    if (options.type !== undefined && options.type !== "directory" && found.isDirectory()) {
      throw new RequestError(400, `${apiPath} is a folder, not a file.`);
    }
    const base = await this.#model(file, apiPath, found, type as ContentsModel["type"]);
    if (type === "directory") {
      if (!options.content) return base;
      return { ...base, format: "json", content: await this.#list(file, apiPath) };
    }
    if (!options.content && !options.hash) return base;
    const bytes = await readFile(file);
    const hash = options.hash ? { hash: hashOf(bytes), hash_algorithm: "sha256" } : {};
    if (!options.content) return { ...base, ...hash };
    if (type === "notebook") return { ...base, ...hash, format: "json", content: notebookIn(bytes, base.name) };
    const text = options.format === "base64" ? undefined : textIn(bytes);
    if (text === undefined && options.format === "text") {
      throw new RequestError(400, `${base.name} is not text in UTF-8.`);
    }
    return text === undefined
      ? { ...base, ...hash, format: "base64", content: bytes.toString("base64") }
      : { ...base, ...hash, format: "text", content: text };
  }

  /**
   * Writes a file whole or not at all; a notebook only where it is one. With `expected_hash` only where the file
   * still is the one that has this hash: what another page saved meanwhile is not overwritten.
   */
  write(apiPath: string, model: Readonly<Record<string, unknown>>): Promise<ContentsModel> {
    const written = this.#writing.then(() => this.#write(apiPath, model));
    this.#writing = written.catch(() => {});
    return written;
  }

  async #write(apiPath: string, model: Readonly<Record<string, unknown>>): Promise<ContentsModel> {
    const file = await this.file(apiPath);
    const { type = kindOf(file), content, format } = model;
    if (file === this.#root) throw new RequestError(400, "A name is missing.");
    if (type === "directory") {
      await mkdir(file, { recursive: true });
    } else {
      const existing = await lstat(file).catch(() => undefined);
      if (existing?.isDirectory()) throw new RequestError(400, `${apiPath} is a folder, not a file.`);
      // The file behind a link inside the folder is written, the link stays.
      const target = existing?.isSymbolicLink() ? await realpath(file) : file;
      const { expected_hash: expected } = model;
      if (existing !== undefined && typeof expected === "string" && hashOf(await readFile(target)) !== expected) {
        throw new RequestError(409, `${path.basename(file)} has changed since it was opened; it was not overwritten.`);
      }
      await writeFileWhole(target, bytesFor(path.basename(file), type, format, content));
    }
    return this.read(apiPath, { type: String(type), content: false, hash: type !== "directory" });
  }

  /** Makes an untitled file or folder in a folder. */
  async create(folder: string, type: string, extension: string): Promise<ContentsModel> {
    const [base, end] =
      type === "notebook"
        ? ["Untitled", ".ipynb"]
        : type === "directory"
          ? ["Untitled Folder", ""]
          : ["untitled", extension];
    const name = await this.#freeName(folder, (number) => `${base}${number === 0 ? "" : ` ${number}`}${end}`);
    const content = type === "notebook" ? emptyNotebook : "";
    return this.write(join(folder, name), { type, format: type === "notebook" ? "json" : "text", content });
  }

  async copy(from: string, folder: string): Promise<ContentsModel> {
    const source = await this.file(from);
    await this.#stat(source, from);
    const { name, ext } = path.parse(source);
    const target = await this.#freeName(folder, (number) => `${name}-Copy${number + 1}${ext}`);
    await cp(source, await this.file(join(folder, target)), { recursive: true, errorOnExist: true, force: false });
    return this.read(join(folder, target), { content: false, hash: false });
  }

  async rename(from: string, to: string): Promise<ContentsModel> {
    const [source, target] = [await this.file(from), await this.file(to)];
    if (source === this.#root || target === this.#root) throw new RequestError(400, "A name is missing.");
    await this.#stat(source, from);
    if (source !== target && (await exists(target))) throw new RequestError(409, `There already is a file ${to}.`);
    await mkdir(path.dirname(target), { recursive: true });
    await rename(source, target);
    const checkpoint = checkpointOf(source);
    if (await exists(checkpoint)) {
      await mkdir(path.dirname(checkpointOf(target)), { recursive: true });
      await rename(checkpoint, checkpointOf(target));
    }
    return this.read(to, { content: false, hash: false });
  }

  async delete(apiPath: string): Promise<void> {
    const file = await this.file(apiPath);
    const found = await this.#stat(file, apiPath);
    if (file === this.#root) throw new RequestError(400, "The folder of the lessons itself is not deleted.");
    if (found.isDirectory() && (await readdir(file)).some((name) => name !== checkpointFolder)) {
      throw new RequestError(400, `The folder ${apiPath} is not empty.`);
    }
    await rm(file, { recursive: found.isDirectory() });
    await rm(checkpointOf(file), { force: true });
  }

  async checkpoints(apiPath: string): Promise<readonly Checkpoint[]> {
    const file = await this.file(apiPath);
    await this.#stat(file, apiPath);
    const kept = await stat(checkpointOf(file)).catch(() => undefined);
    return kept === undefined ? [] : [{ id: checkpointId, last_modified: kept.mtime.toISOString() }];
  }

  async createCheckpoint(apiPath: string): Promise<Checkpoint> {
    const file = await this.file(apiPath);
    await this.#stat(file, apiPath);
    const kept = checkpointOf(file);
    await mkdir(path.dirname(kept), { recursive: true });
    await copyFile(file, kept);
    return { id: checkpointId, last_modified: (await stat(kept)).mtime.toISOString() };
  }

  async restoreCheckpoint(apiPath: string, id: string): Promise<void> {
    const file = await this.file(apiPath);
    if (id !== checkpointId || !(await exists(checkpointOf(file)))) {
      throw new RequestError(404, `There is no checkpoint ${id} of ${apiPath}.`);
    }
    await writeFileWhole(file, await readFile(checkpointOf(file)));
  }

  async deleteCheckpoint(apiPath: string, id: string): Promise<void> {
    const file = await this.file(apiPath);
    if (id !== checkpointId) throw new RequestError(404, `There is no checkpoint ${id} of ${apiPath}.`);
    await rm(checkpointOf(file), { force: true });
  }

  async #stat(file: string, apiPath: string): Promise<Stats> {
    try {
      return await stat(file);
    } catch (error) {
      throw new RequestError(404, `There is no file ${apiPath === "" ? "there" : apiPath}.`, error);
    }
  }

  async #model(file: string, apiPath: string, found: Stats, type: ContentsModel["type"]): Promise<ContentsModel> {
    const clean = apiPath.split("/").filter((part) => part !== "");
    return {
      name: clean.at(-1) ?? "",
      path: clean.join("/"),
      type,
      writable: await access(file, constants.W_OK).then(
        () => true,
        () => false,
      ),
      created: found.birthtime.toISOString(),
      last_modified: found.mtime.toISOString(),
      size: type === "directory" ? null : found.size,
      mimetype: type === "file" ? mimeTypeOf(file) : null,
      content: null,
      format: null,
    };
  }

  async #list(folder: string, apiPath: string): Promise<readonly ContentsModel[]> {
    const names = (await readdir(folder)).filter((name) => !name.startsWith(".") && name !== "node_modules").sort();
    const models = await Promise.all(
      names.map((name) =>
        // A link that leads nowhere or out of the folder is not listed.
        this.read(join(apiPath, name), { content: false, hash: false }).catch(() => undefined),
      ),
    );
    return models.filter((model) => model !== undefined);
  }

  async #freeName(folder: string, name: (number: number) => string): Promise<string> {
    for (let number = 0; ; number += 1) {
      if (!(await exists(await this.file(join(folder, name(number)))))) return name(number);
    }
  }
}

const emptyNotebook = {
  nbformat: 4,
  nbformat_minor: 5,
  metadata: { kernelspec: { name: "gradbook", display_name: "TypeScript (gradbook)", language: "typescript" } },
  cells: [],
};

const join = (folder: string, name: string): string => (folder === "" ? name : `${folder}/${name}`);

const kindOf = (file: string): "notebook" | "file" => (file.endsWith(".ipynb") ? "notebook" : "file");

const checkpointOf = (file: string): string => path.join(path.dirname(file), checkpointFolder, path.basename(file));

const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

const exists = (file: string): Promise<boolean> =>
  lstat(file).then(
    () => true,
    () => false,
  );

/** The real path of a file, or of the nearest folder above it that exists, with the rest as given. */
async function realExistingPart(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch {
    // A link that leads nowhere could be written through: what it points at counts, not where it stands.
    if (await exists(file)) throw new RequestError(403, `${path.basename(file)} is a link that leads nowhere.`);
    return path.join(await realExistingPart(path.dirname(file)), path.basename(file));
  }
}

function textIn(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function notebookIn(bytes: Uint8Array, name: string): unknown {
  try {
    return readNotebook(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new RequestError(400, `${name} cannot be opened: ${reasonIn(error)}`, error);
  }
}

function bytesFor(name: string, type: unknown, format: unknown, content: unknown): string | Uint8Array {
  if (type === "notebook") {
    try {
      return writeNotebook(readNotebook(JSON.stringify(content ?? null)));
    } catch (error) {
      throw new RequestError(400, `${name} was not saved: ${reasonIn(error)}`, error);
    }
  }
  if (typeof content !== "string") throw new RequestError(400, `${name} was not saved: its content is not text.`);
  return format === "base64" ? Buffer.from(content, "base64") : content;
}

function reasonIn(error: unknown): string {
  if (error instanceof NotebookError) return error.message.split("\n")[0] ?? "";
  return error instanceof Error ? error.message : String(error);
}
