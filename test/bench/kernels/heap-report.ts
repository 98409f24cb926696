// Loaded into every thread of a kernel that Node runs, by NODE_OPTIONS: whenever the file `ask` in a folder holds something new, the
// thread collects its garbage and writes how much is left.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { threadId } from "node:worker_threads";

/** Names the folder. */
export const heapFolder = "GRADBOOK_BENCH_HEAP";
/** How often a thread looks for a question (milliseconds). */
export const lookEvery = 200;

const folder = process.env[heapFolder];
if (folder !== undefined) {
  const ask = path.join(folder, "ask");
  const answer = path.join(folder, `${process.pid}-${threadId}`);
  let answered = "";
  const look = (): void => {
    const asked = existsSync(ask) ? readFileSync(ask, "utf8") : "";
    if (asked === answered) return;
    answered = asked;
    setFlagsFromString("--expose-gc");
    (runInNewContext("gc") as () => void)(); // what the flag makes
    writeFileSync(answer, JSON.stringify({ asked, heap: process.memoryUsage().heapUsed }));
  };
  setInterval(look, lookEvery).unref();
}
