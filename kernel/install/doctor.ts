import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type JupyterMessage, protocolVersion } from "../protocol/message.ts";
import { spawnKernel } from "../transports/spawn.ts";
import { kernelspecFolders, type Machine } from "./folders.ts";
import { kernelProgram, thisMachine } from "./install.ts";

/** What was found of one thing a working kernel needs. */
export interface Finding {
  readonly state: "good" | "bad" | "absent";
  readonly says: string;
  /** What to do about it. */
  readonly advice?: string;
}

/** Checks what a working kernel needs; prints a line for each check; resolves to whether all hold. */
export async function doctor(): Promise<boolean> {
  const checks = [checkNode, checkCompiler, checkSockets, () => checkKernelspec(thisMachine), checkKernel];
  let healthy = true;
  for (const check of checks) {
    const finding = await check();
    console.log(lineOf(finding));
    healthy &&= finding.state !== "bad";
  }
  return healthy;
}

function lineOf({ state, says, advice }: Finding): string {
  const mark = { good: "✓", bad: "✗", absent: "–" }[state];
  return `${mark} ${says}${advice === undefined ? "" : `: ${advice}`}`;
}

function checkNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const good = major > 20 || (major === 20 && minor >= 19);
  const says = `Node.js ${process.versions.node} at ${process.execPath}`;
  return good
    ? { state: "good", says }
    : { state: "bad", says, advice: "20.19 or newer is needed, from https://nodejs.org" };
}

function checkCompiler(): Finding {
  const file = fileURLToPath(new URL("../../compiler/typescript.cjs", import.meta.url));
  return existsSync(file)
    ? { state: "good", says: "the compiler of cells is built" }
    : { state: "bad", says: "the compiler of cells is not built", advice: "run npm run build in gradbook's folder" };
}

async function checkSockets(): Promise<Finding> {
  try {
    const { version } = await import("zeromq");
    return { state: "good", says: `ZeroMQ ${version} loads` };
  } catch (error) {
    return {
      state: "bad",
      says: `ZeroMQ does not load (${messageOf(error)})`,
      advice: "run npm rebuild zeromq in gradbook's folder; npm start works without it",
    };
  }
}

/** Whether Jupyter can find the kernel, and whether what it finds is still there. */
export function checkKernelspec(machine: Machine): Finding {
  const file = kernelspecFolders(machine)
    .map((folder) => path.join(folder, "kernel.json"))
    .find((each) => existsSync(each));
  if (file === undefined) {
    return {
      state: "absent",
      says: "Jupyter does not know the kernel",
      advice: "gradbook install, if you want to use it there",
    };
  }
  const again = "run gradbook install again, with the option used before";
  let argv: unknown;
  try {
    ({ argv } = JSON.parse(readFileSync(file, "utf8")) as { argv?: unknown });
  } catch (error) {
    return { state: "bad", says: `${file} cannot be read (${messageOf(error)})`, advice: again };
  }
  const paths = Array.isArray(argv) ? argv.filter((part) => typeof part === "string" && path.isAbsolute(part)) : [];
  if (paths.length < 2) return { state: "bad", says: `${file} names no program`, advice: again };
  const missing = paths.find((each) => !existsSync(each));
  if (missing !== undefined) return { state: "bad", says: `${file} names ${missing}, which is gone`, advice: again };
  if (!paths.includes(kernelProgram)) {
    return { state: "bad", says: `${file} names another gradbook: ${paths.at(-1)}`, advice: again };
  }
  return { state: "good", says: `Jupyter finds the kernel in ${path.dirname(file)}` };
}

/** How long a kernel may take to run its first cell (milliseconds). */
const patience = 20_000;

async function checkKernel(): Promise<Finding> {
  const started = performance.now();
  try {
    const answer = await runInKernel("1 + 1");
    if (answer !== "2")
      return { state: "bad", says: `a kernel says that 1 + 1 is ${answer}`, advice: "please report it" };
    const took = Math.round(performance.now() - started);
    return { state: "good", says: `a kernel starts and runs 1 + 1 (${took} ms)` };
  } catch (error) {
    return {
      state: "bad",
      says: `no kernel starts (${messageOf(error)})`,
      advice: "mend what is marked ✗ above first",
    };
  }
}

/** Runs one cell in a kernel of its own and resolves to the text of its result. */
async function runInKernel(code: string): Promise<string> {
  const kernel = spawnKernel({ cwd: process.cwd() });
  try {
    return await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("it did not answer in time")), patience);
      kernel.onExit(() => reject(new Error("it ended at once")));
      kernel.onMessage(({ header, content }) => {
        if (header.msg_type === "execute_result") {
          clearTimeout(timer);
          resolve(String((content["data"] as Readonly<Record<string, unknown>>)["text/plain"]));
        } else if (header.msg_type === "execute_reply" && content["status"] !== "ok") {
          clearTimeout(timer);
          reject(new Error(String(content["evalue"])));
        }
      });
      kernel.send(executeRequest(code));
    });
  } finally {
    await kernel.shutdown();
  }
}

function executeRequest(code: string): JupyterMessage {
  return {
    channel: "shell",
    header: {
      msg_id: randomUUID(),
      msg_type: "execute_request",
      session: "doctor",
      username: "doctor",
      date: new Date().toISOString(),
      version: protocolVersion,
    },
    parent_header: {},
    metadata: {},
    content: { code },
    buffers: [],
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
