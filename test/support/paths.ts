import { fileURLToPath } from "node:url";

/** The checkout, seen from the compiled tests. */
export const root: string = fileURLToPath(new URL("../../..", import.meta.url));

/** What tests make and need not make again; git does not see it. */
export const cache: string = fileURLToPath(new URL("../../../.cache/", import.meta.url));
