import type { Works } from "../work.ts";
import { tensorflow } from "./tensorflow.ts";

export const works: Works = await tensorflow("wasm");
