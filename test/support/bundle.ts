import { readdirSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { root } from "./paths.ts";

const source = path.join(root, "src");

/** A module of this checkout with all it imports, as a script for a browser: a mention of anything of Node's fails. */
export async function bundleForBrowser(entry: string, globalName: string): Promise<string> {
  const result = await build({
    entryPoints: [path.join(root, entry)],
    bundle: true,
    platform: "browser",
    format: "iife",
    globalName,
    write: false,
  });
  return result.outputFiles[0]!.text;
}

/**
 * Bytes, minified and compressed, of all modules of some rooms of src with what they import, without other rooms, and
 * without one folder of theirs.
 */
export async function bundledSize(
  rooms: readonly string[],
  without: readonly string[] = [],
  folder?: string,
): Promise<number> {
  const modules = rooms.flatMap((room) =>
    readdirSync(path.join(source, room), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && (folder === undefined || !file.startsWith(folder + path.sep)))
      .map((file) => `./${room}/${file.replaceAll(path.sep, "/")}`),
  );
  const result = await build({
    stdin: {
      contents: modules.map((module, index) => `export * as m${index} from "${module}";`).join("\n"),
      resolveDir: source,
    },
    bundle: true,
    minify: true,
    platform: "browser",
    format: "esm",
    write: false,
    plugins: [
      {
        name: "without",
        setup({ onResolve }) {
          onResolve({ filter: /^\.\.\// }, ({ path: file, resolveDir }) => {
            const [room] = path.relative(source, path.resolve(resolveDir, file)).split(path.sep);
            return without.includes(room!) ? { path: file, external: true } : undefined;
          });
        },
      },
    ],
  });
  return gzipSync(result.outputFiles[0]!.contents, { level: 9 }).length;
}
