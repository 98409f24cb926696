import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { cache, root } from "./paths.ts";

export interface Python {
  /** The environment's own interpreter. */
  readonly python: string;
  /** Its `jupyter` command. */
  readonly jupyter: string;
}

const windows = process.platform === "win32";

/**
 * A virtual environment in .cache/venv with what test/jupyter/requirements.txt pins: real Jupyter to test against.
 * The first call makes it, which takes minutes; it is made again when the file has changed.
 */
export async function python(): Promise<Python> {
  const folder = path.join(cache, "venv");
  const found = { python: programOf(folder, "python"), jupyter: programOf(folder, "jupyter") };
  const requirements = path.join(root, "test", "jupyter", "requirements.txt");
  const wanted = readFileSync(requirements, "utf8");
  const stamp = path.join(folder, "requirements.txt");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return found;
  console.log("    (making .cache/venv: this takes some minutes)");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  await run(systemPython(), ["-m", "venv", folder]);
  await run(found.python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements]);
  writeFileSync(stamp, wanted);
  return found;
}

/** A program of the virtual environment in a folder. */
export function programOf(folder: string, name: string): string {
  return path.join(folder, windows ? "Scripts" : "bin", name);
}

/** The interpreter that virtual environments are made with. */
export function systemPython(): string {
  const found = ["python3", "python"].find((name) => spawnSync(name, ["--version"]).status === 0);
  if (found === undefined) throw new Error("Python 3 with venv is needed here; none was found.");
  return found;
}

async function run(command: string, args: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)(command, args, { maxBuffer: 1 << 26 });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(" ")} failed:\n${stdout}${stderr}`, { cause: error });
  }
}
