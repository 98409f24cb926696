import path from "node:path";
import { root } from "./paths.ts";

/** The command that kernel.json would have. */
export function kernelCommand(connectionFile: string): readonly string[] {
  return [process.execPath, path.join(root, "dist", "kernel", "transports", "zeromq.js"), connectionFile];
}
