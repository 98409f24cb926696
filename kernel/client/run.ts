export interface RunOptions {
  /** A Jupyter server's URL; without one, a server of our own is started for the run. */
  readonly server?: string;
  readonly token?: string;
  /** Where the executed copy goes; default: NAME.executed.ipynb beside the notebook. */
  readonly output?: string;
}

/** Executes a notebook and writes the executed copy; resolves to the exit code. */
export async function run(_notebook: string, _options: RunOptions): Promise<number> {
  throw new Error("run is not written yet");
}
