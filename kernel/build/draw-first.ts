// Draws what a first lesson does and keeps the machine code for later starts.
import { add, curve, mul, show, variable } from "../../src/index.ts";
import { renderSvg, saveCodeCache } from "../figures/svg.ts";

const z = mul(add(variable(2, "x"), variable(3, "y")), variable(4, "w"));
await renderSvg(show(z).specification);
await renderSvg(curve({ loss: [3, 2, 1] }).specification);
saveCodeCache();
