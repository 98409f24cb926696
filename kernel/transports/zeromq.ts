// The kernel as Jupyter starts it: `node zeromq.js CONNECTION_FILE`.
import { startEngine } from "../engine/start.ts";

async function main(file: string): Promise<void> {
  // The engine's processes start while this one reads the rest of its own program.
  const engine = startEngine({ cwd: process.cwd() });
  const { listenOnSockets } = await import("./sockets.ts");
  await listenOnSockets(file, engine);
}

const [file] = process.argv.slice(2);
if (file === undefined) {
  process.stderr.write(
    "gradbook: Jupyter starts this program with a connection file; `gradbook install` tells it how\n",
  );
  process.exitCode = 2;
} else {
  main(file).catch((error: unknown) => {
    process.stderr.write(`gradbook: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
}
