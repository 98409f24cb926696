import { benchCore } from "./core.ts";
import { benchEngine } from "./engine.ts";
import { benchKernel } from "./kernel.ts";
import { print } from "./report.ts";

// Peers run in the same process run, interleaved; medians and ratios are what to read.
print(await benchCore());
print(await benchEngine());
print(await benchKernel(["start", "cell"]));
