import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { kernelspecFolder, type Machine, type Place } from "./folders.ts";
import { logoPng, logoSvg } from "./logo.ts";

export const thisMachine: Machine = {
  platform: process.platform,
  home: homedir(),
  environment: process.env,
};

/** The program that a kernelspec names. */
export const kernelProgram: string = fileURLToPath(new URL("../transports/zeromq.js", import.meta.url));

/** What Jupyter reads to start the kernel; paths are absolute, because Jupyter's folder and PATH may be any. */
const kernelspec = {
  argv: [process.execPath, kernelProgram, "{connection_file}"],
  display_name: "TypeScript (gradbook)",
  language: "typescript",
  interrupt_mode: "message",
  metadata: { debugger: true },
} as const;

/** Writes the kernelspec and returns its folder. */
export async function install(place: Place): Promise<string> {
  if (kernelProgram.split(path.sep).includes("_npx")) {
    throw new Error(
      "npx runs gradbook from a cache that will disappear. Install it first (npm install -g gradbook), then run gradbook install.",
    );
  }
  const folder = kernelspecFolder(place, thisMachine);
  change(`The kernel cannot be installed in ${folder}`, () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, "logo-svg.svg"), logoSvg());
    for (const size of [32, 64]) writeFileSync(path.join(folder, `logo-${size}x${size}.png`), logoPng(size));
    writeFileSync(path.join(folder, "kernel.json"), `${JSON.stringify(kernelspec, null, 2)}\n`);
  });
  return folder;
}

/** Removes the kernelspec and returns the folders it removed. */
export async function uninstall(place: Place): Promise<readonly string[]> {
  const folder = kernelspecFolder(place, thisMachine);
  if (!existsSync(folder)) return [];
  change(`The kernel cannot be removed from ${folder}`, () => rmSync(folder, { recursive: true }));
  return [folder];
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "you may not write there",
  EPERM: "you may not write there",
  EROFS: "it is read-only",
  ENOTDIR: "a part of that path is a file",
  EEXIST: "a part of that path is a file",
  ENOSPC: "the disk is full",
};

function change(whatFailed: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException; // what node:fs throws
    throw new Error(`${whatFailed}: ${reasons[code] ?? message}. Choose another place with --user or --prefix PATH.`, {
      cause: error,
    });
  }
}
