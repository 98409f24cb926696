import path from "node:path";
import { type Notebook, writeNotebook } from "../../src/course/notebook.ts";
import { readLesson } from "../course/lessons.ts";
import { writeFileWhole } from "../course/write-file.ts";
import { startServer } from "../server/server.ts";
import { connect } from "./connection.ts";
import { type Execution, execute } from "./execute.ts";

export interface RunOptions {
  /** A Jupyter server's URL; without one, a server of our own is started for the run. */
  readonly server?: string;
  readonly token?: string;
  /** The kernel that runs the cells, whatever the notebook names. */
  readonly kernel?: string;
  /** Where the executed copy goes; default: NAME.executed.ipynb beside the notebook. */
  readonly output?: string;
  /** Seconds a cell may take; without it, as long as it takes. */
  readonly timeout?: number;
}

/** Executes a notebook and writes the executed copy, also where a cell fails; resolves to the exit code. */
export async function run(file: string, options: RunOptions): Promise<number> {
  const notebook = await readLesson(file);
  const output = options.output ?? path.join(path.dirname(file), `${path.basename(file, ".ipynb")}.executed.ipynb`);
  const started = Date.now();
  const { notebook: executed, failure } = await executeOn(notebook, file, options);
  await writeFileWhole(output, writeNotebook(executed));
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  if (failure === undefined) {
    console.error(`All cells of ${path.basename(file)} ran in ${seconds} s: ${output}`);
    return 0;
  }
  console.error(`Cell ${failure.cell} (id ${failure.id}) failed: ${failure.firstLine}`);
  console.error(`  ${failure.error.replaceAll("\n", "\n  ")}`);
  console.error(`What ran until there is in ${output}`);
  return 1;
}

async function executeOn(notebook: Notebook, file: string, options: RunOptions): Promise<Execution> {
  // What is run as a whole begins without a learner's record and leaves none.
  const serve = { port: 0, folder: path.dirname(file), environment: { GRADBOOK_RECORD: "" } };
  const own = options.server === undefined ? await startServer(serve) : undefined;
  try {
    const url = own?.baseUrl ?? options.server ?? "";
    const { kernel, close } = await connect(
      url,
      own?.token ?? options.token ?? "",
      options.kernel ?? kernelOf(notebook),
      path.basename(file),
    );
    try {
      return await execute(notebook, kernel, {
        progress: (number, of, cell) => console.error(`cell ${number}/${of}  ${cell.id}`),
        ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
      });
    } finally {
      await close();
    }
  } finally {
    await own?.close();
  }
}

/** Kernels whose notebooks gradbook runs as its own. */
const predecessors = ["tslab", "jslab"];

function kernelOf(notebook: Notebook): string {
  const kernelspec = notebook.metadata["kernelspec"] as { readonly name?: string } | undefined;
  const name = kernelspec?.name ?? "gradbook";
  return predecessors.includes(name) ? "gradbook" : name;
}
