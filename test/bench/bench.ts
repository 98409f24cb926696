import { benchEngine } from "./engine.ts";
import { print } from "./report.ts";
import { benchTape } from "./tape.ts";

// Peers run in the same process run, interleaved; medians and ratios are what to read.
print(benchTape());
print(await benchEngine());
