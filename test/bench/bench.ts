import { benchEngine } from "./engine.ts";
import { benchKernel } from "./kernel.ts";
import { print } from "./report.ts";
import { benchTape } from "./tape.ts";

// Peers run in the same process run, interleaved; medians and ratios are what to read.
print(benchTape());
print(await benchEngine());
print(await benchKernel());
