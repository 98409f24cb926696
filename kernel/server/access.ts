import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { RequestError } from "./http.ts";

/** Who may speak to the server: pages of its own address only, and only with the token. */
export interface Access {
  readonly token: string;
  readonly port: number;
}

/** The cookie's name; browsers share cookies between the ports of a host, hence the port in it. */
export const cookieName = (access: Access): string => `gradbook-${access.port}`;

/**
 * Refuses a request that was sent to another name (which would let a foreign page that rebinds its own name in) or
 * by a page of another origin.
 */
export function checkAddress(access: Access, headers: IncomingHttpHeaders): void {
  const { host, origin } = headers;
  const own = ["127.0.0.1", "localhost", "[::1]"].map((name) => `${name}:${access.port}`);
  if (host === undefined || !own.includes(host)) {
    throw new RequestError(403, `The server answers to ${own[0]} only, not to ${host ?? "a request without a host"}.`);
  }
  if (origin !== undefined && !own.some((name) => origin === `http://${name}`)) {
    throw new RequestError(403, `A page from ${origin} may not use this server.`);
  }
}

/** Whether a request carries the token: in its Authorization header, its address or the cookie that a page got. */
export function hasToken(access: Access, headers: IncomingHttpHeaders, query: URLSearchParams): boolean {
  const authorization = /^(?:token|bearer)\s+(.+)$/i.exec(headers.authorization ?? "")?.[1];
  const cookies = (headers.cookie ?? "").split(";").map((cookie) => cookie.trim());
  const prefix = `${cookieName(access)}=`;
  const cookie = cookies.find((each) => each.startsWith(prefix))?.slice(prefix.length);
  return [authorization, query.get("token"), cookie].some(
    (given) => given !== undefined && given !== null && same(given, access.token),
  );
}

// Hashed first: the comparison takes the same time for every wrong token, of whatever length.
function same(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
