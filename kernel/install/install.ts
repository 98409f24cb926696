export interface InstallOptions {
  readonly user?: boolean;
  readonly sysPrefix?: boolean;
  readonly prefix?: string;
}

/** Writes the kernelspec and returns its folder. */
export async function install(_options: InstallOptions): Promise<string> {
  throw new Error("install is not written yet");
}

/** Removes the kernelspec and returns the folders it removed. */
export async function uninstall(_options: InstallOptions): Promise<readonly string[]> {
  throw new Error("uninstall is not written yet");
}

/** Checks what a working kernel needs; prints a line for each check; resolves to whether all hold. */
export async function doctor(): Promise<boolean> {
  throw new Error("doctor is not written yet");
}
