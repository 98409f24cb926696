import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { KernelClient } from "../../support/kernel-client.ts";
import { kernelCommand } from "../../support/kernel-command.ts";
import { cache, root } from "../../support/paths.ts";
import { installPeers, packagesFolder, peersPython } from "../peers.ts";
import { type Language, python, typescript } from "./languages.ts";

/** A kernel that takes part, started and interrupted as its own kernel.json says. */
export interface Contender {
  readonly language: Language;
  readonly command: (connectionFile: string) => readonly string[];
  readonly cwd: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly interrupt: "message" | "signal";
  /** Whether Node runs it, so that it can be asked for its heap. */
  readonly node: boolean;
  /** Where it is installed from at the first run, if not with our own packages. */
  readonly registry?: "npm" | "python";
}

/** Where Deno finds no package.json, and keeps what it compiles. */
const denoFolder = path.join(cache, "peers", "deno");

/** All kernels that are compared; ours first. */
export const contenders: Readonly<Record<string, Contender>> = {
  gradbook: {
    language: typescript,
    command: kernelCommand,
    cwd: root,
    interrupt: "message",
    node: true,
  },
  tslab: {
    language: typescript,
    command: (file) => [
      process.execPath,
      path.join(root, "node_modules", "tslab", "bin", "tslab"),
      ...["kernel", "--config-path", file],
    ],
    // In the checkout, because tslab finds the types of console only beside @types/node.
    cwd: root,
    interrupt: "signal",
    node: true,
  },
  Deno: {
    language: typescript,
    command: (file) => [denoProgram(), "jupyter", "--kernel", "--conn", file],
    cwd: denoFolder,
    environment: { DENO_DIR: path.join(denoFolder, ".cache"), DENO_NO_UPDATE_CHECK: "1" },
    interrupt: "signal",
    node: false,
    registry: "npm",
  },
  ipykernel: {
    language: python,
    command: (file) => [peersPython, "-m", "ipykernel_launcher", "-f", file],
    cwd: root,
    environment: { IPYTHONDIR: path.join(cache, "peers", "ipython") },
    interrupt: "signal",
    node: false,
    registry: "python",
  },
};

/** Deno's own program: the one its package starts hands no signal on. */
function denoProgram(): string {
  const require = createRequire(path.join(packagesFolder, "package.json"));
  const { runInstall } = require("deno/install_api.cjs") as { runInstall(): string };
  return runInstall();
}

/** Those of the contenders that can take part here, and why the others cannot. */
export async function present(): Promise<{
  readonly names: readonly string[];
  readonly absent: Readonly<Record<string, string>>;
}> {
  mkdirSync(denoFolder, { recursive: true });
  const absent: Record<string, string> = {};
  for (const [name, { registry }] of Object.entries(contenders)) {
    if (registry === undefined) continue;
    const { reason } = await installPeers(registry);
    if (reason !== undefined) absent[name] = reason;
  }
  return { names: Object.keys(contenders).filter((name) => absent[name] === undefined), absent };
}

/** Starts a contender and runs its first cell, which must not take longer than this (milliseconds). */
const patience = 30_000;

export async function startContender(name: string, environment: NodeJS.ProcessEnv = {}): Promise<KernelClient> {
  const { command, cwd, environment: own = {} } = contenders[name]!;
  const kernel = await KernelClient.start({ command, cwd, environment: { ...own, ...environment } });
  const first = await within(kernel, patience, kernel.executeFirst("1+1"));
  if (typeof first !== "string") return kernel;
  await kernel.close();
  throw new Error(`${name} ${first} at its first cell`);
}

/** What a kernel came to, or that it died or hung before it came to anything. */
export async function within<Result>(
  kernel: KernelClient,
  milliseconds: number,
  result: Promise<Result>,
): Promise<Result | "dies" | "hangs"> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"hangs">((resolve) => {
    timer = setTimeout(() => resolve("hangs"), milliseconds);
  });
  try {
    return await Promise.race([result, late, kernel.exited.then(() => "dies" as const)]);
  } finally {
    clearTimeout(timer);
  }
}
