import v8 from "node:v8";
import vm from "node:vm";

v8.setFlagsFromString("--expose-gc");
const collect = vm.runInNewContext("gc") as () => void;

/** Lets go of all that nobody reaches. */
export async function collectGarbage(): Promise<void> {
  // What a finished turn of the event loop held on to is let go by the next; the second collection sees it.
  for (let round = 0; round < 2; round++) {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
  }
}

/** A cell that declares the same. */
export const collectGarbageInCell: string = `import v8 from "node:v8";
import vm from "node:vm";
v8.setFlagsFromString("--expose-gc");
const collect = vm.runInNewContext("gc");
${collectGarbage}`;
