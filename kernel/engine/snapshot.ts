import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { environmentWithoutFlags } from "./pipes.ts";
import { distribution } from "./typescript.ts";

// A startup snapshot is the compiler's memory after its first cells: a process that starts from it reads neither the
// compiler nor the types. Only the very Node that made it can read it; so each Node makes one of its own.

/**
 * A process can read a snapshot with the flags only that it was made with. To hash all its texts afresh, against who would
 * make tables slow from outside, takes a tenth of the start; here the learner's own code is all that is read.
 */
export const snapshotFlags: readonly string[] = ["--no-warnings", "--no-rehash-snapshot"];

const program = path.join(distribution, "compiler", "snapshot.cjs");

/** One name for each Node, each build of ours and each place of it: paths are part of the snapshot. */
function snapshotName(): string {
  const { mtimeMs, size } = statSync(program);
  const { version, arch, platform, versions } = process;
  const parts = [version, versions.v8, arch, platform, distribution, mtimeMs, size];
  return `${version}-${createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, 16)}.blob`;
}

/** Beside the program; where that cannot be written, among the user's caches. */
function folders(): readonly string[] {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  const caches = XDG_CACHE_HOME || LOCALAPPDATA || path.join(homedir(), ".cache");
  return [path.join(distribution, "compiler", "snapshots"), path.join(caches, "gradbook", "snapshots")];
}

/** The snapshot that this Node can start from, where there is one. */
export function findSnapshot(): string | undefined {
  if (!existsSync(program)) return undefined;
  const name = snapshotName();
  return folders()
    .map((folder) => path.join(folder, name))
    .find(existsSync);
}

/** Makes the snapshot for this Node; resolves to where it is, or to undefined where none can be made. */
export async function makeSnapshot(): Promise<string | undefined> {
  if (!existsSync(program)) return undefined;
  const name = snapshotName();
  for (const folder of folders()) {
    const temporary = path.join(folder, `${process.pid}.tmp`);
    try {
      mkdirSync(folder, { recursive: true });
      await run([...snapshotFlags, "--snapshot-blob", temporary, "--build-snapshot", program], folder);
      // Those of other builds of ours, and of a Node that was replaced, are of no use any more.
      for (const old of readdirSync(folder)) {
        if (old.startsWith(`${process.version}-`) && old !== name) rmSync(path.join(folder, old), { force: true });
      }
      renameSync(temporary, path.join(folder, name));
      return path.join(folder, name);
    } catch {
      rmSync(temporary, { force: true });
    }
  }
  return undefined;
}

function run(parameters: readonly string[], cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, parameters, { cwd, env: environmentWithoutFlags(), stdio: "ignore" });
    child.once("error", reject);
    child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`it ended with code ${code}`))));
  });
}
