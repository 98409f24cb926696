// Bundles the notebook page into dist/page. Vega, MathJax and languages other than TypeScript are pieces of their own,
// read when something needs them.
import { copyFileSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
const output = path.join(root, "dist", "page");
const source = path.join(root, "kernel", "page");

/** JupyterLab imports icons as text and styles refer to the same files as pictures. */
const pictures: Plugin = {
  name: "pictures",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.svg$/ }, ({ path: file, resolveDir, kind }) =>
      kind === "url-token" ? { path: path.resolve(resolveDir, file), namespace: "picture" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "picture" }, ({ path: file }) => ({
      contents: readFileSync(file),
      loader: "dataurl",
    }));
  },
};

/** `~package/file` in a style means a file of a package. */
const packages: Plugin = {
  name: "packages",
  setup(context) {
    context.onResolve({ filter: /^~/ }, ({ path: file, kind, resolveDir }) =>
      context.resolve(file.slice(1), { kind, resolveDir }),
    );
  },
};

/** Fonts in formats for browsers that could not run this page are left out; woff2 stays. */
const oldFonts: Plugin = {
  name: "old fonts",
  setup({ onResolve }) {
    onResolve({ filter: /webfonts\/.*\.(svg|eot|ttf|woff)([?#].*)?$/ }, () => ({ path: "data:,", external: true }));
  },
};

/** MathJax's CommonJS modules come wrapped in a default export when they are loaded in pieces. */
const mathjax: Plugin = {
  name: "mathjax",
  setup({ onLoad }) {
    onLoad({ filter: /mathjax-extension[\\/]lib[\\/].*\.js$/ }, ({ path: file }) => ({
      contents: readFileSync(file, "utf8").replace(
        /import\('(mathjax-full[^']+|@mathjax[^']+)'\)/g,
        "import('$1').then((module) => module.default ?? module)",
      ),
      loader: "js",
    }));
  },
};

rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });
await build({
  entryPoints: {
    page: path.join(source, "main.ts"),
    light: "@jupyterlab/theme-light-extension/style/theme.css",
    dark: "@jupyterlab/theme-dark-extension/style/theme.css",
  },
  absWorkingDir: root,
  outdir: output,
  bundle: true,
  splitting: true,
  minify: true,
  format: "esm",
  target: "es2022",
  chunkNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  loader: {
    ".svg": "text",
    ".woff": "file",
    ".woff2": "file",
    ".ttf": "file",
    ".eot": "file",
    ".png": "dataurl",
    ".gif": "dataurl",
    ".md": "text",
  },
  alias: { path: "path-browserify" },
  define: { "process.env.NODE_ENV": '"production"', global: "globalThis", "process.env": "{}" },
  banner: { js: "globalThis.process ??= { env: {}, cwd: () => '/', platform: 'browser', nextTick: queueMicrotask };" },
  legalComments: "linked",
  logLevel: "warning",
  plugins: [oldFonts, packages, pictures, mathjax],
});
for (const file of ["index.html", "page.css"]) {
  copyFileSync(path.join(source, file), path.join(output, file === "page.css" ? "gradbook.css" : file));
}
