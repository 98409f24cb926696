import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile, type Plugin } from "esbuild";

/** Bundles the notebook page into dist/page: JupyterLab's packages, of the languages only those a lesson has. */

const root = fileURLToPath(new URL("../../../", import.meta.url));
const source = path.join(root, "kernel", "page");
const target = path.join(root, "dist", "page");

/** JupyterLab wraps every language of CodeMirror; a lesson has these, and what Markdown builds on. */
const kept = ["javascript", "json", "markdown", "css", "html"].map((name) => `@codemirror/lang-${name}`);

const leaveOut: Plugin = {
  name: "leave-out",
  setup({ onResolve, onLoad }) {
    // Diagrams in Markdown: a figure is made from a graph, and Mermaid is as large as the rest of the page.
    onResolve({ filter: /^mermaid$/ }, ({ path: name }) => ({ path: name, namespace: "left-out", sideEffects: false }));
    onResolve({ filter: /^@codemirror\/(?:legacy-modes\/|lang-)/ }, ({ path: name }) =>
      kept.includes(name) ? undefined : { path: name, namespace: "left-out", sideEffects: false },
    );
    onLoad({ filter: /.*/, namespace: "left-out" }, () => ({ contents: "export {};" }));
    // Colours of web components, worked out from the theme at each change: the page shows none of them.
    onLoad({ filter: /[\\/]web-components[\\/]dist[\\/]esm[\\/]utilities[\\/]theme[\\/]applyTheme\.js$/ }, () => ({
      contents: "export function addJupyterLabThemeChangeListener() {} export function applyJupyterTheme() {}",
    }));
    // An icon font that nothing on the page uses.
    onLoad({ filter: /[\\/]@fortawesome[\\/].*\.css$/ }, () => ({ contents: "", loader: "css" }));
  },
};

/** An icon is text where a script imports it, an address where a style sheet does. */
const icons: Plugin = {
  name: "icons",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.svg$/ }, ({ kind, path: name, resolveDir }) =>
      kind === "url-token" ? { path: path.resolve(resolveDir, name), namespace: "icon" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "icon" }, ({ path: file }) => ({
      contents: readFileSync(file),
      loader: "dataurl",
    }));
  },
};

/** Webpack's way to name a package in a style sheet. */
const tildes: Plugin = {
  name: "tildes",
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^~/ }, ({ path: name, kind, resolveDir }) => resolve(name.slice(1), { kind, resolveDir }));
  },
};

/** JupyterLab loads one theme's variables at a time; the page has both, chosen by an attribute of the root element. */
const themes: Plugin = {
  name: "themes",
  setup({ onLoad }) {
    onLoad({ filter: /theme-dark-extension[\\/]style[\\/]variables\.css$/ }, ({ path: file }) => ({
      contents: readFileSync(file, "utf8").replaceAll(":root", ':root[data-theme="dark"]'),
      loader: "css",
    }));
  },
};

/** MathJax is CommonJS: what `import()` gives has its exports once more below `default`, and only there the right ones. */
const mathJax: Plugin = {
  name: "mathjax",
  setup({ onLoad }) {
    onLoad({ filter: /mathjax-extension[\\/]lib[\\/]index\.js$/ }, ({ path: file }) => ({
      contents: readFileSync(file, "utf8").replaceAll(
        /import\('(mathjax-full\/[^']+)'\)/g,
        "import('$1').then(module => module.default ?? module)",
      ),
      loader: "js",
      resolveDir: path.dirname(file),
    }));
  },
};

/** Documents and dialogs know their kind by identity. The copy that the notebook itself would take is everybody's. */
function oneCopyOfEach(names: readonly string[]): Record<string, string> {
  const modules = path.join(root, "node_modules");
  const folderOf = (name: string): string => {
    const nested = path.join(modules, "@jupyterlab", "notebook", "node_modules", name);
    return existsSync(nested) ? nested : path.join(modules, name);
  };
  return Object.fromEntries(names.map((name) => [name, folderOf(name)]));
}

function checkTypes(): void {
  const compiler = path.join(root, "node_modules", "typescript", "bin", "tsc");
  execFileSync(process.execPath, [compiler, "--project", source], { stdio: "inherit" });
}

async function bundle(): Promise<Metafile> {
  const { metafile } = await build({
    entryPoints: [path.join(source, "main.ts")],
    outdir: target,
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    minify: true,
    metafile: true,
    logLevel: "warning",
    publicPath: "/page/",
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    loader: { ".svg": "text", ".woff": "file", ".woff2": "file", ".ttf": "file", ".md": "text" },
    define: { "process.env.NODE_ENV": '"production"', "process.env": "{}", __dirname: '""', global: "globalThis" },
    alias: oneCopyOfEach(["yjs", "@jupyter/web-components", "@jupyterlab/services", "@jupyterlab/apputils"]),
    plugins: [leaveOut, tildes, icons, themes, mathJax],
  });
  return metafile;
}

/** Writes index.html and says how much a first visit loads. */
function writeIndex(metafile: Metafile): void {
  const outputs = Object.entries(metafile.outputs);
  const entry = outputs.find(([, output]) => output.entryPoint?.endsWith("main.ts"));
  if (entry === undefined) throw new Error("The bundle has no main script.");
  const [script, { cssBundle }] = entry;
  const address = (file: string): string => `/page/${path.basename(file)}`;
  const html = readFileSync(path.join(source, "index.html"), "utf8")
    .replace("%STYLE%", address(cssBundle ?? ""))
    .replace("%SCRIPT%", address(script));
  writeFileSync(path.join(target, "index.html"), html);
  const first = new Set([script, ...(cssBundle === undefined ? [] : [cssBundle])]);
  for (const file of first) {
    for (const { path: imported, kind } of metafile.outputs[file]?.imports ?? []) {
      if (kind === "import-statement") first.add(imported);
    }
  }
  const size = (files: Iterable<string>): string => {
    const bytes = [...files].reduce((sum, file) => sum + statSync(path.join(root, file)).size, 0);
    return `${(bytes / 1e6).toFixed(1)} MB`;
  };
  const all = outputs.map(([file]) => file);
  console.error(
    `gradbook: the page loads ${size(first)} first, ${size(all.filter((file) => !first.has(file)))} when needed`,
  );
}

checkTypes();
rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
process.chdir(root);
writeIndex(await bundle());
