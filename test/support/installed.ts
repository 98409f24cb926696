import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { root } from "./paths.ts";
import { python } from "./python.ts";

/** Real Jupyter with the kernel installed for it, in a folder of its own. */
export interface InstalledKernel {
  /** An empty folder for notebooks. */
  readonly folder: string;
  /** What Jupyter's programs need in their environment to find the kernel and leave the user's own settings alone. */
  readonly environment: NodeJS.ProcessEnv;
  /** Runs a Python program of test/jupyter and resolves to what it printed. */
  runPython(program: string, ...args: readonly string[]): Promise<string>;
  /** Runs a tool of Jupyter as `python -m` does, in the folder, and resolves to all it printed. */
  runTool(module: string, ...args: readonly string[]): Promise<string>;
  remove(): void;
}

/** Installs the kernel as a user would, with `gradbook install --prefix`. */
export async function installedKernel(): Promise<InstalledKernel> {
  const found = await python();
  const folder = mkdtempSync(path.join(tmpdir(), "gradbook-jupyter-"));
  const gradbook = path.join(root, "dist", "kernel", "gradbook.js");
  const prefix = path.join(folder, ".prefix");
  await promisify(execFile)(process.execPath, [gradbook, "install", "--prefix", prefix]);
  const own = (name: string): string => path.join(folder, `.${name}`);
  const environment = {
    ...process.env,
    // Tools call one another by name.
    PATH: [path.dirname(found.python), process.env["PATH"]].join(path.delimiter),
    JUPYTER_PATH: path.join(prefix, "share", "jupyter"),
    JUPYTER_DATA_DIR: own("data"),
    JUPYTER_CONFIG_DIR: own("config"),
    JUPYTER_RUNTIME_DIR: own("runtime"),
    IPYTHONDIR: own("ipython"),
    PYTHONWARNINGS: "ignore",
  };
  const run = async (what: string, args: readonly string[]): Promise<{ stdout: string; stderr: string }> => {
    try {
      return await promisify(execFile)(found.python, args, { cwd: folder, env: environment, maxBuffer: 1 << 28 });
    } catch (error) {
      const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
      throw new Error(`${what} failed:\n${stdout}${stderr}`, { cause: error });
    }
  };
  return {
    folder,
    environment,
    async runPython(program, ...args) {
      return (await run(program, [path.join(root, "test", "jupyter", program), ...args])).stdout;
    },
    async runTool(module, ...args) {
      const { stdout, stderr } = await run(module, ["-m", module, ...args]);
      return stdout + stderr;
    },
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }),
  };
}
