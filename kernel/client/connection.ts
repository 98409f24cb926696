import { type Kernel, KernelManager, KernelSpecAPI, ServerConnection, SessionManager } from "@jupyterlab/services";

/** A kernel on some Jupyter server. */
export interface Connection {
  readonly kernel: Kernel.IKernelConnection;
  /** Ends the kernel and the connection. */
  close(): Promise<void>;
}

/**
 * Starts a kernel for a notebook, by its name, on a Jupyter server; what is in the way is said in one sentence.
 * It gets a session of its own: by that the kernel learns which notebook it runs.
 */
export async function connect(url: string, token: string, kernelName: string, notebook: string): Promise<Connection> {
  const base = baseOf(url);
  const serverSettings = ServerConnection.makeSettings({
    baseUrl: base.href,
    wsUrl: base.href.replace(/^http/, "ws"),
    token: token === "" ? (base.token ?? "") : token,
    appendToken: true,
  });
  const loud = quietly();
  try {
    const known = await kernelNames(serverSettings);
    if (!known.includes(kernelName)) {
      throw new Error(
        `The server ${base.href} has no kernel “${kernelName}”; it has ${known.join(", ") || "none"}. For ours, run gradbook install there.`,
      );
    }
  } catch (error) {
    loud();
    throw error;
  }
  const kernelManager = new KernelManager({ serverSettings });
  const sessions = new SessionManager({ kernelManager, serverSettings });
  const dispose = (): void => {
    sessions.dispose();
    kernelManager.dispose();
    loud();
  };
  try {
    const kernelOptions = { name: kernelName };
    const session = await sessions.startNew({
      path: notebook,
      name: notebook,
      type: "notebook",
      kernel: kernelOptions,
    });
    const { kernel } = session;
    if (kernel === null) throw new Error("the server gave the session none.");
    const close = async (): Promise<void> => {
      await session.shutdown().catch(() => undefined);
      dispose();
    };
    return { kernel, close };
  } catch (error) {
    dispose();
    throw new Error(`The kernel “${kernelName}” did not start on ${base.href}: ${reason(error)}`, { cause: error });
  }
}

let connections = 0;
let debug = console.debug;

// The services write each change of state to console.debug, which Node prints: a command says what it wants to say.
function quietly(): () => void {
  if (connections++ === 0) {
    debug = console.debug;
    console.debug = () => undefined;
  }
  return () => {
    if (--connections === 0) console.debug = debug;
  };
}

// The address may be the one that a server prints: with the token, and with a page's path.
function baseOf(url: string): { href: string; token: string | null } {
  let parsed: URL;
  try {
    parsed = new URL(/^[a-z]+:\/\//i.test(url) ? url : `http://${url}`);
  } catch {
    throw new Error(`“${url}” is not the address of a server; one looks like http://127.0.0.1:8888.`);
  }
  if (parsed.protocol !== "http:" && parsed.protocol !== "https:") {
    throw new Error(`“${url}” is not the address of a server: it must begin with http:// or https://.`);
  }
  const token = parsed.searchParams.get("token");
  parsed.search = "";
  parsed.hash = "";
  parsed.pathname = parsed.pathname.replace(/\/(?:lab|tree|notebooks)(?:\/.*)?$/, "/");
  if (!parsed.pathname.endsWith("/")) parsed.pathname += "/";
  return { href: parsed.href, token };
}

async function kernelNames(serverSettings: ServerConnection.ISettings): Promise<readonly string[]> {
  const address = serverSettings.baseUrl;
  try {
    const specs = await KernelSpecAPI.getSpecs(serverSettings);
    return Object.keys(specs.kernelspecs);
  } catch (error) {
    if (error instanceof ServerConnection.ResponseError) {
      const { status } = error.response;
      if (status === 401 || status === 403) {
        throw new Error(`The server ${address} refused the token; give it as --token.`, { cause: error });
      }
      throw new Error(`The server ${address} answered ${status}: is it a Jupyter server?`, { cause: error });
    }
    if (error instanceof ServerConnection.NetworkError) {
      throw new Error(`The server ${address} cannot be reached (${causeOf(error)}).`, { cause: error });
    }
    throw new Error(`The server ${address} did not answer as a Jupyter server does: ${reason(error)}`, {
      cause: error,
    });
  }
}

// What fetch says is "fetch failed"; why stands at the end of its chain of causes.
function causeOf(error: unknown): string {
  let last = error;
  while (last instanceof Error && last.cause !== undefined) last = last.cause;
  if (last instanceof Error && "code" in last)
    return last.code === "ECONNREFUSED" ? "nothing listens there" : String(last.code);
  return reason(last);
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));
