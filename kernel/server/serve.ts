export interface ServeOptions {
  /** 0 takes a free port. */
  readonly port: number;
  /** Whether to open a browser. */
  readonly browser: boolean;
  /** Where the learner's copies of the lessons are kept. */
  readonly folder: string;
}

/** Serves the notebook page until it is interrupted. */
export async function serve(_options: ServeOptions): Promise<void> {
  throw new Error("serve is not written yet");
}
