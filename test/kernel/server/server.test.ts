import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { type RunningServer, startServer } from "../../../kernel/server/server.ts";

/** The REST API, asked as any client would. */

const notebook = {
  nbformat: 4,
  nbformat_minor: 5,
  metadata: {},
  cells: [{ id: "one", cell_type: "code", metadata: {}, execution_count: null, outputs: [], source: "1 + 1" }],
};

describe("the server", () => {
  let folder: string;
  let outside: string;
  let server: RunningServer;

  before(async () => {
    const base = await mkdtemp(path.join(tmpdir(), "gradbook-server-"));
    folder = path.join(base, "work");
    outside = path.join(base, "outside");
    await mkdir(folder);
    await mkdir(outside);
    await writeFile(path.join(outside, "secret.txt"), "secret");
    server = await startServer({ port: 0, folder });
  });

  after(async () => {
    await server.close();
    await rm(path.dirname(folder), { recursive: true });
  });

  const ask = (address: string, init: RequestInit = {}): Promise<Response> =>
    fetch(new URL(address, server.baseUrl), {
      ...init,
      headers: { Authorization: `token ${server.token}`, ...(init.headers as Record<string, string>) },
    });
  const put = (address: string, body: unknown): Promise<Response> =>
    ask(address, { method: "PUT", body: JSON.stringify(body) });
  const messageOf = async (response: Response): Promise<string> =>
    ((await response.json()) as { message: string }).message;

  describe("access", () => {
    it("is refused without the token and with a wrong one", async () => {
      for (const headers of [{}, { Authorization: "token wrong" }, { Cookie: `gradbook-${server.port}=wrong` }]) {
        const response = await fetch(`${server.baseUrl}api/contents`, { headers });
        assert.equal(response.status, 403);
        assert.match(await messageOf(response), /token/);
      }
    });

    it("moves the token from the page's address into a cookie", async () => {
      const response = await fetch(server.url, { redirect: "manual" });
      assert.equal(response.status, 302);
      assert.equal(response.headers.get("location"), "/");
      const cookie = response.headers.get("set-cookie") ?? "";
      assert.match(cookie, /HttpOnly; SameSite=Strict/);
      const allowed = await fetch(`${server.baseUrl}api/status`, { headers: { Cookie: cookie.split(";")[0]! } });
      assert.equal(allowed.status, 200);
    });

    it("is refused to pages of other origins, sandboxed ones included", async () => {
      for (const origin of ["https://example.org", `http://127.0.0.1:${server.port + 1}`, "null"]) {
        assert.equal((await ask("api/status", { headers: { Origin: origin } })).status, 403);
      }
      assert.equal((await ask("api/status", { headers: { Origin: server.baseUrl.slice(0, -1) } })).status, 200);
    });

    it("is refused under another host name", async () => {
      assert.equal(await statusWithHost(server, "example.org"), 403);
      assert.equal(await statusWithHost(server, `localhost:${server.port}`), 200);
    });

    it("sends a policy that lets no text become code", async () => {
      const policy = (await ask("api/status")).headers.get("content-security-policy") ?? "";
      assert.match(policy, /default-src 'none'; script-src 'self';/);
      assert.doesNotMatch(policy, /unsafe-eval/);
    });
  });

  describe("contents", () => {
    it("gives back the notebook that was saved, and lists it", async () => {
      const saved = await put("api/contents/round.ipynb", { type: "notebook", format: "json", content: notebook });
      assert.equal(saved.status, 200);
      const model = (await (await ask("api/contents/round.ipynb?hash=1")).json()) as Record<string, unknown>;
      assert.deepEqual(model["content"], notebook);
      assert.equal(model["hash"], ((await saved.json()) as Record<string, unknown>)["hash"]);
      const list = (await (await ask("api/contents")).json()) as { content: { name: string }[] };
      assert.ok(list.content.some(({ name }) => name === "round.ipynb"));
    });

    it("does not overwrite what another page has saved meanwhile", async () => {
      const address = "api/contents/shared.ipynb";
      const first = (await (await put(address, { type: "notebook", content: notebook })).json()) as { hash: string };
      const other = { ...notebook, metadata: { by: "the other page" } };
      const second = await put(address, { type: "notebook", content: other, expected_hash: first.hash });
      assert.equal(second.status, 200);
      const late = await put(address, { type: "notebook", content: notebook, expected_hash: first.hash });
      assert.equal(late.status, 409);
      assert.match(await readFile(path.join(folder, "shared.ipynb"), "utf8"), /the other page/);
    });

    it("does not save what is no notebook, and keeps the file", async () => {
      await put("api/contents/kept.ipynb", { type: "notebook", content: notebook });
      const before = await readFile(path.join(folder, "kept.ipynb"), "utf8");
      const broken = { ...notebook, cells: [{ cell_type: "code" }] };
      const response = await put("api/contents/kept.ipynb", { type: "notebook", content: broken });
      assert.equal(response.status, 400);
      assert.match(await messageOf(response), /^kept\.ipynb was not saved: /);
      assert.equal(await readFile(path.join(folder, "kept.ipynb"), "utf8"), before);
    });

    it("says in one sentence why a broken notebook does not open", async () => {
      await writeFile(path.join(folder, "broken.ipynb"), '{"nbformat": 4,');
      const response = await ask("api/contents/broken.ipynb");
      assert.equal(response.status, 400);
      assert.match(await messageOf(response), /^broken\.ipynb cannot be opened: The file is not a notebook/);
    });

    it("says which file is missing", async () => {
      const response = await ask("api/contents/none.ipynb");
      assert.equal(response.status, 404);
      assert.equal(await messageOf(response), "There is no file none.ipynb.");
    });

    it("makes, renames, copies and deletes files, and keeps a checkpoint", async () => {
      const made = (await (await ask("api/contents/", { method: "POST", body: '{"type": "notebook"}' })).json()) as {
        path: string;
      };
      assert.equal(made.path, "Untitled.ipynb");
      const body = JSON.stringify({ path: "named.ipynb" });
      assert.equal((await ask("api/contents/Untitled.ipynb", { method: "PATCH", body })).status, 200);
      await ask("api/contents/named.ipynb/checkpoints", { method: "POST" });
      const original = await readFile(path.join(folder, "named.ipynb"), "utf8");
      await put("api/contents/named.ipynb", { type: "notebook", content: notebook });
      await ask("api/contents/named.ipynb/checkpoints/checkpoint", { method: "POST" });
      assert.equal(await readFile(path.join(folder, "named.ipynb"), "utf8"), original);
      const taken = await ask("api/contents/named.ipynb", { method: "PATCH", body: '{"path": "round.ipynb"}' });
      assert.equal(taken.status, 409);
      const copy = await ask("api/contents/", { method: "POST", body: '{"copy_from": "named.ipynb"}' });
      assert.equal(((await copy.json()) as { path: string }).path, "named-Copy1.ipynb");
      assert.equal((await ask("api/contents/named.ipynb", { method: "DELETE" })).status, 204);
      assert.equal((await ask("api/contents/named.ipynb")).status, 404);
    });

    it("leads nowhere outside its folder", async () => {
      await symlink(outside, path.join(folder, "link"));
      await symlink(path.join(outside, "new.txt"), path.join(folder, "dangling.txt"));
      const escapes = [
        "..%2foutside%2fsecret.txt",
        "%2e%2e/outside/secret.txt",
        "a/..%2f..%2foutside/secret.txt",
        "..%5coutside%5csecret.txt",
        "link/secret.txt",
        "dangling.txt",
        ".hidden",
        "%00",
      ];
      for (const leading of escapes) {
        for (const root of ["api/contents/", "files/"]) {
          const response = await ask(`${server.baseUrl}${root}${leading}`);
          assert.ok([403, 404].includes(response.status), `${root}${leading}: ${response.status}`);
        }
        const written = await put(`${server.baseUrl}api/contents/${leading}`, { type: "file", content: "x" });
        assert.ok([403, 404].includes(written.status), `${leading}: ${written.status}`);
      }
      assert.equal(await readFile(path.join(outside, "secret.txt"), "utf8"), "secret");
    });

    it("serves files of the folder so that they cannot act as pages", async () => {
      await writeFile(path.join(folder, "evil.html"), "<script>alert(1)</script>");
      const response = await ask("files/evil.html");
      assert.match(response.headers.get("content-security-policy") ?? "", /^sandbox/);
    });
  });

  it("says in one sentence that a port is in use", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as AddressInfo;
    await assert.rejects(startServer({ port, folder }), new RegExp(`^Error: Port ${port} is in use.*--port 0`));
    await new Promise((resolve) => other.close(resolve));
  });
});

/** Node's fetch does not let a host be chosen. */
async function statusWithHost(server: RunningServer, host: string): Promise<number> {
  const { request } = await import("node:http");
  return new Promise((resolve, reject) => {
    const headers = { Host: host, Authorization: `token ${server.token}` };
    const asked = request({ host: "127.0.0.1", port: server.port, path: "/api/status", headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on("error", reject);
    asked.end();
  });
}
