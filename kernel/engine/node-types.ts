import { builtinModules } from "node:module";

/** Members of `process` that the lean globals declare (globals.ts). */
const leanProcess = "argv|env|pid|platform|version|stdout\\.write|stderr\\.write|cwd|exit|nextTick|uptime";

const globals =
  "Buffer|NodeJS|require|module|exports|global|fetch|Headers|Request|Response|FormData|URL|URLSearchParams|TextEncoder|TextDecoder|" +
  "AbortController|AbortSignal|Event|EventTarget|CustomEvent|Blob|File|crypto|Crypto|WebSocket|MessageChannel|MessagePort|" +
  "BroadcastChannel|ReadableStream|WritableStream|TransformStream|CompressionStream|atob|btoa|WebAssembly|DOMException|" +
  "PerformanceObserver|__dirname|__filename";

const mention = new RegExp(
  `\\b(?:${globals})\\b|\\bprocess\\b(?!\\.(?:${leanProcess})\\b)|\\bperformance\\b(?!\\.(?:now|timeOrigin)\\b)|\\bconsole\\.[A-Z]`,
);
const specifier = /(?:\bfrom|\bimport|\bimport\s*\(|\brequire\s*\()\s*(["'])([^"'\n]+)\1/g;
const builtin = new Set(builtinModules);

/** Whether a cell imports or requires a module of this name. */
export function mentionsModule(code: string, name: string): boolean {
  return [...code.matchAll(specifier)].some((match) => match[2] === name);
}

/** Whether a cell needs the full types of Node: it names one of its modules or globals, or a package (whose types may). */
export function needsNodeTypes(code: string): boolean {
  if (mention.test(code)) return true;
  for (const [, , name] of code.matchAll(specifier)) {
    if (name!.startsWith("node:") || builtin.has(name!)) return true;
    if (name !== "gradbook" && !name!.startsWith(".") && !name!.startsWith("/")) return true;
  }
  return false;
}
