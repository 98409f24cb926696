import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { cache, root } from "../support/paths.ts";
import { programOf, systemPython } from "../support/python.ts";

/** Versions by name, as peers.json pins them. */
type Pinned = Readonly<Record<string, string>>;

const folder = path.join(cache, "peers");
/** Where the peers from npm are installed: import from here. */
export const packagesFolder: string = path.join(folder, "javascript");
const pythonFolder = path.join(folder, "python");
/** The interpreter that has the peers from PyPI. */
export const peersPython: string = programOf(pythonFolder, "python");

const pinned = JSON.parse(readFileSync(path.join(root, "test", "bench", "peers.json"), "utf8")) as {
  readonly npm: Pinned;
  readonly python: Pinned;
};

/** Installs the peers of one registry where they are missing or pinned otherwise; says why where that is impossible. */
export async function installPeers(registry: "npm" | "python"): Promise<{ readonly reason?: string }> {
  const into = registry === "npm" ? packagesFolder : pythonFolder;
  const wanted = JSON.stringify(pinned[registry]);
  const stamp = path.join(into, "installed.json");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return {};
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into, { recursive: true });
  try {
    await (registry === "npm" ? installFromNpm(pinned.npm) : installFromPyPI(pinned.python));
    writeFileSync(stamp, wanted);
    return {};
  } catch (error) {
    return { reason: `not installed: ${firstLine(error)}` };
  }
}

async function installFromNpm(versions: Pinned): Promise<void> {
  writeFileSync(path.join(packagesFolder, "package.json"), JSON.stringify({ private: true, dependencies: versions }));
  const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"];
  await run("npm", ["install", "--prefix", packagesFolder, ...options], process.platform === "win32");
}

async function installFromPyPI(versions: Pinned): Promise<void> {
  await run(systemPython(), ["-m", "venv", pythonFolder]);
  const requirements = Object.entries(versions).map(([name, version]) => `${name}==${version}`);
  await run(peersPython, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...requirements]);
}

async function run(command: string, args: readonly string[], shell: boolean = false): Promise<void> {
  try {
    await promisify(execFile)(command, args, { cwd: folder, maxBuffer: 1 << 26, shell });
  } catch (error) {
    // Of what they write when they give up, the first lines about it say why.
    const { stderr = "" } = error as { readonly stderr?: string };
    const why = stderr.split("\n").filter((line) => /error/i.test(line));
    throw new Error(why.length > 0 ? why.slice(0, 2).join(", ") : firstLine(error), { cause: error });
  }
}

/** The sentence of an error that fits into a line of a report. */
export function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.trim().split("\n")[0]!;
}
