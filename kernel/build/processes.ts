// Puts each of the kernel's processes into one file, in the place of its entry: a kernel starts three processes at once,
// and to find and read some sixty modules takes them longer than to run these.
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, buildSync } from "esbuild";

const kernel = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");

function bundle(folder: string, entries: readonly string[], options: BuildOptions = {}): void {
  const outdir = path.join(kernel, folder);
  buildSync({
    entryPoints: entries.map((entry) => path.join(outdir, `${entry}.js`)),
    outdir,
    allowOverwrite: true,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    // What is loaded when it is asked for, and the library, which is one for the kernel and for cells, stay as they are.
    packages: "external",
    external: ["../figures/*", "../../figures/*", "../../../src/*"],
    sourcemap: true,
    ...options,
  });
}

// What an entry only imports when the engine is under way stays apart from it.
bundle("transports", ["zeromq", "child"], { splitting: true, chunkNames: "part-[hash]" });
bundle("engine/user", ["main", "control"]);
