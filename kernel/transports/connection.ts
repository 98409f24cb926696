import { readFileSync } from "node:fs";

/** What Jupyter writes for a kernel: where to listen and the key to sign with. */
export interface Connection {
  readonly transport: string;
  readonly ip: string;
  readonly ports: Readonly<Record<"shell" | "iopub" | "stdin" | "control" | "hb", number>>;
  readonly key: string;
  readonly signature_scheme: string;
}

/** Reads a connection file; says what is wrong with one that cannot be used. */
export function readConnection(file: string): Connection {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`The connection file ${file} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  if (typeof content !== "object" || content === null) throw new Error(`${file} is no connection file.`);
  const fields = content as Readonly<Record<string, unknown>>; // an object, as was just checked
  const text = (name: string, otherwise: string): string => {
    const value = fields[name] ?? otherwise;
    if (typeof value !== "string") throw new Error(`${file}: ${name} should be a string.`);
    return value;
  };
  const port = (name: string): number => {
    const value = fields[`${name}_port`];
    if (typeof value !== "number" || !Number.isInteger(value)) {
      throw new Error(`${file}: ${name}_port should be a whole number.`);
    }
    return value;
  };
  return {
    transport: text("transport", "tcp"),
    ip: text("ip", "127.0.0.1"),
    ports: {
      shell: port("shell"),
      iopub: port("iopub"),
      stdin: port("stdin"),
      control: port("control"),
      hb: port("hb"),
    },
    key: text("key", ""),
    signature_scheme: text("signature_scheme", "hmac-sha256"),
  };
}

export function endpoint(connection: Connection, socket: keyof Connection["ports"]): string {
  const separator = connection.transport === "ipc" ? "-" : ":";
  return `${connection.transport}://${connection.ip}${separator}${connection.ports[socket]}`;
}
