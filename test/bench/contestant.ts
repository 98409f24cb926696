// One contestant in a process of its own, so that neither its garbage nor what the compiler learnt of it slows another.
// Run with the path of a module that exports `works`.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { firstLine } from "./peers.ts";
import { measure, type Reply, type Request, type Works } from "./work.ts";

const module = process.argv[2]!;
// What libraries print must not be read as replies.
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);

function reply(message: Reply): void {
  write(`${JSON.stringify(message)}\n`);
}

try {
  const { works } = (await import(pathToFileURL(module).href)) as { readonly works: Works };
  reply({ kind: "ready" });
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as Request;
    try {
      reply({ kind: "measured", ...(await measure(works[request.work]!, request.milliseconds)) });
    } catch (error) {
      reply({ kind: "failed", reason: firstLine(error) });
    }
  }
} catch (error) {
  reply({ kind: "failed", reason: firstLine(error) });
}
