import assert from "node:assert/strict";
import { chooseBackend, openDevice, probeDevices } from "#compute/devices.ts";
import { repositoryRoot, requires } from "../support/requires.ts";

const root = repositoryRoot();

/** Runs a program that prints JSON in a process of its own, with other environment variables. */
async function inProcess(code: string, env: Record<string, string>): Promise<unknown> {
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--config", `${root}/deno.json`, code],
    cwd: root,
    env,
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** No driver that Vulkan's loader could find. */
const NO_DRIVER = { VK_DRIVER_FILES: "/nonexistent", VK_ICD_FILENAMES: "/nonexistent" };

Deno.test("every device is probed, best first", async () => {
  const probes = await probeDevices();
  assert.deepEqual(probes.map(({ backend }) => backend), ["webgpu", "wasm", "cpu"]);
  for (const { usable, automatic, reason } of probes) {
    assert.ok(usable || reason !== "", "what is not usable says why");
    assert.ok(usable || !automatic, "auto never takes what is not usable");
  }
});

Deno.test(
  "auto takes WASM where the only adapter is software, and says so",
  await requires("vulkan"),
  async () => {
    const [gpu] = await probeDevices();
    using device = await openDevice("auto");
    if (gpu!.automatic) return assert.equal(device.info.backend, "webgpu");
    assert.equal(device.info.backend, "wasm");
    assert.match(device.info.why, /software adapter.*--backend webgpu takes it/);
  },
);

Deno.test("what was asked for is opened and needs no excuse", async () => {
  assert.deepEqual(await chooseBackend("cpu"), { backend: "cpu", why: "" });
  using device = await openDevice("wasm");
  assert.equal(device.info.backend, "wasm");
  assert.equal(device.info.why, "");
});

Deno.test("without a Vulkan driver auto takes WASM, and webgpu is refused", async () => {
  const code = `
    import { openDevice } from "${root}/src/compute/devices.ts";
    const refused = await openDevice("webgpu").catch((error) => error.message);
    using device = await openDevice("auto");
    console.log(JSON.stringify({ refused, info: device.info }));`;
  const { refused, info } = await inProcess(code, NO_DRIVER) as {
    refused: string;
    info: { backend: string; why: string };
  };
  if (Deno.build.os !== "linux") return;
  assert.match(refused, /No WebGPU adapter: install/);
  assert.equal(info.backend, "wasm");
  assert.match(info.why, /No WebGPU adapter: install/);
});

Deno.test("a WebGPU that is not Vulkan is refused on Linux", async () => {
  if (Deno.build.os !== "linux") return;
  const code = `
    import { requestAdapter } from "${root}/src/compute/webgpu/adapter.ts";
    console.log(JSON.stringify(await requestAdapter().catch(({ name, message }) => ({ name, message }))));`;
  const refused = await inProcess(code, { DENO_WEBGPU_BACKEND: "gl" });
  const message = 'DENO_WEBGPU_BACKEND is "gl"; on Linux only vulkan is used';
  assert.deepEqual(refused, { name: "WebgpuUnavailable", message });
});

Deno.test("choosing and opening WASM loads no tfjs", async () => {
  // tfjs puts its engine on the global object when it is loaded.
  const loaded = `console.log(JSON.stringify("_tfengine" in globalThis));`;
  const wasm = `
    import { openDevice } from "${root}/src/compute/devices.ts";
    using device = await openDevice("wasm");
    ${loaded}`;
  assert.equal(await inProcess(wasm, {}), false);
  const control = `await import("${root}/src/compute/tfjs/backend.ts"); ${loaded}`;
  assert.equal(await inProcess(control, {}), true);
});
