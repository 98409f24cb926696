// Throws texts at the reader of answers, without end: npm run fuzz [-- SECONDS]. Each must be read or refused, at once.
import { Worker } from "node:worker_threads";

const seconds = Number(process.argv[2] ?? 60);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
/** Two hundred texts are read in less: a worker that is silent for so long hangs. */
const patience = 20_000;

const worker = new Worker(new URL("./answers-worker.js", import.meta.url), {
  workerData: { seed, until: Date.now() + 1000 * seconds },
  resourceLimits: { maxOldGenerationSizeMb: 512 },
});
let last = "";
const hangs = (): void => {
  console.error(`FAILED: no answer for ${patience / 1000} s at one of these texts (seed ${seed}):\n${last}`);
  process.exit(1);
};
let timer = setTimeout(hangs, patience);
worker.on("message", (message: { readonly batch?: string; readonly report?: string }) => {
  clearTimeout(timer);
  timer = setTimeout(hangs, patience);
  if (message.batch !== undefined) last = message.batch;
  if (message.report !== undefined) console.log(message.report);
});
worker.on("error", (error) => {
  console.error(`FAILED (seed ${seed}): ${error.stack ?? error.message}`);
  process.exit(1);
});
worker.on("exit", (code) => {
  clearTimeout(timer);
  process.exitCode = code;
});
