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

/** A virtual environment in .cache/venv with what test/jupyter/requirements.txt pins: real Jupyter to test against. */
export async function python(): Promise<Python> {
  const folder = await environment("venv", path.join(root, "test", "jupyter", "requirements.txt"));
  return { python: programOf(folder, "python"), jupyter: programOf(folder, "jupyter") };
}

/**
 * A virtual environment below .cache with what a file of requirements pins. The first call makes it, which takes minutes; it is made
 * again when the file has changed.
 */
export async function environment(name: string, requirements: string): Promise<string> {
  const folder = path.join(cache, name);
  const wanted = readFileSync(requirements, "utf8");
  const stamp = path.join(folder, "requirements.txt");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return folder;
  console.log(`    (making .cache/${name}: this takes some minutes)`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  await run(systemPython(), ["-m", "venv", folder]);
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements];
  await run(programOf(folder, "python"), pip);
  writeFileSync(stamp, wanted);
  return folder;
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
