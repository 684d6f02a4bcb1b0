import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { requires } from "../support/requires.ts";

const { ignore } = await requires("vulkan");

Deno.test({
  name: "the driver of WebGPU stays loaded after the workers that trained on it are gone",
  // Elsewhere nothing lists what a process has loaded.
  ignore: ignore || Deno.build.os !== "linux",
  fn: async () => {
    const script = fileURLToPath(new URL("./webgpu_process.ts", import.meta.url));
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "--no-check", script, "--list-libraries"],
    }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    const { before, after } = JSON.parse(new TextDecoder().decode(stdout));
    assert.ok(before.length > 0, "no driver was loaded");
    assert.deepEqual(after, before);
  },
});
