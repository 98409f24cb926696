import path from "node:path";

/** What decides where Jupyter looks; passed in, so that every platform's rules can be tested on any. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Where a kernelspec is to go; none of the three means the user's own folder. */
export interface Place {
  readonly user?: boolean;
  readonly sysPrefix?: boolean;
  readonly prefix?: string;
}

/** The folder of this kernel's kernelspec. */
export function kernelspecFolder(place: Place, machine: Machine): string {
  return pathsOf(machine).join(dataFolder(place, machine), "kernels", "gradbook");
}

/** Every folder where Jupyter may find this kernel: the user's, the active environment's, those of JUPYTER_PATH. */
export function kernelspecFolders(machine: Machine): readonly string[] {
  const { join, delimiter } = pathsOf(machine);
  const { JUPYTER_PATH = "" } = machine.environment;
  const environment = activeEnvironment(machine);
  return [
    ...JUPYTER_PATH.split(delimiter).filter((folder) => folder !== ""),
    userFolder(machine),
    ...(environment === undefined ? [] : [join(environment, "share", "jupyter")]),
    ...(machine.platform === "win32" ? [] : ["/usr/local/share/jupyter", "/usr/share/jupyter"]),
  ].map((folder) => join(folder, "kernels", "gradbook"));
}

/** Where what was executed is kept, for history requests: GRADBOOK_HISTORY, where it is set; where it is empty, nowhere. */
export function historyFolder(machine: Machine): string | undefined {
  const { GRADBOOK_HISTORY: chosen } = machine.environment;
  if (chosen !== undefined) return chosen === "" ? undefined : chosen;
  return pathsOf(machine).join(userFolder(machine), "gradbook", "history");
}

function dataFolder({ user, sysPrefix, prefix }: Place, machine: Machine): string {
  if ([user === true, sysPrefix === true, prefix !== undefined].filter(Boolean).length > 1) {
    throw new Error("Choose one of --user, --sys-prefix and --prefix.");
  }
  const { join, resolve } = pathsOf(machine);
  if (prefix !== undefined) return join(resolve(prefix), "share", "jupyter");
  if (sysPrefix !== true) return userFolder(machine);
  const environment = activeEnvironment(machine);
  if (environment === undefined) {
    throw new Error(
      "--sys-prefix needs an active Python environment: neither VIRTUAL_ENV nor CONDA_PREFIX is set. " +
        "Activate one, or give its folder with --prefix.",
    );
  }
  return join(environment, "share", "jupyter");
}

function userFolder(machine: Machine): string {
  const { join } = pathsOf(machine);
  const { JUPYTER_DATA_DIR, APPDATA, XDG_DATA_HOME } = machine.environment;
  if (JUPYTER_DATA_DIR) return JUPYTER_DATA_DIR;
  if (machine.platform === "win32") return join(APPDATA || join(machine.home, "AppData", "Roaming"), "jupyter");
  if (machine.platform === "darwin") return join(machine.home, "Library", "Jupyter");
  return join(XDG_DATA_HOME || join(machine.home, ".local", "share"), "jupyter");
}

function activeEnvironment({ environment }: Machine): string | undefined {
  // A virtual environment activated inside a Conda one is the nearer of the two.
  return environment["VIRTUAL_ENV"] || environment["CONDA_PREFIX"] || undefined;
}

function pathsOf({ platform }: Machine): path.PlatformPath {
  return platform === "win32" ? path.win32 : path.posix;
}
