// The module "tslab" as cells see it: notebooks written for tslab 1.0.22 run unchanged, and nobody need install it.
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { cellAtWork, send } from "./output.ts";

/** Shows data of one kind each. Binary data are bytes, as `fs.readFileSync` gives them. */
export interface Display {
  /** Runs JavaScript in the page, where the front end allows it. */
  javascript(code: string): void;
  /** Shows HTML. */
  html(text: string): void;
  /** Shows Markdown. */
  markdown(text: string): void;
  /** Shows a formula: `$x^2$`. */
  latex(text: string): void;
  /** Shows an SVG document. */
  svg(text: string): void;
  /** Shows a PNG image. */
  png(bytes: Uint8Array): void;
  /** Shows a JPEG image. */
  jpeg(bytes: Uint8Array): void;
  /** Shows a GIF image. */
  gif(bytes: Uint8Array): void;
  /** Shows a PDF document. */
  pdf(bytes: Uint8Array): void;
  /** Shows text as it is. */
  text(text: string): void;
  /** Shows data of any MIME type: text as it is, bytes in base64. */
  raw(contentType: string, data: string | Uint8Array): void;
}

/** What runs the cells: the version of tslab whose module this stands for, of the cells' TypeScript, and of Node. */
export const versions: { readonly tslab: string; readonly typescript: string; readonly node: string } = {
  tslab: "1.0.22",
  typescript: compilerVersion(),
  node: process.version,
};

/** Shows each thing below the one before. */
export const display: Display = displayBy((data) => {
  send({ kind: "display", cell: cellAtWork(), data, update: false });
});

/** A place to show things in one after the other: each replaces the one before. */
export function newDisplay(): Display {
  const displayId = crypto.randomUUID();
  let update = false;
  return displayBy((data) => {
    send({ kind: "display", cell: cellAtWork(), data, displayId, update });
    update = true;
  });
}

function displayBy(show: (data: Readonly<Record<string, string>>) => void): Display {
  const raw = (contentType: string, data: string | Uint8Array): void => {
    show({ [contentType]: typeof data === "string" ? data : Buffer.from(data).toString("base64") });
  };
  const as =
    (contentType: string) =>
    (data: string | Uint8Array): void =>
      raw(contentType, data);
  return {
    javascript: as("text/javascript"),
    html: as("text/html"),
    markdown: as("text/markdown"),
    latex: as("text/latex"),
    svg: as("image/svg+xml"),
    png: as("image/png"),
    jpeg: as("image/jpeg"),
    gif: as("image/gif"),
    pdf: as("application/pdf"),
    text: as("text/plain"),
    raw,
  };
}

function compilerVersion(): string {
  const distribution = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
  return JSON.parse(readFileSync(path.join(distribution, "compiler", "version.json"), "utf8")) as string;
}
