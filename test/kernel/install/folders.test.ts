import assert from "node:assert/strict";
import { historyFolder, kernelspecFolder, kernelspecFolders, type Machine } from "../../../kernel/install/folders.ts";

const linux: Machine = { platform: "linux", home: "/home/ada", environment: {} };
const mac: Machine = { platform: "darwin", home: "/Users/ada", environment: {} };
const windows: Machine = {
  platform: "win32",
  home: "C:\\Users\\ada",
  environment: { APPDATA: "C:\\Users\\ada\\AppData\\Roaming" },
};
const within = (machine: Machine, environment: Machine["environment"]): Machine => ({ ...machine, environment });

describe("Where the kernelspec goes", () => {
  it("is Jupyter's folder of the user on each platform", () => {
    assert.equal(kernelspecFolder({}, linux), "/home/ada/.local/share/jupyter/kernels/gradbook");
    assert.equal(kernelspecFolder({ user: true }, mac), "/Users/ada/Library/Jupyter/kernels/gradbook");
    const roaming = "C:\\Users\\ada\\AppData\\Roaming\\jupyter\\kernels\\gradbook";
    assert.equal(kernelspecFolder({}, windows), roaming);
    assert.equal(kernelspecFolder({}, within(windows, {})), roaming);
  });

  it("follows what the user has set", () => {
    const own = { JUPYTER_DATA_DIR: "/data/jupyter" };
    assert.equal(kernelspecFolder({}, within(linux, own)), "/data/jupyter/kernels/gradbook");
    assert.equal(kernelspecFolder({}, within(mac, own)), "/data/jupyter/kernels/gradbook");
    assert.equal(
      kernelspecFolder({}, within(linux, { XDG_DATA_HOME: "/home/ada/data" })),
      "/home/ada/data/jupyter/kernels/gradbook",
    );
    assert.equal(
      kernelspecFolder({}, within(linux, { XDG_DATA_HOME: "", JUPYTER_DATA_DIR: "" })),
      kernelspecFolder({}, linux),
    );
  });

  it("is the active environment's with --sys-prefix, the nearest where there are two", () => {
    const place = { sysPrefix: true };
    assert.equal(
      kernelspecFolder(place, within(linux, { CONDA_PREFIX: "/opt/conda" })),
      "/opt/conda/share/jupyter/kernels/gradbook",
    );
    assert.equal(
      kernelspecFolder(place, within(windows, { VIRTUAL_ENV: "D:\\venv", CONDA_PREFIX: "C:\\conda" })),
      "D:\\venv\\share\\jupyter\\kernels\\gradbook",
    );
    assert.throws(() => kernelspecFolder(place, linux), /needs an active Python environment/);
  });

  it("is below a prefix", () => {
    assert.equal(kernelspecFolder({ prefix: "/opt/hub" }, linux), "/opt/hub/share/jupyter/kernels/gradbook");
    assert.equal(kernelspecFolder({ prefix: "D:\\hub" }, windows), "D:\\hub\\share\\jupyter\\kernels\\gradbook");
  });

  it("is one place", () => {
    assert.throws(() => kernelspecFolder({ user: true, prefix: "/opt" }, linux), /Choose one/);
  });

  it("is among the places where Jupyter looks", () => {
    const machine = within(linux, { VIRTUAL_ENV: "/venv", JUPYTER_PATH: "/first:/second" });
    const folders = kernelspecFolders(machine);
    assert.equal(folders[0], "/first/kernels/gradbook");
    for (const place of [{}, { sysPrefix: true }, { prefix: "/usr/local" }]) {
      assert.ok(folders.includes(kernelspecFolder(place, machine)));
    }
  });

  it("keeps the history beside Jupyter's data, in a chosen folder, or not at all", () => {
    assert.equal(historyFolder(within(linux, {})), "/home/ada/.local/share/jupyter/gradbook/history");
    assert.equal(historyFolder(within(linux, { GRADBOOK_HISTORY: "/kept" })), "/kept");
    assert.equal(historyFolder(within(linux, { GRADBOOK_HISTORY: "" })), undefined);
  });
});
